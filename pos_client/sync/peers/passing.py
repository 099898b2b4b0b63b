"""Baskets, coupons and parts of slices between workstations, as messages: asked for, given, taken, told."""

from __future__ import annotations

import base64
import binascii
import json
import threading

from pos_client.journal import passing, slice_passing
from pos_client.journal.allowance_book import AllowanceBook
from pos_client.journal.baskets import HeldBasket
from pos_client.journal.journal import Journal
from pos_client.journal.passing import HeldHereToo, NotOnHold, PassedBasket
from pos_client.journal.slice_passing import TakenBefore
from pos_client.log import get_logger
from pos_client.storage.connection import Connection
from pos_core.clock import Clock
from pos_core.errors import InvalidInput
from pos_core.sale.basket_json import basket_from_json
from pos_core.sync.allowance import AllowanceRefused
from pos_core.sync.allowance_json import hand_over_from
from pos_core.sync.folds.stamp import series_key
from pos_core.sync.peer_messages import PassedOn

_log = get_logger("pos_client.peers")
PURPOSES_MAX = 16
"""Purposes of one question that are looked at."""


class Passing:
    """Any thread."""

    def __init__(self, journal: Journal, clock: Clock, book: AllowanceBook) -> None:
        self._journal = journal
        self._book = book
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

            def forget(connection: Connection) -> None:
                passing.acknowledge(connection, transfer_ids, by)
                slice_passing.acknowledge(connection, transfer_ids, by)

            self._journal.change(forget).result()

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

    def heard(self, documents: list[str], giver: str) -> None:
        """A peer's documents: what it took back and is on hold here is let go of, for it is there again."""
        for text in documents:
            if '"basket_passed"' not in text:
                continue
            document = json.loads(text)
            body = document["body"]
            if document["type"] != "basket_passed" or body.get("step") != "taken_back":
                continue
            try:
                passing.drop(self._journal, body["held_id"], body["transfer_id"], giver).result()
                _log.warning("basket_was_taken_back", transfer_id=body["transfer_id"])
            except NotOnHold:
                continue

    def give_coupon(self, coupon: list[str], to: str, incarnation: int) -> None:
        """Lets go of a leased coupon that `to` asked for, when it is here and good."""
        if len(coupon) != 2 or not coupon[0].startswith("coupon/"):
            return
        series = series_key(to, incarnation)
        try:
            slice_passing.give(self._journal, self._book, (coupon[0], coupon[1]), to_series=series, to=to)
        except AllowanceRefused as error:
            _log.info("coupon_not_given", reason=error.facts.get("reason"))

    def give_units(self, short: dict[str, int], to: str, incarnation: int) -> None:
        """Lets go of parts of slices that `to` is short of: purpose → units."""
        series = series_key(to, incarnation)
        for purpose, units in sorted(short.items())[:PURPOSES_MAX]:
            if units > 0:
                given = slice_passing.give_units(
                    self._journal, self._book, purpose, units, to_series=series, to=to
                )
                _log.info("slice_given", purpose=purpose[:80], units=given)

    def left_of(self, purpose: str) -> int:
        """Units that may go here now, out of every slice for it."""
        return self._book.left_of(purpose)

    def outgoing_slices(self, to: str) -> list[str]:
        """What `to` has not acknowledged."""
        return self._journal.read(lambda c: slice_passing.outgoing(c, to))

    def take_slices(self, texts: list[str], giver: str) -> None:
        """Writes down leased coupons and parts of slices that a peer let go of for us, each once."""
        for text in texts:
            try:
                moved = hand_over_from(text)
                slice_passing.take(self._journal, self._book, moved, giver)
            except (ValueError, KeyError, TypeError, AllowanceRefused) as error:
                _log.warning("passed_slice_not_taken", reason=type(error).__name__)
                continue
            except TakenBefore:
                _log.info("slice_taken_before")
            with self._lock:
                self._to_acknowledge.setdefault(giver, []).append(moved.transfer_id)

    def has_coupon(self, allowance_id: str, coupon_id: str) -> bool:
        """Whether the leased coupon may be taken here now."""
        held = self._book.slices().get(allowance_id)
        return held is not None and coupon_id in held.coupons_left

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
