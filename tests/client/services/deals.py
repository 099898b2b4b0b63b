"""One deal with limits, and what a basket would get of it."""

from __future__ import annotations

from typing import Any

from tests.client.services.shop import Shop


def two_for_less(**limits: int) -> dict[str, Any]:
    """A promotion set: two colas for one yuan less."""
    deal = {
        "id": "TWO",
        "name": "两罐减1元",
        "phase": "item",
        "select": {"any_of": [{"skus": ["C1"]}]},
        "benefit": {"kind": "group_amount", "units": 2, "amount_minor": 100},
        "limits": limits,
        "stack": "cheapest_for_customer",
    }
    return {"format": 1, "promotions": [deal]}


def discount(shop: Shop, text: str) -> int:
    """What a basket of it would get, tried and taken off again."""
    ring_up = shop.workstation.ring_up
    ring_up.enter(text)
    found = ring_up.basket().discount_minor
    ring_up.clear("cleared").result(10)
    return found
