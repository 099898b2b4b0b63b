"""In payment digits are an amount of cash, or alone and with Enter a tender by its position."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pos_client.ui.tender.pay_mode import PayMode
from pos_client.ui.tender.pay_view import PayView
from tests.ui.conftest import COLA, MILK, Till


def paid(till: Till) -> list[tuple[str, int]]:
    """(name, what was handed over) of the first sale's tenders."""
    return [(each.name, each.amount_minor) for each in till.fake.shop.sales[0].receipt.tenders]


def hint(till: Till) -> str:
    view = till.window.checkout.findChild(PayView)
    assert isinstance(view, PayView)
    return view.hint()


def pay_mode(till: Till) -> PayMode:
    mode = till.window.checkout.stack.top
    assert isinstance(mode, PayMode)
    return mode


def test_enter_after_a_tender_that_was_refused_is_no_cash(till: Till) -> None:
    till.press(f"{MILK}\n", "<F12>", "100", "<F12>", "2")  # more than is due: mobile gives no change
    beeps = len(till.beeps)
    till.press("\n")
    assert till.fake.shop.sales == [] and len(till.beeps) == beeps + 1
    assert "59.90" in till.window.checkout.messages.sentence
    till.press("\n")
    assert paid(till) == [("现金", 5990)]


def test_digits_after_a_refusal_are_taken_at_once(till: Till) -> None:
    till.press(f"{MILK}\n", "<F12>", "100", "<F12>", "2", "2\n", "\n")
    assert paid(till) == [("移动支付", 5990)]


@pytest.mark.parametrize(
    ("keys", "tenders"),
    [
        (["\n"], [("现金", 5990)]),
        (["1\n"], [("现金", 5990)]),
        (["1", "\n"], [("现金", 5990)]),
        (["2\n", "\n"], [("移动支付", 5990)]),
        (["3\n", "\n"], [("银行卡", 5990)]),
        (["100\n"], [("现金", 10000)]),
        (["1", "0", "0", "\n"], [("现金", 10000)]),
        (["60.5\n"], [("现金", 6050)]),
        (["20\n", "2\n", "\n"], [("现金", 2000), ("移动支付", 3990)]),
        (["2.5\n", "\n"], [("现金", 250), ("现金", 5740)]),
        (["05\n", "\n"], [("现金", 500), ("现金", 5490)]),
        (["9\n", "\n"], [("现金", 900), ("现金", 5090)]),
        (["20", "+", "2", "\n", "3\n", "\n"], [("移动支付", 2000), ("银行卡", 3990)]),
        (["20", "<F12>", "3", "\n", "\n"], [("银行卡", 2000), ("现金", 3990)]),
    ],
)
def test_what_digits_pay(till: Till, keys: list[str], tenders: list[tuple[str, int]]) -> None:
    till.press(f"{MILK}\n", "<F12>", *keys)
    assert paid(till) == tenders


@pytest.mark.parametrize("key", ["<F12>", "+"])
def test_an_amount_before_the_payment_waits_for_its_tender(till: Till, key: str) -> None:
    till.press(f"{MILK}\n", "20", key)
    assert till.window.checkout.context == "pay_which"
    assert "¥20.00" in hint(till)
    till.press("2", "\n", "\n")
    assert paid(till) == [("移动支付", 2000), ("现金", 3990)]


def test_the_panel_says_what_enter_would_do(till: Till) -> None:
    till.press(f"{MILK}\n", "<F12>")
    said = [hint(till)]
    for key in ("1", "0", "0"):
        till.press(key)
        said.append(hint(till))
    assert said == [
        "",
        "1 现金 · 回车收整额，继续输入则为金额",
        "现金 ¥10.00 · 回车收款，还差 ¥49.90",
        "现金 ¥100.00 · 回车收款，找零 ¥40.10",
    ]
    till.window.desk.texts.switch("en")
    till.press("<Esc>", "3")
    assert hint(till) == "3 Card · Enter takes it exact; type on for an amount"


def test_a_lone_digit_without_a_tender_is_an_amount(till: Till) -> None:
    till.press(f"{COLA}\n", "<F12>", "9")
    assert hint(till) == "现金 ¥9.00 · 回车收款，找零 ¥5.50"
    till.press("\n")
    assert paid(till) == [("现金", 900)]


def touch(position: int) -> Callable[[PayMode], None]:
    def do(mode: PayMode) -> None:
        mode.choose(mode.view.tender_types[position - 1], mode.text)

    return do


def test_a_touched_tender_takes_the_amount_in_the_box(till: Till) -> None:
    till.press(f"{MILK}\n", "<F12>", "20")
    touch(2)(pay_mode(till))
    till.press("\n", "\n")
    assert paid(till) == [("移动支付", 2000), ("现金", 3990)]


def test_a_touched_tender_does_not_take_a_lone_digit_for_an_amount(till: Till) -> None:
    till.press(f"{MILK}\n", "<F12>", "2")
    touch(3)(pay_mode(till))
    assert (till.code_box, till.window.checkout.context) == ("", "pay_amount")
    till.press("\n", "\n")
    assert paid(till) == [("银行卡", 5990)]


def test_the_pay_key_alone_and_behind_nonsense_takes_nothing(till: Till) -> None:
    till.press(f"{MILK}\n", "<F12>", "+")
    assert (till.fake.shop.tenders, till.beeps) == ([], [])
    till.press("1.2.3", "+")
    assert till.beeps == [1] and "1.2.3" in till.message
    assert till.fake.shop.tenders == []


def test_a_scan_behind_a_carried_amount_is_rung_up(till: Till) -> None:
    till.press(f"{MILK}\n", "20", "<F12>", f"{COLA}\n")
    assert till.mode == "SaleMode"
    assert [line.sku for line in till.fake.shop.lines] == ["100002", "100001"]


def test_a_digit_that_is_no_tender_edits_the_amount_again(till: Till) -> None:
    till.press(f"{COLA}\n", "1", "<F12>", "0", "\n")
    assert paid(till) == [("现金", 1000)]
