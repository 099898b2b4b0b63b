"""Who brought a delivery that nobody ordered: typed letters narrow the list, Enter takes the chosen one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pos_client.ui.goods.sheet import Column, SheetMode, SheetRow
from pos_client.ui.manager.entry import Bench
from pos_client.ui.shell.modes import EntryLook
from pos_core.stock.purchase import Supplier


class SupplierMode(SheetMode):
    """`picked("")`: nobody knows, or he is not in the list."""

    columns = (Column("goods.supplier_code", 30), Column("goods.supplier", 70))

    def __init__(self, bench: Bench, suppliers: Sequence[Supplier], picked: Callable[[str], None]) -> None:
        super().__init__(bench, EntryLook("goods.which_supplier", "goods.which_supplier.hint"))
        self._all = tuple(suppliers)
        self._picked = picked
        self._wanted = ""
        self._shown = self._all

    @property
    def title(self) -> str:
        return self.desk.texts.say("goods.which_supplier")

    @property
    def row_count(self) -> int:
        return len(self._shown) + 1

    def row(self, at: int) -> SheetRow:
        if at == len(self._shown):
            return SheetRow(("", self.desk.texts.say("goods.supplier_unknown")), "soft")
        return SheetRow((self._shown[at].supplier_id, self._shown[at].name))

    def typed(self, text: str) -> None:
        """Every letter narrows it."""
        self._narrow(text)

    def entered(self, text: str) -> None:
        """A supplier's code may look like one off an item: here it is a supplier's."""
        self._narrow(text)
        if text.strip() and not self._shown:
            self.desk.beep()
            self.desk.messages.show("refusal", "goods.no_such_supplier", text=text.strip())
            self._narrow("")
            return
        self.opened(self.chosen)

    def opened(self, row: int) -> None:
        self.bench.stack.pop(self)
        self._picked(self._shown[row].supplier_id if row < len(self._shown) else "")

    def back(self, text: str) -> None:
        super().back(text)
        self._narrow("")

    def _narrow(self, text: str) -> None:
        wanted = text.strip().casefold()
        if wanted == self._wanted:
            return
        self._wanted, self.chosen = wanted, 0
        self._shown = tuple(each for each in self._all if wanted in _said(each))
        self.changed.emit()


def _said(supplier: Supplier) -> str:
    return f"{supplier.supplier_id} {supplier.name}".casefold()
