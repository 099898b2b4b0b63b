"""What contradicts itself in the phase, the kind, the figures and the ladder of a promotion."""

from __future__ import annotations

from collections.abc import Iterator

from pos_core.pricing import benefit as b
from pos_core.pricing.presets import stacking_of
from pos_core.pricing.rule import Promotion
from pos_core.pricing.validate import Problem
from pos_core.pricing.values import PPM

_PERCENT_KINDS = {
    "percent_each",
    "group_percent",
    "nth_percent",
    "bundle_percent",
    "buy_get",
    "basket_percent",
}


def phase_and_kind(p: Promotion, path: str) -> Iterator[Problem]:
    kind = p.benefit.kind
    if kind not in b.KINDS_OF_PHASE[p.phase]:
        yield Problem(f"{path}/benefit/kind", "kind_not_in_phase", f"{kind} cannot stand in phase {p.phase}")
    if p.rounding.at == "application" and kind not in _PERCENT_KINDS:
        yield Problem(f"{path}/rounding/at", "no_percentage", f"{kind} has no percentage to round")
    if p.phase == "price":
        yield from _price_phase(p, path)
    if p.phase == "points":
        for name, stated in (("coupon", p.coupon), ("cap_minor", p.cap_minor), ("floor", p.floor)):
            if stated is not None:
                yield Problem(f"{path}/{name}", "not_in_points", "points rules have no such field")
    if p.points_cost and p.phase in ("price", "points"):
        yield Problem(f"{path}/points_cost", "not_in_this_phase", f"phase {p.phase} costs no points")
    if p.points_cost_from_basket and not p.points_cost:
        yield Problem(f"{path}/points_cost_from_basket", "without_points_cost", "there is no points_cost")


def _price_phase(p: Promotion, path: str) -> Iterator[Problem]:
    """The price phase defines the price of a unit: what depends on how many were sold belongs to `item`."""
    benefit = p.benefit
    if isinstance(benefit, b.PercentEach | b.AmountEach | b.PriceEach):
        counted = benefit.ladder or benefit.max_units or benefit.max_units_of_one_sku or benefit.per_threshold
        if counted or benefit.pick != "best":
            yield Problem(
                f"{path}/benefit", "not_a_price", "a price is the same for every unit: use phase item"
            )
    if p.limits != type(p.limits)():
        yield Problem(f"{path}/limits", "not_a_price", "a limited price is a promotion: use phase item")
    for name, stated in (("coupon", p.coupon), ("cap_minor", p.cap_minor)):
        if stated is not None:
            yield Problem(f"{path}/{name}", "not_a_price", "use phase item")
    if p.rounding.at == "application":
        yield Problem(f"{path}/rounding/at", "not_a_price", "a price is rounded per unit")
    if stacking_of(p).mode != "stack":
        yield Problem(
            f"{path}/stack/mode", "not_a_price", "the lowest price wins: only stack, or use phase item"
        )


def benefit_problems(p: Promotion, path: str) -> Iterator[Problem]:
    benefit = p.benefit
    match benefit:
        case b.PercentEach() | b.BasketPercent():
            yield from _value_or_ladder(benefit.rate_ppm, benefit.ladder, path, "rate_ppm", rate=True)
        case b.AmountEach() | b.BasketAmount():
            yield from _value_or_ladder(benefit.amount_minor, benefit.ladder, path, "amount_minor")
            yield from _measures(benefit, path)
        case b.PriceEach():
            yield from _value_or_ladder(
                benefit.price_minor, benefit.ladder, path, "price_minor", falling=True
            )
        case b.NthPercent() | b.NthPrice():
            if benefit.discounted > benefit.units:
                reason = f"{benefit.discounted} of {benefit.units} units cannot be discounted"
                yield Problem(f"{path}/discounted", "more_than_group", reason)
        case _:
            yield from _measures(benefit, path)
    if isinstance(benefit, b.PercentEach | b.AmountEach | b.PriceEach) and benefit.per_threshold:
        yield from _per_threshold(p, benefit, path)


def _measures(benefit: b.Benefit, path: str) -> Iterator[Problem]:
    """What repeats per amount and per units at once repeats by nobody's rule."""
    if isinstance(benefit, b.BasketAmount):
        if benefit.every_minor and benefit.every_units:
            yield Problem(f"{path}/every_units", "two_measures", "every_minor and every_units: state one")
        if benefit.ladder and (benefit.every_minor or benefit.every_units):
            yield Problem(
                f"{path}/ladder", "two_measures", "a ladder does not repeat: state one or the other"
            )
    elif isinstance(benefit, b.Gift | b.PointsEarn) and benefit.per_units and benefit.per_amount_minor:
        yield Problem(f"{path}/per_units", "two_measures", "per_units and per_amount_minor: state one")


def _per_threshold(
    p: Promotion, benefit: b.PercentEach | b.AmountEach | b.PriceEach, path: str
) -> Iterator[Problem]:
    if benefit.max_units is None:
        yield Problem(f"{path}/per_threshold", "without_max_units", "state how many units each time gives")
    measures = [bool(c.min_units) + bool(c.min_amount_minor) for c in p.conditions]
    if measures != [1]:
        reason = "needs exactly one condition with exactly one of min_units and min_amount_minor"
        yield Problem(f"{path}/per_threshold", "unclear_threshold", reason)


def _value_or_ladder(
    value: int | None,
    ladder: b.Ladder | None,
    path: str,
    name: str,
    *,
    rate: bool = False,
    falling: bool = False,
) -> Iterator[Problem]:
    if (value is None) == (ladder is None):
        yield Problem(f"{path}/{name}", "value_or_ladder", f"state exactly one of {name} and ladder")
    if ladder is not None:
        yield from _ladder(ladder, f"{path}/ladder", rate=rate, falling=falling)


def _ladder(ladder: b.Ladder, path: str, *, rate: bool, falling: bool) -> Iterator[Problem]:
    for index, tier in enumerate(ladder.tiers):
        at = f"{path}/tiers/{index}"
        if (tier.min_units is None) == (tier.min_amount_minor is None):
            yield Problem(at, "two_measures", "state exactly one of min_units and min_amount_minor")
            return
        if rate and not 1 <= tier.value <= PPM:
            yield Problem(f"{at}/value", "not_a_rate", f"a rate is 1 to {PPM} ppm")
        if not falling and tier.value == 0:
            yield Problem(f"{at}/value", "gives_nothing", "a step must give something")
        if index == 0:
            continue
        before = ladder.tiers[index - 1]
        if (tier.min_units is None) != (before.min_units is None):
            yield Problem(at, "mixed_ladder", "all steps measure units, or all measure an amount")
        elif (tier.min_units or tier.min_amount_minor or 0) <= (
            before.min_units or before.min_amount_minor or 0
        ):
            yield Problem(at, "ladder_not_rising", "each step must be higher than the one before")
        if (tier.value > before.value) if falling else (tier.value < before.value):
            yield Problem(f"{at}/value", "ladder_worsens", "a higher step must not give less")
