"""Limits and budgets get back what a return gives back: once, by the last unit, on the day of the sale."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_client.journal import carried
from pos_client.services.pricing.promotion_usage import PromotionUsage
from pos_core.pricing.basket import UsageCounter
from pos_core.pricing.compiled import RuleSet
from tests.client.services.deals import discount, two_for_less
from tests.client.services.shop import COLA, Shop
from tests.client.services.test_foreign_receipts import give_back, knows
from tests.client.services.test_foreign_receipts import sell as foreign_sale
from tests.client.services.test_pricing import PromotionShop
from tests.client.services.test_returns import Origin, returned, sell
from tests.fakes.reference_rows import page, rows_of

DAY_MS = 86_400_000
SCOPE = "store:S001"


class LimitedShop(PromotionShop):
    promotions: Any = two_for_less(per_day=2, budget_minor=400)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = LimitedShop(tmp_path).ready()
    yield made
    made.workstation.close()


def counter(shop: Shop) -> UsageCounter | None:
    """As counted anew from the journal."""
    counter = shop.workstation.ring_up._counter
    ring_up = shop.workstation.ring_up
    ring_up.enter(COLA)
    rules = counter.rule_sets.of(1)
    assert isinstance(rules, RuleSet)
    question = counter.pricing._promotions.question(counter.basket, counter.rules)
    found = PromotionUsage(shop.journal, shop.workstation.shared).counters(question, rules, None)
    ring_up.clear("cleared").result(10)
    return found[0] if found else None


def test_the_last_unit_of_a_deal_gives_its_use_and_budget_back_once(shop: Shop) -> None:
    origin = sell(shop, f"4*{COLA}")
    assert discount(shop, f"2*{COLA}") == 0, "both of the day are used"
    returned(shop, origin, {1: 1000})
    assert discount(shop, f"2*{COLA}") == 0, "half a deal is still a deal"
    returned(shop, origin, {1: 1000})
    assert discount(shop, f"4*{COLA}") == 100
    returned(shop, origin, {1: 2000})
    assert discount(shop, f"4*{COLA}") == 200
    rows = [row for each in shop.documents("return") for row in each["body"].get("uses_restored", ())]
    assert [(row["promotion_id"], row["counted"], row["amount_minor"]) for row in rows] == [
        ("TWO", 1, 100)
    ] * 2
    assert counter(shop) is None
    shop.restart()
    shop.workstation.session.sign_on("1001", "246810").result(10)
    assert discount(shop, f"4*{COLA}") == 200


def test_a_use_comes_back_to_the_day_of_its_sale(shop: Shop) -> None:
    origin = sell(shop, f"2*{COLA}")
    shop.clock.pass_ms(DAY_MS)
    sell(shop, f"4*{COLA}")
    returned(shop, origin, {1: 2000})
    found = counter(shop)
    assert found is not None and (found.in_all, found.day, found.spent_minor) == (2, 2, 200)
    assert discount(shop, f"2*{COLA}") == 0, "of today none came back"


def test_what_is_pruned_carries_both(shop: Shop) -> None:
    origin = sell(shop, f"4*{COLA}")
    returned(shop, origin, {1: 2000})
    last = shop.journal.read(lambda c: c.execute("SELECT max(document_key) FROM document").fetchone()[0])
    rows = shop.journal.read(lambda c: c.execute(carried.SQL["promotion"], (last,)).fetchall())
    assert [tuple(row) for row in rows] == [("TWO", None, 1, 100)]


def elsewhere(shop: Shop, origin: Origin, milli: int, by: str, number: int = 1) -> None:
    """Head office tells of a return of line 1 at another workstation."""
    line = {"origin_line_no": 1, "quantity_milli": milli, "net_minor": milli * 3 // 10}
    data = {"hlc": f"00000000000{number}-0000", "store_id": "S009", "lines": [line], "tenders": []}
    row = [*origin.place, by, 1, number, json.dumps(data)]
    cursor = shop.replica.cursors()[SCOPE][1]
    parts = rows_of("receipt_return", [row])
    shop.replica.apply_page(page(parts, scope=SCOPE, after=cursor, to=cursor + 1))


def test_a_return_at_another_till_gives_the_seller_its_use_back_once(shop: Shop) -> None:
    origin = sell(shop, f"4*{COLA}")
    elsewhere(shop, origin, 1000, "ws-7")
    assert discount(shop, f"2*{COLA}") == 0, "half a deal is still a deal"
    returned(shop, origin, {1: 1000})
    assert discount(shop, f"4*{COLA}") == 100, "one half here, one half there"
    elsewhere(shop, origin, 1000, "ws-7")  # heard of again
    assert discount(shop, f"4*{COLA}") == 100
    elsewhere(shop, origin, 4000, "ws-8", 2)  # took back what had come back: more than was sold
    assert discount(shop, f"4*{COLA}") == 200
    found = counter(shop)
    assert found is None or (found.in_all, found.day, found.spent_minor) == (0, 0, 0)


def test_a_return_of_somebody_else_s_sale_is_nothing_here(shop: Shop) -> None:
    origin = sell(shop, f"4*{COLA}")
    elsewhere(shop, Origin("ws-2", 1, origin.number), 4000, "ws-7")
    assert discount(shop, f"2*{COLA}") == 0


def test_another_store_s_return_by_the_signed_code_gives_uses_and_budget_back(tmp_path: Path) -> None:
    shops = []
    for number in (1, 2):
        folder = tmp_path / f"s{number}"
        folder.mkdir()
        shops.append(
            LimitedShop(folder, workstation_id=f"ws-{number}", store_id=f"S00{number}").ready(500_000)
        )
    seller, other = shops
    knows(other, seller)
    text = foreign_sale(seller, f"4*{COLA}")
    day = local_day(seller.documents("sale")[0]["body"])
    bodies = [give_back(other, text, {1: 1000 * units}) for units in (1, 1, 2)]
    two = {"promotion_id": "TWO", "counted": 1, "amount_minor": 100, "day": day}
    assert [body.get("uses_restored", []) for body in bodies] == [[], [two], [two]]
    assert discount(other, f"2*{COLA}") == 100, "nothing of the other's counters is touched"
    for shop in shops:
        shop.workstation.close()


def local_day(sale: dict[str, Any]) -> int:
    asked = sale["pricing"]["input"]
    return int((asked["instant_ms"] // 60_000 + asked["utc_offset_minutes"]) // 1440)
