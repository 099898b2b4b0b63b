"""What each unit of an application gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pos_core.pricing.rounding import divide
from pos_core.pricing.rule import Promotion
from tests.core.pricing.oracle.effects import (
    BASKET,
    Application,
    Scene,
    every_multiple,
    ladder_value,
)
from tests.core.pricing.oracle.facts import PPM, Fixed, Rule, capacity, each_amount, raw_each, spread


def amounts(rule: Rule, members: Application, scene: Scene, budget: int | None) -> list[int]:
    """Per member what it gives. `budget`: what a partial budget still has."""
    p = rule.promotion
    fixed = [scene.world.units[m.unit] for m in members]
    nets = [scene.units[m.unit].net for m in members]
    if p is None:
        assert rule.offer is not None
        # A price list may go below the floor, taken or not taken by choice.
        return [max(0, n - rule.offer[f.number]) for f, n in zip(fixed, nets, strict=True)]
    rooms = [capacity(f, n, p) if f.kind.receives else 0 for f, n in zip(fixed, nets, strict=True)]
    kind = p.benefit.kind
    classes = [f.number for f in fixed]
    if kind in BASKET:
        given = spread(_basket_amount(p, fixed, nets, scene), nets, rooms, classes)
        return _cut(given, budget, classes)
    if kind == "gift":
        given = nets
    else:
        given = _unit_amounts(p, members, fixed, nets, rooms, scene)
    # Once, to the smaller of both: cut twice, the cents fall elsewhere (2.7).
    limits = [limit for limit in (p.cap_minor, budget) if limit is not None]
    return _cut(given, min(limits, default=None), classes)


def _cut(given: list[int], limit: int | None, classes: list[int]) -> list[int]:
    if limit is None or sum(given) <= limit:
        return given
    return spread(limit, given, given, classes)


def _basket_amount(p: Promotion, fixed: Sequence[Fixed], nets: Sequence[int], scene: Scene) -> int:
    benefit: Any = p.benefit
    found = ladder_value(p, scene)
    if found is None:
        return 0
    value, _ = found
    if benefit.kind == "basket_percent":
        bases = _bases(getattr(benefit, "base", "running"), fixed, nets)
        amount = divide(sum(bases) * value, PPM, p.rounding.mode)
    elif benefit.kind == "basket_price":
        amount = max(0, sum(nets) - value)
    else:
        amount = value * every_multiple(p, scene, benefit.every_units, benefit.every_minor)
    return amount if p.cap_minor is None else min(amount, p.cap_minor)


def _bases(base: str, fixed: Sequence[Fixed], nets: Sequence[int]) -> list[int]:
    return [
        {"running": n, "price": f.price, "list": f.kind.list_minor}[base]
        for f, n in zip(fixed, nets, strict=True)
    ]


def _unit_amounts(  # noqa: PLR0917, PLR0911 - one return for each family of kinds
    p: Promotion,
    members: Application,
    fixed: Sequence[Fixed],
    nets: Sequence[int],
    rooms: Sequence[int],
    scene: Scene,
) -> list[int]:
    benefit: Any = p.benefit
    kind = benefit.kind
    classes = [f.number for f in fixed]
    if kind == "amount_progressive":
        order = sorted(range(len(members)), key=lambda i: (-nets[i], members[i].unit))
        first = order[0] if order else None
        return [
            min(
                rooms[i],
                each_amount(fixed[i], benefit.first_minor if i == first else benefit.additional_minor),
            )
            for i in range(len(members))
        ]
    found = ladder_value(p, scene)
    if found is None:
        return [0] * len(members)
    value = found[0]
    if kind in ("group_amount", "bundle_amount"):
        return spread(value, nets, rooms, classes)
    if kind in ("group_price", "bundle_price"):
        return spread(max(0, sum(nets) - value), nets, rooms, classes)
    reward = benefit.reward if kind == "buy_get" else benefit
    if kind == "buy_get":
        value = getattr(reward, "rate_ppm", None) or getattr(reward, "amount_minor", None)
        value = reward.price_minor if value is None else value
    hit = [m.role not in ("buy", "member") for m in members]
    raw = [raw_each(p, reward, value, f, n) if h else 0 for f, n, h in zip(fixed, nets, hit, strict=True)]
    shared = kind.startswith("nth") or kind == "buy_get"
    together: int | None = None
    if p.rounding.at == "application" and hasattr(reward, "rate_ppm"):
        bases = _bases(getattr(benefit, "base", "running"), fixed, nets)
        together = divide(sum(b for b, h in zip(bases, hit, strict=True) if h) * value, PPM, p.rounding.mode)
    if shared and p.refund.spread == "all_units":
        return spread(sum(raw) if together is None else together, nets, rooms, classes)
    if together is not None:
        weights = [n if h else 0 for n, h in zip(nets, hit, strict=True)]
        return spread(together, weights, rooms, classes)
    return [min(r, room) for r, room in zip(raw, rooms, strict=True)]


def shipping_amount(p: Promotion, running: int) -> int:
    benefit: Any = p.benefit
    if benefit.kind == "shipping_percent":
        amount = divide(running * benefit.rate_ppm, PPM)
    elif benefit.kind == "shipping_amount":
        amount = min(running, benefit.amount_minor)
    else:
        amount = max(0, running - benefit.price_minor)
    return amount if p.cap_minor is None else min(amount, p.cap_minor)
