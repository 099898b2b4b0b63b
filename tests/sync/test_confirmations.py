"""A chain that publishes nothing for a long time goes on selling freshly, and new workstations come in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_core.canonical import canonical_bytes
from sync_server.demo.promotions import demo_promotions
from sync_server.jobs.rollouts import RolloutJobs
from sync_server.services.confirmations import CONFIRM_BEFORE_MS, Confirmations
from sync_server.services.console.rollout_status import RolloutStatus
from sync_server.services.publish import DELTAS_MAX
from sync_server.services.releases import DAY_MS, EXPIRES_AFTER_MS
from sync_server.services.rollouts import NoRollout
from sync_server.store import audit, masters, release
from sync_server.store.release import ReleaseRow
from tests.sync.test_rollout import ACT, begin, first_release, on, price, price_at
from tests.sync.world import Till, World, running_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_world(tmp_path) as made:
        first_release(made)
        yield made


def hour_passes(world: World, *, leading: bool = True) -> None:
    """The timer's run, by hand."""
    office = world.office
    confirming = Confirmations(office.store, office.publisher, world.clock)
    RolloutJobs(
        office.rollouts, confirming, office.sessions, office.users, leading=lambda: leading
    ).confirm_release()


def newest(world: World) -> ReleaseRow:
    found = world.office.store.read(release.newest)
    assert found is not None
    return found


def fresh(till: Till) -> bool:
    till.client.exchange()
    status = till.replica.release_status(till.clock.now_ms())
    return status is not None and not status.stale


def test_it_is_confirmed_ten_days_before_its_date_and_no_sooner(world: World) -> None:
    till = world.till("t")
    world.clock.advance(EXPIRES_AFTER_MS - CONFIRM_BEFORE_MS - 1000)
    hour_passes(world)
    assert newest(world).version == 1
    world.clock.advance(2000)
    hour_passes(world, leading=False)
    assert newest(world).version == 1, "the leading process alone"
    hour_passes(world)
    hour_passes(world)
    made = newest(world)
    assert (made.version, made.confirms, made.issued_by) == (2, 1, "head office")
    row = world.office.store.read(audit.newest)[0]
    assert (row["action"], row["actor"], row["subject"]) == ("release_confirmed", "head office", "2")
    assert on(till) == 2 and [price_at(till, sku) for sku in ("A1", "A2")] == [1000, 500]
    world.clock.advance(CONFIRM_BEFORE_MS)
    assert fresh(till), "the first one's date is over"


def test_a_server_that_starts_after_months_confirms_at_once(world: World) -> None:
    old = world.till("old")
    assert on(old) == 1
    world.clock.advance(100 * DAY_MS)
    assert not fresh(old), "nobody has confirmed it yet"
    late = world.till("late")
    assert on(late) == 0 and late.replica.refused_releases() == [(1, "release_expired")]
    hour_passes(world)
    for till in (old, late):
        assert fresh(till) and on(till) == 2 and not till.replica.refused_releases()
        assert [price_at(till, sku) for sku in ("A1", "A2")] == [1000, 500]


def test_two_years_without_a_change(world: World) -> None:
    """A base comes by itself when a year's confirmations have been deltas; nobody's prices are lost."""
    seldom = world.till("seldom")
    assert on(seldom) == 1
    for _ in range(DELTAS_MAX + 2):
        world.clock.advance(20 * DAY_MS + 1000)
        hour_passes(world)
    history = world.office.store.read(release.all_releases)
    kinds = ["".join(e["kind"][0] for e in world.office.releases.files_of(row) if e["name"] == "prices")
             for row in history]  # fmt: skip
    assert "".join(kinds) == "b" + "d" * DELTAS_MAX + "b" + "d"
    assert {row.confirms for row in history[1:]} == {1}
    late = world.till("late")
    for till in (seldom, late):
        assert fresh(till) and [price_at(till, sku) for sku in ("A1", "A2")] == [1000, 500]


def test_what_waits_for_a_release_goes_on_waiting(world: World) -> None:
    till = world.till("t")
    first, second = demo_promotions()[:2]
    put = masters.put_promotions
    world.office.store.write(lambda txn: put(txn, [(str(first["id"]), canonical_bytes(first).decode())]))
    world.office.publisher.publish(note="a promotion")
    price(world, "A1", 1)
    price(world, "A0", 700)
    world.office.store.write(lambda txn: put(txn, [(str(second["id"]), canonical_bytes(second).decode())]))
    for _ in range(DELTAS_MAX + 1):  # a base is among them
        world.clock.advance(20 * DAY_MS + 1000)
        hour_passes(world)
    assert on(till) == DELTAS_MAX + 3
    assert (price_at(till, "A1"), price_at(till, "A2"), price_at(till, "A0")) == (1000, 500, None)
    carried = world.office.rule_book.of(DELTAS_MAX + 3)
    assert carried is not None and [p.rule.id for p in carried.rules.promotions] == [first["id"]]
    made = world.office.publisher.publish(note="now")
    assert (made.price_pairs >= 2, made.promotions) == (True, 2)
    assert on(till) == made.release.version and price_at(till, "A1") == 1 and price_at(till, "A0") == 700


def test_not_while_a_roll_out_is_under_way_and_the_list_says_so(world: World) -> None:
    canary, other = world.till("c"), world.till("o", store_id="S002")
    status = RolloutStatus(world.office.store, world.clock)
    price(world, "A1", 1100)
    version = begin(world)
    assert status.held_up() is None
    world.clock.advance(EXPIRES_AFTER_MS - CONFIRM_BEFORE_MS + 1000)
    hour_passes(world)
    held = status.held_up()
    assert newest(world).version == version and held is not None and held.version == 1
    world.office.rollouts.to_all(ACT, version)
    hour_passes(world)
    assert status.held_up() is None and newest(world).confirms == version
    assert on(canary) == on(other) == version + 1
    assert price_at(canary, "A1") == price_at(other, "A1") == 1100


def test_a_confirmation_is_not_taken_back_but_what_follows_it_is(world: World) -> None:
    till = world.till("t")
    world.clock.advance(EXPIRES_AFTER_MS)
    hour_passes(world)
    with pytest.raises(NoRollout):
        world.office.rollouts.take_back(ACT, 2)
    price(world, "A1", 1)
    world.office.publisher.publish(note="a slip")
    assert on(till) == 3 and price_at(till, "A1") == 1
    world.office.rollouts.take_back(ACT, 3)
    assert on(till) == 4 and price_at(till, "A1") == 1000
    assert [each.takes_back for each in RolloutStatus(world.office.store, world.clock).listing()] == [
        3, None, None, None,
    ]  # fmt: skip


def test_one_that_switches_later_vouches_for_the_one_in_force(world: World) -> None:
    """Staged for a day after the first one's date: head office was heard, prices are not old."""
    till = world.till("t")
    world.clock.advance(DAY_MS)
    price(world, "A1", 1100)
    world.office.publisher.publish(effective_from_ms=world.clock.now_ms() + 50 * DAY_MS)
    assert on(till) == 1
    world.clock.advance(45 * DAY_MS)
    hour_passes(world)
    assert newest(world).version == 2 and fresh(till) and price_at(till, "A1") == 1000
    world.clock.advance(40 * DAY_MS)
    till.replica.switch_due(till.clock.now_ms())
    status = till.replica.release_status(till.clock.now_ms())
    assert status is not None and status.stale and status.ref.version == 2
