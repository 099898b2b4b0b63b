"""What may be wrong with a drafted promotion although it can be meant. Values in, values out.

A dangerous finding needs a second person; the others are shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pos_core.pricing.local_time import parse_local_second
from pos_core.pricing.rule import Promotion
from pos_core.pricing.selection import EVERYTHING
from pos_core.pricing.values import PPM

DEEP_PPM = PPM // 2
"""More than half off, over all units that take part."""
DANGEROUS = frozenset(
    {"deep", "half_of_threshold", "no_threshold", "price_zero", "everything", "ended", "stacks"}
)
HARMLESS = frozenset({"no_end", "started", "no_limit", "changes_running", "ends_running"})


def findings_of(rule: Promotion, *, now_second: int, changes_running: bool) -> list[str]:
    """Codes for one promotion. `now_second`: the chain's local time as the engine counts it."""
    found = [*_depth(rule), *_window(rule, now_second)]
    limits = rule.limits
    bounded = limits.budget_minor or limits.in_all or limits.per_day or limits.per_member
    if (rule.coupon is not None or rule.benefit.kind == "gift") and not bounded:
        found.append("no_limit")
    if changes_running:
        found.append("changes_running")
    return found


def _depth(rule: Promotion) -> Iterator[str]:
    benefit: Any = rule.benefit
    kind: str = benefit.kind
    rates = [getattr(benefit, "rate_ppm", None) or 0]
    ladder = getattr(benefit, "ladder", None)
    if kind.endswith("percent") or kind == "percent_each":
        rates += [tier.value for tier in ladder.tiers] if ladder else []
    deepest = max(rates)
    if kind == "nth_percent":
        deepest = deepest * benefit.discounted // benefit.units
    if kind == "percent_each" and benefit.max_units:
        deepest = 0  # some units of the basket: 最低价免单
    if deepest > DEEP_PPM and not kind.startswith("shipping"):
        yield "deep"
    if getattr(benefit, "price_minor", None) == 0 and rule.phase not in ("shipping", "points"):
        yield "price_zero"
    if kind == "basket_amount":
        yield from _amount_and_threshold(rule, benefit)
    bounded = rule.conditions or rule.scope.member or rule.coupon or rule.select != EVERYTHING
    if rule.phase in ("price", "item") and kind.endswith("_each") and not bounded:
        yield "everything"


def _amount_and_threshold(rule: Promotion, benefit: Any) -> Iterator[str]:
    ladder = benefit.ladder
    least = max((c.min_amount_minor or 0 for c in rule.conditions), default=0)
    if ladder is not None:
        pairs = [(max(tier.min_amount_minor or 0, least), tier.value) for tier in ladder.tiers]
    else:
        pairs = [(max(benefit.every_minor or 0, least), benefit.amount_minor or 0)]
    if any(not threshold for threshold, _ in pairs):
        units = benefit.every_units or (ladder and ladder.tiers[0].min_units)
        if not units and not any(c.min_units for c in rule.conditions):
            yield "no_threshold"
    if any(threshold and value * 2 > threshold for threshold, value in pairs):
        yield "half_of_threshold"


def _window(rule: Promotion, now_second: int) -> Iterator[str]:
    window = rule.scope.window
    if window is None or window.ends is None:
        yield "no_end"
    elif parse_local_second(window.ends) < now_second:
        yield "ended"
    if window is not None and window.starts is not None and parse_local_second(window.starts) < now_second:
        yield "started"
