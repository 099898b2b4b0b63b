"""Settings that their kind or phase does not look at: refused, or a rule would be applied by half.

Somebody who writes "at most twice" on a rule that nothing repeats, or a limit for each member on a points
rule, believes that it holds.
"""

from __future__ import annotations

from collections.abc import Iterator

from pos_core.pricing import benefit as b
from pos_core.pricing.benefit_group import GROUP_KINDS
from pos_core.pricing.rule import Limits, Promotion
from pos_core.pricing.validate import Problem
from pos_core.pricing.values import PPM


def idle_settings(p: Promotion, path: str) -> Iterator[Problem]:
    """What the promotion states and its kind, in its phase, would never look at."""
    if p.repeat > 1 and not _repeats(p.benefit):  # once is what happens anyway
        reason = f"{p.benefit.kind} is used once as this rule stands: there is nothing to repeat"
        yield Problem(f"{path}/repeat", "nothing_repeats", reason)
    if p.floor is not None and (p.phase == "shipping" or isinstance(p.benefit, b.Gift)):
        yield Problem(f"{path}/floor", "no_floor_here", "gifts and shipping have no floor")
    if p.phase == "points":
        yield from _points(p, path)
    yield from _gives_nothing(p, path)


def _repeats(benefit: b.Benefit) -> bool:
    match benefit:
        case b.BasketAmount():
            return bool(benefit.every_minor or benefit.every_units)
        case b.Gift():
            return bool(benefit.per_units or benefit.per_amount_minor)
        case b.PercentEach() | b.AmountEach() | b.PriceEach():
            return benefit.per_threshold
        case _:
            return benefit.kind in GROUP_KINDS


def _points(p: Promotion, path: str) -> Iterator[Problem]:
    # A budget is refused by itself, with its own words.
    if Limits(budget_minor=p.limits.budget_minor, partial=p.limits.partial) != p.limits:
        yield Problem(f"{path}/limits", "not_in_points", "uses of points rules are not counted")
    if isinstance(p.benefit, b.PointsGoods) and p.conditions:
        reason = "goods are taken for points before anything is measured: they ask for the balance alone"
        yield Problem(f"{path}/conditions", "not_for_goods", reason)


def _gives_nothing(p: Promotion, path: str) -> Iterator[Problem]:
    benefit = p.benefit
    if isinstance(benefit, b.PointsEarn) and not benefit.points:
        yield Problem(f"{path}/benefit/points", "gives_nothing", "a rule that earns must give a point")
    if isinstance(benefit, b.AmountProgressive) and not (benefit.first_minor or benefit.additional_minor):
        yield Problem(f"{path}/benefit/first_minor", "gives_nothing", "neither unit gets anything")
    if p.floor is not None and p.floor.list_share_ppm == PPM:
        yield Problem(f"{path}/floor/list_share_ppm", "gives_nothing", "nothing may go below its list price")
