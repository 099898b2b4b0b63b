"""A budget's part ends between pricing and Enter: the cashier is told, and takes payment again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from pos_core.sync.budget_leases import POLICY
from tests.client.services.shop import COLA
from tests.client.services.test_budget_leases import BudgetShop, allowance_id, book, grant
from tests.ui.real_till import RealTill


@pytest.fixture
def till(tmp_path: Path, qtbot: QtBot) -> Iterator[RealTill]:
    shop = BudgetShop(tmp_path)
    shop.policy(POLICY, {"TWO": 10_000})
    made = RealTill(shop, "zh", qtbot)
    made.to_checkout()
    yield made
    made.close()
    shop.workstation.close()


def test_enter_after_the_refused_write_goes_back_to_the_basket_and_its_new_price(till: RealTill) -> None:
    grant(till.shop, 100)
    till.press(f"2*{COLA}\n", "<F12>")
    book(till.shop).give_back({allowance_id(till.shop)})
    till.press("\n")
    till.wait_until(lambda: "额度" in till.message)
    assert till.window.checkout.context == "pay" and till.shop.documents("sale") == []
    till.press("\n")
    assert till.window.checkout.context == "sale"
    assert "7.00" in till.message and "6.00" in till.message, till.message
    assert till.window.checkout.sale.basket.total_minor == 700
    till.press("<F12>", "\n")
    till.wait_until(lambda: bool(till.shop.documents("sale")))
    assert till.shop.documents("sale")[0]["body"]["total_minor"] == 700
