"""A workstation and head office, both real: up, down, releases, digests, clocks, epochs."""

from __future__ import annotations

import pytest

from pos_client.journal.draft import Draft
from pos_client.sync.errors import ServerAway
from pos_client.sync.exchange import Report
from tests.fakes.reference_rows import item_row, store_row
from tests.server.support.series import START_MS, sale_body
from tests.sync.world import World

YEAR_MS = 365 * 86_400_000


def test_everything_goes_up_and_everything_comes_down(world: World) -> None:
    world.stock_shelves()
    till = world.till()
    till.sell(5)
    report = till.client.exchange()
    assert report.pushed == till.journal.head().number and world.has_all_of(till)
    assert till.replica.is_complete() and len(till.replica.search("商品", limit=50)) == 20
    assert till.replica.member("m1") is not None
    assert till.client.state.network == "online" and till.client.state.documents_waiting == 0


def test_a_second_exchange_moves_nothing(world: World) -> None:
    world.stock_shelves()
    till = world.till()
    till.client.exchange()
    assert till.client.exchange() == Report()


def test_many_documents_go_in_batches(world: World) -> None:
    till = world.till()
    till.sell(2300, lines=1)
    assert till.client.exchange().pushed == till.journal.head().number
    assert world.has_all_of(till)


def test_changes_and_deletions_follow(world: World) -> None:
    world.stock_shelves()
    till = world.till()
    till.client.exchange()
    world.put("item", [item_row("A1", "renamed")], deleted=[["A2"]])
    assert till.client.exchange().pulled == 2
    item = till.replica.item_by_sku("A1")
    assert item is not None and item.name == "renamed" and till.replica.item_by_sku("A2") is None


def test_a_store_that_moves_region_changes_its_scopes(world: World) -> None:
    till = world.till()
    till.client.exchange()
    assert set(till.replica.cursors()) == {"chain", "region:east", "store:S001"}
    world.put("store", [store_row("S001", "north")])
    till.client.exchange()
    assert set(till.replica.cursors()) == {"chain", "region:north", "store:S001"}
    assert till.replica.is_complete()


def test_a_release_is_staged_ahead_and_switches_by_the_workstations_clock(world: World) -> None:
    world.stock_shelves()
    till = world.till()
    world.publish([["PL1", "A1", START_MS, None, 500]], kind="base", effective_from_ms=START_MS)
    world.publish([["PL1", "A1", START_MS, None, 450]], kind="delta", effective_from_ms=START_MS + 60_000)
    assert till.client.exchange().staged == [1, 2]
    active = till.replica.active_release(START_MS)
    assert active is not None and active.version == 1
    later = till.replica.active_release(START_MS + 60_000)
    assert later is not None and later.version == 2
    row = till.replica.price_at("A1", release_version=2, instant_ms=START_MS, price_list_id="PL1")
    assert row is not None and row.price_minor == 450
    assert till.replica.refused_releases() == []


@pytest.mark.parametrize("wrong_ms", [-YEAR_MS, 30 * 86_400_000])
def test_a_wrong_workstation_clock_never_stops_a_push(world: World, wrong_ms: int) -> None:
    till = world.till()
    till.clock = type(world.clock)(world.clock.wall_ms + wrong_ms)
    till.client._clock = till.clock
    till.client._server_clock._clock = till.clock
    till.sell(3)
    assert till.client.exchange().pushed == till.journal.head().number
    assert till.client._server_clock.offset_ms == -wrong_ms
    assert till.replica.not_before_ms() == world.clock.wall_ms


def test_a_row_changed_behind_our_back_is_found_and_healed(world: World) -> None:
    world.stock_shelves()
    till = world.till()
    till.client.exchange()
    till.replica.write(lambda c: c.execute("DELETE FROM item WHERE sku = 'A3'"))
    world.put("item", [item_row("A4", "changed")])
    assert till.client.exchange().healed == ["chain"]
    assert till.replica.item_by_sku("A3") is not None


def test_a_new_epoch_moves_the_cursor_when_digests_are_equal(world: World) -> None:
    world.stock_shelves()
    till = world.till()
    till.client.exchange()
    new_epoch(world)
    assert till.client.exchange().pulled == 0
    assert {epoch for epoch, _ in till.replica.cursors().values()} == {"e-restored"}


def test_a_new_epoch_with_other_rows_replaces_the_scope(world: World) -> None:
    world.stock_shelves()
    till = world.till()
    till.client.exchange()
    new_epoch(world)
    forget(world, "DELETE FROM feed_row WHERE kind = 'item' AND key = '[\"A7\"]'")
    report = till.client.exchange()
    assert report.pulled > 0 and till.replica.item_by_sku("A7") is None
    assert till.client.exchange() == Report()


def test_documents_that_a_restore_took_are_sent_again(world: World) -> None:
    till = world.till()
    till.sell(30)
    till.client.exchange()
    forget(world, "DELETE FROM document WHERE number > 12")
    forget(
        world,
        "UPDATE series SET acked_number = 12, head_hash = (SELECT hash FROM document WHERE number = 12)",
    )
    new_epoch(world)
    till.client.exchange()
    assert world.has_all_of(till)


def test_a_server_away_is_a_state_and_no_more(world: World) -> None:
    till = world.till(url="http://127.0.0.1:9")
    till.sell(2)
    with pytest.raises(ServerAway):
        till.client.exchange()
    state = till.client.state
    assert (state.network, state.last_error) == ("offline", "server_away")
    assert state.documents_waiting == till.journal.head().number


def test_quarantined_documents_do_not_stop_the_ones_behind(world: World) -> None:
    till = world.till()
    till.sell(2)
    unbalanced = sale_body(till.dice, 2) | {"total_minor": 1}
    till.journal.record([Draft("sale", unbalanced, "2026-11-22", "E1", "SH1")]).result()
    till.sell(2)
    bad = till.journal.head().number - 2
    report = till.client.exchange()
    assert report.quarantined == [bad] and till.client.state.documents_waiting == 0
    assert world.documents() == till.journal.head().number - 1 and world.has_all_of(till)
    for _ in range(2):  # what a push said, and what is said when the server is asked
        shown = till.journal.read(
            lambda c: c.execute("SELECT number, type, hash FROM c_quarantine").fetchall()
        )
        assert shown == [(bad, "sale", till.journal.hash_at(bad))]
        till.sell(1)
        till.client.exchange()


def new_epoch(world: World) -> None:
    forget(world, "UPDATE chain_state SET value = 'e-restored' WHERE name = 'epoch'")


def forget(world: World, statement: str) -> None:
    from sqlalchemy import text

    world.office.store.write(lambda txn: txn.execute(text(statement)))
