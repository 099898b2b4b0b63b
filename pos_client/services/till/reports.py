"""X, Z and day reports: read from the journal, changing nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from pos_client.journal import shifts
from pos_client.journal.draft import document_key
from pos_client.journal.shifts import Covered, ShiftRow
from pos_client.receipts.report import Report, ReportKind
from pos_client.receipts.report_csv import report_csv
from pos_client.receipts.report_layout import lay_out_report
from pos_client.services.counter import Counter
from pos_client.services.papers.printing import Printing
from pos_client.services.papers.receipt_maker import ReceiptMaker
from pos_client.services.refusals.till import UnknownReport
from pos_client.services.refusals.workstation import NotSaved
from pos_client.services.staff.roles import require_act
from pos_client.services.views.devices import PrinterView
from pos_client.services.views.till import ZReportView
from pos_client.storage.durable import replace_durably
from pos_core.cash.report import GrandTotals, ReportSums
from pos_core.cash.settlement import SettledTender, compare
from pos_core.cash.store_day import over_of

Z_REPORTS_SHOWN = 60
_UNSAFE = re.compile(r"[^\w.-]+")
"""What no file name of any system should have."""


class Reports:
    """Each report is a value; printing and saving it are calls of their own."""

    def __init__(self, counter: Counter, maker: ReceiptMaker, printing: Printing, folder: Path) -> None:
        self._counter = counter
        self._folder = folder
        self._maker = maker
        self._printing = printing

    def x_report(self) -> Report:
        """The open shift so far. Raises NotSignedOn, NoOpenShift, NotAllowed."""
        counter = self._counter
        operator = require_act(counter, "x_report")
        shift_id = counter.require_shift().shift_id
        workstation_id = counter.identity.workstation_id

        def read(connection: Any) -> tuple[ShiftRow, Covered, GrandTotals]:
            shift = shifts.shift_by_id(connection, shift_id)
            assert shift is not None
            covered = shifts.covered(connection, shift, workstation_id)
            return shift, covered, shifts.grand_totals(connection)

        shift, covered, grand = counter.journal.read(read)
        return self._report(
            "x",
            covered,
            operator_id=operator.operator_id,
            business_day=shift.business_day,
            opened_at_ms=shift.opened_at_ms,
            at_ms=counter.time.now_ms(),
            grand=grand,
        )

    def z_reports(self, limit: int = Z_REPORTS_SHOWN) -> list[ZReportView]:
        """The newest first. Raises NotSignedOn, NotAllowed."""
        require_act(self._counter, "z_report")
        return self._counter.journal.read(lambda c: _listed(c, limit))

    def z_report(self, z_number: int | None = None) -> Report:
        """A settled shift's report, worked out again from its documents; None: the last one.

        Documents that came to light after the settlement are shown as what they change (`restated`).
        Raises NotSignedOn, NotAllowed, UnknownReport.
        """
        require_act(self._counter, "z_report")
        return self.settled(z_number)

    def settled(self, z_number: int | None = None) -> Report:
        """The same for whoever has just settled. Raises UnknownReport."""
        counter = self._counter
        workstation_id = counter.identity.workstation_id

        def read(connection: Any) -> tuple[ShiftRow, dict[str, Any], Covered, ReportSums, list[Any]] | None:
            number = z_number if z_number is not None else shifts.next_z_number(connection) - 1
            shift = shifts.shift_by_z(connection, number)
            if shift is None or shift.settled_key is None:
                return None
            document = shifts.settlement_of(connection, shift)
            covered = shifts.covered(connection, shift, workstation_id, shift.settled_key - 1)
            pieces = _pieces(connection, document)
            return shift, document, covered, shifts.late(connection, shift), pieces

        found = counter.journal.read(read)
        if found is None:
            raise UnknownReport("no such Z report here", z_number=z_number or 0)
        shift, document, covered, late, pieces = found
        body = document["body"]
        return self._report(
            "z",
            covered,
            operator_id=document["operator_id"],
            business_day=shift.business_day,
            opened_at_ms=shift.opened_at_ms,
            at_ms=document["occurred_at_ms"],
            grand=GrandTotals(body["grand_sales_minor"], body["grand_returns_minor"]),
            settlement=document,
            late=late,
            pieces=tuple(pieces),
        )

    def day_report(self, business_day: str | None = None) -> Report:
        """All shifts of a business day at this workstation; None: the present one.

        Raises NotSignedOn, NotAllowed.
        """
        counter = self._counter
        operator = require_act(counter, "x_report")
        day = business_day or counter.business_day()
        workstation_id = counter.identity.workstation_id
        covered = counter.journal.read(lambda c: shifts.covered_day(c, day, workstation_id))
        grand = counter.journal.read(shifts.grand_totals)
        return self._report(
            "day",
            covered,
            operator_id=operator.operator_id,
            business_day=day,
            opened_at_ms=None,
            at_ms=counter.time.now_ms(),
            grand=grand,
        )

    def print(self, report: Report) -> Future[PrinterView]:
        """On receipt paper; resolves with the printer's state."""
        return self._printing.print_rows(lay_out_report(report, self._printing.columns))

    def csv(self, report: Report) -> str:
        """For a spreadsheet. Raises nothing: whoever has the report may save it."""
        return report_csv(report)

    def save_csv(self, report: Report) -> Path:
        """Into the folder `reports` of the data folder; gives the file. Raises NotSaved."""
        return self.save_text(report.name, self.csv(report))

    def save_text(self, name: str, text: str) -> Path:
        """The same for another table. Raises NotSaved."""
        identity = self._counter.identity
        label = _UNSAFE.sub("_", f"{identity.store_id}-{identity.workstation_name}-{name}")
        path = self._folder / f"{label}.csv"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            replace_durably(path, text.encode())
        except OSError as error:
            raise NotSaved("the report cannot be written", path=str(path)) from error
        return path

    def _report(
        self,
        kind: ReportKind,
        covered: Covered,
        *,
        operator_id: str | None,
        business_day: str,
        opened_at_ms: int | None,
        at_ms: int,
        grand: GrandTotals,
        settlement: Mapping[str, Any] | None = None,
        late: ReportSums | None = None,
        pieces: tuple[tuple[int, int], ...] = (),
    ) -> Report:
        counter, context = self._counter, self._maker.context([], operator_id, {})
        rules = counter.rules
        body = settlement["body"] if settlement is not None else {}
        incarnation = (
            settlement["incarnation"] if settlement is not None else counter.journal.series.incarnation
        )
        known = rules.cash.reason("over_short", body.get("reason_code") or "")
        return Report(
            kind=kind,
            store_id=context.store.store_id,
            store_name=context.store.name,
            workstation_name=context.workstation_name,
            series_label=counter.identity.series_label(incarnation),
            operator_name=context.operator_name,
            business_day=business_day,
            time_zone=context.store.time_zone,
            opened_at_ms=opened_at_ms,
            at_ms=at_ms,
            currency=rules.currency,
            exponent=rules.exponent,
            covers=covered.covers,
            sums=covered.sums,
            tenders=_settled(body) if body else compare(covered.sums.totals, {}),
            grand=grand,
            tender_names={each.tender_code: (each.name, each.name_en) for each in rules.tender_types},
            pieces=pieces,
            z_number=body.get("z_number"),
            number=None if settlement is None else settlement["number"],
            reason=body.get("reason") or "",
            reason_names=(known.name, known.name_en) if known is not None else ("", ""),
            cover_labels=tuple(counter.identity.series_label(each.incarnation) for each in covered.covers),
            held_count=len(body.get("held_ids", ())),
            restated=_restated(late),
            late_count=0 if late is None else late.document_count,
            language=self._maker.language,
            is_training=counter.is_training,
        )


