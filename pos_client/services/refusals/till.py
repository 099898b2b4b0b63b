"""Refused of the shift and the till: opening, handing over, counting, settling, reports."""

from __future__ import annotations

from pos_core.errors import InvalidInput, Refusal


class NoOpenShift(Refusal):
    """No shift is open."""

    code = "no_open_shift"


class ShiftAlreadyOpen(Refusal):
    """A shift is open already."""

    code = "shift_already_open"


class UnknownDay(InvalidInput):
    """No day of the last weeks, as YYYY-MM-DD: `facts["text"]`."""

    code = "unknown_day"


class BasketOpen(Refusal):
    """A basket is in progress: pay, hold or clear it first."""

    code = "basket_open"


class BasketsHeld(Refusal):
    """The chain settles no shift while baskets are on hold; `facts["count"]`."""

    code = "baskets_held"


class NotCounted(Refusal):
    """The till was not counted, or not every tender that must be; `facts["tender_code"]`."""

    code = "not_counted"


class CountStale(Refusal):
    """Money moved since the till was counted: count again."""

    code = "count_stale"


class UnknownReport(Refusal):
    """This journal has no Z report `facts["z_number"]`."""

    code = "unknown_report"


class OwnHandOver(Refusal):
    """The till is handed over to another person."""

    code = "own_hand_over"
