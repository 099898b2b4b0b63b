"""Every version that workstations of one store ever spoke, as it was recorded, with today's programs (F-34).

The recorded bytes come from a plug that is none: TLS would look at the wall clock, and certificates end.
Everything behind it is today's: frames, certificate and revocation, the answer, what is made of one.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from pos_client.journal import baskets
from pos_client.journal.allowance_book import AllowanceBook
from pos_client.journal.member_keys import is_erased
from pos_client.peers import taking
from pos_client.sync.errors import PeerRefused
from pos_client.sync.peers.desk import Peer
from pos_client.sync.peers.link import Link
from pos_client.sync.peers.listener import answer_one
from pos_core.sync.peer_messages import PeerAnswer, PeerQuestion
from tests.server.support.office import HandClock
from tests.sync.floor import Station
from tests.sync.world import Till

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "peers"
VERSIONS = sorted(path.name for path in GOLDEN.iterdir() if (path / "trace.json").exists())
MADE_ANEW = {"hash", "signature", "document_id", "hlc", "prev_hash", "occurred_at_ms"}
"""Of documents that are written while a trace is played: their bytes are another recording's."""
Trace = dict[str, Any]
Open = Callable[[str], Station]


class Recorded:
    """The plug of a connection: gives the frame that was sent then, keeps what is sent now."""

    def __init__(self, frame: bytes, certificate: bytes) -> None:
        self._left, self._certificate, self.sent = frame, certificate, b""

    def recv(self, size: int) -> bytes:
        data, self._left = self._left[:size], self._left[size:]
        return data

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def getpeercert(self, *, binary_form: bool) -> bytes:
        return self._certificate


def link(frame: bytes, certificate: bytes = b"-") -> tuple[Link, Recorded]:
    plug = Recorded(frame, certificate)
    return Link(cast("Any", plug)), plug


def read(frame: str | bytes) -> dict[str, Any]:
    """What a frame says."""
    data = base64.b64decode(frame) if isinstance(frame, str) else frame
    return dict(link(data)[0].receive(dict[str, Any]))


@pytest.fixture(scope="module", params=VERSIONS)
def trace(request: pytest.FixtureRequest) -> Trace:
    found = json.loads((GOLDEN / str(request.param) / "trace.json").read_text("utf-8"))
    return {"version": request.param, **found}


@pytest.fixture
def opened(trace: Trace, tmp_path: Path) -> Iterator[Open]:
    """A workstation of that time, upgraded in place by today's program."""
    stations: list[Station] = []

    def open_one(name: str) -> Station:
        with zipfile.ZipFile(GOLDEN / trace["version"] / f"{name}.zip") as archive:
            archive.extractall(tmp_path / name)
        for key in (tmp_path / name / "keys").iterdir():
            key.chmod(0o600)
        stations.append(Station.at(Till.open(tmp_path / name, HandClock(trace["now_ms"]))))
        assert stations[-1].gate.card() is not None
        return stations[-1]

    yield open_one
    for station in stations:
        station.close()
        station.till.close()


def test_what_a_peer_asked_is_answered_as_it_was(trace: Trace, opened: Open) -> None:
    a = opened("a")
    ids: dict[str, str] = {}
    shown = base64.b64decode(trace["shown"]["b"])
    for place, each in enumerate(one for one in trace["said"] if one["by"] == "b"):
        there, plug = link(with_ids(base64.b64decode(each["question"]), ids), shown)
        answer_one(there, a.gate, a.desk, lambda *heard: None)
        was, now = read(each["answer"]), read(plug.sent)
        ids |= dict(zip(transfers(was), transfers(now), strict=True))
        assert cut_to(said(was, ids), said(now, {})) == said(was, ids), place
    assert a.till.journal.read(baskets.held_baskets) == []
    assert not a.desk.passing.has_coupon(*trace["coupon"])


