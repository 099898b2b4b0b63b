"""Reservations by keys: asked of this store, answered, fetched by its code; asked elsewhere, given up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from pos_client.services.reservations.reservation_slips import signed_code
from pos_client.ui.goods.reservations_mode import ReservationsMode
from pos_core.canonical import canonical_bytes
from pos_core.stock.reservation import HOUR_MS
from pos_core.stock.reservation_slip import ReservationSlip
from tests.client.services import around
from tests.client.services.shop import COLA, Shop
from tests.client.services.supplied import apply
from tests.fakes.facts import hlc
from tests.fakes.reference_rows import rows_of
from tests.fakes.releases import T0
from tests.ui.goods.stock_till import StockTill

THEIRS = "RS002-0115-ABCDEF"


def asked_of_us(shop: Shop, name: str = THEIRS, milli: int = 2000) -> None:
    """As head office sent it: store 2 wants goods kept here for five hours."""
    stamp = [hlc(0), "ws-2", 1, 1, 0]
    made = {"ws-2/1/1": [stamp, "made", "S001", "S002", {"C1": milli}, T0 + 5 * HOUR_MS]}
    apply(shop, "store:S001", rows_of("reservation", [[name, canonical_bytes({"steps": made}).decode()]]))


@pytest.fixture(params=["zh", "en"])
def till(request: pytest.FixtureRequest, tmp_path: Path, qtbot: QtBot) -> Iterator[StockTill]:
    shop = Shop(tmp_path)
    around.fill(shop)
    made = StockTill(shop, request.param, qtbot)
    made.to_checkout()
    yield made
    made.close()
    shop.workstation.close()


def said(till: StockTill, zh: str, en: str) -> str:
    return zh if till.window.desk.texts.language == "zh" else en


def figures(till: StockTill) -> list[str]:
    return [fact.value for fact in till.top(ReservationsMode).facts]


def test_what_is_asked_of_us_stands_first_is_put_aside_and_fetched_by_its_code(till: StockTill) -> None:
    till.press(f"{COLA}\n", "<F3>", "1\n", "\n")
    asked_of_us(till.shop)
    till.open_stock("reserve.title")
    rows = till.cells()
    assert [row[3] for row in rows] == [said(till, "本店", "Here"), "湖滨店"]
    assert rows[0][:3] == (THEIRS, "可口可乐 330ml", "2 罐")
    assert figures(till) == ["1", "0", "1", "0"]
    till.press("\n", "1\n")
    assert figures(till) == ["0", "1", "1", "0"]
    assert till.shop.documents("reservation_reported")[0]["body"]["step"] == "kept"
    till.press(f"{THEIRS}\n", "1\n")
    assert till.shop.documents("reservation_reported")[1]["body"]["step"] == "picked_up"
    assert said(till, "已取走", "Picked up") in till.message and figures(till) == ["0", "0", "1", "0"]


def test_what_we_asked_elsewhere_is_given_up_and_not_twice(till: StockTill) -> None:
    till.press(f"{COLA}\n", "<F3>", "1\n", "3\n")
    till.open_stock("reserve.title")
    till.press("\n", "1\n")
    assert till.cells()[0][5] == said(till, "已取消", "Given up")
    till.press("\n")
    assert till.beeps and len(till.shop.documents("reservation_reported")) == 1


def test_the_slip_rings_the_goods_up_at_the_checkout_and_the_sale_closes_it(till: StockTill) -> None:
    till.press(f"{COLA}\n", "<F3>", "1\n", "\n")
    slip = ReservationSlip(THEIRS, "ws-1", "S001", "S001", T0 + 5 * HOUR_MS, (("C1", 3000),))
    code = signed_code(till.shop.workstation.reserving._counter, slip)
    till.press(f"{code}\n")
    ring_up = till.window.desk.workstation.ring_up
    assert THEIRS in till.message and ring_up.basket().lines[-1].quantity_milli == 3000
    till.press(f"{code}\n")
    assert till.beeps and len(ring_up.basket().lines) == 2
    till.press("<F12>", "\n")
    (closed,) = till.shop.documents("reservation_reported")
    assert closed["body"]["reservation_id"] == THEIRS
    assert closed["body"]["sale_number"] == closed["number"] - 1
    till.open_stock("reserve.title")
    till.press(f"{code}\n")
    assert till.beeps


def test_a_code_that_nobody_has_told_us_of_is_said_to_be_unknown(till: StockTill) -> None:
    till.open_stock("reserve.title")
    till.press(f"{THEIRS}\n")
    assert till.beeps and THEIRS in till.message and till.top(ReservationsMode).row_count == 0


def test_it_is_over_with_its_time(till: StockTill) -> None:
    asked_of_us(till.shop)
    till.shop.clock.pass_ms(5 * HOUR_MS)
    till.open_stock("reserve.title")
    assert till.cells()[0][5] == said(till, "已过期", "Over") and figures(till) == ["0", "0", "0", "0"]
