"""F-34: every version of the wire that was ever left still works with today's programs (P1, P2)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pos_client.sync.errors import SyncTrouble
from pos_client.sync.sync_client import SyncClient
from pos_core.sync import versions
from pos_core.sync.reference import KINDS, Kind
from sync_server.bootstrap import make_server, open_head_office
from sync_server.head_office import HeadOffice
from sync_server.http.serving import serving
from sync_server.services.verify import Verify
from sync_server.store import document, feed, quarantine
from tests.fakes.reference_rows import item_row
from tests.server.support.office import HandClock
from tests.sync.old_versions import (
    VERSIONS,
    old_command,
    old_server,
    old_workstation,
    trace_of,
    unpacked_office,
    unpacked_program,
)
from tests.sync.world import Till, World

JOURNAL = 60


@pytest.fixture(scope="module", params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def program(version: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked_program(version, tmp_path_factory.mktemp(version))


@pytest.fixture
def office(version: str, tmp_path: Path) -> Iterator[HeadOffice]:
    """The head office of that time, upgraded in place by today's program."""
    clock = HandClock(trace_of(version)["now_ms"])
    found = open_head_office(unpacked_office(version, tmp_path / "office"), clock=clock)
    yield found
    found.close()


def test_what_an_old_workstation_asked_is_answered_as_it_was(version: str, office: HeadOffice) -> None:
    trace = trace_of(version)
    with serving(make_server(office, tls=False, jobs=False)) as url, httpx.Client(base_url=url) as http:
        for asked in trace["requests"]:
            answer = http.request(
                asked["method"],
                asked["target"],
                content=base64.b64decode(asked["body"]),
                headers=asked["headers"] | {"Accept-Encoding": "identity"},
            )
            where = f"{asked['method']} {asked['target']}"
            assert answer.status_code == asked["status"], (where, answer.text)
            was = base64.b64decode(asked["answer"])
            if answer.headers["content-type"] == "application/octet-stream":
                assert answer.content == was, where
            else:
                assert said(json.loads(was)) == cut_to(json.loads(was), said(answer.json())), where
    assert Verify(office.store, office.blobs, office.keys).run().ok


def said(answer: Any) -> Any:
    """An answer without what may differ: sentences, where a sequence stands, what is issued anew."""
    if not isinstance(answer, dict):
        return answer
    loose = {"message", "server_time_ms", "to", "head", "sequence", "kinds", "certificate"}
    facts = {key: said(value) for key, value in answer.items() if key not in loose}
    if isinstance(answer.get("kinds"), list):
        facts["rows"] = {
            part["kind"]: sorted(
                json.dumps(dict(zip(part["columns"], row, strict=True))) for row in part["rows"]
            )
            for part in answer["kinds"]
        }
    elif "kinds" in answer:
        facts["kinds"] = answer["kinds"]
    return facts


def cut_to(was: Any, answer: Any) -> Any:
    """`answer` without fields and kinds that the version does not have."""
    if not isinstance(was, dict) or not isinstance(answer, dict):
        return answer
    known = said(was)
    return {
        key: {kind: rows for kind, rows in value.items() if kind in known[key]} if key == "rows" else value
        for key, value in answer.items()
        if key in known
    }


def test_an_old_workstation_with_a_full_journal_delivers_and_hears(
    world: World, program: Path, tmp_path: Path
) -> None:
    world.stock_shelves(30)
    world.office.snapshots.build()
    code = world.office.enrolment.new_code("S001", minutes=10, ca_fingerprint=None).code
    with old_workstation(program, tmp_path / "old", world.clock.now_ms()) as old:
        old("enrol", url=world.url, code=code)
        made = old("record", seed=1, count=JOURNAL)
        assert made["waiting"] == made["number"] > JOURNAL
        done = old("exchange")
        assert (done["waiting"], done["healed"]) == (0, []), done
        assert done["pushed"] == done["number"] >= made["number"], "what it records on hearing goes along"
        assert done["complete"] and old("item", sku="A29")["name"] == "商品29"
        world.put("item", [item_row("A1", "新名字")])
        new_kinds(world)
        after = old("exchange")
        assert after.get("healed") == [], "kinds it does not know are no damage"
        assert old("item", sku="A1")["name"] == "新名字"
        assert arrived(world, after["workstation_id"]) == after["number"]
        assert quarantined(world) == []


