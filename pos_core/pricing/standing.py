"""The units as they stand in the middle of a plan, and what thresholds measure on them.

docs/promotions.md, "Plans" and "Conditions".
"""

from __future__ import annotations

from collections.abc import Sequence

from pos_core.pricing.compiled_rule import CompiledCondition
from pos_core.pricing.goods import Goods
from pos_core.pricing.offer import Offer
from pos_core.pricing.thresholds import condition_short

REDUCED = 1
"""Tag of a unit whose net at the end of the price phase was below list."""


GIFTED = 2
"""Tag of a gift unit that a gift promotion has made free."""


FIRST_TAG = 4


Unit = tuple[int, int, int, int]
"""A unit in the middle of a plan: class, running net, net when the phase began, tags (a bit mask)."""


def conditions_hold(goods: Goods, offer: Offer, units: Sequence[tuple[Unit, int]]) -> bool:
    """True when every condition of the promotion holds for the units as they stand."""
    for condition in offer.conditions:
        least = condition.min_amount_minor
        amount = measured(goods, condition.select, units, condition.basis) if least else 0
        if amount < least or (condition.asks_units and not _units_hold(goods, condition, units)):
            return False
    return True


def _units_hold(goods: Goods, condition: CompiledCondition, units: Sequence[tuple[Unit, int]]) -> bool:
    there = measured_units(goods, condition.select, units)
    return condition_short(condition, there, condition.min_amount_minor) is None


def measured(goods: Goods, select: int, units: Sequence[tuple[Unit, int]], basis: str) -> int:
    """What the counting units that fit a selection are worth by a basis."""
    sale = goods.rules.index.sale_goods.get(select)
    total = 0
    if not sale and basis in ("phase", "running"):
        net = 2 if basis == "phase" else 1
        counts, fits = goods.counts, goods.fits
        return sum(
            [unit[net] * count for unit, count in units if counts[unit[0]] and select in fits[unit[0]]]
        )
    for unit, count in units:
        c, net, began, tags = unit
        if (
            goods.counts[c]
            and select in goods.fits[c]
            and not (sale and kept_out(goods, sale, c, began, tags))
        ):
            if basis == "phase":
                total += began * count
            elif basis == "running":
                total += net * count
            else:
                total += (goods.list[c] if basis == "list" else goods.price[c]) * count
    return total


def measured_units(goods: Goods, select: int, units: Sequence[tuple[Unit, int]]) -> dict[str, int]:
    """Counting units of each SKU that fit a selection."""
    sale = goods.rules.index.sale_goods.get(select)
    found: dict[str, int] = {}
    for unit, count in units:
        c, _, began, tags = unit
        if (
            goods.counts[c]
            and select in goods.fits[c]
            and not (sale and kept_out(goods, sale, c, began, tags))
        ):
            found[goods.sku[c]] = found.get(goods.sku[c], 0) + count
    return found


def kept_out(goods: Goods, sale: str, c: int, began: int, tags: int) -> bool:
    return bool(tags & REDUCED) or (sale == "exclude_promoted" and began < goods.price[c])


def admitted(goods: Goods, select: int, unit: Unit) -> bool:
    """True when `sale_goods` of the selection lets the unit in."""
    sale = goods.rules.index.sale_goods.get(select)
    return not (sale and kept_out(goods, sale, unit[0], unit[2], unit[3]))


def unit_order(entry: tuple[Unit, int]) -> tuple[int, int, int, int]:
    """Canonical: class, then dearest first."""
    c, net, began, tags = entry[0]
    return (c, -net, -began, tags)