def test_what_a_peer_answered_is_taken_as_it_was(trace: Trace, opened: Open) -> None:
    b, a_shown = opened("b"), base64.b64decode(trace["shown"]["a"])
    name, key = b.gate.let_in(a_shown)
    peer = Peer(name.workstation_id, key)
    for place, each in enumerate(trace["said"]):
        if each["by"] == "a":  # it is asked in turn, and tells what it took over
            there, plug = link(base64.b64decode(each["question"]), a_shown)
            answer_one(there, b.gate, b.desk, lambda *heard: None)
            was = said(read(each["answer"]), {})
            assert cut_to(was, said(read(plug.sent), {})) == was, place
            continue
        asked = read(each["question"])
        if asked["version"] == 0:
            with pytest.raises(PeerRefused, match="too old"):
                b.desk.take(peer, link(base64.b64decode(each["answer"]))[0].receive(PeerAnswer))
            continue
        question = b.desk.question(peer.workstation_id)
        if "name" in asked:  # the program's own, not one made up by hand
            assert (question.want, question.members) == (asked["want"], asked["members"])
            assert len(question.taken) == len(asked["taken"])
        b.desk.take(peer, answer_for(b, each["answer"]))
    assert b.till.journal.series.incarnation == 2, "put back to an old image: it heard so, and took it in"
    assert [one.held_id for one in b.till.journal.read(baskets.held_baskets)] == ["h1"]
    assert b.desk.passing.has_coupon(*trace["coupon"])
    assert AllowanceBook(b.till.journal, b.till.clock).left_of("points/gold") == 300, "its own is in doubt"
    assert b.shared.on_hand("1001").on_hand_milli == 7000, "counted next door"
    assert b.store.read(taking.held_members) == ["m-1"]
    assert b.till.journal.read(lambda c: is_erased(c, "m-2"))
    assert b.store.read(lambda c: taking.head_of(c, (peer.workstation_id, 1))) is not None


def answer_for(station: Station, frame: str) -> PeerAnswer:
    """The recorded one, without the witness of a series that is begun anew here, with other documents."""
    answer = link(base64.b64decode(frame))[0].receive(PeerAnswer)
    if answer.witnessed is not None and answer.witnessed.incarnation > 1:
        answer = dataclasses.replace(answer, witnessed=None)
    return answer


def with_ids(frame: bytes, ids: dict[str, str]) -> bytes:
    """The frame as it was; where it names hand-overs that are made anew here, it names those."""
    question = link(frame)[0].receive(dict[str, Any])
    if not question.get("taken"):
        return frame
    there, plug = link(b"")
    there.send(question | {"taken": [ids[each] for each in question["taken"]]})
    return plug.sent


def transfers(answer: dict[str, Any]) -> list[str]:
    """The hand-overs of an answer, in its order."""
    passed = [each["transfer_id"] for each in answer.get("passed", [])]
    return passed + [json.loads(each)["transfer_id"] for each in answer.get("slices", [])]


def said(answer: Any, ids: dict[str, str]) -> Any:
    """An answer without what is made anew, documents and slices opened, hand-overs named as here."""
    if isinstance(answer, dict):
        return {key: said(value, ids) for key, value in answer.items() if key not in MADE_ANEW}
    if isinstance(answer, list):
        return [said(each, ids) for each in answer]
    if isinstance(answer, str) and answer.startswith("{"):
        return said(json.loads(answer), ids)
    return ids.get(answer, answer) if isinstance(answer, str) else answer


def cut_to(was: Any, now: Any) -> Any:
    """`now` without the fields that the version does not have."""
    if isinstance(was, dict) and isinstance(now, dict):
        return {key: cut_to(was[key], value) for key, value in now.items() if key in was}
    if isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        return [cut_to(one, other) for one, other in zip(was, now, strict=True)]
    return now


def test_the_trace_holds_every_thing_that_workstations_tell_each_other(trace: Trace) -> None:
    asked, answered = ([read(each[part]) for each in trace["said"]] for part in ("question", "answer"))
    for name in PeerQuestion.__slots__:
        assert name in ("erasures",) or any(each.get(name) for each in asked), name
    for name in PeerAnswer.__slots__:
        assert name in ("aside",) or any(each.get(name) for each in answered), name
