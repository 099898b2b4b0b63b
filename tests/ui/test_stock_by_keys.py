"""F3 by keys: what is here and around, live or with its age; another store is asked for goods."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from pos_client.ui.sale.ask_for_goods import AskForGoodsMode
from pos_client.ui.sale.stock_mode import StockMode
from tests.client.services import around
from tests.client.services.shop import COLA, MEMBER_PHONE, MILK, Shop
from tests.fakes.releases import T0
from tests.ui.real_till import RealTill


@pytest.fixture(params=["zh", "en"])
def till(
    request: pytest.FixtureRequest, tmp_path: Path, qapp: QApplication, qtbot: QtBot
) -> Iterator[RealTill]:
    shop = Shop(tmp_path)
    around.fill(shop)
    made = RealTill(shop, request.param, qtbot)
    yield made
    made.close()
    shop.workstation.close()


def rows(till: RealTill) -> list[tuple[str, str, str]]:
    """Of other stores."""
    mode = till.window.checkout.stack.top
    assert isinstance(mode, StockMode)
    return [(row.title, row.detail, row.amount) for row in mode.rows if row.number]


def words(till: RealTill, zh: str, en: str) -> str:
    return zh if till.window.desk.texts.language == "zh" else en


def test_off_the_network_the_stores_around_have_steps_with_their_age(till: RealTill) -> None:
    till.to_checkout()
    till.press(f"{COLA}\n", "<F3>")
    as_of, nothing = words(till, "截至", "as of"), words(till, "尚无消息", "nothing heard yet")
    found = rows(till)
    assert [(title, amount) for title, _, amount in found] == [
        ("湖滨店", "2–5"),
        ("城北店", "0"),
        ("苏州园区店", "?"),
        ("东部大仓", "6+"),
    ]
    assert found[0][1].startswith(f"2.2 km · {as_of} ")
    assert found[2][1] == f"145 km · {nothing}"
    assert found[3][1].startswith(as_of)


def test_the_page_names_the_item_whose_code_was_typed(till: RealTill) -> None:
    till.to_checkout()
    till.press(f"{COLA}\n", MILK, "<F3>")
    mode = till.window.checkout.stack.top
    assert isinstance(mode, StockMode)
    assert mode.rows[0].title == words(till, "本店库存：纯牛奶 250ml", "Here: 纯牛奶 250ml")


def test_online_the_same_page_turns_exact_and_live_and_keeps_its_chosen_row(till: RealTill) -> None:
    till.shop.network.stock_answer = around.answer(
        S002=(4000, T0), S003=(-2000, T0 - 86_400_000), S004=(0, T0), W001=(120_000, None)
    )
    till.to_checkout()
    till.press(f"{COLA}\n", "<F3>", "<Down>")
    till.wait_until(lambda: rows(till)[0][2] == "4")
    found = rows(till)
    live = words(till, "实时", "live")
    assert [amount for _, _, amount in found] == ["4", "−2", "0", "120"]
    assert found[0][1] == f"2.2 km · {live}" and found[3][1] == live
    assert words(till, "截至", "as of") in found[1][1], "a store that is off the network itself"
    assert till.window.checkout.stack.top.chosen == 1


def test_a_number_and_enter_ask_another_store_and_a_scan_there_goes_on(till: RealTill) -> None:
    till.to_checkout("2001")
    till.press(f"{COLA}\n", "<F3>", "4\n", "2\n", "3\n")
    documents = till.shop.documents("transfer_requested")
    assert [(each["body"]["from_store_id"], each["body"]["to_store_id"]) for each in documents] == [
        ("W001", "S001")
    ]
    assert [line["quantity_milli"] for line in documents[0]["body"]["lines"]] == [3000]
    assert "东部大仓" in till.message and till.window.checkout.stack.depth == 0
    till.press("<F3>", "1\n", f"{COLA}\n")
    assert till.window.checkout.sale.basket.lines[0].quantity_milli == 2000
    assert len(till.shop.documents("transfer_requested")) == 1


def test_part_of_a_piece_is_not_asked_for(till: RealTill) -> None:
    till.to_checkout("2001")
    till.press(f"{COLA}\n", "<F3>", "1\n", "2\n", "0.5\n")
    assert till.shop.documents("transfer_requested") == [] and till.window.checkout.stack.depth == 1
    till.press("<Esc>", "<F3>", "1\n", "1\n", "0.5\n")
    assert till.shop.documents("reservation_made") == [] and till.window.checkout.stack.depth == 1


def test_a_cashier_puts_one_aside_for_the_shopper_and_says_that_it_is_not_sure_yet(till: RealTill) -> None:
    till.to_checkout()
    till.press(f"{COLA}\n", "<F3>", "1\n", "\n")
    [document] = till.shop.documents("reservation_made")
    body = document["body"]
    assert "member_id" not in body, "nobody is named"
    assert (body["at_store_id"], body["for_store_id"]) == ("S002", "S001")
    assert body["lines"][0]["quantity_milli"] == 1000
    assert words(till, "没有网络", "No network") in till.message and body["reservation_id"] in till.message
    assert till.shop.documents("transfer_requested") == []
    till.wait_until(lambda: body["reservation_id"].encode() in b"".join(till.shop.paper.jobs))


def test_what_a_member_waits_for_names_him_so_that_he_is_told(till: RealTill) -> None:
    till.to_checkout("2001")
    till.press(f"{COLA}\n", "<F9>", f"{MEMBER_PHONE}\n", "<F3>", "1\n", "1\n")
    mode = till.window.checkout.stack.top
    assert isinstance(mode, AskForGoodsMode) and "李*" in mode.words.caption
    till.press("\n", "<F3>", "1\n", "2\n", "\n")
    for kind in ("reservation_made", "transfer_requested"):
        [document] = till.shop.documents(kind)
        assert document["body"]["member_id"] == "m1", kind


def test_who_may_do_neither_is_refused(till: RealTill) -> None:
    till.shop.policy("stock", {"roles": {"reserve": "supervisor"}})
    till.to_checkout()
    till.press(f"{COLA}\n", "<F3>", "1\n")
    assert till.shop.documents("transfer_requested") == till.shop.documents("reservation_made") == []
    assert till.beeps and till.window.checkout.stack.depth == 0
