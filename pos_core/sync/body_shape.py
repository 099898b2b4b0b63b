"""The shape of every document type's body: which fields it must have, and what each may hold.

A body may carry fields that are not named here (a newer workstation talks to an older server); the ones
that are named must be right. Source: docs/documents.md, "Document types".
"""

from __future__ import annotations

from pos_core.catalog.credential import STORE_STEPS
from pos_core.catalog.store import TenderKind
from pos_core.customer.stored_value import STORED_VALUE_KINDS
from pos_core.sale.line_item import ENTERED, LINE_KINDS
from pos_core.stock.stocktake import COUNT_KINDS
from pos_core.sync.body_shape_goods import GOODS_SHAPES
from pos_core.sync.shape import Check, Shape
from pos_core.sync.shape import anything as _any
from pos_core.sync.shape import blind_index as _blind_index
from pos_core.sync.shape import clear_fields as _clear_fields
from pos_core.sync.shape import consents as _consents
from pos_core.sync.shape import currency as _currency
from pos_core.sync.shape import digest as _hash
from pos_core.sync.shape import exponent as _exponent
from pos_core.sync.shape import flag as _flag
from pos_core.sync.shape import gtin as _gtin
from pos_core.sync.shape import hybrid_time as _hybrid_time
from pos_core.sync.shape import name as _name
from pos_core.sync.shape import names as _names
from pos_core.sync.shape import natural as _natural
from pos_core.sync.shape import natural_or_none as _natural_or_none
from pos_core.sync.shape import object_or_none as _object_or_none
from pos_core.sync.shape import one_of as _one_of
from pos_core.sync.shape import positive as _positive
from pos_core.sync.shape import positive_or_none as _positive_or_none
from pos_core.sync.shape import quantity as _quantity
from pos_core.sync.shape import rate as _rate
from pos_core.sync.shape import signed_quantity as _signed_quantity
from pos_core.sync.shape import text as _text
from pos_core.sync.shape import text_or_none as _text_or_none
from pos_core.sync.shape import whole as _whole
from pos_core.sync.shape import whole_object as _object

_TENDER_KINDS: tuple[TenderKind, ...] = (
    "cash",
    "card",
    "mobile",
    "stored_value",
    "voucher",
    "points",
    "exchange",
)

