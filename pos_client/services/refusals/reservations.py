"""Refused of goods that were put aside for a shopper."""

from __future__ import annotations

from pos_core.errors import Refusal


class UnknownReservation(Refusal):
    """Nobody has told this store of reservation `facts["reservation_id"]`, or there is none."""

    code = "unknown_reservation"


class ReservationOver(Refusal):
    """It was fetched, refused, given up or is over: `facts["state"]`."""

    code = "reservation_over"


class ReservationElsewhere(Refusal):
    """The goods of `facts["reservation_id"]` lie at `facts["store"]`, not here."""

    code = "reservation_elsewhere"


class ReservationInBasket(Refusal):
    """This basket holds the goods of `facts["reservation_id"]` already."""

    code = "reservation_in_basket"
