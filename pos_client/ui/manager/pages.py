"""The pages that modes of the manager menu are shown on; each is made when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtWidgets import QWidget

from pos_client.ui.goods.day_page import DayPage
from pos_client.ui.goods.sheet_view import SheetView
from pos_client.ui.manager.menu_view import MenuView
from pos_client.ui.manager.paper_view import PaperView
from pos_client.ui.shell.big_entry import BigEntryView
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.form_view import FormView
from pos_client.ui.shell.pick_list import PickView
from pos_client.ui.tender.charge_view import ChargeView


class Page(Protocol):
    """A widget that shows one kind of mode."""

    def bind(self, mode: Any, /) -> None:
        """Show this mode from now on."""
        ...


MakePage = Callable[[Desk], QWidget]

PAGES: dict[str, MakePage] = {
    "manager_menu": MenuView,
    "manager_form": FormView,
    "pick": PickView,
    "manager_paper": PaperView,
    "entry": BigEntryView,
    "charge": ChargeView,
    "sheet": SheetView,
    "stock_day": DayPage,
}
"""By `Mode.page`. The widget has `bind(mode)`."""
