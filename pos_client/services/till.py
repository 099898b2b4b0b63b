"""The drawer and the till's money apart from sales."""

from __future__ import annotations

from concurrent.futures import Future

from pos_client.services.counter import Counter
from pos_client.services.futures import then
from pos_client.services.printing import Printing
from pos_client.services.refusals import ReasonRequired, UnknownTender
from pos_core.cash.settlement import BadMovementKind
from pos_core.money import BadAmount
from pos_core.rounding import checked_amount

MOVEMENTS = ("loan", "pickup", "paid_in", "paid_out")
REASON_MAX = 200


class Till:
    """No-sale openings and tender movements; each is a document, and the drawer opens after it."""

    def __init__(self, counter: Counter, printing: Printing) -> None:
        self._counter = counter
        self._printing = printing

    def no_sale(self, reason: str) -> Future[int]:
        """Open the drawer without a sale; resolves with the document's number once it is journaled.

        Raises NotSignedOn, NoOpenShift, ReasonRequired.
        """
        counter = self._counter
        counter.require_shift()
        return self._record("no_sale", {"reason": _reason(reason)})

    def move(self, kind: str, amount_minor: int, reason: str, tender_code: str = "cash") -> Future[int]:
        """`kind`: loan | pickup | paid_in | paid_out; `amount_minor` > 0. Resolves with the number.

        Raises NotSignedOn, NoOpenShift, BadMovementKind, BadAmount, UnknownTender, ReasonRequired.
        """
        counter = self._counter
        counter.require_shift()
        rules = counter.rules
        if kind not in MOVEMENTS:
            raise BadMovementKind(f"{kind!r} is no movement", kind=kind[:32])
        if checked_amount(amount_minor) <= 0:
            raise BadAmount("a movement is more than zero", amount_minor=amount_minor)
        if rules.tender_type(tender_code) is None:
            raise UnknownTender(f"no tender {tender_code}", tender_code=tender_code[:32])
        body = {
            "kind": kind,
            "tender_code": tender_code,
            "currency": rules.currency,
            "exponent": rules.exponent,
            "amount_minor": amount_minor,
            "reason": _reason(reason),
        }
        return self._record("tender_movement", body)

    def _record(self, kind: str, body: dict[str, object]) -> Future[int]:
        counter = self._counter

        def recorded(number: int) -> int:
            self._printing.open_drawer()
            counter.changed()
            return number

        return then(counter.record([counter.draft(kind, body)]), lambda written: recorded(written[-1].number))


def _reason(text: str) -> str:
    reason = text.strip()[:REASON_MAX]
    if not reason:
        raise ReasonRequired("a reason is needed")
    return reason
