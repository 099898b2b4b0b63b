"""Finding an item by name, part of a name, pinyin or initials, live while typing."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QTimer

from pos_client.services.views.items import FoundItem
from pos_client.ui.shell.bench import SalePage
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack, stepped
from pos_client.ui.shell.pick_list import PickRow
from pos_client.ui.shell.scan_text import looks_like_code
from pos_client.ui.text.catalogue import Texts
from pos_core.errors import TidemarkError

HITS_MAX = 20


class FindMode(Mode):
    """Keys that are already waiting are typed first and searched for once: a search never delays a key.

    Given `candidates` it chooses among those until something is typed.
    """

    page: ClassVar[str] = "find"

    def __init__(
        self,
        desk: Desk,
        stack: ModeStack,
        sale: SalePage,
        quantity_milli: int,
        *,
        candidates: tuple[FoundItem, ...] = (),
        seen: str = "",
    ) -> None:
        super().__init__(stack)
        self._desk = desk
        self._stack = stack
        self._sale = sale
        self._quantity_milli = quantity_milli
        self._text = ""
        self._searched = ""
        self.found: tuple[FoundItem, ...] = candidates
        self.chosen = 0
        self._said: tuple[tuple[FoundItem, ...], str, tuple[PickRow, ...]] | None = None
        self.seen = seen if candidates else ""
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._search)

    @property
    def context(self) -> str:
        return "find"

    @property
    def look(self) -> EntryLook:
        return EntryLook("entry.find", "entry.find.hint")

    @property
    def searched(self) -> str:
        """The text that `found` belongs to."""
        return self._searched

    @property
    def rows(self) -> tuple[PickRow, ...]:
        """The hits in words."""
        language = self._desk.texts.language
        if self._said is None or self._said[0] is not self.found or self._said[1] != language:
            self._said = (self.found, language, tuple(self._row(item) for item in self.found))
        return self._said[2]

    @property
    def empty_words(self) -> str:
        """That nothing was found, or what can be typed."""
        if self._searched:
            return self._desk.texts.say("find.nothing", text=self._searched)
        return self._desk.texts.say("find.empty")

    def typed(self, text: str) -> None:
        self._text = text
        self._soon.start()

    def entered(self, text: str) -> None:
        """Take the chosen hit; a scan goes to the sale as always."""
        if looks_like_code(text.strip()):
            self._leave()
            self.scanned(text)
            return
        if text.strip() != self._searched:
            self._text = text
            self._search()
        if self.found:
            self.take(self.chosen)
            return
        self._desk.beep()
        self._desk.messages.show("refusal", "find.nothing", text=text.strip())

    def take(self, row: int) -> None:
        """Choose the hit of that row."""
        if not 0 <= row < len(self.found):
            return
        item = self.found[row]
        self._leave()
        self.taken(item)

    def scanned(self, text: str) -> None:
        """A code came while the list was open: the sale's."""
        self._sale.entered(text)

    def taken(self, item: FoundItem) -> None:
        """A hit was chosen: into the basket."""
        try:
            entered = self._desk.workstation.ring_up.add_sku(item.sku, self._quantity_milli)
        except TidemarkError as error:
            self._desk.refuse(error)
            return
        self._sale.came_in(entered)

    def act(self, action: str, text: str) -> bool:
        if action == "find":
            self.back(text)
            return True
        if action not in {"up", "down"} or not self.found:
            return False
        self.chosen = stepped(self.chosen, action, len(self.found))
        self.changed.emit()
        return True

    def back(self, text: str) -> None:
        if text:
            self.text_set.emit("")
            self.typed("")
            return
        self._leave()

    def _row(self, item: FoundItem) -> PickRow:
        return PickRow(
            item.name, (item.gtin or "").lstrip("0") or item.sku, price_words(self._desk.texts, item)
        )

    def _leave(self) -> None:
        self._soon.stop()
        self.text_set.emit("")
        self._stack.pop(self)

    def _search(self) -> None:
        self._soon.stop()
        self._searched = self._text.strip()
        self.seen = ""
        try:
            hits = self._desk.workstation.find_item.search(self._searched, HITS_MAX) if self._searched else []
        except TidemarkError as error:
            self._desk.refuse(error)
            hits = []
        self.found = tuple(hits)
        self.chosen = 0
        self.changed.emit()


def price_words(texts: Texts, item: FoundItem) -> str:
    """The price with its unit, or that there is none."""
    if item.price_minor is None:
        return texts.say("find.open_price" if item.sale_kind == "open_price" else "find.no_price")
    return f"{texts.amount(item.price_minor)} / {item.unit}"
