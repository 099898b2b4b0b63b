"""A window with the keys of the stock menu."""

from __future__ import annotations

from typing import TypeVar

from pos_client.ui.goods.sheet import SheetMode
from pos_client.ui.manager.menu_mode import MenuMode
from pos_client.ui.shell.modes import Mode
from tests.ui.real_till import RealTill

M = TypeVar("M", bound=Mode)


class StockTill(RealTill):
    """Opens entries by their number, as a person does."""

    def open_stock(self, name: str) -> None:
        """The stock menu, and an entry of it."""
        self.press("<Shift+F11>")
        self.press(self.number("manager.goods"))
        self.press(self.number(name))

    def top(self, kind: type[M]) -> M:
        """The page in front, which must be of this kind."""
        top = self.window.checkout.stack.top
        assert isinstance(top, kind), (type(top).__name__, self.message)
        return top

    def cells(self) -> list[tuple[str, ...]]:
        """Every row of the sheet in front."""
        sheet = self.top(SheetMode)
        return [sheet.row(at).cells for at in range(sheet.row_count)]

    def number(self, name: str) -> str:
        menu = self.top(MenuMode)
        return f"{[entry.name for entry in menu.entries].index(name) + 1}\n"
