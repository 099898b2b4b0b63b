"""A shopper comes for what was put aside: his slip fills the basket, and the sale closes the reservation.

The slip is enough where nobody has told this store of the reservation yet. What is closed is what was sold:
a slip that was scanned and whose goods were all taken off again stays put aside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pos_client.journal.draft import Draft
from pos_client.services.basket.ring_up import RingUp
from pos_client.services.counter import Counter
from pos_client.services.refusals.reservations import (
    ReservationElsewhere,
    ReservationInBasket,
    ReservationOver,
    UnknownReservation,
)
from pos_client.services.reservations.reservation_slips import believe
from pos_client.services.reservations.reserving import Reserving
from pos_core.sale.basket import Basket
from pos_core.sale.claims import ReservationClaim
from pos_core.stock.reservation import Reservation
from pos_core.stock.reservation_slip import ReservationSlip, is_slip

_WRITTEN_ID = re.compile(r"R[^\s.]{1,40}-\d{4}-[A-Z2-9]{6}")


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What a slip put into the basket.

    Attributes:
        line_nos: lines that were added or grew; to_scan: names of goods that want the scale or a price first.
        is_late: it was over before; whoever stands there is served while the goods are.
    """

    reservation_id: str
    until_ms: int
    line_nos: tuple[int, ...]
    to_scan: tuple[str, ...]
    is_late: bool


class Redeeming:
    """Main thread."""

    def __init__(self, counter: Counter, ring_up: RingUp, reserving: Reserving) -> None:
        self._counter = counter
        self._ring_up = ring_up
        self._reserving = reserving

    def is_code(self, text: str) -> bool:
        """A reservation's slip, or the number written on it of one that is known here."""
        text = text.strip()
        if is_slip(text):
            return True
        return _WRITTEN_ID.fullmatch(text) is not None and self._reserving.find(text) is not None

    def redeem(self, text: str) -> Redeemed:
        """Put what was reserved into the basket; after a refusal the basket is as it was.

        Raises NotSignedOn, NoOpenShift, BasketLocked, SaleBeingWritten, SlipTorn, SlipUnknownKey,
        SlipAltered, UnknownReservation, ReservationElsewhere, ReservationOver (fetched, refused or given up),
        ReservationInBasket, and what ringing up refuses.
        """
        counter = self._counter
        counter.require_scanning()
        found = self._meant(text.strip())
        self._require_open(found)
        line_nos: list[int] = []
        to_scan: list[str] = []
        with self._ring_up.trial() as trial:
            for sku, milli in found.lines.items():
                entered = self._ring_up.add_sku(sku, milli)
                if entered.line_no is None:
                    to_scan.append(entered.name or sku)
                else:
                    line_nos.append(entered.line_no)
            trial.adopt()
        self._ring_up.claim(ReservationClaim(found.reservation_id, found.for_store, tuple(found.lines)))
        now_ms = counter.time.now_ms()
        return Redeemed(
            found.reservation_id, found.until_ms, tuple(line_nos), tuple(to_scan), now_ms >= found.until_ms
        )

    def closing(self, basket: Basket) -> list[Draft]:
        """The documents right behind a sale, in its transaction: each names the sale that closed it."""

        def closed(at: int, claim: ReservationClaim) -> Draft:
            body = {
                "reservation_id": claim.reservation_id,
                "at_store_id": self._counter.identity.store_id,
                "for_store_id": claim.for_store,
                "step": "picked_up",
            }
            draft = self._counter.draft("reservation_reported", body)
            return replace(draft, complete=lambda _, head: {"sale_number": head.number - at})

        return [closed(at, claim) for at, claim in enumerate(basket.closed_reservations)]

    def _meant(self, text: str) -> Reservation:
        """Joined with what is known here: the paper may be older than what happened since."""
        if not is_slip(text):
            known = self._reserving.of(text)
            if not known.lines:
                raise UnknownReservation("only its later steps are known", reservation_id=text[:64])
            return known
        slip = believe(self._counter, text)
        return _of_slip(slip, self._reserving.find(slip.reservation_id))

    def _require_open(self, found: Reservation) -> None:
        here = self._counter.identity.store_id
        if found.at_store != here:
            raise ReservationElsewhere(
                "these goods lie elsewhere",
                store=self._reserving.store_name(found.at_store),
                reservation_id=found.reservation_id,
            )
        if any(each.reservation_id == found.reservation_id for each in self._counter.basket.reservations):
            raise ReservationInBasket("it is in this basket", reservation_id=found.reservation_id)
        state = found.state_at(self._counter.time.now_ms())
        if state in {"picked_up", "refused", "released"}:
            raise ReservationOver("it is over", reservation_id=found.reservation_id, state=state)


def _of_slip(slip: ReservationSlip, known: Reservation | None) -> Reservation:
    """The slip's own figures, which are signed, with the steps that were heard of."""
    lines: dict[str, int] = {}
    for sku, milli in slip.lines:
        lines[sku] = lines.get(sku, 0) + milli
    if known is None:
        known = Reservation(
            slip.reservation_id, slip.at_store, slip.for_store, slip.until_ms, lines, frozenset({"made"}), ""
        )
    return replace(
        known, at_store=slip.at_store, for_store=slip.for_store, until_ms=slip.until_ms, lines=lines
    )
