"""Budgets that are handed out follow the release that every store sells under."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_client.journal.draft import Draft
from pos_core.canonical import canonical_bytes
from pos_core.sync.budget_leases import POLICY, USES_POLICY, leased_budgets
from sync_server.services import budgets_in_force
from sync_server.services.acts import Act
from sync_server.store import chain_state, feed, masters
from sync_server.store.schema import tables
from tests.fakes.facts import sale
from tests.sync.world import Till, World, running_world

ACT = Act("boss", "a test", "u1")
HOUR_MS = 3_600_000


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_world(tmp_path) as made:
        made.stock_shelves(1)
        draft(made, P=100_000, Q=500)
        made.office.publisher.publish(note="first")
        assert budgets(made) == {"P": 100_000, "Q": 500}
        yield made


def draft(world: World, **wanted: int | None) -> None:
    """These promotions and no others are what the next release carries; None has no budget."""

    def write(txn: Any) -> None:
        masters.drop_promotions(txn, sorted(masters.promotion_drafts(txn)))
        masters.put_promotions(txn, [(name, rule(name, minor)) for name, minor in wanted.items()])

    world.office.store.write(write)


def rule(name: str, budget_minor: int | None, **limits: int) -> str:
    value = {
        "id": name,
        "name": name,
        "phase": "item",
        "select": {"any_of": [{"skus": ["A0"]}]},
        "benefit": {"kind": "group_amount", "units": 2, "amount_minor": 100},
        "limits": limits if budget_minor is None else {"budget_minor": budget_minor, **limits},
        "stack": "cheapest_for_customer",
    }
    return canonical_bytes(value).decode()


def budgets(world: World) -> dict[str, int]:
    return world.office.store.read(lambda txn: leased_budgets(feed.policy(txn, POLICY)))


def begin(world: World, ahead_ms: int | None = None) -> int:
    plan = world.office.rollouts.plan(["S001"], (), 0)
    from_ms = None if ahead_ms is None else world.clock.now_ms() + ahead_ms
    publish = world.office.rollouts.beginning(ACT, plan, from_ms)
    return world.office.store.write(lambda txn: publish(txn, "canary")).release.version


OLD_AND_NEW = {"P": 100_000, "Q": 500, "N": 70}


def test_a_roll_out_changes_nothing_for_the_stores_that_are_not_in_it(world: World) -> None:
    draft(world, P=50_000, Q=None, N=70)
    version = begin(world)
    assert budgets(world) == OLD_AND_NEW
    world.office.rollouts.run_due()
    assert budgets(world) == OLD_AND_NEW
    world.office.rollouts.widen(ACT, version)
    assert budgets(world) == {"P": 50_000, "N": 70}


def test_a_cut_of_a_later_date_counts_from_its_date(world: World) -> None:
    draft(world, P=50_000, N=70)
    later = world.clock.now_ms() + HOUR_MS
    world.office.publisher.publish(effective_from_ms=later)
    draft(world, P=20_000, N=60, M=5)
    world.office.publisher.publish(effective_from_ms=later + HOUR_MS)
    assert budgets(world) == OLD_AND_NEW | {"M": 5}
    world.clock.advance(HOUR_MS - 1)
    world.office.rollouts.run_due()
    assert budgets(world) == OLD_AND_NEW | {"M": 5}
    world.clock.advance(1)
    world.office.rollouts.run_due()
    assert budgets(world) == {"P": 50_000, "N": 70, "M": 5}
    world.clock.advance(HOUR_MS)
    world.office.rollouts.run_due()
    assert budgets(world) == {"P": 20_000, "N": 60, "M": 5}


def test_a_roll_out_that_is_done_before_its_date_counts_from_its_date(world: World) -> None:
    draft(world, P=50_000, N=70)
    version = begin(world, HOUR_MS)
    world.office.rollouts.widen(ACT, version)
    assert budgets(world) == OLD_AND_NEW
    world.clock.advance(HOUR_MS)
    world.office.rollouts.run_due()
    assert budgets(world) == {"P": 50_000, "N": 70}


@pytest.mark.parametrize("ahead_ms", [None, HOUR_MS])
def test_what_is_taken_back_leaves_the_budgets_of_before(world: World, ahead_ms: int | None) -> None:
    draft(world, P=50_000, N=70)
    version = begin(world, ahead_ms)
    assert budgets(world) == OLD_AND_NEW
    world.office.rollouts.take_back(ACT, version)
    assert budgets(world) == {"P": 100_000, "Q": 500}
    world.clock.advance(2 * HOUR_MS)
    world.office.rollouts.run_due()
    assert budgets(world) == {"P": 100_000, "Q": 500}


def test_one_for_all_of_a_later_date_is_taken_back_too(world: World) -> None:
    draft(world, N=70)
    made = world.office.publisher.publish(effective_from_ms=world.clock.now_ms() + HOUR_MS)
    world.office.rollouts.take_back(ACT, made.release.version)
    assert budgets(world) == {"P": 100_000, "Q": 500}
    world.clock.advance(2 * HOUR_MS)
    world.office.rollouts.run_due()
    assert budgets(world) == {"P": 100_000, "Q": 500}


def sell(till: Till, *given: tuple[str, int], back: bool = False, charged: int = 0) -> None:
    """A sale with discounts of promotions; or a return that restores them."""
    minor = 0 if back else sum(each for _, each in given)
    body = sale(manual_minor=minor, price_minor=1000)
    discounts = [
        {"source": "promotion", "id": name, "name": name, "amount_minor": each} for name, each in given
    ]
    body["lines"][0]["discounts"] = [] if back else discounts
    if back:
        body["lines"][0]["origin_line_no"] = 1
        body["origin"] = {"workstation_id": till.identity.workstation_id, "incarnation": 1, "number": 1}
        body["uses_restored"] = [
            {"promotion_id": name, "counted": 1, "amount_minor": each, "day": 1} for name, each in given
        ]
    if charged:
        name = f"promotion:{given[0][0]}"
        allowance_id = f"budget/{name}/1:{till.identity.workstation_id}"
        body["budget_uses"] = [{"budget": name, "amount_minor": charged, "allowance_id": allowance_id}]
    till.journal.record([Draft("return" if back else "sale", body, "2026-11-22", "E1", "SH1")]).result()


def test_what_a_promotion_gave_before_its_budget_was_handed_out_is_not_handed_out(world: World) -> None:
    """As after an upgrade: releases and sales are there, and nothing of what was given is known."""

    def forget(txn: Any) -> None:
        names = [budgets_in_force.GIVEN, budgets_in_force.UNCOUNTED, budgets_in_force.NEXT]
        txn.execute(tables.chain_state.delete().where(tables.chain_state.c.name.in_(names)))
        feed.put_rows(txn, "policy", "chain", [], [[POLICY]])

    world.office.store.write(forget)
    till = world.till()
    for given in ((("P", 300), ("Q", 40)), (("P", 250),), (("other", 9),)):
        sell(till, *given)
    sell(till, ("P", 50), back=True)
    sell(till, ("P", 70), charged=70)
    till.client.exchange()
    draft(world, P=1000, Q=500, N=70)
    world.office.publisher.publish(note="the first one since")
    assert budgets(world) == {"N": 70}, "the others as before, until they are counted"
    world.office.rollouts.run_due()
    assert budgets(world) == {"P": 1000, "Q": 500, "N": 70}
    counted = {"promotion:P": 500, "promotion:Q": 40, "promotion:N": 0}
    assert world.office.store.read(budgets_in_force.given_before) == counted
    assert world.office.store.read(budgets_in_force.uncounted) == []
    world.put("policy", [["allowances", '{"points":{},"stored_value_minor":0,"budget_ppm":1000000}']])
    till.client.exchange()
    out = {
        each.allowance_id.split("/")[1]: each.out
        for each in _outstanding(world)
        if "promotion" in each.allowance_id
    }
    # Of P 500 went before, 70 by the sale that names them, which no grant stands behind here.
    assert out == {"promotion:P": 1000 - 500 - 70 - 70, "promotion:Q": 460, "promotion:N": 70}
    sell(till, ("P", 100))
    till.client.exchange()
    world.office.publisher.publish(note="again", base=True)
    world.office.rollouts.run_due()
    assert world.office.store.read(budgets_in_force.given_before) == counted, "once"


def _outstanding(world: World) -> Any:
    return world.office.allowances.published().outstanding


def test_a_running_promotion_that_gets_a_budget_has_given_some_of_it(world: World) -> None:
    till = world.till()
    draft(world, P=100_000, Q=500, R=None)
    world.office.publisher.publish()
    sell(till, ("R", 30))
    till.client.exchange()
    draft(world, P=100_000, Q=500, R=90)
    version = begin(world)
    assert budgets(world) == {"P": 100_000, "Q": 500}
    world.office.rollouts.run_due()
    assert budgets(world) == {"P": 100_000, "Q": 500, "R": 90}
    assert world.office.store.read(budgets_in_force.given_before)["promotion:R"] == 30
    world.office.rollouts.widen(ACT, version)
    assert world.office.store.read(lambda txn: chain_state.get(txn, budgets_in_force.UNCOUNTED)) == "[]"


def test_uses_over_the_chain_are_handed_out_less_those_that_were_had_before(world: World) -> None:
    """As after an upgrade: a promotion with such a limit runs, and nobody has handed any out."""
    till = world.till()
    world.office.store.write(
        lambda txn: (
            txn.execute(tables.chain_state.delete().where(tables.chain_state.c.name == "leased_uses_known"))
            and None
        )
    )
    for given in ((("U", 30),), (("U", 30), ("P", 5)), (("P", 5),)):
        sell(till, *given)
    sell(till, ("U", 30), back=True)
    sell(till, ("U", 30))
    till.client.exchange()
    world.put("policy", [["allowances", '{"points":{},"stored_value_minor":0,"budget_ppm":1000000}']])
    drafts = [("U", rule("U", None, in_all=40)), ("P", rule("P", 100_000))]
    world.office.store.write(lambda txn: masters.put_promotions(txn, drafts))
    world.office.publisher.publish(note="with uses")
    assert uses(world) == {}, "until they are counted"
    world.office.rollouts.run_due()
    assert uses(world) == {"U": 40} and budgets(world)["P"] == 100_000
    assert world.office.store.read(budgets_in_force.given_before)["uses:U"] == 2
    till.client.exchange()
    assert till.replica.policy(USES_POLICY) == {"U": 40}
    name = f"budget/uses:U/1:{till.identity.workstation_id}"
    assert {each.allowance_id: each.out for each in _outstanding(world)}[name] == 38
    assert world.office.fleet_state.report()["worst_case"]["uses"] == 38, "no money"


def uses(world: World) -> dict[str, int]:
    return world.office.store.read(lambda txn: leased_budgets(feed.policy(txn, USES_POLICY)))
