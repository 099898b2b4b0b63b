"""A long list that one of is chosen from: typed letters narrow it, Enter takes the chosen row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pos_client.ui.goods.sheet import Column, SheetMode, SheetRow
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.modes import EntryLook


@dataclass(frozen=True, slots=True)
class Choice:
    """`cells` are ready words; what is typed is looked for in all of them, and in `also`."""

    key: str
    cells: tuple[str, ...]
    also: str = ""


class NarrowMode(SheetMode):
    """`picked` gets a key. `last`: a row that is always there, in ready words; its key is ""."""

    nothing = "narrow.nothing"

    def __init__(  # noqa: PLR0917
        self,
        bench: Bench,
        look: EntryLook,
        columns: tuple[Column, ...],
        choices: Sequence[Choice],
        picked: Callable[[str], None],
        last: tuple[str, ...] | None = None,
    ) -> None:
        super().__init__(bench, look)
        self.columns = columns
        self._all = tuple(choices)
        self._picked = picked
        self._last = last
        self._wanted = ""
        self._shown = self._all

    @property
    def title(self) -> str:
        return self.desk.texts.say(self.look.name)

    @property
    def row_count(self) -> int:
        return len(self._shown) + (self._last is not None)

    def row(self, at: int) -> SheetRow:
        if at == len(self._shown):
            return SheetRow(self._last or (), "soft")
        return SheetRow(self._shown[at].cells)

    def typed(self, text: str) -> None:
        """Every letter narrows it."""
        self._narrow(text)

    def entered(self, text: str) -> None:
        """A code may look like one off an item: here it is one of the list."""
        self._narrow(text)
        if text.strip() and not self._shown:
            self.desk.beep()
            self.desk.messages.show("refusal", self.nothing, text=text.strip())
            self._narrow("")
            return
        self.opened(self.chosen)

    def opened(self, row: int) -> None:
        if row >= self.row_count:
            return
        self.bench.stack.pop(self)
        self._picked(self._shown[row].key if row < len(self._shown) else "")

    def back(self, text: str) -> None:
        super().back(text)
        self._narrow("")

    def _narrow(self, text: str) -> None:
        wanted = text.strip().casefold()
        if wanted == self._wanted:
            return
        self._wanted, self.chosen = wanted, 0
        self._shown = tuple(
            each for each in self._all if wanted in " ".join((*each.cells, each.also)).casefold()
        )
        self.changed.emit()
