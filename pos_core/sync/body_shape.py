"""The shape of every document type's body: which fields it must have, and what each may hold.

A body may carry fields that are not named here (a newer workstation talks to an older server); the ones
that are named must be right. Source: docs/documents.md, "Document types".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pos_core.canonical import INTEGER_MAX
from pos_core.catalog.store import TenderKind
from pos_core.customer.stored_value import STORED_VALUE_KINDS
from pos_core.quantity import QUANTITY_MILLI_MAX
from pos_core.sale.line_item import ENTERED
from pos_core.sync.document import BadDocument

Check = Callable[[Any], bool]

TEXT_MAX = 4096
LIST_MAX = 5000


@dataclass(frozen=True, slots=True)
class Shape:
    """An object: `fields` must stand, `optional` may; `lists` are lists of objects that must stand."""

    fields: Mapping[str, Check]
    optional: Mapping[str, Check] = field(default_factory=dict)
    lists: Mapping[str, Shape] = field(default_factory=dict)
    optional_lists: Mapping[str, Shape] = field(default_factory=dict)
    objects: Mapping[str, Shape] = field(default_factory=dict)
    """Objects that must stand or be null."""


def check_shape(value: Any, shape: Shape, path: str) -> None:
    """Raises BadDocument with `facts["path"]` at the first field that is missing or wrong."""
    if type(value) is not dict:
        raise BadDocument(f"{path} is not an object", path=path)
    name = ""
    try:
        for name, check in shape.fields.items():
            if not check(value[name]):
                raise BadDocument(f"{path}.{name} is wrong", path=f"{path}.{name}")
    except KeyError:
        raise BadDocument(f"{path}.{name} is missing", path=f"{path}.{name}") from None
    for name, check in shape.optional.items():
        if name in value and not check(value[name]):
            raise BadDocument(f"{path}.{name} is wrong", path=f"{path}.{name}")
    for name, inner in shape.lists.items():
        _check_list(value.get(name), inner, f"{path}.{name}")
    for name, inner in shape.optional_lists.items():
        if name in value:
            _check_list(value[name], inner, f"{path}.{name}")
    for name, inner in shape.objects.items():
        if name not in value or value[name] is not None:
            check_shape(value.get(name), inner, f"{path}.{name}")


def _check_list(value: Any, shape: Shape, path: str) -> None:
    if type(value) is not list or len(value) > LIST_MAX:
        raise BadDocument(f"{path} is not a list or too long", path=path)
    for index, each in enumerate(value):
        check_shape(each, shape, f"{path}[{index}]")


# What a single value may be. `type(…) is int` because True is an int to isinstance.


def _text(value: Any) -> bool:
    return type(value) is str and len(value) <= TEXT_MAX


def _name(value: Any) -> bool:
    return type(value) is str and 0 < len(value) <= TEXT_MAX


def _text_or_none(value: Any) -> bool:
    return value is None or (type(value) is str and len(value) <= TEXT_MAX)


def _whole(value: Any) -> bool:
    return type(value) is int and -INTEGER_MAX <= value <= INTEGER_MAX


def _natural(value: Any) -> bool:
    return type(value) is int and 0 <= value <= INTEGER_MAX


def _positive(value: Any) -> bool:
    return type(value) is int and 0 < value <= INTEGER_MAX


def _natural_or_none(value: Any) -> bool:
    return value is None or _natural(value)


def _quantity(value: Any) -> bool:
    return type(value) is int and 0 <= value <= QUANTITY_MILLI_MAX


def _signed_quantity(value: Any) -> bool:
    return type(value) is int and -QUANTITY_MILLI_MAX <= value <= QUANTITY_MILLI_MAX


def _gtin(value: Any) -> bool:
    return value is None or (type(value) is str and len(value) == 14 and value.isascii() and value.isdigit())


def _rate(value: Any) -> bool:
    return type(value) is int and 0 <= value <= 10_000_000


def _exponent(value: Any) -> bool:
    return type(value) is int and 0 <= value <= 4


def _currency(value: Any) -> bool:
    return type(value) is str and len(value) == 3 and value.isascii() and value.isalpha() and value.isupper()


def _hash(value: Any) -> bool:
    return is_hash(value)


def _any(value: Any) -> bool:
    return True


def _object(value: Any) -> bool:
    return type(value) is dict


def _object_or_none(value: Any) -> bool:
    return value is None or type(value) is dict


def _flag(value: Any) -> bool:
    return type(value) is bool


def _consents(value: Any) -> bool:
    return type(value) is dict and all(type(given) is bool for given in value.values())


PERSONAL_FIELDS = frozenset(
    {"name", "display_name", "phone", "masked_phone", "email", "address", "birthday", "birth_date"}
)
"""Never in clear: they travel in a member's `personal` box."""


