"""A sheet: a heading, a few facts, and rows in columns that the arrows walk through.

Rows are asked for one by one as they are painted, so a sheet of five thousand costs what one screen costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from pos_client.receipts.report_csv import BYTE_ORDER_MARK, csv_of
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.modes import EntryLook, Mode
from pos_client.ui.shell.scan_text import looks_like_code
from pos_core.errors import TidemarkError

Tone = Literal["", "danger", "caution", "good", "soft"]


@dataclass(frozen=True, slots=True)
class Column:
    """`name` is a catalogue key; `share` its part of the width; numbers stand right."""

    name: str
    share: int
    right: bool = False


@dataclass(frozen=True, slots=True)
class SheetRow:
    """Ready words, one for each column."""

    cells: tuple[str, ...]
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure above the rows, in ready words."""

    label: str
    value: str
    tone: Tone = ""


class SheetMode(Mode):
    """Subclasses say what stands there. A scan that is not meant for the page closes it and is rung up."""

    page: ClassVar[str] = "sheet"
    columns: tuple[Column, ...] = ()

    def __init__(self, bench: Bench, look: EntryLook, *, context: str = "sheet") -> None:
        super().__init__(bench.stack)
        self.bench = bench
        self.desk = bench.desk
        self.chosen = 0
        self.page_rows = 10
        self._look = look
        self._context = context

    @property
    def context(self) -> str:
        return self._context

    @property
    def look(self) -> EntryLook:
        return self._look

    @property
    def title(self) -> str:
        """Ready words."""
        raise NotImplementedError

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Above the rows."""
        return ()

    @property
    def idle(self) -> frozenset[str]:
        return frozenset() if self.row_count else frozenset({"void", "mark", "detail"})

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def row(self, at: int) -> SheetRow:
        """One row, in the language of the moment."""
        raise NotImplementedError

    @property
    def empty_words(self) -> str:
        """What stands there when there are none."""
        return self.desk.texts.say("pick.empty")

    def take(self, row: int) -> None:
        """Touched: choose it; touched again: open it."""
        if not 0 <= row < self.row_count:
            return
        if row == self.chosen:
            self.opened(row)
        else:
            self.choose(row)

    def opened(self, row: int) -> None:
        """Enter on a row."""

    def choose(self, row: int) -> None:
        """Highlight a row."""
        self.chosen = max(0, min(row, self.row_count - 1))
        self.changed.emit()

    def entered(self, text: str) -> None:
        if looks_like_code(text.strip()):
            self.bench.stack.only()
            self.bench.stack.top.entered(text)
        elif not text.strip():
            if self.row_count:
                self.opened(self.chosen)
        else:
            self.said(text.strip())

    def said(self, text: str) -> None:
        """Something was typed that is no code."""
        self.desk.beep()
        self.desk.messages.show("refusal", "sheet.not_asked", text=text)

    @property
    def saved_as(self) -> str:
        """The name of its file; a page of one thing among many says which."""
        return self._look.name.removesuffix(".title").upper().replace(".", "-")

    @property
    def preface(self) -> list[list[str]]:
        """Rows above the names of its columns in the file."""
        return []

    def save(self) -> None:
        """Every row as CSV, where reports lie."""
        texts = self.desk.texts
        names = [texts.say(column.name) for column in self.columns]
        rows = [*self.preface, names, *(list(self.row(at).cells) for at in range(self.row_count))]
        try:
            path = self.desk.workstation.reports.save_text(self.saved_as, BYTE_ORDER_MARK + csv_of(rows))
        except TidemarkError as error:
            self.desk.refuse(error)
            return
        self.desk.messages.show("good", "report.saved", path=str(path))

    def act(self, action: str, text: str) -> bool:
        if action == "save":
            self.save()
            return True
        steps = {"up": -1, "down": 1, "page_up": -self.page_rows, "page_down": self.page_rows}
        if action not in steps:
            return False
        if self.row_count:
            self.choose(self.chosen + steps[action])
        return True

    def back(self, text: str) -> None:
        self.text_set.emit("")
        if not text:
            self.bench.stack.pop(self)