def _settled(body: Mapping[str, Any]) -> tuple[SettledTender, ...]:
    return tuple(
        SettledTender(
            tender["tender_code"], tender["tender_kind"], tender["expected_minor"], tender["counted_minor"]
        )
        for tender in body["tenders"]
    )


def _listed(connection: Any, limit: int) -> list[ZReportView]:
    rows = shifts.settled_shifts(connection, limit=limit)
    late = shifts.late_of_all(connection, rows[-1].z_number or 0) if rows else {}
    found = []
    for row in rows:
        document = shifts.settlement_of(connection, row)
        sums = late.get(row.shift_id, ReportSums())
        found.append(
            ZReportView(
                row.z_number or 0,
                row.business_day,
                row.opened_at_ms,
                row.operator_id or "",
                document["occurred_at_ms"],
                over_of(document["body"]["tenders"]),
                sums.document_count,
                sum(amount for _, amount in _restated(sums)),
            )
        )
    return found


def _restated(late: ReportSums | None) -> tuple[tuple[str, int], ...]:
    if late is None:
        return ()
    return tuple(
        (code, tender.expected_minor)
        for code, tender in sorted(late.totals.tenders.items())
        if tender.expected_minor
    )


def _pieces(connection: Any, settlement: Mapping[str, Any]) -> list[tuple[int, int]]:
    """The notes and coins of the count that a settlement stands on."""
    key = document_key(settlement["incarnation"], settlement["body"].get("count_number", 0))
    count = shifts.document_at(connection, key)
    if count is None:
        return []
    return [
        (piece["value_minor"], piece["count"])
        for tender in count["body"]["tenders"]
        for piece in tender["pieces"]
    ]
