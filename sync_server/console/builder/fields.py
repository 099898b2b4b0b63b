"""The fields of the form and where each stands in the JSON. Labels are `field.<name>`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sync_server.console.builder import codecs as c
from sync_server.console.builder.codecs import Codec

Path = tuple[str | int, ...]
_PICKED = {
    "stores": "stores", "exclude_stores": "stores", "store_groups": "groups", "tiers": "tiers",
    "channels": "channels", "campaign": "campaigns",
}  # fmt: skip
Look = Literal["line", "area", "choice", "tick", "moment", "hour"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `choices`: values of a choice, "" being the default, which is not written."""

    name: str
    path: Path
    codec: Codec = c.TEXT
    look: Look = "line"
    choices: tuple[str, ...] = ()
    wide: bool = False

    @property
    def pick(self) -> str:
        """What may be picked by name into it (services/console/picks.py); "" where nothing can."""
        return _PICKED.get(self.name, "goods" if self.codec in (c.GOODS, c.SLOTS, c.SLOT) else "")


def _choice(name: str, path: Path, *choices: str) -> Field:
    return Field(name, path, look="choice", choices=choices)


def _tick(name: str, path: Path) -> Field:
    return Field(name, path, c.TICK, "tick")


def _of(name: str, codec: Codec, field: str) -> Field:
    return Field(name, ("benefit", field), codec)


BENEFIT: dict[str, Field] = {
    field.name: field
    for field in (
        _of("rate", c.RATE, "rate_ppm"),
        _of("amount", c.MONEY, "amount_minor"),
        _of("price", c.MONEY, "price_minor"),
        _of("first", c.MONEY, "first_minor"),
        _of("additional", c.MONEY, "additional_minor"),
        Field("rate_steps", ("benefit", "ladder", "tiers"), c.ladder(c.RATE), "area", wide=True),
        Field("amount_steps", ("benefit", "ladder", "tiers"), c.ladder(c.MONEY), "area", wide=True),
        _choice("steps_basis", ("benefit", "ladder", "basis"), "", "list", "price", "running"),
        _of("units", c.INTEGER, "units"),
        _of("discounted", c.INTEGER, "discounted"),
        _choice("which", ("benefit", "pick"), "", "dearest"),
        _tick("same_sku", ("benefit", "same_sku")),
        _of("max_units", c.INTEGER, "max_units"),
        _of("max_units_of_one_sku", c.INTEGER, "max_units_of_one_sku"),
        _choice("pick", ("benefit", "pick"), "", "cheapest", "dearest"),
        _tick("per_threshold", ("benefit", "per_threshold")),
        _choice("base", ("benefit", "base"), "", "price", "list"),
        _of("every_amount", c.MONEY, "every_minor"),
        _of("every_units", c.INTEGER, "every_units"),
        Field("slots", ("benefit", "slots"), c.SLOTS, "area", wide=True),
        Field("buy", ("benefit", "buy"), c.SLOTS, "area", wide=True),
        Field("get", ("benefit", "get"), c.SLOT, wide=True),
        Field("reward", ("benefit", "reward", "kind"), look="choice", choices=("percent", "amount", "price")),
        Field("reward_rate", ("benefit", "reward", "rate_ppm"), c.RATE),
        Field("reward_amount", ("benefit", "reward", "amount_minor"), c.MONEY),
        Field("reward_price", ("benefit", "reward", "price_minor"), c.MONEY),
        _tick("partial_get", ("benefit", "partial")),
        _choice("get_pick", ("benefit", "pick"), "", "cheapest"),
        Field("gifts", ("benefit", "gifts", "any_of"), c.GOODS, "area", wide=True),
        _of("gift_units", c.INTEGER, "units"),
        _of("per_units", c.INTEGER, "per_units"),
        _of("per_amount", c.MONEY, "per_amount_minor"),
        _of("points", c.INTEGER, "points"),
        _choice("earn_on", ("benefit", "earn_on"), "", "before_redemption"),
        _of("multiplier", c.TIMES, "multiplier_ppm"),
        _of("min_points", c.INTEGER, "min_points"),
        _of("max_share", c.RATE, "max_share_ppm"),
        _of("points_each", c.INTEGER, "points_each"),
    )
}
"""Fields of what a promotion gives; `kinds.py` says which a kind has."""

