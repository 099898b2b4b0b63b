"""The stock card of the whole store: this journal, what neighbours told, and head office's rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_client.services.goods.stock_cards import StockCard
from pos_core.clock import HybridTime
from pos_core.sync.protocol import FeedRows
from pos_core.sync.stock_messages import (
    MOVEMENTS_MAX,
    MovementPlace,
    MovementRow,
    MovementsAnswer,
    MovementsQuestion,
    SeriesFolded,
    StoreStock,
)
from tests.client.services.shop import Shop
from tests.client.services.test_peers import TwoTills
from tests.fakes.reference_rows import page, rows_of
from tests.fakes.releases import T0

TILLS = [["ws-1", "S001", "收银台1", "", "active"], ["ws-2", "S001", "收银台2", "", "active"]]


@pytest.fixture
def tills(tmp_path: Path) -> Iterator[TwoTills]:
    made = TwoTills(tmp_path)
    for shop in (made.here, made.there):
        shop.policy("stock", {"roles": {"stock_card": "cashier", "waste": "cashier"}})
    yield made
    made.close()


def told(shop: Shop, scope: str, rows: FeedRows) -> None:
    """Head office's next page."""
    cursor = shop.replica.cursors()[scope][1]
    shop.replica.apply_page(page(rows, scope=scope, after=cursor, to=cursor + 1))


def named(shop: Shop) -> None:
    """Head office has told who works in the store."""
    told(shop, "chain", rows_of("workstation_key", TILLS))


def waste(shop: Shop, milli: int) -> None:
    shop.workstation.stock_room.move("waste", [("C1", milli)], "damaged").result(10)


def moved(card: StockCard) -> list[tuple[str, int, int]]:
    return [(row.entry.workstation_id, row.entry.quantity_milli, row.balance_milli) for row in card.rows]


class Office:
    """Head office with rows of its own, asked as the service asks."""

    def __init__(self, *rows: MovementRow) -> None:
        self.rows = list(rows)
        self.heard: dict[str, int | None] = {"ws-1": T0, "ws-2": T0}
        self.stock: StoreStock | None = None

    def __call__(self, question: MovementsQuestion) -> MovementsAnswer:
        assert question.sku == "C1" and 0 < question.limit <= MOVEMENTS_MAX
        wanted = [
            each
            for each in self.rows
            if question.before is None or _order(each.place) < _order(question.before)
        ]
        wanted.sort(key=lambda each: _order(each.place), reverse=True)
        return MovementsAnswer("C1", T0, wanted[: question.limit], self.heard, self.stock)


def _order(place: MovementPlace) -> tuple[object, ...]:
    return place.hlc, place.workstation_id, place.incarnation, place.number, place.line_no


def row(number: int, at_ms: int, milli: int, workstation_id: str = "ws-2") -> MovementRow:
    place = MovementPlace(HybridTime(at_ms).as_text(), workstation_id, 1, number, 1)
    return MovementRow(place, "sale", "sale", at_ms, "E1", milli)


def test_what_a_neighbour_told_stands_among_our_own_rows(tills: TwoTills) -> None:
    named(tills.here)
    waste(tills.here, 1000)
    tills.there.clock.pass_ms(60_000)
    waste(tills.there, 2000)
    tills.here.clock.pass_ms(120_000)
    waste(tills.here, 4000)
    tills.hear()
    card = tills.here.workstation.stock_cards.known("C1")
    assert moved(card) == [("ws-1", -4000, -7000), ("ws-2", -2000, -3000), ("ws-1", -1000, -1000)]
    assert [each.label for each in card.rows] == ["收银台1-000005", "收银台2-000004", "收银台1-000004"]
    assert card.stock.on_hand_milli == -7000


def test_off_the_network_what_is_not_listed_is_said_with_its_age(tills: TwoTills) -> None:
    named(tills.here)
    waste(tills.here, 1000)
    heard_ms = tills.here.clock.now_ms() + 30_000
    tills.here.network.state.last_contact_ms = heard_ms
    tills.here.clock.pass_ms(60_000)
    waste(tills.here, 4000)
    card = tills.here.workstation.stock_cards.now("C1").result(10)
    assert not card.answered and card.heard_at_ms == heard_ms
    assert [each.name for each in card.unheard] == ["收银台2"]
    assert [(row.balance_milli, row.is_sure) for row in card.rows] == [(-5000, True), (-1000, False)]


