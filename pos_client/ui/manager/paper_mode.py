"""A report on the screen as it stands on paper: Enter prints it, Ctrl+S saves it as PDF and CSV."""

from __future__ import annotations

from typing import ClassVar

from pos_client.receipts.model import Language
from pos_client.receipts.report import Report
from pos_client.receipts.report_layout import lay_out_report
from pos_client.receipts.rows import Row
from pos_client.services.views import PrinterView
from pos_client.ui.manager.entry import Bench
from pos_client.ui.manager.pdf import save_pdf
from pos_client.ui.shell.modes import EntryLook, Mode
from pos_core.errors import TidemarkError

SCREEN_COLUMNS = 48


class PaperMode(Mode):
    """A scan closes it and is rung up, as from any panel."""

    page: ClassVar[str] = "manager_paper"

    def __init__(self, bench: Bench, report: Report, name: str) -> None:
        super().__init__(bench.stack)
        self._bench = bench
        self.report = report
        self._look = EntryLook(name, "report.hint")
        self.scrolled = 0

    @property
    def rows(self) -> list[Row]:
        """The report's rows, in the window's language; paper keeps the store's."""
        language: Language = "en" if self._bench.desk.texts.language == "en" else "zh"
        return lay_out_report(self.report.in_language(language), SCREEN_COLUMNS)

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
        printed = desk.workstation.reports.print(self.report)
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
            path = desk.workstation.reports.save_csv(self.report)
            save_pdf(self.rows, SCREEN_COLUMNS, path.with_suffix(".pdf"), self.report.name)
        except TidemarkError as error:
            desk.refuse(error)
            return
        desk.messages.show("good", "report.saved", path=str(path.with_suffix("")))
