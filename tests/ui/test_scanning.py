"""Scans faster than the screen: nothing lost, nothing merged, order kept, whatever is in front."""

from __future__ import annotations

from tests.fakes.services import refusal
from tests.ui.conftest import COLA, MILK, NOODLES, OIL, Till, settle

TEN = [COLA, MILK, OIL, NOODLES, COLA, MILK, OIL, NOODLES, COLA, OIL]


def test_ten_codes_in_one_batch_are_ten_lines(till: Till) -> None:
    till.press("".join(f"{code}\n" for code in TEN))
    assert till.codes == TEN
    assert till.window.checkout.lines.lines.rowCount() == 10
    assert till.code_box == ""


def test_what_follows_a_code_in_the_same_batch_stays_in_the_box(till: Till) -> None:
    till.press(f"{COLA}\n690")
    assert till.codes == [COLA]
    assert till.code_box == "690"


def test_a_refused_code_beeps_says_which_empties_the_box_and_keeps_the_basket(till: Till) -> None:
    till.press(f"{COLA}\n")
    till.press("6901234567890\n")
    assert till.beeps == [1]
    assert "6901234567890" in till.message
    assert till.code_box == ""
    assert len(till.fake.shop.lines) == 1


def test_codes_around_a_refused_one_all_arrive(till: Till) -> None:
    till.press(f"{COLA}\n6901234567890\n{MILK}\n")
    assert [line.sku for line in till.fake.shop.lines] == ["100001", "100002"]


def test_a_scan_while_a_weight_is_asked_for_is_kept_and_rung_up_next(till: Till) -> None:
    till.press(f"100007\n{COLA}\n0.45\n")
    assert [line.sku for line in till.fake.shop.lines] == ["100007", "100001"]
    assert till.fake.shop.lines[0].quantity_milli == 450
    assert till.mode == "SaleMode"


def test_two_weighed_items_in_one_batch_ask_one_after_the_other(till: Till) -> None:
    till.press(f"100007\n{COLA}\n0.45\n100007\n1.2\n")
    assert [line.quantity_milli for line in till.fake.shop.lines] == [450, 1000, 1200]


def test_an_open_price_item_takes_the_price_and_never_a_code(till: Till) -> None:
    till.press(f"100008\n{COLA}\n")
    assert till.fake.shop.lines == []
    till.press("25.5\n")
    assert [line.net_minor for line in till.fake.shop.lines] == [2550, 350]


def test_a_scan_in_payment_before_any_tender_goes_back_and_is_rung_up(till: Till) -> None:
    till.press(f"{COLA}\n", "<F12>", f"{MILK}\n")
    assert till.mode == "SaleMode"
    assert [line.sku for line in till.fake.shop.lines] == ["100001", "100002"]
    assert till.fake.shop.sales == []


def test_a_scan_that_begins_with_a_tender_key_is_no_amount(till: Till) -> None:
    till.press(f"{COLA}\n", "<F12>", "2000010004508\n")
    assert till.mode == "SaleMode"
    assert till.codes[-1] == "2000010004508"
    assert till.fake.shop.sales == []


def test_a_scan_after_a_tender_is_refused_with_a_sentence(till: Till) -> None:
    till.press(f"{COLA}\n", "<F12>", "1.0\n", f"{MILK}\n")
    assert till.mode == "PayMode"
    assert MILK in till.message
    assert len(till.fake.shop.lines) == 1


def test_a_scan_never_confirms_a_mobile_payment(till: Till) -> None:
    till.press(f"{COLA}\n", "<F12>", "2\n")
    assert till.window.checkout.context == "pay_confirm"
    till.press(f"{MILK}\n")
    assert till.window.checkout.context == "pay_confirm"
    assert till.fake.shop.sales == []


def test_keys_while_the_sale_is_written_belong_to_the_next_sale(till: Till) -> None:
    till.press(f"{COLA}\n")
    till.fake.shop.hold = True
    till.press("<F12>", "\n", f"{MILK}\n{OIL}\n69")
    assert till.fake.shop.sales == []
    assert till.codes == [COLA]
    till.fake.shop.hold = False
    till.fake.shop.let_go()
    settle()
    assert len(till.fake.shop.sales) == 1
    assert till.codes == [COLA, MILK, OIL]
    assert till.code_box == "69"


def test_a_second_enter_while_the_sale_is_written_does_nothing(till: Till) -> None:
    till.press(f"{COLA}\n")
    till.fake.shop.hold = True
    till.press("<F12>", "\n", "\n\n")
    till.fake.shop.let_go()
    till.fake.shop.hold = False
    settle()
    assert len(till.fake.shop.sales) == 1
    assert till.mode == "SaleMode"


def test_a_failed_write_keeps_basket_and_tenders_drops_held_keys_and_says_so(till: Till) -> None:
    till.press(f"{COLA}\n")
    till.fake.shop.hold = True
    till.fake.shop.fail_next = refusal("disk_full")
    till.press("<F12>", "\n", f"{MILK}\n")
    till.fake.shop.let_go()
    settle()
    assert till.mode == "PayMode"
    assert till.fake.shop.sales == []
    assert len(till.fake.shop.lines) == 1
    assert "14" in till.message and "磁盘已满" in till.message
    till.fake.shop.hold = False
    till.press("\n")
    assert len(till.fake.shop.sales) == 1


def test_a_scan_answers_the_clear_question_with_no_and_is_rung_up(till: Till) -> None:
    till.press(f"{COLA}\n", "<Ctrl+Del>", f"{MILK}\n")
    assert [line.sku for line in till.fake.shop.lines] == ["100001", "100002"]


def test_a_scan_over_the_key_card_the_receipt_and_the_search_is_rung_up(till: Till) -> None:
    till.press(f"{COLA}\n", "<F12>", "\n")
    till.press("<F1>", f"{COLA}\n")
    till.press("<Ctrl+R>", f"{MILK}\n")
    till.press("<F2>", f"{OIL}\n")
    assert [line.sku for line in till.fake.shop.lines] == ["100001", "100002", "100003"]
    assert till.mode == "SaleMode"


def test_a_key_held_down_does_not_pay_twice(till: Till) -> None:
    from PySide6.QtCore import QCoreApplication, QEvent, Qt
    from PySide6.QtGui import QKeyEvent

    till.press(f"{COLA}\n", "<F12>")
    repeated = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r", True)
    QCoreApplication.postEvent(till.window.windowHandle(), repeated)
    settle()
    assert till.mode == "PayMode"