def _clear_fields(value: Any) -> bool:
    return type(value) is dict and all(
        name not in PERSONAL_FIELDS and (each is None or _flag(each) or _whole(each) or _text(each))
        for name, each in value.items()
    )


def _names(value: Any) -> bool:
    return type(value) is list and len(value) <= LIST_MAX and all(_name(each) for each in value)


def _blind_index(value: Any) -> bool:
    return value is None or (type(value) is str and 32 <= len(value) <= 200)


def _one_of(*words: str) -> Check:
    allowed = frozenset(words)
    return lambda value: type(value) is str and value in allowed


def is_hash(value: Any) -> bool:
    """64 lower-case hex digits."""
    return type(value) is str and len(value) == 64 and not value.strip("0123456789abcdef")


_TENDER_KINDS: tuple[TenderKind, ...] = ("cash", "card", "mobile", "stored_value", "voucher", "points")

_DISCOUNT = Shape({"source": _name, "id": _text, "name": _text, "amount_minor": _whole})
_LINE = Shape(
    {
        "line_no": _positive,
        "sku": _name,
        "gtin": _gtin,
        "name": _text,
        "department_code": _text_or_none,
        "quantity_milli": _quantity,
        "unit_price_minor": _whole,
        "list_minor": _whole,
        "net_minor": _whole,
        "tax_class_code": _text,
        "tax_rate_ppm": _rate,
        "tax_minor": _whole,
        "entered": _one_of(*ENTERED),
    },
    optional={"weight_milli": _quantity, "unit_nets": _any, "origin_line_no": _positive},
    lists={"discounts": _DISCOUNT},
)
_VOIDED = Shape(
    {
        "line_no": _positive,
        "sku": _name,
        "quantity_milli": _quantity,
        "unit_price_minor": _whole,
        "list_minor": _whole,
    }
)
_TENDER = Shape(
    {
        "tender_code": _name,
        "tender_kind": _one_of(*_TENDER_KINDS),
        "amount_minor": _natural,
        "change_minor": _natural,
        "confirmed": _text_or_none,
        "reference": _text_or_none,
    }
)
_LEASE: dict[str, Check] = {
    "authority": _one_of("allowance", "online", "manager", ""),
    "allowance_id": _text_or_none,
}
_POINTS = Shape({"member_id": _name, "points": _whole, "reason": _name}, optional=_LEASE)
_STORED_VALUE = Shape(
    {"account_id": _name, "amount_minor": _whole, "reason": _one_of(*STORED_VALUE_KINDS)}, optional=_LEASE
)
_COUPON = Shape(
    {"campaign_id": _name, "coupon_code": _text_or_none, "member_id": _text_or_none, "amount_minor": _whole},
    optional={**_LEASE, "allowance_units": _positive},
)
_MEMBER = Shape(
    {"member_id": _name},
    optional={
        "tier": _text_or_none,
        "consents": _consents,
        "fields": _clear_fields,
        "personal": _object,
        "personal_fields": _names,
        "phone_index": _blind_index,
    },
)
_TRADE_FIELDS: dict[str, Check] = {
    "currency": _currency,
    "exponent": _exponent,
    "price_list_id": _text,
    "instant_ms": _whole,
    "channel": _name,
    "member_id": _text_or_none,
    "subtotal_minor": _whole,
    "discount_minor": _whole,
    "cash_rounding_minor": _whole,
    "total_minor": _whole,
    "tax_minor": _whole,
    "pricing": _object_or_none,
    "external_ref": _text_or_none,
}
_TRADE_LISTS = {"lines": _LINE, "voided_lines": _VOIDED, "tenders": _TENDER}
_TRADE_OPTIONAL = {
    "points_movements": _POINTS,
    "coupon_uses": _COUPON,
    "stored_value_movements": _STORED_VALUE,
}
_NUMBERED = Shape({"workstation_id": _name, "incarnation": _positive, "number": _positive})
_HEARD = Shape({"workstation_id": _name, "incarnation": _positive, "number": _natural})
_HELD: dict[str, Check] = {"held_id": _text_or_none}
_STOCK_LINE = Shape(
    {"line_no": _positive, "sku": _name, "quantity_milli": _signed_quantity},
    optional={"reason": _text_or_none},
)
_COUNT_LINE = Shape(
    {"line_no": _positive, "sku": _name, "recorded_milli": _signed_quantity, "counted_milli": _quantity},
    optional={"reason": _text_or_none},
)
_EXPECTED = Shape(
    {"tender_code": _name, "tender_kind": _name, "expected_minor": _whole, "counted_minor": _natural_or_none}
)

