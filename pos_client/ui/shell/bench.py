"""What a page of the window works with: the desk, the stack that it lies on, and the sale beneath."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import SignalInstance

from pos_client.services.views.basket import BasketView, Entered, LineView
from pos_client.services.views.payment import CompletedSale
from pos_client.services.views.returns import CompletedReturn
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import ModeStack


class SalePage(Protocol):
    """What a page may ask of the sale that it covers; `pos_client.ui.sale.sale_mode` says what each does."""

    @property
    def changed(self) -> SignalInstance: ...

    @property
    def text_set(self) -> SignalInstance: ...

    @property
    def basket(self) -> BasketView: ...

    @property
    def acted_on(self) -> LineView | None: ...

    @property
    def stands(self) -> bool: ...

    def entered(self, text: str) -> None: ...

    def came_in(self, entered: Entered, text: str = "") -> None: ...

    def keep_for_later(self, code: str) -> None: ...

    def resume(self) -> None: ...

    def show_basket(self, *, rung_up: bool = False) -> None: ...

    def choose_line(self, line_no: int) -> None: ...

    def forget_last_sale(self) -> None: ...

    def finished(self, sale: CompletedSale) -> None: ...

    def money_went_back(self, back: CompletedReturn) -> None: ...


@dataclass(frozen=True)
class Bench:
    """Push a mode on `stack` to open a page."""

    desk: Desk
    stack: ModeStack
    sale: SalePage
