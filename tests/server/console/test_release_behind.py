"""What a roll-out's guards count opens to the documents, of the stores that somebody may see."""

from __future__ import annotations

import json
import re

import pytest

from sync_server.services.console.roles import Role
from sync_server.store import rollout
from sync_server.store.engine import Txn
from sync_server.store.schema.price_check import price_finding
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
        from sync_server.store.schema.tables import document

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
