"""Stored value as operations: the member's purse and gift cards, put on and paid out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pos_client.headless.desk import Desk
from pos_client.headless.fields import Fields

Answer = dict[str, Any]


def _stored_value(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"purse": desk.workstation.stored_value.purse()}


def _top_up(desk: Desk, fields: Fields) -> Answer:
    """A line on the basket; its sale tops the purse up."""
    amount_minor = fields.integer("amount_minor")
    fields.end()
    entered = desk.workstation.stored_value.top_up(amount_minor)
    return {"entered": entered, "basket": desk.workstation.ring_up.basket()}


def _pay_out(desk: Desk, fields: Fields) -> Answer:
    amount_minor, approval = fields.optional_integer("amount_minor"), fields.optional_text("approval")
    fields.end()
    return {"returned": desk.wait(desk.workstation.stored_value.pay_out(amount_minor, approval=approval))}


def _gift_card(desk: Desk, fields: Fields) -> Answer:
    """By its number, which head office is asked about where this store does not know it."""
    number = fields.text("number")
    fields.end()
    return {"gift_card": desk.wait(desk.workstation.gift_cards.find_anywhere(number))}


def _gift_card_load(desk: Desk, fields: Fields) -> Answer:
    number, amount_minor = fields.text("number"), fields.integer("amount_minor")
    fields.end()
    entered = desk.workstation.gift_cards.load(number, amount_minor)
    return {"entered": entered, "basket": desk.workstation.ring_up.basket()}


def _gift_card_pay_out(desk: Desk, fields: Fields) -> Answer:
    number, amount_minor = fields.text("number"), fields.optional_integer("amount_minor")
    approval = fields.optional_text("approval")
    fields.end()
    return {"returned": desk.wait(desk.workstation.gift_cards.pay_out(number, amount_minor, approval))}


OPERATIONS: dict[str, Callable[[Desk, Fields], Answer]] = {
    "stored_value": _stored_value,
    "top_up": _top_up,
    "pay_out": _pay_out,
    "gift_card": _gift_card,
    "gift_card_load": _gift_card_load,
    "gift_card_pay_out": _gift_card_pay_out,
}
