"""Goods besides selling: stock card, counts, deliveries, waste and the like, transfers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from pos_client.headless.desk import Desk
from pos_client.headless.fields import BadRequest, Fields
from pos_client.services.goods.stock_cards import CardPlace
from pos_client.services.goods.transfer_slips import SlipReading
from pos_core.errors import TidemarkError
from pos_core.stock.goods_receipt import ReceivedLine, parse_day
from pos_core.stock.stocktake import AREAS
from pos_core.stock.transfer import TransferStep

Answer = dict[str, Any]
_STEPS: dict[str, TransferStep] = {step: step for step in get_args(TransferStep)}


def _stock_card(desk: Desk, fields: Fields) -> Answer:
    sku, limit = fields.text("sku"), fields.integer("limit", 50)
    before, ask = fields.value("before"), fields.flag("ask", True)
    fields.end()
    place, cards = None if before is None else _card_place(before), desk.workstation.stock_cards
    if not ask:
        return {"card": cards.known(sku, before=place, limit=limit)}
    return {"card": desk.wait(cards.now(sku, before=place, limit=limit))}


def _card_place(value: Any) -> CardPlace:
    fields = Fields(value, "before")
    order, moved, balance_milli = (
        fields.items("order"),
        fields.items("moved"),
        fields.integer("balance_milli"),
    )
    fields.end()
    shape = [type(each) for each in (*order, *moved)]
    if shape != [str, str, *[int] * 6]:
        raise BadRequest("before is what the page before answered", field="before")
    return CardPlace(
        (order[0], order[1], order[2], order[3], order[4]), (moved[0], moved[1], moved[2]), balance_milli
    )


def _below_zero(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"stock": [stock for _, stock in desk.workstation.stock_room.below_zero()]}


def _move(kind: str) -> Callable[[Desk, Fields], Answer]:
    def operation(desk: Desk, fields: Fields) -> Answer:
        lines, reason_code = _lines(fields), fields.text("reason_code", "")
        reason = fields.text("reason", "")
        fields.end()
        return {"number": desk.wait(desk.workstation.stock_room.move(kind, lines, reason_code, reason))}

    return operation


def _count(desk: Desk, fields: Fields) -> Answer:
    lines, session_id = _lines(fields), fields.optional_text("session_id")
    area, shelf, round_ = fields.text("area", ""), fields.text("shelf", ""), fields.integer("round", 1)
    fields.end()
    known = next((each for each in AREAS if each == area), None)
    if known is None or round_ < 1:
        raise BadRequest("no such area or round", field="area" if known is None else "round")
    room = desk.workstation.stock_room
    counted = room.count(lines, session_id=session_id, area=known, shelf=shelf, round_=round_)
    return {"number": desk.wait(counted)}


def _mark_down(desk: Desk, fields: Fields) -> Answer:
    work, finder = desk.workstation.goods_work, desk.workstation.stock_room.finder
    given = fields.items("lines")
    working = work.begin("markdown")
    for index, value in enumerate(given):
        each = Fields(value, f"lines[{index}]")
        place = working.add(finder.of_sku(each.text("sku")))
        working.set(place, each.integer("quantity_milli"))
        working.change(place, cost=each.integer("price_minor"), expiry=each.text("expiry_day", ""))
        each.end()
    fields.end()
    try:
        printed = work.mark_down(working)
    except TidemarkError:
        working.kept.drop()
        raise
    return {"labels": desk.wait(printed).value}


def _to_do(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"tasks": desk.workstation.to_do.tasks()}


def _day(desk: Desk, fields: Fields) -> Answer:
    business_day = fields.optional_text("business_day")
    fields.end()
    if business_day is not None and not parse_day(business_day):
        raise BadRequest("a day like 2026-11-28", field="business_day")
    return {"day": desk.workstation.days.view(None if business_day is None else parse_day(business_day))}


def _day_end(desk: Desk, fields: Fields) -> Answer:
    business_day = fields.optional_text("business_day")
    fields.end()
    day_end = desk.workstation.day_end
    view = day_end.view(business_day)
    restated = day_end.restated(view)
    return {"printer": desk.wait(day_end.print(view)), "missing": view.missing, "restated": restated}


def _orders(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"orders": desk.workstation.stock_room.orders()}


def _receive(desk: Desk, fields: Fields) -> Answer:
    order_id, note = fields.optional_text("order_id"), fields.text("delivery_note", "")
    supplier_id = fields.text("supplier_id", "")
    lines = []
    for index, value in enumerate(fields.items("lines")):
        each = Fields(value, f"lines[{index}]")
        lines.append(
            ReceivedLine(
                index + 1,
                each.text("sku"),
                each.integer("quantity_milli"),
                each.integer("damaged_milli", 0),
                each.text("lot", ""),
                each.text("expiry_day", ""),
                each.optional_integer("unit_cost_minor"),
                each.optional_text("reason_code"),
            )
        )
        each.end()
    fields.end()
    received = desk.workstation.stock_room.receive(
        lines, order_id=order_id, delivery_note=note, supplier_id=supplier_id
    )
    return {"received": desk.wait(received)}


def _transfers(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"transfers": desk.workstation.transferring.transfers()}


def _transfer(desk: Desk, fields: Fields) -> Answer:
    name, transfer_id = fields.text("step"), fields.optional_text("transfer_id")
    lines = _lines(fields, needed=transfer_id is None)
    transferring = desk.workstation.transferring
    step = _STEPS.get(name)
    if step is None or (transfer_id is None and step not in ("requested", "shipped")):
        raise BadRequest("no such step", field="step")
    if transfer_id is None:
        from_store, to_store = fields.text("from_store_id"), fields.text("to_store_id")
        fields.end()
        begun = transferring.begin(step, from_store=from_store, to_store=to_store, lines=lines)
        return {"transfer": desk.wait(begun)}
    reason = fields.text("reason", "")
    fields.end()
    return {"transfer": desk.wait(transferring.go_on(transfer_id, step, lines or None, reason=reason))}


def _lines(fields: Fields, *, needed: bool = True) -> list[tuple[str, int]]:
    found = []
    for index, value in enumerate(fields.items("lines", None if needed else [])):
        each = Fields(value, f"lines[{index}]")
        found.append((each.text("sku"), each.integer("quantity_milli")))
        each.end()
    return found


def _transfer_codes(desk: Desk, fields: Fields) -> Answer:
    transfer_id = fields.text("transfer_id")
    fields.end()
    return {"codes": desk.workstation.transfer_work.codes_again(transfer_id)}


def _receive_slip(desk: Desk, fields: Fields) -> Answer:
    codes = fields.items("codes")
    counted = dict(_lines(fields, needed=False))
    fields.end()
    work, reading = desk.workstation.transfer_work, SlipReading()
    missing = []
    for code in codes:
        if not isinstance(code, str):
            raise BadRequest("codes are texts", field="codes")
        missing = work.read_slip(code, reading)
    if not reading.parts or missing:
        raise BadRequest("all codes of one slip", field="codes")
    lines = [(sku, counted.get(sku, milli)) for sku, milli in reading.lines.items()]
    written = desk.workstation.transferring.receive_by_slip(reading.parts[0], lines)
    return {"transfer": desk.wait(written)}


OPERATIONS: dict[str, Callable[[Desk, Fields], Answer]] = {
    "stock_card": _stock_card,
    "stock_below_zero": _below_zero,
    "waste": _move("waste"),
    "own_use": _move("own_use"),
    "correction": _move("correction"),
    "mark_down": _mark_down,
    "count": _count,
    "day": _day,
    "day_end": _day_end,
    "to_do": _to_do,
    "orders": _orders,
    "receive": _receive,
    "transfers": _transfers,
    "transfer": _transfer,
    "transfer_codes": _transfer_codes,
    "receive_slip": _receive_slip,
}
