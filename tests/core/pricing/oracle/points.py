"""Points over a whole plan: paid as money, and earned on what was paid."""

from __future__ import annotations

from typing import Any

from pos_core.pricing.basket import RedeemMoney
from pos_core.pricing.presets import stacking_of
from pos_core.pricing.rounding import divide
from pos_core.pricing.rule import Promotion
from tests.core.pricing.oracle.effects import Scene, conditions_hold
from tests.core.pricing.oracle.facts import PPM, World, selected, spread


def points_of(scene: Scene, balance: int) -> tuple[int, int, int]:
    """Money paid with points, points spent on it, points earned. `balance`: what the plan left of them."""
    world = scene.world
    goods = [i for i, f in enumerate(world.units) if not f.kind.stored_value]
    nets = [u.net for u in scene.units]
    open_minor = sum(nets[i] for i in goods)
    asked = {r.promotion_id: r.points for r in world.question.redeem if isinstance(r, RedeemMoney)}
    paid = spent = 0
    for p in world.points_rules:
        benefit: Any = p.benefit
        if benefit.kind != "points_redeem" or p.id not in asked or not conditions_hold(p, scene):
            continue
        share_of = sum(nets[i] for i in goods if selected(p.select, world.units[i].kind))
        most = min(open_minor - paid, share_of * benefit.max_share_ppm // PPM)
        times = min(min(asked[p.id], balance) // benefit.points, most // benefit.amount_minor)
        if times < 1 or times * benefit.points < benefit.min_points:
            continue
        paid += times * benefit.amount_minor
        spent += times * benefit.points
        balance -= times * benefit.points
    return paid, spent, _earned(world, scene, nets, paid)


def _earned(world: World, scene: Scene, nets: list[int], paid: int) -> int:
    """Only the total; with points paid the shares per unit matter, so such rules are measured on the sum."""
    if world.question.member is None:
        return 0
    classes = [f.number for f in world.units]
    weights = [0 if f.kind.stored_value else n for f, n in zip(world.units, nets, strict=True)]
    less = spread(paid, weights, weights, classes)
    given: list[tuple[int, Promotion]] = []
    multipliers = [
        p for p in world.points_rules if p.benefit.kind == "points_multiply" and conditions_hold(p, scene)
    ]
    for p in world.points_rules:
        benefit: Any = p.benefit
        if benefit.kind != "points_earn" or not conditions_hold(p, scene):
            continue
        units = scene.counting(p.select)
        if not units:
            continue
        if not benefit.per_amount_minor and not benefit.per_units:
            given.append((benefit.points, p))
            continue
        weight = 0
        for i in units:
            factor = max(
                (m.benefit.multiplier_ppm for m in multipliers if scene.fits(m.select, i)),  # type: ignore[union-attr]
                default=PPM,
            )
            net = nets[i] - (less[i] if benefit.earn_on == "paid" else 0)
            weight += factor * (net if benefit.per_amount_minor else 1)
        per = benefit.per_amount_minor or benefit.per_units
        given.append((divide(weight * benefit.points, per * PPM, benefit.rounding), p))
    return _best_of_groups(given)


def _best_of_groups(given: list[tuple[int, Promotion]]) -> int:
    earned = 0
    best: dict[str, int] = {}
    for points, p in given:
        stack = stacking_of(p)
        if stack.mode == "best":
            best[stack.group] = max(points, best.get(stack.group, 0))
        else:
            earned += points
    return earned + sum(best.values())
