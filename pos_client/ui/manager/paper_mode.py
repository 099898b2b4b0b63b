"""Paper on the screen: a report as it is printed. Enter prints it, Ctrl+S saves it as PDF and CSV."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from pos_client.receipts.model import Language
from pos_client.receipts.report import Report
from pos_client.receipts.report_layout import lay_out_report
from pos_client.receipts.rows import Row
from pos_client.services.views.devices import PrinterView
from pos_client.ui.manager.pdf import save_pdf
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.modes import EntryLook, Mode
from pos_core.errors import TidemarkError

SCREEN_COLUMNS = 48


@dataclass(frozen=True)
class Paper:
    """What may be shown, printed and saved.

    Attributes:
        rows: the rows in a language, on paper of so many columns.
        save_csv: writes the figures down and gives the file; the PDF lies beside it.
    """

    title: str
    rows: Callable[[Language, int], list[Row]]
    print: Callable[[], Future[PrinterView]]
    save_csv: Callable[[], Path]


def paper_of(bench: Bench, report: Report) -> Paper:
    """A report as paper."""
    reports = bench.desk.workstation.reports
    return Paper(
        report.name,
        lambda language, columns: lay_out_report(report.in_language(language), columns),
        lambda: reports.print(report),
        lambda: reports.save_csv(report),
    )


class PaperMode(Mode):
    """A scan closes it and is rung up, as from any panel."""

    page: ClassVar[str] = "manager_paper"

    def __init__(self, bench: Bench, paper: Paper, name: str) -> None:
        super().__init__(bench.stack)
        self._bench = bench
        self.paper = paper
        self._look = EntryLook(name, "report.hint")
        self.scrolled = 0

    @property
    def rows(self) -> list[Row]:
        """The report's rows, in the window's language; paper keeps the store's."""
        language: Language = "en" if self._bench.desk.texts.language == "en" else "zh"
        return self.paper.rows(language, SCREEN_COLUMNS)

    @property
    def context(self) -> str:
        return "paper"

    @property
    def look(self) -> EntryLook:
        return self._look

    def entered(self, text: str) -> None:
        if text.strip():
            self._bench.stack.only()
            self._bench.stack.top.entered(text)
            return
        desk = self._bench.desk
        printed = self.paper.print()
        desk.messages.show("info", "report.sent")
        desk.futures.watch(printed, self._printed, desk.refuse)

    def act(self, action: str, text: str) -> bool:
        if action in {"up", "down"}:
            self.scrolled += 1 if action == "down" else -1
            self.changed.emit()
            return True
        if action == "save":
            self._save()
            return True
        return False

    def back(self, text: str) -> None:
        self.text_set.emit("")
        if not text:
            self._bench.stack.pop(self)

    def _printed(self, printer: PrinterView) -> None:
        if printer.can_reprint or printer.state not in {"ready", "near_end"}:
            self._bench.desk.messages.show("refusal", "report.not_printed")

    def _save(self) -> None:
        desk = self._bench.desk
        try:
            path = self.paper.save_csv()
            save_pdf(self.rows, SCREEN_COLUMNS, path.with_suffix(".pdf"), self.paper.title)
        except TidemarkError as error:
            desk.refuse(error)
            return
        desk.messages.show("good", "report.saved", path=str(path.with_suffix("")))
