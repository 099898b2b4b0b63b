"""Goods put aside for a shopper, here or at another store: documents, joined with what head office knows."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from pos_client.journal import stock_card
from pos_client.journal.draft import Recorded
from pos_client.receipts.goods_slip import GoodsSlip, lay_out_goods_slip
from pos_client.receipts.layout import local_time
from pos_client.receipts.words import word
from pos_client.replica import goods
from pos_client.services.counter import Counter
from pos_client.services.futures import then
from pos_client.services.goods.stock_room import StockRoom
from pos_client.services.papers.printing import Printing
from pos_client.services.refusals.goods import UnknownStore
from pos_client.services.refusals.reservations import ReservationOver, UnknownReservation
from pos_client.services.reservations.reservation_slips import believe, signed_code
from pos_client.services.views.members import MemberView
from pos_core.quantity import format_quantity
from pos_core.stock.reservation import (
    HOUR_MS,
    Reservation,
    ReservationStep,
    next_steps,
    reservation_of,
)
from pos_core.stock.reservation_slip import ReservationSlip, is_slip
from pos_core.sync.folds import FOLDS, facts_of
from pos_core.sync.folds.facts import ReservationMoved

SHOWN_MS = 7 * 24 * HOUR_MS
"""So long what is over stays in the list."""
_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


@dataclass(frozen=True, slots=True)
class Reserved:
    """A reservation that is on disk. `is_offline`: nobody else can hear of it now."""

    reservation_id: str
    until_ms: int
    is_offline: bool


class Reserving:
    """Main thread. A reservation is a wish until the store where the goods lie has answered."""

    def __init__(self, counter: Counter, room: StockRoom, printing: Printing) -> None:
        self._counter = counter
        self._room = room
        self._printing = printing

    def reservations(self) -> list[Reservation]:
        """Of this store, here and elsewhere, the newest first; what was over long ago is left out.

        Raises NotSignedOn, NotAllowed.
        """
        self._room.require("reservation_answer")
        now_ms = self._counter.time.now_ms()
        living = [each for each in self._known() if now_ms - each.until_ms < SHOWN_MS]
        return sorted(living, key=lambda each: (each.changed_hlc, each.reservation_id), reverse=True)

    def now_ms(self) -> int:
        """The moment by which reservations are over or not."""
        return self._counter.time.now_ms()

    def waiting(self) -> int:
        """How many reservations here nobody has answered."""
        here, now_ms = self._counter.identity.store_id, self._counter.time.now_ms()
        return sum(each.at_store == here and each.state_at(now_ms) == "asked" for each in self._known())

    def held_here(self) -> dict[str, int]:
        """SKU → thousandths that lie here and are promised to shoppers."""
        here, now_ms = self._counter.identity.store_id, self._counter.time.now_ms()
        found: dict[str, int] = {}
        for each in self._known():
            for sku, milli in each.held_at(now_ms).items() if each.at_store == here else ():
                found[sku] = found.get(sku, 0) + milli
        return found

    def next_steps(self, found: Reservation) -> tuple[ReservationStep, ...]:
        """What may be done here now."""
        return next_steps(found, self._counter.identity.store_id, self._counter.time.now_ms())

    def for_whom(self) -> MemberView | None:
        """The member of the basket, whose reservation it will be."""
        return self._counter.member

    def until_ms(self, hours: int | None = None) -> int:
        """When one that is made now will be over; at most the policy's hours."""
        most = self._room.policy.reserve_hours
        return self._counter.time.now_ms() + min(hours or most, most) * HOUR_MS

    def make(
        self, sku: str, quantity_milli: int, *, at_store: str, hours: int | None = None
    ) -> Future[Reserved]:
        """Put aside for a shopper, with his slip; for the member of the basket, where it has one.

        Raises NotSignedOn, NotAllowed, UnknownStore, UnknownCode, BadQuantity.
        """
        self._room.require("reserve")
        counter = self._counter
        if not counter.replica.read(lambda c: goods.has_store(c, at_store)):
            raise UnknownStore("no such store", store_id=at_store[:64])
        self._room.check(sku, quantity_milli, least=1)
        operator, until_ms = counter.require_operator(), self.until_ms(hours)
        made = Reserved(self._new_id(), until_ms, counter.is_offline())
        body = {
            "reservation_id": made.reservation_id,
            "at_store_id": at_store,
            "for_store_id": counter.identity.store_id,
            "until_ms": until_ms,
            "lines": [{"line_no": 1, "sku": sku, "quantity_milli": quantity_milli}],
            **counter.for_member(),
        }

        def written(number: int) -> Reserved:
            self._print(made, number, at_store, (sku, quantity_milli), operator.name)
            return made

        return then(self._record("reservation_made", body), written)

    def report(self, reservation_id: str, step: ReservationStep) -> Future[Reservation]:
        """Kept, refused, fetched or given up; resolves with how it stands then.

        Raises NotSignedOn, NotAllowed, UnknownReservation, ReservationOver (nothing like that may follow).
        """
        self._room.require("reservation_answer")
        found = self.of(reservation_id)
        if step not in self.next_steps(found):
            now_ms = self._counter.time.now_ms()
            raise ReservationOver(
                "this may not follow", reservation_id=reservation_id[:64], state=found.state_at(now_ms)
            )
        body = {
            "reservation_id": reservation_id,
            "at_store_id": found.at_store,
            "for_store_id": found.for_store,
            "step": step,
        }
        return then(self._record("reservation_reported", body), lambda _: self.of(reservation_id))

    def of(self, reservation_id: str) -> Reservation:
        """Raises UnknownReservation: nobody has heard of it here yet."""
        found = self.find(reservation_id)
        if found is None:
            raise UnknownReservation("not known here", reservation_id=reservation_id[:64])
        return found

    def find(self, reservation_id: str) -> Reservation | None:
        """As far as its steps are known here; None: nobody has told of it."""
        return next((each for each in self._known() if each.reservation_id == reservation_id), None)

    def id_on(self, text: str) -> str:
        """The reservation that a slip's code names, or the text as it was typed.

        Raises SlipTorn, SlipUnknownKey, SlipAltered.
        """
        text = text.strip()
        return believe(self._counter, text).reservation_id if is_slip(text) else text

    def store_name(self, store_id: str) -> str:
        """Id and name, for a sentence; the id alone of a store that is not known."""
        name, _ = self._counter.replica.read(lambda c: goods.name_and_address(c, store_id))
        return f"{store_id} {name}".strip()

    def _known(self) -> list[Reservation]:
        counter = self._counter
        steps: dict[str, Mapping[str, Any]] = dict(counter.replica.read(goods.reservations))
        documents = map(json.loads, counter.journal.read(stock_card.reservation_documents))
        own = [fact for each in documents for fact in facts_of(each, each["body"], lean=True)]
        for fact in [*own, *counter.shared.reservations_there()]:
            if isinstance(fact, ReservationMoved):
                known = {"steps": steps.get(fact.reservation_id, {})}
                steps[fact.reservation_id] = FOLDS["reservation"].apply(known, fact)["steps"]
        return [reservation_of(name, found) for name, found in steps.items()]

    def _new_id(self) -> str:
        mark = "".join(secrets.choice(_ALPHABET) for _ in range(6))
        day = self._counter.business_day().replace("-", "")[4:]
        return f"R{self._counter.identity.store_id}-{day}-{mark}"

    def _record(self, kind: str, body: dict[str, Any]) -> Future[int]:
        counter = self._counter

        def written(recorded: list[Recorded]) -> int:
            counter.changed()
            return recorded[-1].number

        return then(counter.record([counter.draft(kind, body)]), written)

    def _code(self, made: Reserved, at_store: str, line: tuple[str, int]) -> str:
        identity = self._counter.identity
        slip = ReservationSlip(
            made.reservation_id, identity.workstation_id, at_store, identity.store_id, made.until_ms, (line,)
        )
        return signed_code(self._counter, slip)

    def _print(
        self, made: Reserved, number: int, at_store: str, line: tuple[str, int], operator_name: str
    ) -> None:
        """For the shopper: where, until when, and the code that is scanned there."""
        counter, printing = self._counter, self._printing
        language, store = printing.language, counter.rules.store
        item = self._room.item(line[0])
        name, address = counter.replica.read(lambda c: goods.name_and_address(c, at_store))
        facts = [
            (word("slip_at", language), f"{at_store} {name}"),
            (word("slip_reserved_until", language), local_time(made.until_ms, store.time_zone)),
            (word("slip_reservation_id", language), made.reservation_id),
        ]
        if address:
            facts.insert(1, (word("slip_address", language), address))
        asked = at_store != store.store_id
        slip = GoodsSlip(
            title=word("slip_reservation", language),
            store_id=store.store_id,
            store_name=store.name,
            number=self._room.document_label(counter.journal.series.incarnation, number),
            operator_name=operator_name,
            occurred_at_ms=counter.time.now_ms(),
            time_zone=store.time_zone,
            facts=tuple(facts),
            lines=(
                (
                    item.name,
                    f"{format_quantity(line[1])} {item.unit}",
                    word("slip_reservation_asked", language) if asked else "",
                ),
            ),
            codes=() if counter.is_training else (self._code(made, at_store, line),),
            language=language,
            is_training=counter.is_training,
        )
        printing.print_rows(lay_out_goods_slip(slip, printing.columns))
