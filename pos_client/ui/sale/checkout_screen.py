"""The checkout: one entry box that always has the keys, the page of the mode in front, total and strip."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from pos_client.services.views.basket import BasketView
from pos_client.services.views.payment import CompletedSale
from pos_client.services.views.returns import CompletedReturn
from pos_client.ui.sale.ask_mode import AskMode
from pos_client.ui.sale.find_mode import FindMode
from pos_client.ui.sale.lines_view import LinesView
from pos_client.ui.sale.sale_mode import SaleMode
from pos_client.ui.sale.side_cards import MemberStrip, NewestCard
from pos_client.ui.sale.total_panel import TotalPanel
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.card_mode import CardMode
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.entry_box import EntryBox
from pos_client.ui.shell.function_strip import FunctionStrip, primary_width
from pos_client.ui.shell.key_card import KeyCard
from pos_client.ui.shell.message_bar import MessageBar
from pos_client.ui.shell.modes import Mode, ModeStack
from pos_client.ui.shell.parts import card as make_card
from pos_client.ui.shell.parts import label
from pos_client.ui.shell.pick_list import PickView
from pos_client.ui.tender.done_view import DoneView, ReceiptView
from pos_client.ui.tender.pay_mode import PayMode
from pos_client.ui.tender.pay_view import PayView
from pos_client.ui.tender.receipt_mode import ReceiptMode

_OWN_PAGES = frozenset(("lines", "find", "pay", "done", "receipt", "card"))
"""Made with the screen; the others when they are first shown."""
_IDLE = {
    "lines": "idle.hint",
    "pay": "idle.pay",
    "find": "idle.find",
    "pick": "idle.pick",
    "manager_menu": "idle.manager",
    "manager_form": "idle.form",
    "manager_paper": "idle.paper",
    "sheet": "idle.sheet",
}
"""What the message bar says quietly on a page."""
_IDLE_OF = {
    "receipts": "idle.receipts",
    "return_lines": "idle.return_lines",
    "why": "idle.why",
    "pay_confirm": "",
}
"""The same where a context says more than its page."""


class CheckoutScreen(QWidget):
    """Builds, binds and forwards; what happens is decided by the mode in front and the services.

    Signals: `left_the_menu()`: the manager menu was closed, and nothing is open above scanning.
    """

    left_the_menu = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._desk = desk
        self.stack = ModeStack(self)
        self._menu_is_open = False
        self.sale = SaleMode(desk, self.stack, self)
        self.entry = EntryBox(desk.keys)
        self.lines = LinesView(desk.texts, desk.theme)
        self.total = TotalPanel(desk.texts, desk.theme)
        self.messages = MessageBar(desk.messages, desk.texts, desk.theme)
        self._newest = NewestCard(desk.texts, desk.theme)
        self._member = MemberStrip(desk.texts, desk.theme)
        self._strip = FunctionStrip(desk)
        self._mode_name = label("modeName")
        self._multiplier = label("multiplier")
        self._find = PickView(desk)
        self._pay = PayView(desk)
        self._done = DoneView(desk)
        self._receipt = ReceiptView(desk)
        self._card = KeyCard(desk)
        self._pages: dict[str, QWidget] = {
            "lines": self.lines,
            "find": self._find,
            "pay": self._pay,
            "done": self._done,
            "receipt": self._receipt,
            "card": self._card,
        }
        self._page = QStackedWidget()
        for page in self._pages.values():
            self._page.addWidget(page)
        self._lay_out()
        self.stack.mode_changed.connect(self._mode_changed)
        self.sale.basket_changed.connect(self._show_basket)
        self.sale.price_waits.connect(self.total.show_waiting)
        self.sale.hinted.connect(self.messages.set_hint)
        self.sale.sale_finished.connect(self._show_sale)
        self.sale.return_finished.connect(self._show_return)
        self.entry.textEdited.connect(self._typed)
        self.lines.clicked.connect(self._line_touched)
        desk.texts.on_change(self._dress_entry)
        self.stack.push(self.sale)

    # the key target

    @property
    def context(self) -> str:
        """The keymap context of the mode in front."""
        return self.stack.top.context

    def act(self, action: str) -> bool:
        """Every key that is no text ends here."""
        top, text = self.stack.top, self.entry.text()
        if action == "confirm":
            self.entry.clear()
            top.entered(text)
        elif action == "back":
            top.back(text)
        elif action == "language":
            self._desk.texts.switch()
        elif action == "offline":
            self._desk.switch_network()
        elif action == "help" and not isinstance(top, CardMode | AskMode):
            self.stack.push(CardMode(self._desk.keys.keymap, self.stack))
        elif action == "manager" and top is self.sale:
            self.open_manager()
        elif not top.act(action, text):
            return False
        self._after_key()
        return True

    def begin(self) -> None:
        """Come to the front: keys go here, the basket in progress is shown."""
        self._desk.keys.target = self
        self.entry.setFocus()
        self.sale.show_basket()
        self._after_key()

    def open_manager(self) -> None:
        """The manager menu, above scanning."""
        self.entry.clear()
        self._menu_is_open = True
        from pos_client.ui.manager.entries import main_menu  # see app.LATER

        main_menu(Bench(self._desk, self.stack, self.sale))

    # what the modes tell

    def _typed(self, text: str) -> None:
        self.stack.top.typed(text)
        self._after_key()

    def _after_key(self) -> None:
        """What depends on the text: the multiplier chip, and a context that a first digit changes."""
        top = self.stack.top
        self._strip.show_context(top.context, top.idle)
        shown = self.sale.multiplier_shown(self.entry.text()) if top is self.sale else ""
        if shown:
            self._multiplier.setText(f"× {shown}")
        if self._multiplier.isVisible() != bool(shown):
            self._multiplier.setVisible(bool(shown))

    def _mode_changed(self, mode: Mode) -> None:
        for signal, slot in ((mode.text_set, self._set_text), (mode.changed, self._dress_entry)):
            signal.connect(slot, Qt.ConnectionType.UniqueConnection)
        if isinstance(mode, FindMode):
            self._find.bind(mode)
        elif isinstance(mode, PayMode):
            self._pay.bind(mode)
        elif isinstance(mode, ReceiptMode):
            self._receipt.receipt.show_receipt(mode.receipt)
        elif isinstance(mode, CardMode):
            self._card.bind(mode)
        elif mode.page not in _OWN_PAGES:
            self._made_page(mode).bind(mode)
        self._show_page()
        self._dress_entry()
        if mode is self.sale and self._menu_is_open:
            self._menu_is_open = False
            self.left_the_menu.emit()

    def _made_page(self, mode: Mode) -> Any:
        """The page of a mode of the manager menu, made when it is first shown."""
        if mode.page not in self._pages:
            from pos_client.ui.manager.pages import PAGES

            self._pages[mode.page] = PAGES[mode.page](self._desk)
            self._page.addWidget(self._pages[mode.page])
        return self._pages[mode.page]

    def _show_page(self) -> None:
        mode = self.stack.top
        if isinstance(mode, AskMode):
            mode = self.stack.beneath
        name = mode.page_now if isinstance(mode, SaleMode) else mode.page
        self.messages.set_idle(_IDLE_OF.get(mode.context, _IDLE.get(name, "")))
        if self._page.currentWidget() is not self._pages[name]:
            for panel in (self.total, self._newest, self._member):
                panel.setVisible(name != "card")  # the key card needs the whole width to be read
            self._page.setCurrentWidget(self._pages[name])

    def _dress_entry(self) -> None:
        texts, look = self._desk.texts, self.stack.top.look
        self._mode_name.setText(texts.say(look.name, **dict(look.name_facts)))
        self.entry.setPlaceholderText(texts.say(look.placeholder))
        if isinstance(self.stack.top, PayMode):
            self.total.show_payment(self.stack.top.view)
            self.messages.set_idle(_IDLE_OF.get(self.stack.top.context, _IDLE["pay"]))
        elif self.stack.top is self.sale:
            self.total.show_payment(None)
        echo = QLineEdit.EchoMode.Password if look.is_secret else QLineEdit.EchoMode.Normal
        if self.entry.echoMode() != echo:
            self.entry.setEchoMode(echo)
        self._after_key()

    def _set_text(self, text: str) -> None:
        self.entry.setText(text)

    def _show_basket(self, basket: BasketView) -> None:
        if not basket.lines:
            self.messages.set_hint("")
        self.lines.show_basket(basket)
        self.total.show_basket(basket)
        self._newest.show_basket(basket)
        self._member.show_basket(basket)

    def _show_sale(self, sale: CompletedSale | None) -> None:
        self._done.show_sale(sale)
        self._show_page()

    def _show_return(self, back: CompletedReturn | None) -> None:
        self._done.show_return(back)
        self._show_page()

    def _line_touched(self, index: QModelIndex) -> None:
        if self.stack.top is self.sale and not self._desk.keys.holding:
            self.sale.choose_line(self.lines.lines.lines[index.row()].line_no)

    def _lay_out(self) -> None:
        theme = self._desk.theme
        entry_row = QHBoxLayout()
        for widget in (self._mode_name, self._multiplier):
            widget.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            entry_row.addWidget(widget)
        entry_row.addWidget(self.entry, 1)
        self._multiplier.hide()
        card = make_card()
        inner = QVBoxLayout(card)
        inner.addWidget(self._page)
        left = QVBoxLayout()
        left.addLayout(entry_row)
        left.addWidget(self.messages)
        left.addWidget(card, 1)
        right = QVBoxLayout()
        for panel in (self.total, self._newest, self._member):
            right.addWidget(panel)
        right.addStretch(1)
        upper = QHBoxLayout()
        upper.addLayout(left, 1)
        upper.addLayout(right)
        whole = QVBoxLayout(self)
        whole.addLayout(upper, 1)
        whole.addWidget(self._strip)

        def measure() -> None:
            edge, gap = theme.px(14), theme.px(10)
            whole.setContentsMargins(edge, edge, edge, gap)
            inner.setContentsMargins(1, theme.px(4), 1, theme.px(4))
            for layout in (whole, upper, left, right, entry_row):
                layout.setSpacing(gap)
            upper.setSpacing(edge)
            for widget in (self.entry, self._mode_name, self._multiplier):
                widget.setFixedHeight(theme.px(56))
            self._share_width()

        theme.bind(measure)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    def _share_width(self) -> None:
        width = primary_width(self._desk.theme, self.width())
        for panel in (self.total, self._newest, self._member):
            panel.setFixedWidth(width)
