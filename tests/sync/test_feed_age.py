"""Deletions are kept for 90 days; whoever was away longer ends with the same rows all the same."""

from __future__ import annotations

import pytest

from sync_server.services.compaction import DAY_MS, Compacted
from sync_server.store import feed
from tests.fakes.reference_rows import item_row
from tests.sync.test_members import PHONE, found, join, look_up
from tests.sync.world import Till, World


def _days(world: World, count: int) -> Compacted:
    done = Compacted(0, 0)
    for _ in range(count):
        world.clock.advance(DAY_MS)
        done = world.office.compaction.run()
    return done


def _items(till: Till) -> set[str]:
    return {row[0] for row in till.replica.read(lambda c: c.execute("SELECT sku FROM item").fetchall())}


def _deleted(world: World) -> int:
    return sum(gone for _, _, gone in world.office.store.read(lambda txn: list(feed.payloads(txn, "chain"))))


def test_a_workstation_that_was_away_for_100_days_ends_with_the_same_rows(world: World) -> None:
    world.stock_shelves(20)
    away, here = world.till("away"), world.till("here")
    for till in (away, here):
        till.client.exchange()
    world.put("item", [], [["A3"], ["A4"]])
    _days(world, 89)
    assert _deleted(world) == 2
    here.client.exchange()
    _days(world, 11)
    assert _deleted(world) == 0
    world.put("item", [item_row("B1", "新", sales_rank=1)])
    for till in (away, here):
        report = till.client.exchange()
        assert report.healed == []
    wanted = {f"A{n}" for n in range(20)} - {"A3", "A4"} | {"B1"}
    assert _items(away) == _items(here) == wanted
    assert away.replica.cursors()["chain"] == here.replica.cursors()["chain"]


@pytest.mark.parametrize("days,kept", [(89, True), (92, False)])
def test_a_visitor_leaves_the_slice_after_90_days_and_is_found_again_by_asking(
    world: World, days: int, kept: bool
) -> None:
    east, west = world.till("east"), world.till("west", store_id="S002")
    join(east, "m-1")
    for till in (east, west):
        till.client.exchange()
    assert look_up(west)
    world.clock.advance((days - 1) * DAY_MS)
    done = _days(world, 1)
    assert done.visitors == int(not kept)
    for till in (east, west):
        till.client.exchange()
    assert (found(west) is not None) is kept and found(east) is not None
    assert look_up(west, PHONE) and found(west) is not None
