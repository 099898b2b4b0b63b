"""The pricing engine's answer as discounts of lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pos_core.pricing.compiled import RuleSet
from pos_core.pricing.result import LineResult, PricedBasket
from pos_core.sale.line_item import Discount, LineItem
from pos_core.sale.manual import PRICE_OVERRIDE, PRICE_SOURCE, manual_discount


def discounts_of(
    answer: PricedBasket,
    rule_set: RuleSet,
    lines: Sequence[LineItem],
    list_name: Callable[[str], str] = str,
) -> dict[int, tuple[Discount, ...]]:
    """line_no → its discounts, a promotion once a line. Asserts that they lead from list to net exactly.

    `list_name`: what a price list is called on the receipt.
    """
    kinds = _kinds(rule_set)
    standing = {str(line.line_no): line for line in lines}
    found: dict[int, tuple[Discount, ...]] = {}
    for result in answer.lines:
        line = standing[result.line_id]
        assert result.list_minor == line.list_minor, "the engine saw another line"
        amounts = _amounts(answer, result)
        assert result.list_minor - sum(amounts.values()) == result.net_minor
        found[line.line_no] = tuple(
            _discount(line, source, amount, kinds, list_name) for source, amount in amounts.items() if amount
        )
    return found


def _amounts(answer: PricedBasket, result: LineResult) -> dict[str, int]:
    """promotion or price source → what it took off this line."""
    amounts: dict[str, int] = {}
    for units in result.units:
        outcome = answer.outcomes[units.outcome]
        unit_class = answer.classes[outcome.unit_class]
        off_price = unit_class.list_minor - unit_class.price_minor
        if off_price:
            source = unit_class.price_source or "price"
            amounts[source] = amounts.get(source, 0) + off_price * units.count
        for share in outcome.shares:
            promotion_id = answer.applications[share.application].promotion_id
            amounts[promotion_id] = amounts.get(promotion_id, 0) + share.amount_minor * units.count
    return amounts


def _kinds(rule_set: RuleSet) -> Mapping[str, tuple[str, str]]:
    """promotion id → (source, name on the receipt)."""
    return {
        each.rule.id: ("promotion" if each.rule.coupon is None else "coupon", each.rule.name)
        for each in rule_set.promotions
    }


def _discount(
    line: LineItem,
    source: str,
    amount_minor: int,
    kinds: Mapping[str, tuple[str, str]],
    list_name: Callable[[str], str],
) -> Discount:
    if source == PRICE_SOURCE:
        return manual_discount(PRICE_OVERRIDE, amount_minor, line.manual_name, line.manual_reason)
    kind, name = kinds.get(source) or ("promotion", list_name(source))
    return Discount(kind, source, name, amount_minor)
