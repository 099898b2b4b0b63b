"""The operations of a sale: step by step as at the window, or a whole one in a single request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pos_client.headless.desk import Desk
from pos_client.headless.fields import BadRequest, Fields
from pos_client.services.refusals.basket import BasketNotEmpty
from pos_client.services.views.basket import Entered
from pos_client.services.views.payment import CompletedSale
from pos_client.services.workstation import Workstation
from pos_core.errors import Refusal, TidemarkError

Answer = dict[str, Any]


class Incomplete(Refusal):
    """A line of `sell` needs a weight, a price or a choice; `facts`: `line` (0 = first) and `missing`."""

    code = "line_incomplete"


def _enter(desk: Desk, fields: Fields) -> Answer:
    text = fields.text("text")
    fields.end()
    entered = desk.workstation.ring_up.enter(text)
    return {"entered": entered, "basket": desk.workstation.ring_up.basket()}


def _add(desk: Desk, fields: Fields) -> Answer:
    entered = _add_line(desk.workstation, fields)
    return {"entered": entered, "basket": desk.workstation.ring_up.basket()}


def _choose(desk: Desk, fields: Fields) -> Answer:
    line_no = fields.optional_integer("line_no")
    fields.end()
    desk.workstation.ring_up.choose(line_no)
    return {"basket": desk.workstation.ring_up.basket()}


def _set_quantity(desk: Desk, fields: Fields) -> Answer:
    line_no, quantity_milli = fields.integer("line_no"), fields.integer("quantity_milli")
    fields.end()
    return {"basket": desk.workstation.ring_up.set_quantity(line_no, quantity_milli)}


def _void(desk: Desk, fields: Fields) -> Answer:
    line_no, approval = fields.integer("line_no"), fields.optional_text("approval")
    fields.end()
    return {"basket": desk.workstation.ring_up.void_line(line_no, approval)}


def _clear(desk: Desk, fields: Fields) -> Answer:
    approval = fields.optional_text("approval")
    fields.end()
    desk.wait(desk.workstation.ring_up.clear(approval))
    return {"basket": desk.workstation.ring_up.basket()}


def _hold(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"held": desk.wait(desk.workstation.holding.hold())}


def _held(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    holding = desk.workstation.holding
    return {"held": holding.held(), "elsewhere": holding.held_elsewhere(), "stranded": holding.stranded()}


def _recall(desk: Desk, fields: Fields) -> Answer:
    held_id = fields.text("held_id")
    fields.end()
    holding = desk.workstation.holding
    if any(each.held_id == held_id for each in holding.held_elsewhere()):
        desk.wait(holding.bring(held_id))
    return {"recalled": desk.wait(holding.recall(held_id))}


def _take_back_held(desk: Desk, fields: Fields) -> Answer:
    """One that is stranded on its way to another workstation is on hold here again."""
    held_id, approval = fields.text("held_id"), fields.optional_text("approval")
    fields.end()
    holding = desk.workstation.holding
    desk.wait(holding.take_back(held_id, approval))
    return {"held": holding.held()}


def _abandon_held(desk: Desk, fields: Fields) -> Answer:
    held_id = fields.text("held_id")
    fields.end()
    desk.wait(desk.workstation.holding.abandon(held_id))
    return {"held": desk.workstation.holding.held()}


def _why(desk: Desk, fields: Fields) -> Answer:
    language = fields.text("language", "zh")
    fields.end()
    if language not in ("zh", "en"):
        raise BadRequest("language is zh or en", field="language")
    found = desk.wait(desk.workstation.explaining.why(language))
    return {"why": found}


def _repeat(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"entered": desk.workstation.ring_up.repeat(), "basket": desk.workstation.ring_up.basket()}


def _note(desk: Desk, fields: Fields) -> Answer:
    line_no, text = fields.integer("line_no"), fields.text("text")
    fields.end()
    return {"basket": desk.workstation.ring_up.set_note(line_no, text)}


def _confirm_age(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"basket": desk.workstation.ring_up.confirm_age()}


def _basket(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"basket": desk.workstation.ring_up.basket()}


def _begin_payment(desk: Desk, fields: Fields) -> Answer:
    approval = fields.optional_text("approval")
    fields.end()
    return {"payment": desk.workstation.payment.begin(approval)}


def _pay(desk: Desk, fields: Fields) -> Answer:
    """One tender; finishes the sale when nothing remains, unless `finish` is false."""
    tender_code, amount_minor = fields.text("tender_code"), fields.optional_integer("amount_minor")
    reference, finish = fields.optional_text("reference"), fields.flag("finish", True)
    approval = fields.optional_text("approval")
    fields.end()
    payment = desk.workstation.payment
    payment.begin()
    view = desk.let(lambda: payment.add(tender_code, amount_minor, reference, approval))
    if view.can_finish and finish:
        return {"sale": told_sale(desk.wait(payment.finish()))}
    return {"payment": view}


def _remove_tender(desk: Desk, fields: Fields) -> Answer:
    index = fields.integer("index")
    fields.end()
    return {"payment": desk.workstation.payment.remove(index)}


def _back(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    desk.workstation.payment.back()
    return {"basket": desk.workstation.ring_up.basket()}


def _finish(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"sale": told_sale(desk.wait(desk.workstation.payment.finish()))}


def _price(desk: Desk, fields: Fields) -> Answer:
    """What a basket would cost; nothing stays behind."""
    lines, member_id = fields.items("lines"), fields.optional_text("member_id")
    fields.end()
    workstation = desk.workstation
    _require_empty(workstation)
    with workstation.ring_up.trial():
        if member_id is not None:
            workstation.members.attach(member_id)
        _ring_up(workstation, lines)
        return {"basket": workstation.ring_up.basket()}


def _sell(desk: Desk, fields: Fields) -> Answer:
    """A whole sale. A refusal leaves the workstation with an empty basket and no sale."""
    lines, tenders = fields.items("lines"), fields.items("tenders", [{"tender_code": "cash"}])
    member_id, age_confirmed = fields.optional_text("member_id"), fields.flag("age_confirmed", False)
    fields.end()
    workstation = desk.workstation
    _require_empty(workstation)
    try:
        with workstation.ring_up.trial() as trial:  # a refused line leaves no abandoned basket behind
            _ring_up(workstation, lines)
            if member_id is not None:
                workstation.members.attach(member_id)
            trial.adopt()
        if age_confirmed:
            workstation.ring_up.confirm_age()
        basket = workstation.ring_up.basket()
        workstation.payment.begin()
        for index, tender in enumerate(tenders):
            _tender(workstation, tender, index)
        sale = desk.wait(workstation.payment.finish())
    except TidemarkError:
        _abandon(desk)
        raise
    return {"sale": told_sale(sale), "basket": basket}


def _tender(workstation: Workstation, value: Any, index: int) -> None:
    fields = Fields(value, f"tenders[{index}]")
    tender_code, amount_minor = fields.text("tender_code"), fields.optional_integer("amount_minor")
    reference = fields.optional_text("reference")
    fields.end()
    workstation.payment.add(tender_code, amount_minor, reference)


def _abandon(desk: Desk) -> None:
    """After a refusal in `sell`: back to an empty basket, journaled as abandoned if it had begun."""
    workstation = desk.workstation
    try:
        if workstation.payment.view() is not None:
            workstation.payment.back()
        if workstation.ring_up.basket().lines:
            desk.wait(workstation.ring_up.clear())
    except TidemarkError:
        pass  # the first error is the one to answer; `state` shows the rest


def _require_empty(workstation: Workstation) -> None:
    if workstation.ring_up.basket().lines or workstation.payment.view() is not None:
        raise BasketNotEmpty("a basket is in progress")


def _ring_up(workstation: Workstation, lines: list[Any]) -> None:
    for index, line in enumerate(lines):
        if isinstance(line, str):
            entered = workstation.ring_up.enter(line)
        else:
            entered = _add_line(workstation, Fields(line, f"lines[{index}]"))
        if entered.kind not in ("line_added", "quantity_set", "multiplier_set"):
            raise Incomplete(f"line {index}: {entered.kind}", line=index, missing=entered.kind)


def _add_line(workstation: Workstation, fields: Fields) -> Entered:
    """`{"code"}` as scanned, or `{"sku"}`; with quantity_milli, weight_milli, price_minor."""
    code, sku = fields.optional_text("code"), fields.optional_text("sku")
    quantity_milli = fields.optional_integer("quantity_milli")
    weight_milli = fields.optional_integer("weight_milli")
    price_minor = fields.optional_integer("price_minor")
    fields.end()
    if (code is None) == (sku is None):
        raise BadRequest("a line has either code or sku", field="code")
    if sku is not None:
        quantity = 1000 if quantity_milli is None else quantity_milli
        return workstation.ring_up.add_sku(sku, quantity, weight_milli, price_minor)
    assert code is not None
    return workstation.ring_up.enter_code(
        code, quantity_milli=quantity_milli, weight_milli=weight_milli, price_minor=price_minor
    )


def told_sale(sale: CompletedSale) -> Answer:
    receipt = sale.receipt
    return {
        "number": sale.number,
        "series_label": sale.series_label,
        "document_id": sale.document_id,
        "total_minor": sale.total_minor,
        "change_minor": sale.change_minor,
        "cash_rounding_minor": sale.cash_rounding_minor,
        "currency": sale.currency,
        "exponent": sale.exponent,
        "lines": receipt.lines,
        "tenders": receipt.tenders,
        "taxes": receipt.taxes,
        "lookup_code": receipt.lookup_code,
    }


OPERATIONS: dict[str, Callable[[Desk, Fields], Answer]] = {
    "enter": _enter,
    "add": _add,
    "choose": _choose,
    "set_quantity": _set_quantity,
    "void": _void,
    "clear": _clear,
    "why": _why,
    "repeat": _repeat,
    "note": _note,
    "hold": _hold,
    "held": _held,
    "recall": _recall,
    "abandon_held": _abandon_held,
    "take_back_held": _take_back_held,
    "confirm_age": _confirm_age,
    "basket": _basket,
    "price": _price,
    "sell": _sell,
    "begin_payment": _begin_payment,
    "pay": _pay,
    "remove_tender": _remove_tender,
    "back": _back,
    "finish": _finish,
}
