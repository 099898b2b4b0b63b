"""The road of a release through the console: who may, what it shows, what a region sees."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pos_core.sync.protocol import StatusReport
from sync_server.services.console.chain_facts import ChainFacts
from sync_server.services.console.roles import Role
from sync_server.store import release, rollout, workstation
from tests.server.console.test_prices import begin, submit, type_in
from tests.server.support.console import Visitor, code_of, sign_in
from tests.server.support.office import Chain
from tests.server.support.shop import sku, stock

STAGED = {"mode": "staged", "canaries": "S001", "percents": "", "wait_minutes": "0"}


def roll_out(chain: Chain, author: Visitor, **form: str) -> int:
    change = begin(author)
    type_in(author, change, ("PL1", sku(1), "10.50"))
    submit(author, change)
    answer = author.post(f"/price-changes/{change}/publish", {**STAGED, **form})
    assert answer.status_code == 303, answer.text
    return int(re.findall(r"releases/(\d+)", answer.headers["location"])[0])


def report(chain: Chain, workstation_id: str, version: int, *staged: int) -> None:
    row = chain.office.store.read(lambda txn: workstation.get(txn, workstation_id))
    assert row is not None
    said = StatusReport("0.1.0", version, list(staged), 3, {}, -1500)
    chain.office.workstations.report(row, said)


def test_each_workstation_says_where_it_stands(chain: Chain) -> None:
    stock(chain)
    author = sign_in(chain, Role.MERCHANDISER)
    on, staged, behind, other = (
        chain.enrol(store, name=name).enrolled.workstation_id
        for store, name in (("S001", "t1"), ("S001", "t2"), ("S001", "t3"), ("S002", "t4"))
    )
    version = roll_out(chain, author)
    report(chain, on, version)
    report(chain, staged, version - 1, version)
    report(chain, behind, version - 1)
    report(chain, other, version - 1)
    view = author.get(f"/releases/{version}").text
    assert "2 / 3" in view and "-1.5 s" in view
    found = re.findall(r'badge \w+">([^<]+)</span></td><td>[^<]*</td><td>(t\d)', view)
    assert {name: place for place, name in found} == {
        "t1": "已切换", "t2": "已备好", "t3": "在路上", "t4": "未推送",
    }  # fmt: skip
    assert author.get(f"/releases/{version}/export").text.count("\n") == 5


def test_only_who_may_controls_a_roll_out_and_each_step_is_audited(chain: Chain) -> None:
    stock(chain)
    author, auditor = sign_in(chain, Role.MERCHANDISER), sign_in(chain, Role.AUDITOR)
    version = roll_out(chain, author)
    assert code_of(auditor.post(f"/releases/{version}/widen")) == "console_forbidden"
    for step, state in (("pause", "paused"), ("resume", "running"), ("take-back", "rolled_back")):
        assert author.post(f"/releases/{version}/{step}", why=f"because {step}").status_code == 303
        row = chain.office.store.read(lambda txn: rollout.get(txn, version))
        assert row is not None and row.state == state
        assert f"because {step}" in auditor.get(f"/audit?subject={version}").text
    assert code_of(author.post(f"/releases/{version}/widen")) == "no_such_rollout"


def test_meanwhile_nothing_else_is_published(chain: Chain) -> None:
    stock(chain)
    author = sign_in(chain, Role.MERCHANDISER)
    version = roll_out(chain, author)
    change = begin(author)
    type_in(author, change, ("PL1", sku(2), "10.50"))
    submit(author, change)
    assert code_of(author.post(f"/price-changes/{change}/publish", {"mode": "all"})) == "rollout_running"
    author.post(f"/releases/{version}/to-all")
    assert author.post(f"/price-changes/{change}/publish", {"mode": "all"}).status_code == 303


def test_a_plan_that_cannot_be_meant_changes_nothing(chain: Chain) -> None:
    stock(chain)
    author = sign_in(chain, Role.MERCHANDISER)
    change = begin(author)
    type_in(author, change, ("PL1", sku(1), "10.50"))
    submit(author, change)
    for wrong in ({"canaries": ""}, {"canaries": "S9"}, {"percents": "50 10"}):
        answer = author.post(f"/price-changes/{change}/publish", {**STAGED, **wrong})
        assert code_of(answer) == "bad_rollout_plan"
    slow = author.post(f"/price-changes/{change}/publish", {**STAGED, "wait_minutes": "x"})
    assert code_of(slow) == "bad_form"
    assert author.post(f"/price-changes/{change}/publish", STAGED).status_code == 303


def test_a_release_is_ready_before_its_moment(chain: Chain) -> None:
    stock(chain)
    author = sign_in(chain, Role.MERCHANDISER)
    till = chain.enrol("S001", name="t1").enrolled.workstation_id
    change = begin(author)
    type_in(author, change, ("PL1", sku(1), "10.50"))
    submit(author, change)
    where = f"/price-changes/{change}/publish"
    for wrong in ("yesterday", "1999-01-01T08:00", "2999-01-01T08:00", "2026-02-30T08:00"):
        assert code_of(author.post(where, {"mode": "all", "switch_at": wrong})) == "bad_form", wrong
    moment = chain.clock.now_ms() + 3_600_000
    zone = author_zone(chain)
    text = datetime.fromtimestamp(moment / 1000, UTC).astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    answer = author.post(where, {"mode": "all", "switch_at": text})
    version = int(re.findall(r"releases/(\d+)", answer.headers["location"])[0])
    report(chain, till, version - 1, version)
    row = chain.office.store.read(lambda txn: release.by_version(txn, version))
    assert row is not None and row.effective_from_ms == moment // 60_000 * 60_000
    assert f"{text.replace('T', ' ')} 就绪" in author.get(f"/releases/{version}").text
    assert "1 / 1" in author.get(f"/releases/{version}").text
    assert author.post(f"/releases/{version}/take-back").status_code == 303


def author_zone(chain: Chain) -> ZoneInfo:
    return ChainFacts(chain.office.store, chain.clock).now().zone


def test_a_regions_manager_sees_his_workstations(chain: Chain) -> None:
    stock(chain)
    chain.enrol("S001", name="east-till")
    chain.enrol("S002", name="west-till")
    manager = sign_in(chain, Role.REGIONAL_MANAGER, region="west")
    for path in ("/releases/1", "/releases/1/export"):
        text = manager.get(path).text
        assert "west-till" in text and "east-till" not in text
