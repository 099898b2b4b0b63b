"""The operations of goods that come back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pos_client.headless.desk import Desk
from pos_client.headless.fields import BadRequest, Fields
from pos_client.services.returns.return_origin import Origin
from pos_client.services.returns.sold_receipts import reference_of

Answer = dict[str, Any]


def _receipt_find(desk: Desk, fields: Fields) -> Answer:
    text = fields.text("text")
    fields.end()
    return {"receipt": desk.workstation.returns.find(text)}


def _receipt_code(desk: Desk, fields: Fields) -> Answer:
    text = fields.text("text")
    fields.end()
    return {"code": desk.workstation.returns.code_of(text)}


def _receipt_search(desk: Desk, fields: Fields) -> Answer:
    day, total = fields.optional_text("business_day"), fields.optional_integer("total_minor")
    item, member_id = fields.optional_text("item"), fields.optional_text("member_id")
    limit = fields.integer("limit", 20)
    fields.end()
    found = desk.workstation.returns.search(
        business_day=day, total_minor=total, item=item, member_id=member_id, limit=limit
    )
    return {"receipts": found}


def _receipt_look_up(desk: Desk, fields: Fields) -> Answer:
    """`text`: a reference as on a receipt without a whole code; else what `receipt_search` takes."""
    text = fields.optional_text("text")
    look_up = desk.workstation.look_up
    if text is not None:
        fields.end()
        return {"receipts": desk.wait(look_up.one(reference_of(text)))}
    day, total = fields.optional_text("business_day"), fields.optional_integer("total_minor")
    item, member_id = fields.optional_text("item"), fields.optional_text("member_id")
    limit = fields.integer("limit", 20)
    fields.end()
    asked = look_up.search(business_day=day, total_minor=total, item=item, member_id=member_id, limit=limit)
    return {"receipts": desk.wait(asked)}


def _return_plan(desk: Desk, fields: Fields) -> Answer:
    origin, wanted = _goods(desk, fields)
    fields.end()
    return {"refund": desk.workstation.returns.plan(origin, wanted)}


def _return(desk: Desk, fields: Fields) -> Answer:
    origin, wanted = _goods(desk, fields)
    reason, approval = fields.text("reason"), fields.optional_text("approval")
    fields.end()
    return {"returned": desk.wait(desk.workstation.returns.give_back(origin, wanted, reason, approval))}


def _exchange(desk: Desk, fields: Fields) -> Answer:
    origin, wanted = _goods(desk, fields)
    reason, approval = fields.text("reason"), fields.optional_text("approval")
    fields.end()
    return {"refund": desk.workstation.returns.exchange(origin, wanted, reason, approval)}


def _exchange_give_up(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    desk.workstation.returns.give_up_exchange()
    return {}


def _return_without_receipt(desk: Desk, fields: Fields) -> Answer:
    sku, quantity = fields.text("sku"), fields.integer("quantity_milli", 1000)
    reason, approval = fields.text("reason"), fields.optional_text("approval")
    fields.end()
    future = desk.workstation.returns.without_receipt(sku, quantity, reason, approval)
    return {"returned": desk.wait(future)}


def _deposit_check(desk: Desk, fields: Fields) -> Answer:
    text = fields.text("text")
    fields.end()
    return {"deposit": desk.workstation.deposits.read(text)}


def _deposit_back(desk: Desk, fields: Fields) -> Answer:
    """`codes`: as scanned, each perhaps with its `3*`."""
    codes, approval = fields.items("codes"), fields.optional_text("approval")
    fields.end()
    found: dict[str, int] = {}
    for index, code in enumerate(codes):
        if not isinstance(code, str):
            raise BadRequest("a code is a text", field=f"codes[{index}]")
        back = desk.workstation.deposits.read(code)
        found[back.sku] = found.get(back.sku, 0) + back.quantity_milli
    return {"returned": desk.wait(desk.workstation.deposits.give_back(found, approval))}


def _goods(desk: Desk, fields: Fields) -> tuple[Origin, dict[int, int]]:
    """`text` as for `receipt_find`, and `lines`: `[{"line_no", "quantity_milli"}]`."""
    receipt = desk.workstation.returns.find(fields.text("text"))
    wanted: dict[int, int] = {}
    for index, value in enumerate(fields.items("lines")):
        line = Fields(value, f"lines[{index}]")
        line_no, quantity_milli = line.integer("line_no"), line.integer("quantity_milli")
        line.end()
        if line_no in wanted:
            raise BadRequest("a line stands twice", field=f"lines[{index}].line_no")
        wanted[line_no] = quantity_milli
    return Origin(receipt.workstation_id, receipt.incarnation, receipt.number), wanted


OPERATIONS: dict[str, Callable[[Desk, Fields], Answer]] = {
    "receipt_find": _receipt_find,
    "receipt_code": _receipt_code,
    "receipt_search": _receipt_search,
    "receipt_look_up": _receipt_look_up,
    "return_plan": _return_plan,
    "return": _return,
    "exchange": _exchange,
    "exchange_give_up": _exchange_give_up,
    "return_without_receipt": _return_without_receipt,
    "deposit_check": _deposit_check,
    "deposit_back": _deposit_back,
}
