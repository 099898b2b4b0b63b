"""Why this price, in the shop's words; and lines with notes and repeats."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_client.services.basket.adjusting import Off
from pos_client.services.basket.ring_up import NOTE_MAX
from pos_core.errors import TidemarkError
from tests.client.services.shop import COLA, MILK, Shop, label
from tests.client.services.test_pricing import PromotionShop


@pytest.fixture
def deals(tmp_path: Path) -> Iterator[Shop]:
    shop = PromotionShop(tmp_path).ready()
    yield shop
    shop.workstation.close()


@pytest.mark.parametrize(
    ("language", "near", "applied"),
    [
        ("zh", "再买 1 件", "可乐第二件半价：已减 ¥1.75，2 件"),
        ("en", "uy 1 more", "off 2 units"),
    ],
)
def test_short_by_one_then_applied(deals: Shop, language: str, near: str, applied: str) -> None:
    ring_up, explaining = deals.workstation.ring_up, deals.workstation.explaining
    ring_up.enter(COLA)
    found = explaining.why(language).result(10)
    assert (found[0].promotion_id, found[0].outcome) == ("SECOND-HALF", "missing")
    assert near in found[0].lines[0]
    assert near in explaining.hint(language).result(10)
    ring_up.enter(COLA)
    deals.workstation.adjusting.discount_basket(Off(amount_minor=5), "goodwill")
    found = explaining.why(language).result(10)
    assert [each.outcome for each in found][:2] == ["by_hand", "applied"]
    assert applied in found[1].lines[0] and found[0].amount_minor == 5


def test_without_promotions_there_is_nothing_to_explain(shop: Shop) -> None:
    shop.workstation.ring_up.enter(COLA)
    assert shop.workstation.explaining.why("zh").result(10) == []
    assert shop.workstation.explaining.hint("zh").result(10) == ""


def test_the_last_item_once_more(shop: Shop) -> None:
    ring_up = shop.workstation.ring_up
    with pytest.raises(TidemarkError) as caught:
        ring_up.repeat()
    assert caught.value.code == "no_line_chosen"
    ring_up.enter(f"2*{COLA}")
    ring_up.repeat()
    assert ring_up.basket().lines[0].quantity_milli == 3000
    ring_up.enter(label("21", "0012301200"))
    ring_up.repeat()
    assert [line.net_minor for line in ring_up.basket().lines] == [1050, 1200, 1200]


def test_a_note_is_on_the_line_in_the_document_and_on_paper(shop: Shop) -> None:
    ring_up = shop.workstation.ring_up
    ring_up.enter(COLA)
    view = ring_up.set_note(1, " 少冰  两份 ")
    assert view.lines[0].note == "少冰 两份"
    ring_up.enter(COLA)  # another piece, without the note
    assert [line.note for line in ring_up.basket().lines] == ["少冰 两份", ""]
    shop.workstation.payment.begin()
    shop.workstation.payment.add("cash", None)
    sale = shop.workstation.payment.finish().result(10)
    assert [line.get("note") for line in shop.documents("sale")[0]["body"]["lines"]] == ["少冰 两份", None]
    assert sale.receipt.lines[0].note == "少冰 两份"


@pytest.mark.parametrize("text", ["x" * (NOTE_MAX + 1), "a\x07b"])
def test_a_note_is_a_short_text(shop: Shop, text: str) -> None:
    shop.workstation.ring_up.enter(MILK)
    with pytest.raises(TidemarkError) as caught:
        shop.workstation.ring_up.set_note(1, text)
    assert caught.value.code == "bad_note"


def test_what_nothing_in_the_basket_would_change_is_not_called_near(tmp_path: Path) -> None:
    class Dear(PromotionShop):
        promotions: Any = {  # noqa: RUF012 (never changed)
            "format": 1,
            "promotions": [
                {
                    "id": "ALL-FOR-99",
                    "name": "整单99元",
                    "phase": "basket",
                    "benefit": {"kind": "basket_price", "price_minor": 9900},
                    "stack": "cheapest_for_customer",
                }
            ],
        }

    shop = Dear(tmp_path).ready()
    shop.workstation.ring_up.enter(COLA)
    (found,) = shop.workstation.explaining.why("zh").result(10)
    assert (found.outcome, found.lines) == ("out_of_scope", ("整单99元：对本单没有优惠",))
    assert shop.workstation.explaining.hint("zh").result(10) == ""
    shop.workstation.close()
