"""Transfers by keys: asked for, and received by the paper slip that a scanner reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_client.ui.goods.transfer_mode import TransferListMode, TransfersMode
from tests.client.services.shop import COLA
from tests.client.services.test_transfers_cut import Chain, slip_codes
from tests.ui.goods.stock_till import StockTill


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    """Two stores and a warehouse."""
    (tmp_path / "chain").mkdir()
    made = Chain(tmp_path / "chain")
    yield made
    for shop in made.shops.values():
        shop.workstation.close()


@pytest.fixture
def tills(chain: Chain, qtbot) -> Iterator[tuple[StockTill, StockTill]]:  # type: ignore[no-untyped-def]
    """The windows of store 1 and of the warehouse."""
    made = []
    for store in ("S001", "W001"):
        chain.shops[store].workstation.shift.open_shift(0).result(10)
        made.append(StockTill(chain.shops[store], "zh", qtbot))
    yield made[0], made[1]
    for till in made:
        till.close()


def test_goods_are_sent_unasked_and_received_by_the_slip_alone(
    chain: Chain, tills: tuple[StockTill, StockTill]
) -> None:
    store, warehouse = tills
    warehouse.open_stock("transfer.title")
    warehouse.press("<Down>", "\n", "1\n", f"{COLA}\n", "8\n", "<F12>", "\n")
    assert warehouse.cells()[2][3:5] == ("在途", "8")
    [code] = slip_codes(chain.shops["W001"])
    warehouse.press("<Down>", "<Down>", "\n", "1\n")
    assert slip_codes(chain.shops["W001"]) == [code] and len(chain.shops["W001"].paper.jobs) == 2
    store.open_stock("transfer.title")
    store.press(f"{code}\n")
    assert store.top(TransferListMode) and store.cells()[0][3:] == ("8", "0 罐")
    store.press("<F6>", "7\n", "<F12>")
    assert "1 个与单据不符" in store.message
    store.press("\n")
    assert store.cells()[2][3] == "已收货"  # by its paper: the shipment itself is not known here yet
    body = store.shop.documents("transfer_received")[0]["body"]
    assert (body["by_slip"], body["lines"][0]["quantity_milli"]) == (True, 7000)
    store.press(f"{code}\n")
    assert store.beeps and len(store.shop.documents("transfer_received")) == 1
    chain.sync()
    warehouse.top(TransfersMode).read()
    assert warehouse.cells()[2][3:] == ("已收货", "", "\N{MINUS SIGN}1")
    warehouse.press("<Down>", "\n", "1\n", "1\n")
    assert warehouse.shop.documents("transfer_closed")[0]["body"]["reason"] == "lost"


def test_a_request_goes_through_approval_and_picking(
    chain: Chain, tills: tuple[StockTill, StockTill]
) -> None:
    store, warehouse = tills
    store.open_stock("transfer.title")
    store.press("\n")
    assert [row[:2] for row in store.cells()] == [("S002", "二店"), ("W001", "仓库")]
    store.press("w00\n", f"{COLA}\n", "6\n", "<F12>", "\n")
    chain.sync()
    warehouse.open_stock("transfer.title")
    for _ in range(3):  # approve, pick, ship: the likeliest step is the first
        warehouse.press("<Down>", "<Down>", "\n", "1\n", "<F6>", "<F12>", "\n")
    assert [each["type"] for each in warehouse.shop.documents()][-3:] == [
        "transfer_approved",
        "transfer_picked",
        "transfer_shipped",
    ]
    assert warehouse.cells()[2][4] == "6"


def test_a_step_that_was_begun_waits_on_the_list(tills: tuple[StockTill, StockTill]) -> None:
    store, _ = tills
    store.open_stock("transfer.title")
    store.press("\n", "1\n", f"{COLA}\n", "<Esc>")
    assert store.top(TransfersMode).row_count == 3 and store.cells()[0][3] == "要货"
    store.press("<Up>", "<Up>", "\n")
    assert store.top(TransferListMode).row_count == 1
