"""A cloned or rolled-back workstation: both sides' sales are kept, and one goes on under new numbers."""

from __future__ import annotations

import shutil

from sqlalchemy import text

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
