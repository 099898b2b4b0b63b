"""The ten tasks of docs/keys.md, pressed in the real window, and every key event counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from pos_client.ui.keys.typist import key_events
from tests.client.services.shop import COLA, MILK, Shop
from tests.ui.real_till import RealTill

DOCS = Path(__file__).resolve().parents[2] / "docs" / "keys.md"
SCAN = f"{COLA[1:]}\n"
OTHER = f"{MILK[1:]}\n"


@dataclass
class Counted:
    """A real till; `keys` are counted, `scans` are the scanner's."""

    till: RealTill
    count: int = 0

    def keys(self, *texts: str) -> None:
        self.count += sum(len(key_events(text)) for text in texts)
        self.till.press(*texts)

    def scan(self, *texts: str) -> None:
        self.till.press(*texts)

    def kinds(self) -> list[str]:
        return [each["type"] for each in self.till.shop.documents()]

    def basket(self) -> list[tuple[str, int, int]]:
        lines = self.till.window.checkout.sale.basket.lines
        return [(line.sku, line.quantity_milli, line.net_minor) for line in lines if not line.voided]


@pytest.fixture
def desk(tmp_path: Path, qtbot: QtBot) -> Iterator[Counted]:
    shop = Shop(tmp_path)
    till = RealTill(shop, "zh", qtbot)
    till.to_checkout()
    yield Counted(till)
    till.close()
    shop.workstation.close()


def exact_cash(desk: Counted) -> None:
    desk.scan(SCAN)
    desk.keys("+", "\n")
    assert desk.kinds()[-1] == "sale"


def hundred_in_cash(desk: Counted) -> None:
    desk.scan(SCAN, OTHER, SCAN, OTHER, SCAN)
    desk.keys("+", "100", "\n")
    assert desk.till.shop.documents("sale")[-1]["body"]["tenders"][0]["amount_minor"] == 10_000


def three_of_the_next(desk: Counted) -> None:
    desk.keys("3", "*")
    desk.scan(SCAN)
    assert desk.basket() == [("C1", 3000, 1050)]


def quantity_of_the_newest(desk: Counted) -> None:
    desk.scan(SCAN)
    desk.keys("<Alt+5>")
    assert desk.basket() == [("C1", 5000, 1750)]


def void_the_newest(desk: Counted) -> None:
    desk.scan(SCAN, OTHER)
    desk.keys("<Del>")
    assert desk.basket() == [("C1", 1000, 350)]


def mobile_exact(desk: Counted) -> None:
    total = desk.till.window.checkout.total
    desk.scan(OTHER)
    desk.keys("+")
    assert total.due == (590, -9)  # cash leaves cents out, a phone pays them too
    desk.keys("2", "\n")
    assert total.due == (599, 0)
    desk.keys("\n")
    assert desk.till.shop.documents("sale")[-1]["body"]["tenders"][0]["tender_kind"] == "mobile"


def hold_and_recall(desk: Counted) -> None:
    desk.scan(SCAN)
    desk.keys("<F6>")
    desk.scan(OTHER, "+", "\n")
    desk.keys("<Shift+F6>")
    assert desk.basket() == [("C1", 1000, 350)]


def ten_percent_off(desk: Counted) -> None:
    desk.scan(SCAN)
    desk.keys("<F5>", "10", "\n")
    assert desk.basket() == [("C1", 1000, 315)]


def refund_one_item(desk: Counted) -> None:
    desk.scan(SCAN, OTHER, "+", "\n")
    number = desk.till.shop.documents("sale")[-1]["number"]
    desk.keys("<F7>")
    desk.scan(f"TM1.ws-1.1.{number}\n", SCAN)
    desk.keys("+", "\n")
    assert desk.till.shop.documents("return")[-1]["body"]["total_minor"] == 350


def reprint(desk: Counted) -> None:
    desk.scan(SCAN, "+", "\n")
    desk.keys("<Ctrl+R>", "\n")
    # paper goes its own way: nothing is held back for it
    desk.till.wait_until(lambda: desk.kinds()[-1] == "receipt_reprinted")


TASKS: tuple[Callable[[Counted], None], ...] = (
    exact_cash, hundred_in_cash, three_of_the_next, quantity_of_the_newest, void_the_newest,
    mobile_exact, hold_and_recall, ten_percent_off, refund_one_item, reprint,
)  # fmt: skip


def documented() -> list[tuple[int, int | None]]:
    """Of each row of the table: count, and the best till's or None where none says it."""
    pattern = r"^\| (\d+) \|.*\| (\d+) \| (\d+|–) \| [^|]+ \|$"
    rows = re.findall(pattern, DOCS.read_text("utf-8"), re.MULTILINE)
    assert [int(number) for number, *_ in rows] == list(range(1, len(TASKS) + 1))
    return [(int(count), None if best == "–" else int(best)) for _, count, best in rows]


@pytest.mark.parametrize("place", range(len(TASKS)))
def test_a_task_takes_as_many_keys_as_it_says_and_no_more_than_the_best_till(
    desk: Counted, place: int
) -> None:
    TASKS[place](desk)
    count, best = documented()[place]
    assert desk.count == count
    assert best is None or count <= best


def test_a_chord_sets_the_quantity_of_the_chosen_line_and_leaves_the_box(desk: Counted) -> None:
    desk.scan(SCAN, OTHER)
    desk.keys("<Up>", "690", "<Alt+9>")
    assert desk.basket() == [("C1", 9000, 3150), ("M1", 1000, 599)]
    assert desk.till.window.checkout.entry.text() == "690"
    desk.keys("<Esc>", "<Del>", "<Alt+2>")
    assert desk.basket() == [("M1", 2000, 1198)]


def test_what_was_weighed_keeps_its_quantity(desk: Counted) -> None:
    desk.scan("0.5*4011\n")
    desk.keys("<Alt+5>")
    assert desk.basket() == [("W1", 500, 640)]
    assert "重新录入" in desk.till.message


def test_a_chord_without_a_line_says_so(desk: Counted) -> None:
    desk.keys("<Alt+5>")
    assert desk.basket() == [] and desk.till.message and desk.till.beeps
