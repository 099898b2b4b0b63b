"""Opening a shift with its float."""

from __future__ import annotations

import secrets
from concurrent.futures import Future

from pos_client.services.counter import Counter
from pos_client.services.futures import then
from pos_client.services.own_state import last_business_day
from pos_client.services.refusals.till import ShiftAlreadyOpen
from pos_client.services.views.till import ShiftView
from pos_core.cash.shift import business_day_of, next_business_day, shift_opened_body
from pos_core.ids import uuid7


class ShiftService:
    """The till's period from opening float to settlement."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._opening = False

    @property
    def current(self) -> ShiftView | None:
        """The open shift, also after a restart."""
        return self._counter.shift

    def next_day(self) -> str:
        """The business day of a shift that is opened now. Raises ReplicaIncomplete."""
        counter = self._counter
        rules, now_ms = counter.rules, counter.time.instant_ms()
        proposed = business_day_of(
            now_ms,
            utc_offset_minutes=rules.utc_offset_minutes(now_ms),
            day_start_minutes=rules.day_start_minutes,
        )
        return next_business_day(proposed, last_business_day(counter.journal))

    def open_shift(self, float_minor: int) -> Future[ShiftView]:
        """Open a shift. Raises NotSignedOn, ShiftAlreadyOpen, BadFloat.

        Its business day is the store's day at this instant, never before the day of the shift before.
        """
        counter = self._counter
        operator = counter.require_operator()
        if counter.shift is not None or self._opening:
            raise ShiftAlreadyOpen("a shift is open")
        rules = counter.rules
        body = shift_opened_body(
            float_minor=float_minor,
            currency=rules.currency,
            exponent=rules.exponent,
            tender_code=rules.cash_code,
        )
        day = self.next_day()
        shift_id = uuid7(counter.time.now_ms(), secrets.token_bytes(10))
        draft = counter.draft("shift_opened", body, shift_id=shift_id, business_day=day)
        self._opening = True

        def opened(at_ms: int) -> ShiftView:
            view = ShiftView(shift_id, day, at_ms, operator.operator_id, float_minor)
            counter.shift = view
            self._opening = False
            counter.changed()
            return view

        return then(
            counter.record([draft]),
            lambda recorded: opened(recorded[0].occurred_at_ms),
            otherwise=self._not_opened,
        )

    def _not_opened(self) -> None:
        self._opening = False
