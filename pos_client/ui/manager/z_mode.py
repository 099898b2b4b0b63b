"""Settled shifts: which Z report is shown again, and which were restated by documents that came later."""

from __future__ import annotations

from collections.abc import Callable

from pos_client.receipts.report import Report
from pos_client.ui.goods.sheet import Column, Fact, SheetMode, SheetRow
from pos_client.ui.manager.paper_mode import PaperMode, paper_of
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.modes import EntryLook
from pos_client.ui.text.formats import format_time
from pos_core.errors import TidemarkError

_WHEN = "MM-dd HH:mm"
_NUMBER_DIGITS = 9
"""No report has a longer number; a scanned code does."""


class ZMode(SheetMode):
    """The newest first; a typed number shows that report, an older one than are listed too."""

    columns = (
        Column("z.number", 12),
        Column("z.day", 18),
        Column("z.opened", 17),
        Column("z.settled", 17),
        Column("z.over", 16, right=True),
        Column("z.restated", 30, right=True),
    )

    def __init__(self, bench: Bench) -> None:
        """Raises NotSignedOn, NotAllowed."""
        super().__init__(bench, EntryLook("manager.z_report", "z.hint"))
        self._reports = bench.desk.workstation.reports
        self._rows = self._reports.z_reports()
        self._zone = bench.desk.workstation.status.view().time_zone

    @property
    def title(self) -> str:
        return self.desk.texts.say("manager.z_report")

    @property
    def facts(self) -> tuple[Fact, ...]:
        restated = sum(bool(each.late_count) for each in self._rows)
        return (
            Fact(self.desk.texts.say("z.listed"), str(len(self._rows))),
            Fact(self.desk.texts.say("z.restated"), str(restated), "caution" if restated else ""),
        )

    @property
    def row_count(self) -> int:
        return len(self._rows)

    def row(self, at: int) -> SheetRow:
        each, texts = self._rows[at], self.desk.texts
        late = ""
        if each.late_count:
            late = texts.say("z.late", count=each.late_count, amount_minor=each.restated_minor)
        cells = (
            str(each.z_number),
            each.business_day,
            format_time(each.opened_at_ms, self._zone, _WHEN),
            format_time(each.settled_at_ms, self._zone, _WHEN),
            texts.amount(each.over_minor) if each.over_minor else "–",
            late or "–",
        )
        return SheetRow(cells, "caution" if each.late_count else "")

    def opened(self, row: int) -> None:
        self._show(lambda: self._reports.z_report(self._rows[row].z_number))

    def said(self, text: str) -> None:
        if not (text.isascii() and text.isdigit() and len(text) <= _NUMBER_DIGITS):
            super().said(text)
            return
        self._show(lambda: self._reports.z_report(int(text)))

    def _show(self, make: Callable[[], Report]) -> None:
        try:
            report = make().as_copy()
        except TidemarkError as error:
            self.desk.refuse(error)
            return
        self.desk.messages.clear()
        self.bench.stack.push(PaperMode(self.bench, paper_of(self.bench, report), "report.z"))


def z_report(bench: Bench) -> None:
    """The menu's entry."""
    try:
        mode = ZMode(bench)
    except TidemarkError as error:
        bench.desk.refuse(error)
        return
    bench.stack.push(mode)
