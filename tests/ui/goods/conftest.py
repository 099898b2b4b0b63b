"""A real window with a manager in front of the stock menu."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.client.services.shop import Shop
from tests.ui.goods.stock_till import StockTill


@pytest.fixture
def stock_till(tmp_path: Path, qtbot: QtBot) -> Iterator[StockTill]:
    """Shift open, a manager signed on, Chinese."""
    shop = Shop(tmp_path)
    made = StockTill(shop, "zh", qtbot)
    made.to_checkout("2001")
    yield made
    made.close()
    shop.workstation.close()
