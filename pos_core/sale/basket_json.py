"""A basket as JSON and back: what is held, and what survives a crash in the middle of a sale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from pos_core.errors import InvalidInput
from pos_core.sale.basket import Basket
from pos_core.sale.claims import CouponClaim, PointsClaim, ReservationClaim
from pos_core.sale.line_item import Discount, LineItem
from pos_core.sale.manual import GivenApproval, ManualDiscount
from pos_core.sync.document import ReleaseRef

BASKET_VERSION = 1

_LATER: dict[str, Any] = {
    **dict.fromkeys(("coupons", "points", "manual", "approvals", "reservations"), ()),
    "held_id": None,
    "total_shown": False,
    "age_confirmed": 0,
}
"""Fields that came after version 1 was first written: a basket kept by the version before is read."""


class BadBasket(InvalidInput):
    """A stored basket that this version cannot read."""

    code = "bad_basket"


def basket_to_json(basket: Basket) -> dict[str, Any]:
    """Plain dicts, lists, texts and integers; `basket_from_json` gives an equal basket."""
    return {"v": BASKET_VERSION, **_plain(asdict(basket))}


def basket_from_json(value: Mapping[str, Any]) -> Basket:
    """The basket that `basket_to_json` wrote. Raises BadBasket for anything else."""
    try:
        if value["v"] != BASKET_VERSION:
            raise BadBasket("a basket of another version", version=str(value["v"]))
        kept = {**_LATER, **value}
        stored = {name.name: kept[name.name] for name in fields(Basket)}
        release = stored["release"]
        return Basket(
            **{
                **stored,
                "lines": tuple(_line(line) for line in stored["lines"]),
                "voided": tuple(_line(line) for line in stored["voided"]),
                "coupons": tuple(CouponClaim(**claim) for claim in stored["coupons"]),
                "points": tuple(PointsClaim(**claim) for claim in stored["points"]),
                "manual": tuple(ManualDiscount(**each) for each in stored["manual"]),
                "approvals": tuple(GivenApproval(**each) for each in stored["approvals"]),
                "reservations": tuple(_reservation(each) for each in stored["reservations"]),
                "release": None if release is None else ReleaseRef(**release),
            }
        )
    except (KeyError, TypeError) as error:
        raise BadBasket(f"not a basket: {error}") from None


def _reservation(value: Mapping[str, Any]) -> ReservationClaim:
    return ReservationClaim(**{**value, "skus": tuple(value["skus"])})


def _line(value: Mapping[str, Any]) -> LineItem:
    discounts = tuple(Discount(**discount) for discount in value["discounts"])
    return LineItem(**{**value, "discounts": discounts})


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value
