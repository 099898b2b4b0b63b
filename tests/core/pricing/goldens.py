"""The golden promotion cases as data, and their figures read off a priced basket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.load import load_basket, load_promotions
from pos_core.pricing.result import PricedBasket
from pos_core.pricing.rule import PromotionSet

FOLDER = Path(__file__).parents[2] / "golden" / "promotions"

CASES: dict[str, dict[str, Any]] = {
    case["id"]: case for case in (json.loads(p.read_text("utf-8")) for p in sorted(FOLDER.glob("*.json")))
}
PRICED = {name: case for name, case in CASES.items() if "basket" in case}
OWN: dict[str, dict[str, Any]] = {
    case["id"]: case
    for case in (json.loads(p.read_text("utf-8")) for p in sorted((FOLDER / "own").glob("*.json")))
}
"""Cases of ours for what the sources have little of, each worked out by hand."""
SHARED_OUT = {name: case for name, case in CASES.items() if "allocation" in case}


def basket_of(case: dict[str, Any]) -> PricingInput:
    return load_basket(case["basket"])


def release_of(case: dict[str, Any]) -> PromotionSet:
    return load_promotions({"format": 1, "promotions": case["promotions"]})


def expected_of(case: dict[str, Any]) -> dict[str, Any]:
    """The source's figures, or ours where we choose otherwise."""
    expected: dict[str, Any] = case["expected"] if case["supported"] is True else case["ours"]
    return expected


def figures(case: dict[str, Any], priced: PricedBasket) -> dict[str, Any]:
    """Every figure a case may state. A reduction counts from the list price."""
    by_line = {line.line_id: line for line in priced.lines}
    amounts = _by_promotion(priced)
    promotions = [p["id"] for p in case["promotions"]]
    spent = priced.points_spent
    balance = case["basket"].get("member", {}).get("points_balance", 0)
    return {
        "goods_net_minor": priced.goods_net_minor,
        "reduction_minor": priced.list_minor - priced.goods_net_minor,
        "payable_minor": priced.payable_minor,
        "shipping_net_minor": priced.shipping.net_minor,
        "points_paid_minor": priced.points_paid_minor,
        "points_spent": spent,
        "points_earned": priced.points_earned,
        "points_balance_after": balance - spent + priced.points_earned,
        "lines": {name: line.list_minor - line.net_minor for name, line in by_line.items()},
        "line_nets": {name: line.net_minor for name, line in by_line.items()},
        "promotions": {name: amounts.get(name, 0) for name in promotions},
        "unit_nets": {name: _unit_nets(priced, name) for name in by_line},
        "unit_reductions": {
            name: [_list_each(line) - net for net in _unit_nets(priced, name)]
            for name, line in by_line.items()
        },
        "not_applied": [name for name in promotions if amounts.get(name, 0) == 0],
        "applied": [name for name in promotions if amounts.get(name, 0) > 0],
        "gift_units": sum(g.units_entitled for g in priced.gifts),
    }


def stated(expected: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """`found`, cut to what `expected` states."""
    cut = {}
    for name, value in expected.items():
        mine = found[name]
        if name in ("unit_nets", "unit_reductions"):
            cut[name] = {key: sorted(mine[key]) for key in value}
        elif isinstance(value, dict):
            cut[name] = {key: mine[key] for key in value}
        elif isinstance(value, list):
            cut[name] = [key for key in mine if key in value]
        else:
            cut[name] = mine
    return cut


def comparable(expected: dict[str, Any]) -> dict[str, Any]:
    """`expected` with the units of a line as a multiset: which of equal units it was is nobody's concern."""
    return {
        name: {key: sorted(units) for key, units in value.items()}
        if name in ("unit_nets", "unit_reductions")
        else value
        for name, value in expected.items()
    }


def _by_promotion(priced: PricedBasket) -> dict[str, int]:
    amounts: dict[str, int] = {}
    for application in priced.applications:
        name = application.promotion_id
        amounts[name] = amounts.get(name, 0) + application.times * application.amount_minor
    for unit_class in priced.classes:
        if unit_class.price_source is not None:
            less = (unit_class.list_minor - unit_class.price_minor) * unit_class.count
            amounts[unit_class.price_source] = amounts.get(unit_class.price_source, 0) + less
    return amounts


def _unit_nets(priced: PricedBasket, line_id: str) -> list[int]:
    (line,) = [x for x in priced.lines if x.line_id == line_id]
    return [priced.outcomes[u.outcome].net_minor for u in line.units for _ in range(u.count)]


def _list_each(line: Any) -> int:
    return int(line.list_minor) // sum(u.count for u in line.units)
