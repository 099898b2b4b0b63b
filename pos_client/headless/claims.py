"""Coupons, points and the member's code as operations; the same services as the window's F8."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pos_client.headless.desk import Desk
from pos_client.headless.fields import Fields

Answer = dict[str, Any]


def _coupon_check(desk: Desk, fields: Fields) -> Answer:
    """Whether a coupon could be taken now; nothing stays on the basket."""
    code = fields.text("code")
    fields.end()
    return {"coupon": desk.let(lambda: desk.workstation.coupons.check(code))}


def _coupon_present(desk: Desk, fields: Fields) -> Answer:
    code, coupon_id = fields.text("code", ""), fields.optional_text("coupon_id")
    fields.end()
    coupons = desk.workstation.coupons
    line = desk.let(lambda: coupons.present(code) if coupon_id is None else coupons.present_own(coupon_id))
    return {"coupon": line, "basket": desk.workstation.ring_up.basket()}


def _coupon_take_back(desk: Desk, fields: Fields) -> Answer:
    coupon_id = fields.text("coupon_id")
    fields.end()
    desk.workstation.coupons.take_back(coupon_id)
    return {"basket": desk.workstation.ring_up.basket()}


def _coupons(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"coupons": desk.workstation.coupons.listing()}


def _member_code(desk: Desk, fields: Fields) -> Answer:
    code = fields.text("code")
    fields.end()
    desk.wait(desk.workstation.member_codes.prove(code))
    return {}


def _member_code_set(desk: Desk, fields: Fields) -> Answer:
    code, approval = fields.text("code"), fields.optional_text("approval")
    fields.end()
    desk.wait(desk.workstation.member_codes.set_code(code, approval))
    return {}


def _member_seen(desk: Desk, fields: Fields) -> Answer:
    """A second person knows the shopper; for a code that nobody can check."""
    approval = fields.optional_text("approval")
    fields.end()
    desk.wait(desk.workstation.member_codes.accept_person(approval))
    return {}


def _points(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"offers": desk.workstation.points.offers()}


def _points_redeem(desk: Desk, fields: Fields) -> Answer:
    """0 points takes all redemptions off again."""
    promotion_id, points = fields.text("promotion_id", ""), fields.integer("points")
    approval, line_no = fields.optional_text("approval"), fields.optional_integer("line_no")
    fields.end()
    service = desk.workstation.points
    if points:
        taken = desk.let(lambda: service.redeem(promotion_id, points, approval, line_no=line_no))
    else:
        service.clear()
        taken = 0
    return {"points": taken, "basket": desk.workstation.ring_up.basket()}


OPERATIONS: dict[str, Callable[[Desk, Fields], Answer]] = {
    "coupon_check": _coupon_check,
    "coupon_present": _coupon_present,
    "coupon_take_back": _coupon_take_back,
    "coupons": _coupons,
    "member_code": _member_code,
    "member_code_set": _member_code_set,
    "member_seen": _member_seen,
    "points": _points,
    "points_redeem": _points_redeem,
}
