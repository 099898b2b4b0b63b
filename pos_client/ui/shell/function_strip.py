"""The strip at the bottom: what can be done now, each with its key; the same by touch."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.key_button import TOUCH_MIN, KeyButton
from pos_client.ui.shell.theme import Theme

_PRIMARY = frozenset({"pay", "confirm", "finish"})
PRIMARY_WIDTH = 388
PRIMARY_SHARE = 0.285
"""Of the window: in a small one the lines' names need the room more than the total does."""
OTHER_WIDTH_MAX = 190
_MEANS_ELSE = {
    ("adjust", "void"): "adjust.take_back",
    ("held", "void"): "held.give_up",
    ("note", "void"): "note.take_off",
    ("return_lines", "pay"): "return.refund",
    ("return_lines", "return"): "return.exchange",
    ("return_lines", "void"): "return.leave_out",
    ("receipts", "find"): "return.look_up",
    ("transfer_list", "mark"): "transfer.all",
    ("order", "detail"): "replenish.why_short",
    ("order", "finish"): "replenish.send",
    ("staff", "detail"): "staff.new_pin",
    ("staff", "mark"): "staff.switch",
    ("labels", "mark"): "labels.tick",
    ("labels", "finish"): "labels.print_all",
    ("day", "finish"): "day.print",
}
"""Buttons that mean something of their own in a context."""
ROW_MAX = 9
"""Buttons a row; more go into a second row, and the primary one beside both."""
ROWS_MAX = 2


def primary_width(theme: Theme, window_width: int) -> int:
    """The column of the total, and of the primary button beneath it."""
    return min(theme.px(PRIMARY_WIDTH), round(window_width * PRIMARY_SHARE))


class FunctionStrip(QWidget):
    """`show_context` puts the buttons of that context there."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._pages: dict[str, QWidget] = {}
        self._buttons: dict[str, list[tuple[str, KeyButton]]] = {}
        self._context = ""
        desk.theme.bind(self._measure)
        desk.texts.on_change(self._rename)

    def show_context(self, context: str, idle: frozenset[str] = frozenset()) -> None:
        """Buttons are made once a context and then only shown and hidden; those of `idle` do nothing now."""
        if context == self._context:
            self._rest(context, idle)
            return
        if self._context in self._pages:
            self._pages[self._context].hide()
        self._context = context
        if context not in self._pages:
            self._pages[context] = self._make(context)
            self._rename()
        self._rest(context, idle)
        self._measure()
        self._pages[context].show()

    def _rest(self, context: str, idle: frozenset[str]) -> None:
        for action, button in self._buttons[context]:
            if button.isHidden() != (action in idle):
                button.setVisible(action not in idle)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def _make(self, context: str) -> QWidget:
        page, made = QWidget(self), []
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, 0, 0)
        actions = self._desk.keys.keymap.strips[context]
        others = [action for action in actions if action not in _PRIMARY]
        a_row = -(-len(others) // _rows(actions)) if others else 1
        for place, action in enumerate(others):
            button = self._button(context, action)
            grid.addWidget(button, place // a_row, place % a_row)
            made.append((action, button))
        grid.setColumnStretch(a_row, 1)
        for place, action in enumerate(action for action in actions if action in _PRIMARY):
            button = self._button(context, action, primary=True)
            grid.addWidget(button, 0, a_row + 1 + place, _rows(actions), 1)
            made.append((action, button))
        self._buttons[context] = made
        return page

    def _button(self, context: str, action: str, *, primary: bool = False) -> KeyButton:
        keys = self._desk.keys.keymap.keys_of(context, action)
        button = KeyButton(self._desk.theme, keys[0] if keys else "", primary=primary)
        button.clicked.connect(partial(self._touched, action))
        return button

    def _measure(self) -> None:
        """The primary button stands under the total; the others are as wide as their words ask for."""
        theme = self._desk.theme
        strips = self._desk.keys.keymap.strips
        gap = theme.px(6)
        rows = _rows(strips[self._context]) if self._context else 1
        self.setFixedHeight(theme.px(54) * rows + gap * (rows - 1))
        for context, page in self._pages.items():
            layout = page.layout()
            assert layout is not None
            layout.setSpacing(gap)
            for action, button in self._buttons[context]:
                if action in _PRIMARY:
                    button.setFixedWidth(self._primary_width(context, gap))
                    height = theme.px(54) * _rows(strips[context]) + gap * (_rows(strips[context]) - 1)
                    button.setFixedHeight(height)
                else:
                    button.setMaximumWidth(theme.px(OTHER_WIDTH_MAX))
        self._place()

    def _primary_width(self, context: str, gap: int) -> int:
        """As wide as the total; in a small window what the others leave of it."""
        wanted = primary_width(self._desk.theme, self.window().width())
        others = [button for action, button in self._buttons[context] if action not in _PRIMARY]
        a_row = -(-len(others) // _rows(self._desk.keys.keymap.strips[context])) if others else 0
        taken = sum(
            max(button.sizeHint().width() for button in others[column::a_row]) + gap
            for column in range(a_row)
        )
        primary = len(self._buttons[context]) - len(others)
        left = (self.width() - taken) // max(1, primary) - gap
        return max(self._desk.theme.px(2 * TOUCH_MIN), min(wanted, left))

    def _place(self) -> None:
        for page in self._pages.values():
            page.setGeometry(self.rect())

    def _touched(self, action: str, _checked: bool = False) -> None:
        self._desk.keys.act(action)

    def _rename(self) -> None:
        for context, buttons in self._buttons.items():
            for action, button in buttons:
                key = _MEANS_ELSE.get((context, action), f"action.{action}")
                button.setText(self._desk.texts.say(key))
                button.updateGeometry()
                button.update()


def _rows(actions: tuple[str, ...]) -> int:
    others = sum(action not in _PRIMARY for action in actions)
    return min(ROWS_MAX, max(1, -(-others // ROW_MAX)))
