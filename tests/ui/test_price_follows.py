"""The window shows a line at once and the total with promotions when it is known."""

from __future__ import annotations

from tests.ui.conftest import COLA, MILK, Till, settle


def shown_total(till: Till) -> tuple[int, bool]:
    basket = till.window.checkout.total.basket
    assert basket is not None
    return basket.total_minor, basket.final


def test_the_total_becomes_final_by_itself_after_painting(till: Till) -> None:
    till.fake.shop.price_is_known = False
    till.press(f"{COLA}\n")
    assert shown_total(till) == (350, True)
    assert not till.window.checkout.total.waits


def test_a_slow_total_is_marked_and_scanning_goes_on(till: Till) -> None:
    till.fake.shop.price_is_known = False
    till.fake.shop.hold = True
    till.press(f"{COLA}\n", f"{MILK}\n")
    assert till.window.checkout.lines.lines.rowCount() == 2
    assert shown_total(till) == (6340, False)
    assert till.window.checkout.total.waits
    till.fake.shop.hold = False
    till.fake.shop.let_go()
    settle()
    assert shown_total(till) == (6340, True)
    assert not till.window.checkout.total.waits


def test_the_pay_key_waits_for_the_price_and_keys_behind_it_wait_too(till: Till) -> None:
    till.fake.shop.price_is_known = False
    till.fake.shop.hold = True
    till.press(f"{COLA}\n", "<F12>", "10\n")
    assert till.mode == "SaleMode" and till.fake.shop.tenders is None
    till.fake.shop.hold = False
    till.fake.shop.let_go()
    settle()
    assert [sale.change_minor for sale in till.fake.shop.sales] == [650]
