"""Budgets that are handed out follow the release that every store sells under."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_core.canonical import canonical_bytes
from pos_core.sync.budget_leases import POLICY, leased_budgets
from sync_server.services.acts import Act
from sync_server.store import feed, masters
from tests.sync.world import World, running_world

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


def rule(name: str, budget_minor: int | None) -> str:
    value = {
        "id": name,
        "name": name,
        "phase": "item",
        "select": {"any_of": [{"skus": ["A0"]}]},
        "benefit": {"kind": "group_amount", "units": 2, "amount_minor": 100},
        "limits": {} if budget_minor is None else {"budget_minor": budget_minor},
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