def test_a_store_of_one_workstation_lacks_nothing(tills: TwoTills) -> None:
    waste(tills.here, 1000)
    card = tills.here.workstation.stock_cards.known("C1")
    assert card.unheard == () and [row.is_sure for row in card.rows] == [True]


def test_head_office_fills_in_the_other_workstations_each_row_once(tills: TwoTills) -> None:
    shop = tills.here
    waste(shop, 1000)
    own = shop.documents("stock_movement")[0]
    office = Office(
        row(7, T0 - 5000, -3000),
        row(8, T0 + 60_000, -2000),  # newer than what this workstation has pulled
        row(own["number"], 0, 0, "ws-1"),
    )
    office.rows[2] = MovementRow(
        MovementPlace(own["hlc"], "ws-1", 1, own["number"], 1), "stock_movement", "waste", T0, "e2", -1000
    )
    shop.network.movements = office
    card = shop.workstation.stock_cards.now("C1").result(10)
    assert [each[:2] for each in moved(card)] == [("ws-2", -2000), ("ws-1", -1000), ("ws-2", -3000)]
    assert card.answered and card.unheard == () and card.before is None
    office.heard["ws-2"] = T0 - 3_600_000
    late = shop.workstation.stock_cards.now("C1").result(10)
    assert [(each.name, each.heard_at_ms) for each in late.unheard] == [("ws-2", T0 - 3_600_000)]


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_over_both_ends_meet_without_a_gap_or_a_row_twice(tills: TwoTills, limit: int) -> None:
    """Own rows older and newer than head office's, a count among them; each page goes on where one ended."""
    shop, office = tills.here, Office()
    told(shop, "store:S001", rows_of("series_point", [["ws-2", 1, 100]]))
    shop.network.movements = office
    for number in range(1, 6):
        shop.clock.pass_ms(60_000)
        waste(shop, 1000)
        office.rows.append(row(number, shop.clock.now_ms() + 20_000, -10_000))
    shop.workstation.stock_room.count([("C1", 5000)]).result(10)
    shop.clock.pass_ms(60_000)
    waste(shop, 1000)
    cards = shop.workstation.stock_cards
    whole = cards.now("C1", limit=100).result(10)
    assert len(whole.rows) == 12 and whole.before is None
    found, before = [], None
    while True:
        card = cards.now("C1", before=before, limit=limit).result(10)
        found += card.rows
        before = card.before
        if before is None:
            break
    assert found == list(whole.rows)


@pytest.mark.parametrize("limit", [1, 50])
def test_the_figure_holds_what_other_tills_did_and_counted_that_was_not_pulled_here(
    tills: TwoTills, limit: int
) -> None:
    """However short the page is; our own later documents stand on top of it, each once."""
    shop = tills.here
    waste(shop, 1000)
    folded_up_to = shop.journal.head().number
    shop.clock.pass_ms(600_000)
    waste(shop, 4000)
    counted_at = HybridTime(T0 + 300_000).as_text()
    office = Office(row(7, T0 - 5000, -3000), row(8, T0 + 200_000, -2000))
    place = MovementPlace(counted_at, "ws-2", 1, 9, 1)
    office.rows.append(MovementRow(place, "count", "", T0 + 300_000, "E1", 0, 20_000, -6000))
    points = [SeriesFolded("ws-1", 1, folded_up_to), SeriesFolded("ws-2", 1, 9)]
    office.stock = StoreStock(20_000, 500, counted_at, "20270115-1", points)
    shop.network.movements = office
    card = shop.workstation.stock_cards.now("C1", limit=limit).result(10)
    assert (card.stock.on_hand_milli, card.stock.own_milli) == (16_000, -4000)
    assert (card.stock.counted_at_hlc, card.stock.doubtful_milli) == (counted_at, 500)
    assert [each.is_doubtful for each in card.rows] == [True, False, False, True, False][: len(card.rows)]
    assert [each[1:] for each in moved(card)][:3] == [(-4000, 16_000), (0, 20_000), (-2000, -6000)][:limit]
    second = (
        shop.workstation.stock_cards.now("C1", before=card.before, limit=1).result(10) if limit == 1 else card
    )
    assert second.stock == card.stock


def test_an_item_that_never_moved_at_head_office_has_this_till_s_own_figure(tills: TwoTills) -> None:
    waste(tills.here, 1000)
    office = Office()
    office.stock = StoreStock(None, 0, None, "", [])
    tills.here.network.movements = office
    stock = tills.here.workstation.stock_cards.now("C1").result(10).stock
    assert (stock.on_hand_milli, stock.known) == (-1000, False)