def new_kinds(world: World) -> None:
    """Rows of every kind that came after the first version, as far as a row of nothings is one."""
    for kind in KINDS.values():
        if kind.name not in versions.known_kinds(dict.fromkeys(KINDS, 1), 1):
            row = [
                None if c.nullable else {"integer": 1, "json": "{}"}.get(c.type, "x") for c in kind.columns
            ]
            world.put(kind.name, [row], scope=scope_of(kind))


def scope_of(kind: Kind) -> str:
    """Where rows of a kind reach store S001."""
    return {"chain": "chain", "region": "region:east", "store": "store:S001"}[kind.scope]


def arrived(world: World, workstation_id: str) -> int:
    key = (workstation_id, 1, 1, 1 << 40)
    return len(
        world.office.store.read(lambda txn: document.hashes(txn, *key) | quarantine.in_chain(txn, *key))
    )


def quarantined(world: World) -> list[tuple[Any, ...]]:
    from sqlalchemy import text

    statement = text("SELECT number, reason, detail FROM quarantine")
    return [tuple(row) for row in world.office.store.read(lambda txn: list(txn.execute(statement)))]


def test_a_program_too_old_to_be_told_anything_delivers_all_the_same(
    world: World, program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = world.office.enrolment.new_code("S001", minutes=10, ca_fingerprint=None).code
    monkeypatch.setattr(versions, "OLDEST_SERVED", 1000)
    with old_workstation(program, tmp_path / "old", world.clock.now_ms()) as old:
        made = old("enrol", url=world.url, code=code)
        made = old("record", seed=2, count=20)
        assert old("exchange") == {"error": "upgrade_required"}
        assert old("state")["waiting"] == 0
        assert arrived(world, made["workstation_id"]) == made["number"]


def test_an_upgrade_over_a_full_journal_delivers_it(world: World, program: Path, tmp_path: Path) -> None:
    """F-45 with the program that was really there before: its files, opened by today's."""
    world.stock_shelves(30)
    code = world.office.enrolment.new_code("S001", minutes=10, ca_fingerprint=None).code
    with old_workstation(program, tmp_path / "old", world.clock.now_ms()) as old:
        old("enrol", url=world.url, code=code)
        old("exchange")
        new_kinds(world)
        old("exchange")
        made = old("record", seed=3, count=JOURNAL)
    new = Till.open(tmp_path / "old", world.clock)
    world.tills.append(new)
    assert new.journal.head().hash == made["hash"] and new.journal.documents_waiting() == JOURNAL
    assert new.replica.item_by_sku("A29") is not None
    new.sell(3)
    report = new.client.exchange()
    assert world.has_all_of(new) and new.journal.series.incarnation == 1 and report.healed == []
    for kind in KINDS.values():
        assert rows_here(new, kind.name) == rows_there(world, kind), kind.name


def rows_here(till: Till, name: str) -> int:
    return int(till.replica.read(lambda c: c.execute(f"SELECT count(*) FROM {name}").fetchone())[0])


def rows_there(world: World, kind: Kind) -> int:
    return len(world.office.store.read(lambda txn: list(feed.rows_of(txn, kind.name, scope_of(kind)))))


def test_a_new_workstation_sells_to_an_old_server(
    version: str, program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workstations may be upgraded first."""
    data = unpacked_office(version, tmp_path / "office")
    made = old_command(program, "enrolment-code", "--data", str(data), "--store", "S001", "--no-tls")
    with old_server(program, data) as url:
        clock = HandClock(httpx.get(f"{url}/v1/health").json()["server_time_ms"])
        new = Till.enrol(tmp_path / "new", url, made["code"], clock)
        try:
            new.sell(30)
            report = new.client.exchange()
            assert report.pushed == new.journal.head().number and report.healed == []
            assert new.replica.is_complete() and new.replica.item_by_sku("A29") is not None
            listened(new.client, version)
        finally:
            new.close()


def listened(client: SyncClient, version: str) -> None:
    """A server that has hints tells at once where each scope stands; one without them is polled."""
    source = client._hint_source()
    if version == "v1":
        with pytest.raises(SyncTrouble), source.events("/v1/hints"):
            raise AssertionError("version 1 had no hints")
    else:
        with source.events("/v1/hints") as hints:
            assert next(hints).scope in client._replica.scopes()
