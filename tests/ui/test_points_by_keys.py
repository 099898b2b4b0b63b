"""Points that buy a discount or take goods, by keys alone (F8)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.client.services.shop import COLA, MEMBER_PHONE, MILK
from tests.client.services.test_points_uses import UsesShop
from tests.ui.real_till import RealTill
from tests.ui.test_member_and_claims import CODE, _head_office_speaks


@pytest.fixture(params=["zh", "en"])
def till(tmp_path: Path, qtbot: QtBot, request: pytest.FixtureRequest) -> Iterator[RealTill]:
    shop = UsesShop(tmp_path)
    _head_office_speaks(shop)
    made = RealTill(shop, request.param, qtbot)
    made.to_checkout()
    yield made
    made.close()
    shop.workstation.close()


def shot(till: RealTill, name: str) -> None:
    folder = os.environ.get("TIDEMARK_SCREENSHOTS")
    if folder:
        for width, height in ((1366, 768), (1920, 1080)):
            till.window.resize(width, height)
            till.press("")
            language = till.window.desk.texts.language
            assert till.window.grab().save(f"{folder}/{name}.{language}.{width}.png")


def test_a_discount_and_goods_for_points_are_picked_and_taken(till: RealTill) -> None:
    till.press(f"2*{COLA}\n", f"2*{MILK}\n", "<F9>", f"{MEMBER_PHONE}\n", "<F8>")
    shot(till, "points_list")
    till.press("3\n", f"{CODE}\n")  # the milk
    shot(till, "points_how_many")
    till.press("40\n", "2001\n", "246810\n")
    assert "40" in till.message and "4.99" in till.message
    till.press("<F8>", "2\n", "\n", "2001\n", "246810\n")
    assert "50" in till.message
    till.press("<F8>")
    shot(till, "points_on_the_sale")
    till.press("2\n", "0\n")  # the discount, not after all
    assert [claim.promotion_id for claim in till.shop.workstation.ring_up._counter.basket.points] == [
        "MILK-FOR"
    ]
    till.press("<F8>", "2\n", "\n", "2001\n", "246810\n", "<F12>", "\n")
    body = till.shop.documents("sale")[-1]["body"]
    assert sorted(each["points"] for each in body["points_movements"]) == [-50, -40]
    assert [line["net_minor"] for line in body["lines"]] != [700, 1198]
