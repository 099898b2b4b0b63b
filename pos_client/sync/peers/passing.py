"""Held baskets between workstations, as messages: what is asked for, given, taken and acknowledged."""

from __future__ import annotations

import base64
import binascii
import json
import threading

from pos_client.journal import passing
from pos_client.journal.baskets import HeldBasket
from pos_client.journal.journal import Journal
from pos_client.journal.passing import HeldHereToo, NotOnHold, PassedBasket
from pos_client.log import get_logger
from pos_core.clock import Clock
from pos_core.errors import InvalidInput
from pos_core.sale.basket_json import basket_from_json
from pos_core.sync.peer_messages import PassedOn

_log = get_logger("pos_client.peers")


class Passing:
    """Any thread."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._to_acknowledge: dict[str, list[str]] = {}
        self._lock = threading.Lock()

    def give(self, held_id: str, to: str) -> None:
        """Lets go of a basket that `to` asked for; one that is not here (any more) is not given."""
        try:
            passing.give(self._journal, held_id, to, self._clock.now_ms()).result()
        except NotOnHold:
            _log.info("basket_not_given")

    def outgoing(self, to: str) -> list[PassedOn]:
        """What `to` has not acknowledged."""
        return [_message(each) for each in self._journal.read(lambda c: passing.outgoing(c, to))]

    def acknowledged(self, transfer_ids: list[str], by: str) -> None:
        """`by` has written these down."""
        if transfer_ids:
            self._journal.change(lambda c: passing.acknowledge(c, transfer_ids, by)).result()

    def take(self, messages: list[PassedOn], giver: str) -> None:
        """Writes down what a peer let go of for us, each once, and remembers to say so."""
        for message in messages:
            passed = _basket(message)
            if passed is None:
                _log.warning("passed_basket_not_understood", transfer_id=message.transfer_id[:64])
                continue
            try:
                passing.take(self._journal, passed, giver).result()
            except HeldHereToo:
                _log.error("passed_basket_held_here_too", transfer_id=passed.transfer_id)
                continue
            except NotOnHold:  # our acknowledgement was lost
                _log.info("basket_taken_before")
            with self._lock:
                self._to_acknowledge.setdefault(giver, []).append(passed.transfer_id)

    def to_acknowledge(self, giver: str) -> list[str]:
        """What to tell `giver`; told once: where that is lost it offers the same again."""
        with self._lock:
            return self._to_acknowledge.pop(giver, [])


def _message(passed: PassedBasket) -> PassedOn:
    held = passed.basket
    data = base64.b64encode(held.data).decode()
    return PassedOn(passed.transfer_id, held.held_id, held.label, held.operator_id, held.held_at_ms, data)


def _basket(message: PassedOn) -> PassedBasket | None:
    """None for what could not be taken up here: the giver keeps it."""
    try:
        data = base64.b64decode(message.data, validate=True)
        value = json.loads(data)
        basket = basket_from_json(value["basket"])
        right = type(value["total_minor"]) is type(value["pieces"]) is int and isinstance(value["nets"], dict)
    except (binascii.Error, ValueError, KeyError, TypeError, InvalidInput):
        return None
    if not right or basket.held_id != message.held_id or not message.transfer_id:
        return None
    held = HeldBasket(message.held_id, message.label[:200], message.operator_id, message.held_at_ms, data)
    return PassedBasket(message.transfer_id[:64], held)