NAMES = (
    Field("id", ("id",)),
    Field("name", ("name",)),
    Field("name_en", ("name_en",)),
    Field("revision", ("revision",), c.INTEGER),
)
GOODS = (
    Field("goods", ("select", "any_of"), c.GOODS, "area"),
    Field("not_goods", ("select", "exclude"), c.GOODS, "area"),
    Field("price_min", ("select", "price_min_minor"), c.MONEY),
    Field("price_max", ("select", "price_max_minor"), c.MONEY),
    _choice("sale_goods", ("select", "sale_goods"), "", "exclude_reduced", "exclude_promoted"),
)
NEEDS = (
    Field("min_amount", ("conditions", 0, "min_amount_minor"), c.MONEY),
    Field("min_units", ("conditions", 0, "min_units"), c.INTEGER),
    Field("min_units_of_one_sku", ("conditions", 0, "min_units_of_one_sku"), c.INTEGER),
    Field("min_distinct_skus", ("conditions", 0, "min_distinct_skus"), c.INTEGER),
    Field("need_everything", ("conditions", 0, "select"), c.EVERYTHING, "tick"),
    Field("need_goods", ("conditions", 0, "select", "any_of"), c.GOODS, "area"),
    Field("need_not_goods", ("conditions", 0, "select", "exclude"), c.GOODS, "area"),
    _choice("need_basis", ("conditions", 0, "basis"), "", "list", "price", "running"),
    Field("campaign", ("coupon", "campaign")),
    _choice("consume", ("coupon", "consume"), "", "application"),
)
WHO = (
    Field("tiers", ("scope", "member", "tiers"), c.CODES),
    _tick("new", ("scope", "member", "new")),
    Field("nth_orders", ("scope", "member", "nth_orders"), c.NUMBERS),
    _choice("birthday", ("scope", "member", "birthday"), "", "day", "week", "month"),
    Field("segments", ("scope", "member", "segments"), c.CODES),
)
WHERE = (
    Field("channels", ("scope", "channels"), c.CODES),
    Field("stores", ("scope", "stores"), c.CODES),
    Field("store_groups", ("scope", "store_groups"), c.CODES),
    Field("exclude_stores", ("scope", "exclude_stores"), c.CODES),
)
WHEN = (
    Field("starts", ("scope", "window", "starts"), c.STARTS, "moment"),
    Field("ends", ("scope", "window", "ends"), c.ENDS, "moment"),
    Field("days", ("scope", "window", "weekly", 0, "days"), c.NUMBERS),
    Field("day_starts", ("scope", "window", "weekly", 0, "starts"), c.DAY_STARTS, "hour"),
    Field("day_ends", ("scope", "window", "weekly", 0, "ends"), c.DAY_ENDS, "hour"),
)
LIMITS = (
    Field("repeat", ("repeat",), c.INTEGER),
    Field("cap", ("cap_minor",), c.MONEY),
    Field("per_basket", ("limits", "per_basket"), c.INTEGER),
    Field("per_member", ("limits", "per_member"), c.INTEGER),
    Field("per_member_day", ("limits", "per_member_day"), c.INTEGER),
    Field("per_day", ("limits", "per_day"), c.INTEGER),
    Field("in_all", ("limits", "in_all"), c.INTEGER),
    Field("budget", ("limits", "budget_minor"), c.MONEY),
    _tick("partial", ("limits", "partial")),
    _choice("count_by", ("limits", "count_by"), "", "unit", "basket"),
    Field("unit_floor", ("floor", "unit_min_minor"), c.MONEY),
    Field("floor_share", ("floor", "list_share_ppm"), c.RATE),
    Field("points_cost", ("points_cost",), c.INTEGER),
)
PRESETS = ("one_promotion_per_item", "cheapest_for_customer", "coupons_on_top", "own")
STACK = (
    Field("stack", ("stack",), look="choice", choices=PRESETS),
    Field("mode", ("stack", "mode"), look="choice", choices=("one_per_unit", "stack", "best", "exclusive")),
    Field("group", ("stack", "group")),
    _choice("extent", ("stack", "extent"), "", "unit", "basket"),
    Field("combines_with", ("stack", "combines_with"), c.CODES),
    Field("layer", ("stack", "layer"), c.INTEGER),
    Field("priority", ("stack", "priority"), c.INTEGER),
    Field("mandatory", ("stack", "optional"), c.NO_TICK, "tick"),
)
REFUND = (
    _choice("refund_method", ("refund", "method"), "", "reprice"),
    _choice("spread", ("refund", "spread"), "", "benefiting"),
    _choice("refund_coupon", ("refund", "coupon"), "", "never"),
    _choice("rounding_at", ("rounding", "at"), "", "application"),
    _choice("rounding_mode", ("rounding", "mode"), "", "half_down", "half_even", "up", "down"),
)
