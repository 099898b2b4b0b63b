"""What a roll-out's guards count opens to the documents, of the stores that somebody may see."""

from __future__ import annotations

import json
import re

import pytest

from sync_server.services.console.roles import Role
from sync_server.store import rollout, rollout_behind
from sync_server.store.engine import Txn
from sync_server.store.schema.price_check import price_finding
from sync_server.store.schema.tables import document
from tests.server.console.test_channels import put
from tests.server.support.console import code_of, sign_in, unopened
from tests.server.support.office import Chain
from tests.server.support.shop import stock


@pytest.fixture
def guarded(chain: Chain) -> Chain:
    """Release 1 on its way to both stores; before it one sale, since then two, an override and a finding."""
    stock(chain)
    now = chain.clock.now_ms()
    plan = {"waves": [["S001", "S002"]], "wait_minutes": 0, "guards": {}}
    sent = {"sales": 1, "net_minor": 1000, "cost_minor": 600, "overrides": 1, "errors": 1}

    def write(txn: Txn) -> None:
        row = rollout.RolloutRow(
            version=1, state="running", plan=json.dumps(plan), waves_done=1, started_at_ms=now,
            next_wave_at_ms=None, stopped_by=None, started_by="m", changed_at_ms=now,
            figures=json.dumps([sent, sent]),
        )  # fmt: skip
        rollout.put(txn, row)
        finding = ("b", 1, 1, "check", "S002", 1, now + 5, 0, "[]")
        txn.insert_many(price_finding, [finding])

    chain.office.store.write(write)
    chain.clock.advance(10)
    return chain


def test_guards_open_to_what_they_count(guarded: Chain) -> None:
    auditor = sign_in(guarded, Role.AUDITOR)
    page = auditor.get("/releases/1").text
    links = set(re.findall(r'href="/console(/releases/1/behind[^"]+)"', page))
    assert len(links) == 6
    east = sign_in(guarded, Role.REGIONAL_MANAGER, region="east")
    errors = "/releases/1/behind?when=since&what=errors"
    assert "/console/documents/b/1/1" in auditor.get(errors).text
    assert "/console/documents/" not in east.get(errors).text
    for link in links:
        assert auditor.get(link.replace("&amp;", "&")).status_code == 200
    for wrong in ("when=never&what=sales", "when=since&what=all"):
        assert code_of(auditor.get(f"/releases/1/behind?{wrong}")) == "bad_form"
    assert "/console/documents/" not in auditor.get("/releases/9/behind?when=since&what=sales").text


def test_sales_and_overrides_are_listed_by_when_they_arrived(
    guarded: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(guarded, 1, {}, till="a")
    put(guarded, 2, kind="override_approved", till="a")
    put(guarded, 1, {}, till="w", store="S002")
    now = guarded.clock.now_ms()

    def received(txn: Txn) -> None:
        for till, at_ms in (("a", now - 60_000), ("w", now + 60_000)):
            rows = document.c.workstation_id == till
            txn.execute(document.update().where(rows).values(received_at_ms=at_ms))

    guarded.office.store.write(received)
    guarded.clock.advance(120_000)
    auditor = sign_in(guarded, Role.AUDITOR)

    def listed(query: str) -> list[str]:
        return re.findall(r"/console/documents/([^\"]+)", auditor.get(f"/releases/1/behind?{query}").text)

    assert listed("when=before&what=sales") == ["a/1/1"]
    assert listed("when=before&what=overrides") == ["a/1/2"]
    assert listed("when=since&what=sales") == ["w/1/1"]
    assert listed("when=since&what=overrides") == []
    assert unopened(auditor.get("/releases/1").text.split('id="places"')[0]) == []


def test_the_newest_are_found_without_a_walk_through_all_that_ever_came(chain: Chain) -> None:
    """Release 1 went to every store long ago: what its guards count grows for ever, a page of it does not."""
    put(chain, 1, {}, till="a")
    begin, hours = chain.clock.now_ms(), 40

    def write(txn: Txn) -> None:
        (row,) = txn.execute(document.select()).fetchall()
        rows = []
        for number in range(2, 25 * hours + 2):
            made = {**row._mapping, "number": number, "received_at_ms": begin + number * 144_000}
            rows.append(tuple(made[column.name] for column in document.c))
        txn.insert_many(document, rows)
        txn.execute(document.update().where(document.c.number == 1).values(received_at_ms=begin))

    chain.office.store.write(write)
    window = (begin, begin + (25 * hours + 2) * 144_000)
    asked: list[tuple[int, int]] = []

    def listed(limit: int, window: tuple[int, int]) -> list[int]:
        def read(txn: Txn) -> list[int]:
            def spied(txn: Txn, stores: object, part: tuple[int, int], *more: object) -> object:
                asked.append(part)
                return stretch(txn, stores, part, *more)  # type: ignore[arg-type]

            with pytest.MonkeyPatch.context() as patch:
                stretch = rollout_behind._stretch
                patch.setattr(rollout_behind, "_stretch", spied)
                rows = rollout_behind.counted(txn, ["S001"], window, "sales", limit)
            return [row["number"] for row in rows]

        return chain.office.store.read(read)

    newest = list(range(25 * hours + 1, 0, -1))
    assert listed(20, window) == newest[:20]
    assert window[1] - min(each[0] for each in asked) <= 2 * 3_600_000, "two hours of forty were read"
    assert listed(5000, window) == newest, "none is missed or said twice where the stretches meet"
    assert listed(5000, (window[0] + 144_000 * 10, window[1] - 144_000)) == newest[1:-9]
    assert listed(5000, (5, 5)) == []
