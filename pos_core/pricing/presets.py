"""Stacking presets that head office understands, spelled out per phase. docs/promotions.md, "Presets"."""

from __future__ import annotations

from pos_core.pricing.rule import Preset, Promotion, Stacking
from pos_core.pricing.values import Phase

_ONE_OF_THE_PHASE: dict[Phase, Stacking] = {
    phase: Stacking(mode="best", group=f"one:{phase}") for phase in ("basket", "coupon", "shipping")
}
_MANDATORY_PRICE = Stacking(mode="stack", group="price", optional=False)
_POINTS = Stacking(mode="stack", group="points", optional=False)


def stacking_of(promotion: Promotion) -> Stacking:
    """The stacking in force: its own, or what its preset means in its phase.

    cheapest_for_customer: everything may meet everything; the search finds the cheapest plan.
    one_promotion_per_item: a unit takes part in one item promotion; one basket promotion, one coupon
        promotion, one shipping promotion.
    coupons_on_top: as one_promotion_per_item, but coupon promotions stack, after everything else: a coupon
        in the item phase is evaluated in layer 90.
    Price promotions are mandatory and the lowest price wins; points rules always apply.
    """
    if isinstance(promotion.stack, Stacking):
        return promotion.stack
    return expand(promotion.stack, promotion.phase, by_coupon=promotion.coupon is not None)


def expand(preset: Preset, phase: Phase, *, by_coupon: bool) -> Stacking:
    """The stacking that `preset` means for a promotion of `phase`."""
    if phase == "price":
        return _MANDATORY_PRICE
    if phase == "points":
        return _POINTS
    if preset == "cheapest_for_customer":
        return Stacking(mode="stack", group="any")
    if preset == "coupons_on_top" and (by_coupon or phase == "coupon"):
        return Stacking(mode="stack", group="coupons", layer=90)
    if phase == "item":
        return Stacking(mode="one_per_unit", group="one:item")
    return _ONE_OF_THE_PHASE[phase]
