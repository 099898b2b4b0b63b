"""Hints: a signed request opens a stream that says which scopes have moved, and never more than that."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from pos_core.sync import protocol
from sync_server.bootstrap import make_server, open_head_office
from sync_server.http import hints, serving
from sync_server.store import chain_state, feed
from tests.fakes.reference_rows import item_row, member_row
from tests.server.support import databases
from tests.server.support.office import Chain, TestWorkstation

TIMEOUT = httpx.Timeout(20)


class Listening:
    """One open stream, event by event."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.iter_lines()

    def next(self) -> dict[str, Any]:
        for line in self._lines:
            if line.startswith("data:"):
                return dict(json.loads(line[5:]))
        raise AssertionError("the stream ended")

    def until(self, scope: str, sequence: int) -> dict[str, Any]:
        while True:
            event = self.next()
            if event["scope"] == scope and event["sequence"] >= sequence:
                return event


@contextmanager
def listening(till: TestWorkstation, http: httpx.Client | None = None) -> Iterator[Listening]:
    headers = till.headers("GET", "/v1/hints", b"") | {"Accept-Encoding": "identity"}
    with (http or till.http).stream("GET", "/v1/hints", headers=headers, timeout=TIMEOUT) as answer:
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/event-stream")
        till.check_answer(answer, b"", headers[protocol.HEADER_NONCE])
        yield Listening(answer)


def put(chain: Chain, kind: str, rows: list[list[Any]], scope: str = "chain") -> int:
    chain.office.store.write(lambda txn: feed.put_rows(txn, kind, scope, rows))
    return chain.office.store.read(lambda txn: feed.scope_head(txn, scope))


def test_a_stream_begins_with_the_present_heads_and_follows_them(chain: Chain) -> None:
    till = chain.enrol()
    head = put(chain, "item", [item_row("A1", "可乐")])
    with listening(till) as stream:
        assert stream.until("chain", head) == {
            "epoch": till.enrolled.epoch,
            "scope": "chain",
            "sequence": head,
        }
        later = put(chain, "item", [item_row("A2", "雪碧")])
        assert later > head and stream.until("chain", later)["sequence"] == later


def test_only_the_callers_own_scopes_are_told(chain: Chain) -> None:
    till = chain.enrol("S001")
    with listening(till) as stream:
        put(chain, "member", [member_row("m9")], scope="store:S002")
        own = put(chain, "member", [member_row("m1")], scope="store:S001")
        seen = {stream.next()["scope"]}
        while "store:S001" not in seen:
            seen.add(stream.next()["scope"])
        assert seen <= {"chain", "region:east", "store:S001"} and own


def test_an_unsigned_request_opens_nothing(chain: Chain) -> None:
    answer = chain.http.get("/v1/hints")
    assert (answer.status_code, answer.json()["code"]) == (401, "signature_missing")


def test_a_revoked_workstation_gets_no_stream(chain: Chain) -> None:
    till = chain.enrol()
    chain.office.workstations.revoke(till.maker.workstation_id)
    assert till.call("GET", "/v1/hints")[1]["code"] == "workstation_revoked"


def test_a_new_epoch_is_told_though_no_sequence_moved(chain: Chain) -> None:
    till = chain.enrol()
    head = put(chain, "item", [item_row("A1", "可乐")])
    with listening(till) as stream:
        stream.until("chain", head)
        chain.office.store.write(lambda txn: chain_state.put(txn, "epoch", "e2"))
        assert stream.until("chain", head)["epoch"] == "e2"


def test_the_third_stream_of_a_workstation_ends_its_first(chain: Chain) -> None:
    till = chain.enrol()
    put(chain, "item", [item_row("A1", "可乐")])
    with listening(till) as first, listening(till) as second, listening(till) as third:
        head = put(chain, "item", [item_row("A2", "雪碧")])
        assert second.until("chain", head) and third.until("chain", head)
        for line in first._lines:  # to its end
            assert f'"sequence":{head}' not in line


@pytest.mark.database("sqlite")
def test_a_stream_has_its_term(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hints, "LIFE_S", 0.1)
    till = chain.enrol()
    with listening(till) as stream:
        assert [line for line in stream._lines if line.startswith("event")] == []  # ends, properly


@pytest.mark.database("sqlite")
def test_streams_do_not_keep_a_server_from_stopping(chain: Chain) -> None:
    with serving.serving(make_server(chain.office, tls=False, jobs=False)) as url, httpx.Client() as http:
        till = chain.enrol()
        headers = till.headers("GET", "/v1/hints", b"")
        stream = http.stream("GET", url + "/v1/hints", headers=headers, timeout=TIMEOUT)
        answer = stream.__enter__()
        assert answer.status_code == 200
    # `serving` has joined the server's thread: it did not wait for the stream.
    with pytest.raises(httpx.HTTPError):
        list(answer.iter_raw())


@pytest.mark.database("sqlite")
def test_a_reader_that_takes_nothing_stops_nobody(chain: Chain) -> None:
    """P18: 30 streams that are never read, and two thousand changes; the one that reads hears the last."""
    deaf = [chain.enrol(name=f"deaf {n}") for n in range(30)]
    opened = []
    with httpx.Client(base_url=chain.http.base_url, timeout=TIMEOUT, limits=httpx.Limits()) as http:
        for till in deaf:
            stream = http.stream("GET", "/v1/hints", headers=till.headers("GET", "/v1/hints", b""))
            opened.append((stream, stream.__enter__()))
        reader = chain.enrol(name="reads")
        with listening(reader, http) as heard:
            for number in range(200):
                head = put(chain, "item", [item_row("A1", f"可乐 {number}")])
            assert heard.until("chain", head)["sequence"] == head
            assert chain.http.get("/v1/health").json()["ok"]
        for stream, _ in opened:
            stream.__exit__(None, None, None)


@pytest.mark.database("postgresql")
def test_a_change_in_one_process_is_told_by_another(tmp_path: Path, chain: Chain) -> None:
    """Two servers on one database: what one writes, the other's streams say."""
    office = open_head_office(
        chain.office.folder.root, database_url=chain.office.database_url, clock=chain.clock
    )
    assert databases.kinds()
    try:
        with (
            serving.serving(make_server(office, tls=False, jobs=False)) as url,
            httpx.Client(base_url=url) as other,
        ):
            till = chain.enrol()
            with listening(till, other) as stream:
                head = put(chain, "item", [item_row("A1", "可乐")])
                assert stream.until("chain", head)["sequence"] == head
    finally:
        office.close()
