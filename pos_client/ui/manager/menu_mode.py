"""The menu itself: a number or the arrows, and Enter, or a touch. A scan closes it and is rung up."""

from __future__ import annotations

from typing import ClassVar

from pos_client.ui.manager.entry import Entry
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.modes import EntryLook, Mode
from pos_client.ui.shell.scan_text import looks_like_code


class MenuMode(Mode):
    """`entries` are numbered from 1; `chosen` is the row that Enter opens."""

    page: ClassVar[str] = "manager_menu"

    def __init__(self, bench: Bench, entries: tuple[Entry, ...]) -> None:
        super().__init__(bench.stack)
        self._bench = bench
        self.entries = entries
        self.chosen = 0

    @property
    def context(self) -> str:
        return "menu"

    @property
    def look(self) -> EntryLook:
        return EntryLook("entry.menu", "entry.menu.hint")

    def typed(self, text: str) -> None:
        """A number shows what it would open."""
        row = self._row(text)
        if row is not None:
            self.chosen = row
            self.changed.emit()

    def entered(self, text: str) -> None:
        if looks_like_code(text.strip()):
            self._bench.stack.pop(self)
            self._bench.stack.top.entered(text)
            return
        row = self._row(text) if text.strip() else self.chosen
        if row is None:
            self._bench.desk.beep()
            self._bench.desk.messages.show("refusal", "manager.no_such_entry", text=text.strip())
            return
        self.take(row)

    def take(self, row: int) -> None:
        """Open an entry; the menu is beneath it, so Esc comes back here."""
        if 0 <= row < len(self.entries):
            self._bench.desk.messages.clear()
            self.entries[row].open(self._bench)

    def act(self, action: str, text: str) -> bool:
        if action == "manager":
            self.back(text)
            return True
        if action not in {"up", "down"} or not self.entries:
            return False
        self.chosen = (self.chosen + (1 if action == "down" else -1)) % len(self.entries)
        self.changed.emit()
        return True

    def back(self, text: str) -> None:
        self.text_set.emit("")
        if not text:
            self._bench.stack.pop(self)

    def _row(self, text: str) -> int | None:
        digits = text.strip()
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 2):
            return None
        return int(digits) - 1 if 1 <= int(digits) <= len(self.entries) else None
