"""Counting the till blind, comparing, and settling the shift in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

from pos_client.journal import shifts
from pos_client.journal.draft import Draft, Head, Recorded
from pos_client.services.counter import Counter
from pos_client.services.futures import then
from pos_client.services.refusals.payment import SaleBeingWritten, UnknownTender
from pos_client.services.refusals.staff import ReasonRequired
from pos_client.services.refusals.till import BasketOpen, BasketsHeld, CountStale, NotCounted
from pos_client.services.staff.roles import reason_or_none, require_act
from pos_client.services.till.reports import Reports
from pos_client.services.views.till import (
    CountSheetView,
    DeclarationView,
    SettledView,
    ShiftView,
    TenderDifference,
)
from pos_client.storage.connection import Connection
from pos_client.storage.errors import DiskFull
from pos_core.cash.count import CountPurpose, TenderCount, count_body, count_tender
from pos_core.cash.policy import CashPolicy
from pos_core.cash.settlement import SettledTender, compare, settlement_body
from pos_core.catalog.store import TenderType

_MUST_COUNT = frozenset({"cash", "voucher"})
"""Kinds that lie in the till as things; the others are what a terminal or a server says."""


@dataclass(frozen=True, slots=True)
class CountEntry:
    """One tender as the operator counted it: pieces by value, and a sum beside them."""

    pieces: Mapping[int, int] = field(default_factory=dict)
    loose_minor: int = 0


class Settlement:
    """begin → declare → settle. Nothing is remembered between the steps: the journal holds the count, so a

    power cut anywhere leaves an open shift with or without a declared count, or a settled one.
    """

    def __init__(self, counter: Counter, reports: Reports) -> None:
        self._counter = counter
        self._reports = reports
        self._writing = False

    def begin(self) -> CountSheetView:
        """What must be counted. Raises NotSignedOn, NoOpenShift, NotAllowed, SaleBeingWritten, BasketOpen,

        BasketsHeld.
        """
        self._require_clear("settle_shift")
        return self.sheet()

    def tender_types(self) -> tuple[TenderType, ...]:
        """The chain's means of payment, for the names on a count."""
        return self._counter.rules.tender_types

    def sheet(self) -> CountSheetView:
        """The same without asking whether the shift may be settled: for a hand-over or a spot check."""
        counter = self._counter
        rules = counter.rules
        kinds = {each.tender_code: each.tender_kind for each in rules.tender_types}
        must = tuple(code for code, kind in kinds.items() if kind in _MUST_COUNT)
        may = tuple(code for code in kinds if code not in must)
        held = counter.journal.read(shifts.held_ids)
        return CountSheetView(rules.cash.denominations_minor, must, may, len(held))

    def declare(
        self, counts: Mapping[str, CountEntry], *, purpose: CountPurpose = "settlement"
    ) -> Future[DeclarationView]:
        """Journal the count; only then does the future say what was expected.

        A second count is a second document: counting until it fits leaves its trace. Raises NotSignedOn,
        NoOpenShift, NotCounted, UnknownTender, BadCount.
        """
        counter = self._counter
        shift = counter.require_shift()
        rules = counter.rules
        body = count_body(
            self._counts(counts), purpose=purpose, currency=rules.currency, exponent=rules.exponent
        )
        draft = counter.draft("till_counted", body)
        return then(counter.record([draft]), lambda written: self._compared(written[-1], shift, body))

    def settle(self, reason_code: str | None = None, reason: str = "") -> Future[SettledView]:
        """Close the shift on its newest count: one transaction, in which the figures are summed too.

        Raises NotSignedOn, NoOpenShift, NotAllowed, SaleBeingWritten, BasketOpen, UnknownReason. On the
        future: NotCounted, CountStale, BasketsHeld, ReasonRequired (over or short without a reason), and
        what the disk says; the shift is then as open as before.
        """
        shift = self._require_clear("settle_shift")
        if self._writing:
            raise SaleBeingWritten("the settlement is being written")
        counter = self._counter
        fields = reason_or_none(counter, "over_short", reason, reason_code)
        policy = counter.rules.cash
        draft = counter.draft("shift_settled", {}, shift_id=shift.shift_id, business_day=shift.business_day)

        def complete(connection: Connection, head: Head) -> dict[str, Any]:
            return self._figures(connection, head, shift.shift_id, policy, fields)

        self._writing = True
        return then(
            self._record(replace(draft, complete=complete)),
            self._settled,
            otherwise=self._not_settled,
        )

    def _require_clear(self, act: str) -> ShiftView:
        counter = self._counter
        require_act(counter, act)
        shift = counter.require_shift()
        if counter.writing:
            raise SaleBeingWritten("a sale is being written")
        if counter.payment is not None or not counter.basket.is_empty:
            raise BasketOpen("a basket is in progress")
        if not counter.rules.cash.held_at_settlement:
            held = counter.journal.read(shifts.held_ids)
            if held:
                raise BasketsHeld("baskets are on hold", count=len(held))
        return shift

    def _counts(self, counts: Mapping[str, CountEntry]) -> list[TenderCount]:
        rules = self._counter.rules
        found = []
        for code, entry in counts.items():
            tender_type = rules.tender_type(code)
            if tender_type is None:
                raise UnknownTender(f"no tender {code[:32]}", tender_code=code[:32])
            found.append(count_tender(code, tender_type.tender_kind, entry.pieces, entry.loose_minor))
        for tender_type in rules.tender_types:
            if tender_type.tender_kind == "cash" and tender_type.tender_code not in counts:
                raise NotCounted("the cash was not counted", tender_code=tender_type.tender_code)
        return found

    def _compared(self, recorded: Recorded, shift: ShiftView, body: Mapping[str, Any]) -> DeclarationView:
        counter = self._counter
        workstation_id = counter.identity.workstation_id

        def read(connection: Connection) -> tuple[SettledTender, ...]:
            row = shifts.shift_by_id(connection, shift.shift_id)
            assert row is not None
            return compare_with(shifts.covered(connection, row, workstation_id), body)

        tenders = counter.journal.read(read)
        counter.changed()
        return DeclarationView(
            recorded.number,
            tuple(
                TenderDifference(
                    tender.tender_code,
                    tender.tender_kind,
                    tender.expected_minor,
                    tender.counted_minor,
                    tender.difference_minor,
                )
                for tender in tenders
            ),
            sum(tender.difference_minor for tender in tenders),
            needs_reason(tenders, counter.rules.cash),
        )

    def _figures(
        self,
        connection: Connection,
        head: Head,
        shift_id: str,
        policy: CashPolicy,
        fields: Mapping[str, str | None],
    ) -> dict[str, Any]:
        """Inside the transaction: what is summed here is what is settled, to the last document."""
        shift = shifts.shift_by_id(connection, shift_id)
        assert shift is not None
        count = shifts.last_count(connection, shift, "settlement")
        if count is None:
            raise NotCounted("the till was not counted", tender_code=self._counter.rules.cash_code)
        if count.stale or shift.settled_key is not None:
            raise CountStale("money moved since the count")
        held = shifts.held_ids(connection)
        if held and not policy.held_at_settlement:
            raise BasketsHeld("baskets are on hold", count=len(held))
        covered = shifts.covered(connection, shift, head.series.workstation_id)
        tenders = compare_with(covered, count.body)
        if needs_reason(tenders, policy) and fields["reason"] is None:
            raise ReasonRequired("the till is over or short")
        rules = self._counter.rules
        return settlement_body(
            z_number=shifts.next_z_number(connection),
            currency=rules.currency,
            exponent=rules.exponent,
            covers=covered.covers,
            totals=covered.sums.totals,
            tenders=tenders,
            grand=shifts.grand_totals(connection),
            count_number=count.number,
            held_ids=held,
            reason_code=fields["reason_code"],
            reason=fields["reason"],
        )

    def _record(self, draft: Draft) -> Future[list[Recorded]]:
        """On a full disk once more with the reserve that is kept for this."""
        counter = self._counter
        settled: Future[list[Recorded]] = Future()

        def first(future: Future[list[Recorded]]) -> None:
            error = future.exception()
            if isinstance(error, DiskFull) and counter.journal.give_up_ballast():
                counter.record([draft]).add_done_callback(second)
            else:
                second(future)

        def second(future: Future[list[Recorded]]) -> None:
            error = future.exception()
            if error is not None:
                settled.set_exception(error)
            else:
                settled.set_result(future.result())

        counter.record([draft]).add_done_callback(first)
        return settled

    def _settled(self, written: list[Recorded]) -> SettledView:
        """On the journal's thread, after COMMIT and witness."""
        counter = self._counter
        with counter.lock:
            counter.shift = None
            self._writing = False
        report = self._reports.settled()
        self._reports.print(report)
        counter.changed()
        difference = sum(tender.difference_minor for tender in report.tenders)
        assert report.z_number is not None
        return SettledView(report.z_number, written[-1].number, difference, report)

    def _not_settled(self) -> None:
        self._writing = False


def compare_with(covered: shifts.Covered, count: Mapping[str, Any]) -> tuple[SettledTender, ...]:
    """What was expected beside what the body of a `till_counted` says."""
    counted = {
        tender["tender_code"]: (tender["tender_kind"], tender["counted_minor"]) for tender in count["tenders"]
    }
    return compare(covered.sums.totals, counted)


def needs_reason(tenders: tuple[SettledTender, ...], policy: CashPolicy) -> bool:
    """Over or short by more than the chain lets pass."""
    return any(abs(tender.difference_minor) > policy.difference_free_minor for tender in tenders)
