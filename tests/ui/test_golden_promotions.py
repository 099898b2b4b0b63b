"""Every golden promotion case that a till can ring up, by keys, in one window on the real services.

What is compared is what the window shows: the total panel as it is painted, and the rows of the line list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from pos_client.ui.sale.line_model import AMOUNT, DISCOUNT, NAME, PRICE
from pos_client.ui.shell.paint import BigFigures, put
from tests.core.pricing.goldens import CASES, PRICED, expected_of
from tests.ui.golden_shop import CODE, EARLIER, Case, GoldenShop, barcode, coupon_text, phone
from tests.ui.real_till import RealTill

CELLS = (NAME, PRICE, DISCOUNT, AMOUNT)
SHARED_OUT = "shares out an amount: no basket"
SHIPPED = "is shipped"
WEB = "sold on the web"
UNTOUCHABLE = "goods barred from every rule: at a till only deposits and cards are"
BOTH = "one item sold and given: at a till a gift is an item of its own"
OWN_POINTS = "paid with the points that this very basket earns: a till takes points that the member has"
NOT_AT_A_TILL = {
    **{f"ALC-{number:03}": SHARED_OUT for number in (4, 6, 9, 10, 11, 13, 14, 15, 17, 19, 20, 22)},
    **dict.fromkeys(("SHP-001", "SHP-002", "SYL-006", "SYL-030", "SYL-031", "SYL-035"), SHIPPED),
    **dict.fromkeys(("VEN-030", "VTX-001"), SHIPPED),
    **dict.fromkeys(("SYL-082", "SYL-083", "SYL-085"), WEB),
    **dict.fromkeys(("OSC-003", "OSC-025"), UNTOUCHABLE),
    "ODO-001": BOTH,
    "ODO-042": OWN_POINTS,
}
"""Case → why no till can ring it up."""


def _skus(case: Case, *, gift: bool) -> set[str]:
    return {line["sku"] for line in case["basket"]["lines"] if line.get("gift", False) == gift}


REASONS: tuple[tuple[str, Callable[[Case], bool]], ...] = (
    (SHARED_OUT, lambda case: "basket" not in case),
    (WEB, lambda case: case["basket"]["channel"] != "pos"),
    (SHIPPED, lambda case: "shipping_minor" in case["basket"]),
    (UNTOUCHABLE, lambda case: any(not x.get("discountable", True) for x in case["basket"]["lines"])),
    (BOTH, lambda case: bool(_skus(case, gift=True) & _skus(case, gift=False))),
    (OWN_POINTS, lambda case: any(each.get("points_cost_from_basket") for each in case["promotions"])),
)


def reason(case: Case) -> str:
    """Why a till cannot ring this up; "" where it can."""
    return next((why for why, holds in REASONS if holds(case)), "")


AT_A_TILL = sorted((n for n in CASES if not reason(CASES[n])), key=lambda n: CASES[n]["basket"]["instant_ms"])


class Painted:
    """What the total panel draws, read off its own drawing calls."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.texts: list[str] = []
        put_right = BigFigures.put_right

        def word(painter: Any, box: Any, text: str, *rest: Any) -> None:
            self.texts.append(text)
            put(painter, box, text, *rest)

        def figure(figures: BigFigures, painter: Any, box: Any, text: str, *rest: Any) -> None:
            self.texts.append(text)
            put_right(figures, painter, box, text, *rest)

        monkeypatch.setattr("pos_client.ui.sale.total_panel.put", word)
        monkeypatch.setattr(BigFigures, "put_right", figure)

    def of(self, till: RealTill) -> list[str]:
        """Subtotal, discount and total, in minor units."""
        till.window.checkout.total.grab()
        self.texts.clear()
        till.window.checkout.total.grab()
        _, total, subtotal, discount = self.texts
        return [subtotal, discount, total]


@pytest.fixture
def till(tmp_path: Path, qtbot: QtBot) -> Iterator[RealTill]:
    shop = GoldenShop(tmp_path, opens_ms=CASES[AT_A_TILL[0]]["basket"]["instant_ms"])
    made = RealTill(shop, "zh", qtbot)
    made.to_checkout()
    yield made
    made.close()
    shop.workstation.close()


def test_each_case_shows_what_its_source_says(till: RealTill, monkeypatch: pytest.MonkeyPatch) -> None:
    painted = Painted(monkeypatch)
    wrong = {}
    for number, name in enumerate(AT_A_TILL):
        case = renamed(name)
        assert isinstance(till.shop, GoldenShop)
        sell_before(till, number, case)
        till.shop.take_over(number, case)
        ring_up(till, number, case)
        found = shown(till, painted, case)
        if found != wanted(case):
            wrong[name] = (found, wanted(case), till.message)
        till.press("<Esc>", "<Esc>", "<Esc>", "<Ctrl+Del>", "\n")
        assert till.window.checkout.lines.lines.rowCount() == 0, name
    assert wrong == {}


def test_the_cases_that_no_till_can_ring_up_are_these() -> None:
    assert {name: reason(case) for name, case in CASES.items() if reason(case)} == NOT_AT_A_TILL
    assert len(AT_A_TILL) + len(NOT_AT_A_TILL) == 256 and set(AT_A_TILL) <= set(PRICED)


