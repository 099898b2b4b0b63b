"""The stock card by requests: page after page, as the page before answered; nothing else is taken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.headless.host import OPEN_SHIFT, SIGN_ON, ShopHost, Talk

MANAGER = SIGN_ON | {"operator_number": "2001"}
CARD = {"op": "stock_card", "sku": "C1", "limit": 2}


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    made = Talk(ShopHost(tmp_path))
    assert made.say(MANAGER)["ok"] and made.say(OPEN_SHIFT)["ok"]
    for _ in range(4):
        lines = [{"sku": "C1", "quantity_milli": 1000}]
        assert made.say({"op": "waste", "lines": lines, "reason_code": "damaged"})["ok"]
    yield made
    made.end()


def test_each_page_begins_where_the_one_before_ended(talk: Talk) -> None:
    first = talk.say(CARD)["card"]
    assert [row["balance_milli"] for row in first["rows"]] == [-4000, -3000]
    assert first["answered"] is False and first["unheard"] == [] and first["rows"][0]["is_sure"]
    second = talk.say(CARD | {"before": first["before"], "ask": False})["card"]
    assert [row["balance_milli"] for row in second["rows"]] == [-2000, -1000] and second["before"] is None


@pytest.mark.parametrize(
    "before",
    [
        [1, 2, 3],
        {"order": [], "moved": [], "balance_milli": 0},
        {"order": ["a", "b", 1, 2, "3"], "moved": [1, 2, 3], "balance_milli": 0},
        {"order": ["a", "b", 1, 2, 3], "moved": [1, 2, 3]},
        {"order": ["a", "b", 1, 2, 3], "moved": [1, 2, 3], "balance_milli": 0, "more": 1},
    ],
)
def test_a_place_that_no_page_answered_is_refused(talk: Talk, before: object) -> None:
    assert talk.say(CARD | {"before": before})["error"]["code"] == "bad_request"