_DISCOUNT = Shape(
    {"source": _name, "id": _text, "name": _text, "amount_minor": _whole}, optional={"reason_code": _text}
)
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
    optional={
        "weight_milli": _quantity,
        "unit_nets": _any,
        "origin_line_no": _positive,
        "note": _text,
        "kind": _one_of(*LINE_KINDS),
        "deposit_of": _positive,
        "account_id": _name,
        "lot": _text_or_none,
    },
    lists={"discounts": _DISCOUNT},
)
_VOIDED = Shape(
    {
        "line_no": _positive,
        "sku": _name,
        "quantity_milli": _quantity,
        "unit_price_minor": _whole,
        "list_minor": _whole,
    },
    optional={"after_total": _flag},
)
_TENDER = Shape(
    {
        "tender_code": _name,
        "tender_kind": _one_of(*_TENDER_KINDS),
        "amount_minor": _natural,
        "change_minor": _natural,
        "confirmed": _text_or_none,
        "reference": _text_or_none,
    },
    optional={"face_minor": _natural},
)
_LEASE: dict[str, Check] = {
    "authority": _one_of("allowance", "online", "manager", ""),
    "allowance_id": _text_or_none,
}
_POINTS = Shape({"member_id": _name, "points": _whole, "reason": _name}, optional=_LEASE)
_STORED_VALUE = Shape(
    {"account_id": _name, "amount_minor": _whole, "reason": _one_of(*STORED_VALUE_KINDS)}, optional=_LEASE
)
_GIFT_CARD = Shape({"account_id": _name, "last_four": _text, "balance_minor": _whole})
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
_OFFLINE: dict[str, Check] = {
    "offline": _flag,
    "limits": _object,
    "stored_value_balance_minor": _whole,
    "points_balance": _whole,
    "points_heard_at_ms": _natural_or_none,
}
_BUDGET = Shape({"budget": _name, "amount_minor": _positive, "allowance_id": _name})
_TRADE_OPTIONAL = {
    "budget_uses": _BUDGET,
    "points_movements": _POINTS,
    "coupon_uses": _COUPON,
    "stored_value_movements": _STORED_VALUE,
    "gift_cards": _GIFT_CARD,
}
_USE_RESTORED = Shape({"promotion_id": _name, "counted": _natural, "amount_minor": _natural, "day": _whole})
_ORIGIN = Shape(
    {"workstation_id": _name, "incarnation": _positive, "number": _positive},
    optional={"store_id": _name, "by": _one_of("journal", "code", "head_office")},
)
_HEARD = Shape({"workstation_id": _name, "incarnation": _positive, "number": _natural})
_HELD: dict[str, Check] = {"held_id": _text_or_none}
_STOCK_LINE = Shape(
    {"line_no": _positive, "sku": _name, "quantity_milli": _signed_quantity},
    optional={"reason": _text_or_none},
)
_AREA: dict[str, Check] = {"area": _one_of("floor", "back", "")}
_COUNT_LINE = Shape(
    {"line_no": _positive, "sku": _name, "recorded_milli": _signed_quantity, "counted_milli": _quantity},
    optional={"reason": _text_or_none, "hlc": _hybrid_time, "number": _natural, **_AREA},
    optional_lists={"cut": _HEARD},
)
_BASE = Shape({"incarnation": _positive, "number": _positive, "hash": _name})
_APPROVED_LINE = Shape(
    {
        "line_no": _positive,
        "sku": _name,
        "counted_milli": _quantity,
        "expected_milli": _signed_quantity,
        "value_minor": _whole,
    },
    optional={"reason_code": _text_or_none},
)
_EXPECTED = Shape(
    {"tender_code": _name, "tender_kind": _name, "expected_minor": _whole, "counted_minor": _natural_or_none}
)
_COUNTED_TENDER = Shape(
    {"tender_code": _name, "tender_kind": _name, "counted_minor": _natural, "loose_minor": _natural},
    lists={"pieces": Shape({"value_minor": _positive, "count": _positive})},
)
_COVER = Shape(
    {
        "workstation_id": _name,
        "incarnation": _positive,
        "first_number": _positive,
        "last_number": _positive,
    }
)
_REASON: dict[str, Check] = {"reason_code": _text_or_none, "reason": _text_or_none}

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
    "credential_changed": Shape(
        {
            "employee_id": _name,
            "operator_number": _name,
            "role": _name,
            "by_role": _name,
            "step": _one_of(*STORE_STEPS),
            "reason": _text_or_none,
        },
        optional={"pin_verifier": _name},
    ),
    "shift_opened": Shape(
        {"currency": _currency, "exponent": _exponent, "float_minor": _natural},
        optional={"tender_code": _name},
    ),
    "shift_settled": Shape(
        {
            "z_number": _positive,
            "currency": _currency,
            "exponent": _exponent,
            "first_number": _positive,
            "last_number": _positive,
        },
        optional={
            **dict.fromkeys(("sale_count", "return_count", "no_sale_count"), _natural),
            **dict.fromkeys(("grand_sales_minor", "grand_returns_minor"), _natural),
            **dict.fromkeys(("sales_minor", "returns_minor", "discount_minor"), _whole),
            **dict.fromkeys(("tax_minor", "cash_rounding_minor"), _whole),
            "count_number": _positive,
            "held_ids": _names,
            **_REASON,
        },
        lists={"tenders": _EXPECTED},
        optional_lists={"covers": _COVER},
    ),
    "till_counted": Shape(
        {"purpose": _one_of("settlement", "hand_over", "spot"), "currency": _currency, "exponent": _exponent},
        lists={"tenders": _COUNTED_TENDER},
    ),
    "till_handed_over": Shape(
        {
            "to_operator_id": _name,
            "count_number": _positive,
            "currency": _currency,
            "exponent": _exponent,
        },
        optional=_REASON,
        lists={"tenders": _EXPECTED, "covers": _COVER},
    ),
    "training_changed": Shape({"step": _one_of("begun", "ended")}),
    "tender_movement": Shape(
        {
            "kind": _one_of("loan", "pickup", "paid_in", "paid_out"),
            "tender_code": _name,
            "currency": _currency,
            "exponent": _exponent,
            "amount_minor": _positive,
            "reason": _text_or_none,
        },
        optional={"reason_code": _text_or_none},
    ),
    "sale": Shape(
        _TRADE_FIELDS,
        optional={
            **_HELD,
            **_OFFLINE,
            "exchange_id": _text,
            "age_confirmed": _positive,
            "reservation_ids": _names,
        },
        lists=_TRADE_LISTS,
        optional_lists=_TRADE_OPTIONAL,
    ),
    "return": Shape(
        _TRADE_FIELDS,
        optional={**_OFFLINE, "reason_code": _text, "exchange_id": _text},
        lists=_TRADE_LISTS,
        optional_lists={**_TRADE_OPTIONAL, "uses_restored": _USE_RESTORED},
        objects={"origin": _ORIGIN},
    ),
    "basket_abandoned": Shape(
        {"reason": _name, "subtotal_minor": _whole},
        optional={**_HELD, "after_total": _flag},
        lists={"lines": _VOIDED},
    ),
    "no_sale": Shape({"reason": _text}, optional={"reason_code": _text_or_none}),
    "receipt_reprinted": Shape({"incarnation": _positive, "number": _positive}),
    "member_joined": _MEMBER,
    "member_edited": _MEMBER,
    "clock_jumped": Shape({"from_ms": _whole, "to_ms": _whole}),
    "override_approved": Shape(
        {"kind": _name, "approved_by": _name, "reason": _text_or_none},
        optional={
            "operator_number": _text,
            "nonce": _text,
            "rate_ppm": _natural,
            "amount_minor": _natural,
            "line_no": _positive_or_none,
        },
    ),
    "stock_movement": Shape(
        {"reason": _name},
        optional={"reason_code": _text_or_none, "note": _text_or_none},
        lists={"lines": _STOCK_LINE},
    ),
    "count": Shape(
        {},
        optional={"session_id": _text_or_none, "round": _positive, "shelf": _text_or_none, **_AREA},
        lists={"lines": _COUNT_LINE},
        optional_lists={"cut": _HEARD},
    ),
    "count_opened": Shape(
        {"session_id": _name, "kind": _one_of(*COUNT_KINDS)}, optional={"scope": _names, "blind": _flag}
    ),
    "count_approved": Shape(
        {
            "session_id": _name,
            "currency": _currency,
            "exponent": _exponent,
            "part": _positive,
            "parts": _positive,
            "counted_lines": _natural,
            "variance_minor": _whole,
        },
        lists={"lines": _APPROVED_LINE},
    ),
    **GOODS_SHAPES,
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
    "basket_passed": Shape(
        {
            "held_id": _name,
            "step": _one_of("handed_over", "taken_over", "taken_back", "dropped"),
            "other": _name,
            "transfer_id": _name,
        }
    ),
    "terminal_charge": Shape(
        {
            "reference": _name,
            "tender_code": _name,
            "currency": _currency,
            "exponent": _exponent,
            "amount_minor": _positive,
            "step": _one_of("reversed"),
            "approval": _text_or_none,
        }
    ),
    "journal_pruned": Shape({"documents": _natural, "carried_sha256": _name}, lists={"bases": _BASE}),
    "allowance_reported": Shape(
        {
            "allowance_id": _name,
            "step": _one_of("accepted", "handed_over", "taken_over", "returned", "expired", "lost"),
            "amount": _natural,
            "used": _natural,
            "other": _text_or_none,
        },
        optional={"transfer_id": _text_or_none},
    ),
}
"""By document type; every one of `DOCUMENT_TYPES` has a shape."""