SHAPES: dict[str, Shape] = {
    "series_opened": Shape(
        {"reason": _name, "public_key": _name, "app_version": _text},
        optional={"sign_on_locked_until_ms": _natural_or_none},
        objects={"previous": Shape({"incarnation": _positive, "number": _natural, "hash": _hash})},
    ),
    "signed_on": Shape({"role": _name}),
    "sign_on_failed": Shape(
        {
            "operator_number": _text_or_none,
            "reason": _name,
            "failures": _natural,
            "locked_until_ms": _natural_or_none,
        }
    ),
    "signed_off": Shape({"reason": _name}),
    "shift_opened": Shape({"currency": _currency, "exponent": _exponent, "float_minor": _natural}),
    "shift_settled": Shape(
        {
            "z_number": _positive,
            "currency": _currency,
            "exponent": _exponent,
            "first_number": _positive,
            "last_number": _positive,
        },
        lists={"tenders": _EXPECTED},
    ),
    "tender_movement": Shape(
        {
            "kind": _one_of("loan", "pickup", "paid_in", "paid_out"),
            "tender_code": _name,
            "currency": _currency,
            "exponent": _exponent,
            "amount_minor": _positive,
            "reason": _text_or_none,
        }
    ),
    "sale": Shape(_TRADE_FIELDS, optional=_HELD, lists=_TRADE_LISTS, optional_lists=_TRADE_OPTIONAL),
    "return": Shape(
        _TRADE_FIELDS, lists=_TRADE_LISTS, optional_lists=_TRADE_OPTIONAL, objects={"origin": _NUMBERED}
    ),
    "basket_abandoned": Shape(
        {"reason": _name, "subtotal_minor": _whole}, optional=_HELD, lists={"lines": _VOIDED}
    ),
    "no_sale": Shape({"reason": _text}),
    "receipt_reprinted": Shape({"incarnation": _positive, "number": _positive}),
    "member_joined": _MEMBER,
    "member_edited": _MEMBER,
    "clock_jumped": Shape({"from_ms": _whole, "to_ms": _whole}),
    "override_approved": Shape({"kind": _name, "approved_by": _name, "reason": _text_or_none}),
    "stock_movement": Shape({"reason": _name}, lists={"lines": _STOCK_LINE}),
    "count": Shape({}, lists={"lines": _COUNT_LINE}, optional_lists={"cut": _HEARD}),
    "points_moved": Shape({"reason": _name}, lists={"points_movements": _POINTS}),
    "member_code_failed": Shape(
        {
            "member_id": _name,
            "reason": _one_of("wrong_code", "bad_signature", "expired"),
            "failures": _natural,
            "locked_until_ms": _natural_or_none,
        }
    ),
    "member_code_accepted": Shape({"member_id": _name, "by": _one_of("code", "app", "person")}),
    "members_confirmed": Shape({"first_id": _name, "second_id": _name, "by": _one_of("code", "person")}),
    "basket_held": Shape(
        {"held_id": _name, "member_id": _text_or_none, "subtotal_minor": _whole}, lists={"lines": _VOIDED}
    ),
    "basket_recalled": Shape({"held_id": _name}),
    "allowance_reported": Shape(
        {
            "allowance_id": _name,
            "step": _one_of("accepted", "handed_over", "taken_over", "returned", "expired", "lost"),
            "amount": _natural,
            "used": _natural,
            "other": _text_or_none,
        }
    ),
}
"""By document type; every one of `DOCUMENT_TYPES` has a shape."""
