"""Every kind of promotion, by what a marketer calls it: its phases and the fields of what it gives."""

from __future__ import annotations

from dataclasses import dataclass

from pos_core.pricing.benefit import KINDS_OF_PHASE
from sync_server.console.builder import fields as f
from sync_server.console.builder.fields import BENEFIT, Field

_EACH = ("max_units", "max_units_of_one_sku", "pick", "per_threshold")


@dataclass(frozen=True, slots=True)
class Kind:
    """`gives`: names of fields. `slotted`: the benefit itself says which goods."""

    kind: str
    group: str
    gives: tuple[str, ...]
    slotted: bool = False

    @property
    def phases(self) -> tuple[str, ...]:
        """Where it may stand, the usual one first."""
        usual = {"price": 3, "item": 0, "basket": 1, "coupon": 2}
        phases = [phase for phase, kinds in KINDS_OF_PHASE.items() if self.kind in kinds]
        return tuple(sorted(phases, key=lambda phase: usual.get(phase, 4)))

    @property
    def sections(self) -> tuple[tuple[str, tuple[Field, ...]], ...]:
        """The form, in the order in which one thinks."""
        phase = Field("phase", ("phase",), look="choice", choices=self.phases)
        gives = (phase, *(BENEFIT[name] for name in self.gives))
        return (
            ("names", f.NAMES),
            ("gives", gives),
            *(() if self.slotted else (("goods", f.GOODS),)),
            ("needs", f.NEEDS),
            ("who", f.WHO),
            ("where", f.WHERE),
            ("when", f.WHEN),
            ("limits", f.LIMITS),
            ("stack", f.STACK),
            ("refund", f.REFUND),
        )

    @property
    def fields(self) -> tuple[Field, ...]:
        """All of them."""
        return tuple(field for _, fields in self.sections for field in fields)


_STEPS = ("steps_basis",)
KINDS: dict[str, Kind] = {
    kind.kind: kind
    for kind in (
        Kind("percent_each", "each", ("rate", "rate_steps", *_STEPS, "base", *_EACH)),
        Kind("amount_each", "each", ("amount", "amount_steps", *_STEPS, *_EACH)),
        Kind("price_each", "each", ("price", "amount_steps", *_STEPS, *_EACH)),
        Kind("amount_progressive", "each", ("first", "additional", "max_units")),
        Kind("nth_percent", "several", ("units", "discounted", "rate", "which", "same_sku")),
        Kind("nth_price", "several", ("units", "discounted", "price", "which", "same_sku")),
        Kind("group_percent", "several", ("units", "rate", "same_sku")),
        Kind("group_amount", "several", ("units", "amount", "same_sku")),
        Kind("group_amount_each", "several", ("units", "amount", "same_sku")),
        Kind("group_price", "several", ("units", "price", "same_sku")),
        Kind("bundle_percent", "sets", ("slots", "rate"), slotted=True),
        Kind("bundle_amount", "sets", ("slots", "amount"), slotted=True),
        Kind("bundle_price", "sets", ("slots", "price"), slotted=True),
        Kind(
            "buy_get",
            "sets",
            ("buy", "get", "reward", "reward_rate", "reward_amount", "reward_price", "partial_get",
             "get_pick", "same_sku"),
            slotted=True,
        ),
        Kind("basket_amount", "basket", ("amount", "every_amount", "every_units", "amount_steps", *_STEPS)),
        Kind("basket_percent", "basket", ("rate", "rate_steps", *_STEPS, "base")),
        Kind("basket_price", "basket", ("price",)),
        Kind("gift", "basket", ("gifts", "gift_units", "per_units", "per_amount")),
        Kind("shipping_percent", "shipping", ("rate",)),
        Kind("shipping_amount", "shipping", ("amount",)),
        Kind("shipping_max", "shipping", ("price",)),
        Kind("points_earn", "points", ("points", "per_amount", "per_units", "earn_on")),
        Kind("points_multiply", "points", ("multiplier",)),
        Kind("points_redeem", "points", ("points", "amount", "min_points", "max_share")),
        Kind("points_goods", "points", ("points_each", "price")),
    )
}  # fmt: skip
GROUPS = ("each", "several", "sets", "basket", "shipping", "points")
