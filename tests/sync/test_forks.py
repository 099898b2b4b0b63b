"""A cloned or rolled-back workstation: both sides' sales are kept, and one goes on under new numbers."""

from __future__ import annotations

import json
import random
import shutil
from typing import Any

import pytest
from sqlalchemy import text

from pos_client.services.shared_state import SharedState
from tests.sync.world import Till, World


def money_kept(world: World) -> int:
    """Documents in the ledger and in quarantine, both sides of every fork."""

    def count(txn) -> int:  # type: ignore[no-untyped-def]
        rows = txn.execute(
            text(
                "SELECT count(*) FROM (SELECT hash FROM document WHERE type = 'sale' UNION"
                " SELECT hash FROM quarantine)"
            )
        )
        return int(next(iter(rows))[0])

    return world.office.store.read(count)


def test_two_clones_sell_offline_and_every_sale_is_kept(world: World) -> None:
    till = world.till("one")
    till.sell(4)
    till.client.exchange()
    till.close()
    shutil.copytree(till.folder, world.folder / "two")
    one, two = Till.open(till.folder, world.clock), Till.open(world.folder / "two", world.clock)
    world.tills[:] = [one, two]
    two.dice.seed(99)
    one.sell(5)
    two.sell(6)
    assert one.client.exchange().forked == []
    report = two.client.exchange()
    assert report.forked == [1] and two.journal.series.incarnation == 2
    assert money_kept(world) == 4 + 5 + 6
    one.sell(1)
    two.sell(2)
    assert one.client.exchange().forked == [] and two.client.exchange().forked == []
    assert world.has_all_of(one) and world.has_all_of(two)
    assert two.client.state.documents_waiting == 0


def test_what_was_handed_over_is_no_longer_added_to_head_offices_stock(world: World) -> None:
    """Our side of a fork stands aside until a person has looked: every till of the store says the same."""
    till = world.till("one")
    till.sell(4, lines=1)
    till.client.exchange()
    till.close()
    shutil.copytree(till.folder, world.folder / "two")
    one, two = Till.open(till.folder, world.clock), Till.open(world.folder / "two", world.clock)
    world.tills[:] = [one, two]
    two.dice.seed(99)
    one.sell(2, lines=1)
    two.sell(9, lines=1)
    for each in (one, two, one):
        each.client.exchange()
    assert two.journal.series.incarnation == 2
    seen = [_stock(each, {line["sku"] for line in _lines(one) + _lines(two)}) for each in (one, two)]
    assert seen[0] == seen[1] and any(seen[0].values())


def _lines(till: Till) -> list[dict[str, Any]]:
    sales = [json.loads(each.data) for each in till.journal.documents_after(0, limit=100, incarnation=1)]
    return [line for sale in sales if sale["type"] == "sale" for line in sale["body"]["lines"]]


def _stock(till: Till, skus: set[str]) -> dict[str, int]:
    shared = SharedState(till.journal, till.replica, till.identity.workstation_id)
    return {sku: shared.on_hand(sku).on_hand_milli for sku in sorted(skus)}


def test_a_fork_longer_than_a_batch_is_kept_whole(world: World) -> None:
    till = world.till("one")
    till.sell(4)
    till.client.exchange()
    till.close()
    shutil.copytree(till.folder, world.folder / "two")
    one, two = Till.open(till.folder, world.clock), Till.open(world.folder / "two", world.clock)
    world.tills[:] = [one, two]
    two.dice.seed(99)
    one.sell(3)
    two.sell(2100, lines=1)
    one.client.exchange()
    assert two.client.exchange().forked == [1] and two.client.state.documents_waiting == 0
    assert money_kept(world) == 4 + 3 + 2100


def test_a_workstation_put_back_to_an_old_image_opens_a_new_series(world: World) -> None:
    till = world.till("one")
    till.sell(2)
    till.close()
    shutil.copytree(till.folder, world.folder / "image")
    till = Till.open(till.folder, world.clock)
    till.sell(5)
    till.client.exchange()
    till.close()
    back = Till.open(world.folder / "image", world.clock)
    world.tills[:] = [back]
    report = back.client.exchange()
    assert report.forked == [1] and back.journal.series.incarnation == 2
    back.sell(1)
    back.client.exchange()
    assert world.has_all_of(back) and money_kept(world) == 2 + 5 + 1


@pytest.mark.parametrize("seed", range(6))
def test_three_machines_with_one_key_sell_and_sync_in_any_order(world: World, seed: int) -> None:
    """Whoever comes first keeps the series; every sale of the others is kept beside it, and their next are

    under numbers of their own.
    """
    dice = random.Random(seed)
    till = world.till("one")
    till.sell(2)
    if dice.random() < 0.7:
        till.client.exchange()
    till.close()
    folders = [till.folder, world.folder / "two", world.folder / "three"]
    for folder in folders[1:]:
        shutil.copytree(till.folder, folder)
    tills = [Till.open(folder, world.clock) for folder in folders]
    world.tills[:] = tills
    for number, one in enumerate(tills):
        one.dice.seed(100 * seed + number)
    sold = 2
    for _ in range(14):
        one = dice.choice(tills)
        if dice.random() < 0.6:
            count = dice.randint(1, 4)
            one.sell(count)
            sold += count
        else:
            one.client.exchange()
    for one in tills * 2:
        one.client.exchange()
    assert sales_kept(world) == sold
    assert [one.client.exchange().forked for one in tills] == [[], [], []]
    assert all(world.has_all_of(one) and one.client.state.documents_waiting == 0 for one in tills)
    assert len({one.journal.series.incarnation for one in tills}) == 3


def sales_kept(world: World) -> int:
    """Different sales in ledger and quarantine, whatever else stands beside the chains."""

    def count(txn) -> int:  # type: ignore[no-untyped-def]
        statement = text(
            "SELECT count(*) FROM (SELECT data FROM document WHERE type = 'sale' UNION"
            ' SELECT data FROM quarantine WHERE instr(CAST(data AS TEXT), \'"type":"sale"\') > 0)'
        )
        return int(next(iter(txn.execute(statement)))[0])

    return world.office.store.read(count)
