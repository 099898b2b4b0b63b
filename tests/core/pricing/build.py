"""Short ways to write rules and baskets in tests: plain data, loaded as strangers' data is."""

from __future__ import annotations

from typing import Any

from pos_core.pricing.compiled import RuleSet, compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.load import load_basket, load_promotions
from pos_core.pricing.result import PricedBasket

INSTANT = 1_749_880_800_000  # 2025-06-14T14:00 at +08:00


def line(sku: str, price: int, units: int = 1, **more: Any) -> dict[str, Any]:
    """A line of `units` pieces; its id is the sku unless stated."""
    return {"line_id": sku, "sku": sku, "list_price_minor": price, "quantity_milli": units * 1000, **more}


def basket(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A basket at the till of S001."""
    return {
        "channel": "pos",
        "store": "S001",
        "instant_ms": INSTANT,
        "utc_offset_minutes": 480,
        "lines": list(lines),
        **more,
    }


def rule(
    id_: str, phase: str, kind: str, *, skus: str = "", stack: Any = None, **more: Any
) -> dict[str, Any]:
    """A promotion; words that are no field of a promotion go to its benefit."""
    fields = {"conditions", "coupon", "limits", "refund", "rounding", "scope", "cap_minor", "floor", "repeat"}
    fields |= {"select", "points_cost", "points_cost_from_basket"}
    benefit = {key: value for key, value in more.items() if key not in fields}
    found: dict[str, Any] = {key: value for key, value in more.items() if key in fields}
    if skus:
        found["select"] = skus_of(skus)
    return {
        "id": id_,
        "name": id_,
        "phase": phase,
        "benefit": {"kind": kind, **benefit},
        "stack": stack or "one_promotion_per_item",
        **found,
    }


def skus_of(skus: str) -> dict[str, Any]:
    """A selection of the named SKUs."""
    return {"any_of": [{"skus": skus.split()}]}


def rules(*promotions: dict[str, Any]) -> RuleSet:
    """A compiled release."""
    return compile_rules(load_promotions({"promotions": list(promotions)}))


def price(the_basket: dict[str, Any], *promotions: dict[str, Any], **more: Any) -> PricedBasket:
    """The whole way from data to result."""
    return price_basket(load_basket(the_basket), rules(*promotions), **more)
