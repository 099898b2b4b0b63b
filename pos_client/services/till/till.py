"""The drawer and the till's money apart from sales."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from pos_client.journal.draft import Recorded
from pos_client.receipts.slips import Slip, lay_out_slip
from pos_client.receipts.words import reason_words
from pos_client.services.counter import Counter
from pos_client.services.futures import then
from pos_client.services.papers.printing import Printing
from pos_client.services.refusals.payment import UnknownTender
from pos_client.services.staff.roles import reason_fields, require_act
from pos_client.services.views.staff import OperatorView
from pos_core.cash.count import OPENED_TO_COUNT
from pos_core.cash.policy import CashPolicy
from pos_core.cash.shift_totals import BadMovementKind
from pos_core.money import BadAmount
from pos_core.rounding import checked_amount

MOVEMENTS = ("loan", "pickup", "paid_in", "paid_out")


class Till:
    """No-sale openings and tender movements; each is a document, and the drawer opens after it."""

    def __init__(self, counter: Counter, printing: Printing) -> None:
        self._counter = counter
        self._printing = printing

    @property
    def policy(self) -> CashPolicy:
        """The chain's rules for tills. Raises ReplicaIncomplete."""
        return self._counter.rules.cash

    def no_sale(self, reason: str, reason_code: str | None = None) -> Future[int]:
        """Open the drawer without a sale; resolves with the document's number once it is journaled.

        Raises NotSignedOn, NotAllowed, NoOpenShift, ReasonRequired, UnknownReason.
        """
        counter = self._counter
        counter.require_shift()
        require_act(counter, "no_sale")
        return self._record("no_sale", {**reason_fields(counter, "no_sale", reason, reason_code)})

    def open_to_count(self) -> Future[int]:
        """Open the drawer because its money is about to be counted; a document like every opening.

        Raises NotSignedOn, NoOpenShift.
        """
        self._counter.require_shift()
        return self._record("no_sale", {"reason": OPENED_TO_COUNT, "reason_code": OPENED_TO_COUNT})

    def move(
        self,
        kind: str,
        amount_minor: int,
        reason: str,
        tender_code: str = "cash",
        reason_code: str | None = None,
    ) -> Future[int]:
        """`kind`: loan | pickup | paid_in | paid_out; `amount_minor` > 0. Resolves with the number.

        Raises NotSignedOn, NotAllowed, NoOpenShift, BadMovementKind, BadAmount, UnknownTender,
        ReasonRequired, UnknownReason.
        """
        counter = self._counter
        counter.require_shift()
        rules = counter.rules
        if kind not in MOVEMENTS:
            raise BadMovementKind(f"{kind!r} is no movement", kind=kind[:32])
        require_act(counter, kind)
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
            **reason_fields(counter, kind, reason, reason_code),
        }
        return self._record("tender_movement", body)

    def _record(self, kind: str, body: Mapping[str, Any]) -> Future[int]:
        """Journal it; then the drawer, and a slip to keep with the money."""
        counter = self._counter
        operator = counter.require_operator()

        def recorded(written: Recorded) -> int:
            self._printing.open_drawer()
            if body["reason_code"] != OPENED_TO_COUNT:  # a count has its Z report
                slip = self._slip(written, body, operator)
                self._printing.print_rows(lay_out_slip(slip, self._printing.columns))
            counter.changed()
            return written.number

        draft = counter.draft(kind, dict(body))
        return then(counter.record([draft]), lambda written: recorded(written[-1]))

    def _why(self, body: Mapping[str, Any]) -> str:
        """The chain's reason and what was typed beside it, in the language of paper."""
        use = body.get("kind", "no_sale")
        known = self._counter.rules.cash.reason(use, body["reason_code"] or "")
        if known is None:
            return str(body["reason"])
        language = self._printing.language
        words = "" if body["reason"] == known.name else str(body["reason"])
        return reason_words(known.name if language == "zh" else known.name_en, words, language)

    def _slip(self, written: Recorded, body: Mapping[str, Any], operator: OperatorView) -> Slip:
        counter = self._counter
        rules = counter.rules
        return Slip(
            kind=body.get("kind", "no_sale"),
            store_id=rules.store.store_id,
            store_name=rules.store.name,
            workstation_name=counter.identity.workstation_name,
            series_label=counter.identity.series_label(written.series.incarnation),
            number=written.number,
            operator_name=operator.name,
            occurred_at_ms=written.occurred_at_ms,
            time_zone=rules.store.time_zone,
            business_day=counter.business_day(),
            currency=rules.currency,
            exponent=rules.exponent,
            amount_minor=body.get("amount_minor"),
            reason=self._why(body),
            language=self._printing.language,
            is_training=counter.is_training,
        )
