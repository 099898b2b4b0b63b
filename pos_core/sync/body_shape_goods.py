"""Shapes of what moves goods to and from places, and of prices on shelves. Source: docs/documents.md."""

from __future__ import annotations

from pos_core.stock.reservation import ANSWERS
from pos_core.stock.shelf_label import LABEL_STEPS
from pos_core.sync.shape import Check, Shape
from pos_core.sync.shape import currency as _currency
from pos_core.sync.shape import exponent as _exponent
from pos_core.sync.shape import flag as _flag
from pos_core.sync.shape import name as _name
from pos_core.sync.shape import natural as _natural
from pos_core.sync.shape import natural_or_none as _natural_or_none
from pos_core.sync.shape import object_or_none as _object_or_none
from pos_core.sync.shape import one_of as _one_of
from pos_core.sync.shape import positive as _positive
from pos_core.sync.shape import quantity as _quantity
from pos_core.sync.shape import text as _text
from pos_core.sync.shape import text_or_none as _text_or_none

_NUMBERED = Shape({"workstation_id": _name, "incarnation": _positive, "number": _positive})
_RECEIVED_LINE = Shape(
    {"line_no": _positive, "sku": _name, "quantity_milli": _quantity, "damaged_milli": _quantity},
    optional={
        "ordered_milli": _natural_or_none,
        "lot": _text_or_none,
        "expiry_day": _text_or_none,
        "unit_cost_minor": _natural_or_none,
        "reason_code": _text_or_none,
    },
)
_ORDERED_LINE = Shape(
    {"line_no": _positive, "sku": _name, "quantity_milli": _positive},
    optional={"unit_cost_minor": _natural_or_none, "why": _object_or_none},
)
_MARKED_LINE = Shape(
    {
        "line_no": _positive,
        "sku": _name,
        "quantity_milli": _quantity,
        "was_minor": _natural,
        "price_minor": _natural,
    },
    optional={"code": _text_or_none, "lot": _text_or_none, "expiry_day": _text_or_none},
)
_SHELF_LINE = Shape(
    {"line_no": _positive, "sku": _name, "shelf_minor": _natural, "price_minor": _natural_or_none}
)
_LABEL_LINE = Shape(
    {"line_no": _positive, "sku": _name, "price_minor": _natural, "step": _one_of(*LABEL_STEPS)}
)
_CARRIED_LINE = Shape(
    {"line_no": _positive, "sku": _name, "quantity_milli": _quantity}, optional={"reason_code": _text_or_none}
)
_TRANSFER: dict[str, Check] = {"transfer_id": _name, "from_store_id": _name, "to_store_id": _name}
_CARRIED = Shape(_TRANSFER, optional={"reason": _text_or_none}, lists={"lines": _CARRIED_LINE})
_ASKED_FOR = Shape(
    _TRANSFER, optional={"reason": _text_or_none, "member_id": _name}, lists={"lines": _CARRIED_LINE}
)

_RESERVED_LINE = Shape({"line_no": _positive, "sku": _name, "quantity_milli": _positive})
_RESERVATION: dict[str, Check] = {"reservation_id": _name, "at_store_id": _name, "for_store_id": _name}

GOODS_SHAPES: dict[str, Shape] = {
    "goods_ordered": Shape(
        {"order_id": _name, "supplier_id": _name, "supplier_name": _text},
        optional={"expected_day": _text_or_none},
        lists={"lines": _ORDERED_LINE},
    ),
    "order_closed": Shape({"order_id": _name, "reason": _text_or_none}),
    "goods_received": Shape(
        {"order_id": _text_or_none, "supplier_id": _text_or_none, "delivery_note": _text_or_none},
        lists={"lines": _RECEIVED_LINE},
    ),
    "marked_down": Shape({"currency": _currency, "exponent": _exponent}, lists={"lines": _MARKED_LINE}),
    "labels_changed": Shape({"currency": _currency, "exponent": _exponent}, lists={"lines": _LABEL_LINE}),
    "shelf_checked": Shape(
        {"currency": _currency, "exponent": _exponent, "checked": _positive, "wrong": _natural},
        lists={"lines": _SHELF_LINE},
    ),
    "transfer_requested": _ASKED_FOR,
    **dict.fromkeys(("transfer_approved", "transfer_refused"), _CARRIED),
    **dict.fromkeys(("transfer_picked", "transfer_shipped"), _CARRIED),
    "transfer_received": Shape(
        _TRANSFER,
        optional={"by_slip": _flag, "reason": _text_or_none},
        lists={"lines": _CARRIED_LINE},
        objects={"shipment": _NUMBERED},
    ),
    "transfer_closed": _CARRIED,
    "reservation_made": Shape(
        {**_RESERVATION, "until_ms": _natural},
        optional={"member_id": _name},
        lists={"lines": _RESERVED_LINE},
    ),
    "reservation_reported": Shape(
        {**_RESERVATION, "step": _one_of(*ANSWERS)}, optional={"sale_number": _positive}
    ),
}
