"""Allowances over the wire: what is out is always in the published worst case (P8)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pos_core.canonical import canonical_bytes
from pos_core.clock import HybridTime
from pos_core.sync.budget_leases import leased_budgets
from pos_core.sync.document import document_bytes
from pos_core.sync.protocol import AllowanceAnswer, AllowanceRequest, HeldAllowance
from sync_server.services.acts import at_command_line
from sync_server.services.releases import ReleaseFile
from sync_server.services.shared.allowances import NoSuchAllowance
from sync_server.store import epoch, feed
from tests.fakes.facts import points, sale
from tests.server.support.office import Chain, TestWorkstation, running_chain
from tests.server.support.series import START_MS

DAY_MS = 24 * 3600 * 1000
POLICY = {"points": {"*": 100, "gold": 1000}, "stored_value_minor": 0, "term_hours": 72, "headroom_points": 7}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Chain]:
    with running_chain(tmp_path / "chain") as chain:
        _put(chain, "policy", ["allowances", json.dumps(POLICY)])
        yield chain


def _put(chain: Chain, kind: str, row: list[Any]) -> None:
    chain.office.store.write(lambda txn: feed.put_rows(txn, kind, "chain", [row]))


def _ask(till: TestWorkstation, *held: HeldAllowance, head: int | None = None) -> AllowanceAnswer:
    maker = till.maker
    request = AllowanceRequest(maker.incarnation, maker.number if head is None else head, list(held))
    status, answer = till.call("POST", "/v1/allowances", msgspec.json.encode(request))
    assert status == 200, answer
    return msgspec.convert(answer, AllowanceAnswer)


def _id(till: TestWorkstation, tier: str) -> str:
    return f"points/1:{till.maker.workstation_id}/{tier}"


def _write(till: TestWorkstation, kind: str, body: dict[str, Any]) -> None:
    maker = till.maker
    header = maker.header(kind, hybrid_time=HybridTime(START_MS + maker.number, 0))
    maker.append(document_bytes(header, body))


def _spend(till: TestWorkstation, units: int, tier: str = "gold") -> None:
    move = points("M1", -units, authority="allowance", allowance_id=_id(till, tier))
    _write(till, "sale", sale(member_id="M1", points=(move,)))


def _step(till: TestWorkstation, step: str, amount: int, tier: str = "gold") -> None:
    body = {"allowance_id": _id(till, tier), "step": step, "amount": amount, "used": 0, "other": None}
    _write(till, "allowance_reported", body)


def _push(till: TestWorkstation, first: int = 1) -> None:
    status, answer = till.push(first)
    assert status == 200, answer


def _out(chain: Chain) -> dict[str, int]:
    return {each.allowance_id: each.out for each in chain.office.allowances.published().outstanding}


def test_a_grant_is_out_from_the_moment_it_is_given_and_a_lost_answer_gives_no_more(shop: Chain) -> None:
    till = shop.enrol()
    first = _ask(till)
    assert {each.allowance_id: each.amount for each in first.grants} == {
        _id(till, "*"): 100,
        _id(till, "gold"): 1000,
    }
    again = _ask(till)  # the answer was lost on the way
    assert [each.amount for each in again.grants] == [each.amount for each in first.grants]
    assert [each.renewal for each in again.grants] == [2, 2]
    published = shop.office.allowances.published()
    assert (published.worst.by_kind, published.worst.points) == ({"points": 1100}, 1100 + 2 * 7)
    assert published.worst.by_store == {("points", "S001"): 1100}


def test_what_is_whole_and_fresh_is_not_renewed_and_what_is_half_gone_is(shop: Chain) -> None:
    till = shop.enrol()
    _ask(till)
    whole = HeldAllowance(_id(till, "*"), 1, 100, 0)
    for gold, renewed in (
        (HeldAllowance(_id(till, "gold"), 1, 1000, 0), []),
        (HeldAllowance(_id(till, "gold"), 1, 499, 0), [_id(till, "gold")]),
        (HeldAllowance(_id(till, "gold"), 1, 1000, 36 * 3_600_000), [_id(till, "gold")]),
        (HeldAllowance(_id(till, "gold"), 1, 1000, 0, lost="restarted"), [_id(till, "gold")]),
    ):
        assert [each.allowance_id for each in _ask(till, whole, gold).grants] == renewed


def test_what_was_spent_or_given_up_may_be_granted_again_and_nothing_else(shop: Chain) -> None:
    till = shop.enrol()
    _ask(till)
    _spend(till, 300)
    gold = HeldAllowance(_id(till, "gold"), 1, 400, 0)  # it says it has less than it reported
    assert _ask(till, gold, head=0).grants[1].amount == 1000
    _push(till)
    assert _out(shop)[_id(till, "gold")] == 700
    assert _ask(till, gold).grants[1].amount == 1300
    _step(till, "expired", 900)
    _push(till, 2)
    assert _out(shop)[_id(till, "gold")] == 100
    assert _ask(till, gold).grants[1].amount == 2200
    assert _out(shop)[_id(till, "gold")] == 1000


def test_an_unreported_lease_counts_for_ever_until_its_holder_is_revoked(shop: Chain) -> None:
    till, other = shop.enrol(), shop.enrol("S002", "2")
    _ask(till)
    _ask(other)
    shop.clock.advance(400 * DAY_MS)
    assert shop.office.allowances.published().worst.by_kind == {"points": 2200}
    shop.office.workstations.revoke(till.maker.workstation_id)
    assert shop.office.allowances.published().worst.by_kind == {"points": 1100}
    shop.office.allowances.revoke(at_command_line(), _id(other, "gold"))
    assert shop.office.allowances.published().worst.by_kind == {"points": 100}
    with pytest.raises(NoSuchAllowance):
        shop.office.allowances.revoke(at_command_line(), _id(other, "gold"))
    assert _ask(other).refused == {_id(other, "gold"): "revoked"}


def test_a_budget_is_shared_out_and_never_twice(shop: Chain) -> None:
    """What a newcomer finds is what the earlier ones left; they give back what is more than their part."""
    campaign = ["K", "K", "K", "P", "anywhere", 1, None, 10_000, 0, START_MS + DAY_MS, "{}"]
    _put(shop, "coupon_campaign", campaign)
    _put(
        shop,
        "policy",
        ["allowances", json.dumps({"points": {}, "stored_value_minor": 0, "budget_ppm": 400_000})],
    )
    tills = [shop.enrol(name=str(n)) for n in range(4)]
    answers = [_ask(till) for till in tills]
    assert [[each.amount for each in answer.grants] for answer in answers] == [[2500]] * 4
    newcomer = shop.enrol(name="5")
    assert set(_ask(newcomer).refused.values()) == {"nothing_left"}
    name = f"budget/K/1:{tills[0].maker.workstation_id}"
    body = {"allowance_id": name, "step": "returned", "amount": 500, "used": 0, "other": None}
    _write(tills[0], "allowance_reported", body)
    _push(tills[0])
    assert [each.amount for each in _ask(newcomer).grants] == [500]
    assert shop.office.allowances.published().worst.by_kind == {"budget": 10_000}
    name = f"budget/K/1:{newcomer.maker.workstation_id}"
    half_term_ms = 36 * 3_600_000
    for held, granted in (
        (HeldAllowance(name, 1, 500, 0), []),
        (HeldAllowance(name, 0, 0, 0), [500]),  # the answer was lost on the way
        (HeldAllowance(name, 2, 500, half_term_ms), [500]),
        (HeldAllowance(name, 3, 0, 0, lost="restarted"), [500]),
    ):
        answer = _ask(newcomer, held)
        assert [each.amount for each in answer.grants] == granted
        assert set(answer.refused.values()) == (set() if granted else {"nothing_left"})
    shop.clock.advance(2 * DAY_MS)
    assert _ask(shop.enrol(name="9")).grants == []


def test_budgets_of_a_published_releases_promotions_are_shared_out_too(shop: Chain) -> None:
    rules = [{"id": "P/1", "limits": {"budget_minor": 10_000}}, {"id": "Q"}, {"id": "R", "limits": {}}]
    file = ReleaseFile("promotions", "base", canonical_bytes({"format": 1, "promotions": rules}))
    publish = shop.office.releases.publish
    shop.office.store.write(lambda txn: publish(txn, [file], effective_from_ms=shop.clock.now_ms()))
    terms = {"points": {}, "stored_value_minor": 0, "budget_ppm": 300_000}
    _put(shop, "policy", ["allowances", json.dumps(terms)])
    tills = [shop.enrol(name=str(n)) for n in range(3)]
    ids = [f"budget/promotion:P/1/1:{till.maker.workstation_id}" for till in tills]
    granted = [(each.allowance_id, each.amount) for till in tills for each in _ask(till).grants]
    assert granted == list(zip(ids, [3000] * 3, strict=True))
    shop.office.workstations.revoke(tills[0].maker.workstation_id)
    assert sorted(_out(shop)) == sorted(ids[1:]), "a revoked till owes nothing of it"
    empty = ReleaseFile("promotions", "base", canonical_bytes({"format": 1, "promotions": []}))
    later = shop.clock.now_ms() + DAY_MS
    shop.office.store.write(lambda txn: publish(txn, [empty], effective_from_ms=later))
    assert _budgets_out(shop) == {"P/1": 10_000}, "what is in force goes on until then"
    shop.office.store.write(lambda txn: publish(txn, [empty], effective_from_ms=shop.clock.now_ms()))
    assert _budgets_out(shop) == {}


def _budgets_out(chain: Chain) -> dict[str, int]:
    return chain.office.store.read(lambda txn: leased_budgets(feed.policy(txn, "leased_budgets")))


def test_after_a_restore_nothing_is_granted_until_every_holder_has_reported(shop: Chain) -> None:
    first, second = shop.enrol(), shop.enrol(name="2")
    _ask(first)
    _write(first, "no_sale", {"reason": "x"})
    _write(second, "no_sale", {"reason": "x"})
    shop.clock.advance(1000)
    now = shop.clock.now_ms()
    shop.office.store.write(lambda txn: epoch.begin(txn, "e-2", now_ms=now, action="restored"))
    assert set(_ask(first).refused.values()) == {"frozen"}  # its journal is not complete here
    _push(first)
    assert set(_ask(first).refused.values()) == {"frozen"}
    assert shop.office.allowances.published().waiting == 1
    _push(second)
    assert len(_ask(second).grants) == 2
    assert shop.office.allowances.published().waiting == 0


def test_the_freeze_ends_with_the_longest_term_or_with_the_last_absent_holder(shop: Chain) -> None:
    first, absent = shop.enrol(), shop.enrol(name="2")
    _ask(first)
    _write(first, "no_sale", {"reason": "x"})
    _push(first)
    shop.clock.advance(1000)
    now = shop.clock.now_ms()
    shop.office.store.write(lambda txn: epoch.begin(txn, "e-2", now_ms=now, action="restored"))
    newcomer = shop.enrol(name="3")
    assert set(_ask(newcomer, head=0).refused.values()) == {"frozen"}
    _ask(first)
    shop.clock.advance(3 * DAY_MS - 1)
    assert set(_ask(newcomer, head=0).refused.values()) == {"frozen"}
    shop.clock.advance(1)
    assert len(_ask(newcomer, head=0).grants) == 2
    assert absent.maker.number == 0


@pytest.mark.parametrize("incarnation,status", [(1, 400), (2, 200), (-1, 400), (2**60, 400)])
def test_only_the_newest_incarnation_gets_any(shop: Chain, incarnation: int, status: int) -> None:
    till = shop.enrol()
    _write(till, "no_sale", {"reason": "x"})
    _push(till)
    clone = type(till.maker)(till.maker.workstation_id, incarnation=2, signing=till.maker.signing)
    till.maker = clone
    _write(till, "no_sale", {"reason": "x"})
    _push(till)
    body = msgspec.json.encode(AllowanceRequest(incarnation, 0, []))
    assert till.call("POST", "/v1/allowances", body)[0] == status


def test_metrics_publish_the_worst_case(shop: Chain) -> None:
    _ask(shop.enrol())
    text = shop.http.get("/metrics").text
    assert "tidemark_allowance_points_worst_case 1114" in text
    assert "tidemark_allowance_holders_awaited 0" in text