def renamed(name: str) -> Case:
    """A case with counters under a promotion id of its own: the till counts by id, whatever the release."""
    case = CASES[name]
    if "usage" not in case["basket"]:
        return case
    (promotion,) = case["promotions"]
    return {**case, "promotions": [{**promotion, "id": f"{name}-{promotion['id']}"}]}


def sell_before(till: RealTill, number: int, case: Case) -> None:
    """The sales that the case's counters speak of: one of so many pieces, counted by the piece."""
    counted = (case["basket"].get("usage") or [{}])[0]
    pieces = max(counted.get("in_all", 0), counted.get("member", 0), int(bool(counted.get("spent_minor"))))
    if not pieces:
        return
    each_minor = counted.get("spent_minor", 1)
    rule = {
        "id": case["promotions"][0]["id"],
        "name": "earlier",
        "phase": "item",
        "benefit": {"kind": "amount_each", "amount_minor": each_minor},
        "limits": {"in_all": 1_000_000, "count_by": "unit"},
        "stack": "cheapest_for_customer",
    }
    line = {"sku": EARLIER, "list_price_minor": 2 * each_minor, "quantity_milli": pieces * 1000}
    basket = {**case["basket"], "lines": [line], "coupons": []}
    earlier = {"basket": basket, "promotions": [rule]}
    assert isinstance(till.shop, GoldenShop)
    till.shop.take_over(number, earlier)
    ring_up(till, number, earlier)
    sales = len(till.shop.documents("sale"))
    till.press("<F12>", "\n")
    till.wait_until(lambda: len(till.shop.documents("sale")) == sales + 1)


def ring_up(till: RealTill, number: int, case: Case) -> None:
    """Goods by their barcodes, the member by his phone, coupons by their pictures, points by their row."""
    basket = case["basket"]
    prices: dict[str, set[int]] = {}
    for line in basket["lines"]:
        prices.setdefault(line["sku"], set()).add(line["list_price_minor"])
    for line in basket["lines"]:
        pieces, code = line["quantity_milli"] // 1000, barcode(basket["lines"], line["sku"])
        till.press(f"{pieces}*{code}\n" if pieces > 1 else f"{code}\n")
        if len(prices[line["sku"]]) > 1:
            till.press(f"{line['list_price_minor'] / 100:.2f}\n")
    if "member" in basket:
        till.press("<F9>", f"{phone(number)}\n")
    if basket.get("coupons") or basket.get("redeem"):
        till.press(
            "<F8>", *[coupon_text(each, basket["instant_ms"]) + "\n" for each in basket.get("coupons", ())]
        )
    for asked in basket.get("redeem", ()):
        till.press("1\n", f"{CODE}\n", f"{asked['points']}\n", "2001\n", "246810\n")
    till.press("<Esc>")
    panel = till.window.checkout.total
    till.wait_until(lambda: panel.basket is not None and panel.basket.final and not panel.waits)


def shown(till: RealTill, painted: Painted, case: Case) -> Case:
    """The painted figures in minor units, and the discounts of goods for which the case states them."""
    subtotal, discount, total = (minor(text) for text in painted.of(till))
    model = till.window.checkout.lines.lines
    less: dict[tuple[str, int], int] = {}
    for row in range(model.rowCount()):
        cells = [str(model.data(model.index(row, c), Qt.ItemDataRole.DisplayRole)) for c in CELLS]
        name, price, off, amount = cells[0], *map(minor, cells[1:])
        less[name, price] = less.get((name, price), 0) - off
        total -= amount
    assert (total, len(less)) == (0, len(goods_of(case)))  # the rows add up to the total
    total = subtotal + discount
    found: Case = {"discount": -discount, "total": minor(painted.of(till)[2]), "adds_up": total}
    found["goods"] = {goods: less.get(goods) for goods in stated_goods(case)}
    if case["basket"].get("redeem"):
        till.press("<F12>")
        found["to_pay"] = till.window.checkout.stack.top.view.remaining_minor  # type: ignore[attr-defined]
        till.press("<Esc>")
    return found


def wanted(case: Case) -> Case:
    """What the source says, in the shape of `shown`."""
    expected = expected_of(case)
    total = expected["goods_net_minor"]
    found: Case = {"discount": expected["reduction_minor"], "total": total, "adds_up": total}
    found["goods"] = stated_goods(case)
    if case["basket"].get("redeem"):
        found["to_pay"] = expected["payable_minor"]
    return found


def goods_of(case: Case) -> dict[tuple[str, int], list[str]]:
    """Goods (name, price) → their lines: a till shows equal pieces on one row."""
    found: dict[tuple[str, int], list[str]] = {}
    for line in case["basket"]["lines"]:
        found.setdefault((line["sku"], line["list_price_minor"]), []).append(line["line_id"])
    return found


def stated_goods(case: Case) -> dict[tuple[str, int], int]:
    """Goods → discount, where the case states it of all their lines."""
    stated = expected_of(case).get("lines", {})
    return {
        goods: sum(stated[name] for name in lines)
        for goods, lines in goods_of(case).items()
        if all(name in stated for name in lines)
    }


def minor(text: str) -> int:
    """`-¥1,234.50` in minor units; nothing painted is nothing."""
    digits = "".join(sign for sign in text if sign.isdigit())
    return (-1 if text.startswith(("-", "−")) else 1) * int(digits or "0")
