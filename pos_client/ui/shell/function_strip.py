"""The strip at the bottom: what can be done now, each with its key; the same by touch."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.key_button import KeyButton

_PRIMARY = frozenset({"pay", "confirm"})
PRIMARY_WIDTH = 388
OTHER_WIDTH_MAX = 190


class FunctionStrip(QWidget):
    """`show_context` puts the buttons of that context there."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._pages: dict[str, list[tuple[str, KeyButton]]] = {}
        self._gap = QWidget()
        self._gap.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Fixed)
        self._row.addWidget(self._gap)
        self._context = ""
        desk.theme.bind(self._measure)
        desk.texts.on_change(self._rename)

    def show_context(self, context: str) -> None:
        """Buttons are made once a context and then only shown and hidden."""
        if context == self._context:
            return
        for _, button in self._pages.get(self._context, ()):
            button.hide()
        self._context = context
        if context not in self._pages:
            self._pages[context] = self._make(context)
            self._rename()
            self._measure()
        for _, button in self._pages[context]:
            button.show()

    def _make(self, context: str) -> list[tuple[str, KeyButton]]:
        made = []
        for action in self._desk.keys.keymap.strips[context]:
            keys = self._desk.keys.keymap.keys_of(context, action)
            button = KeyButton(self._desk.theme, keys[0] if keys else "", primary=action in _PRIMARY)
            button.clicked.connect(partial(self._touched, action))
            made.append((action, button))
            if action not in _PRIMARY:
                self._row.insertWidget(self._row.indexOf(self._gap), button)
            else:
                self._row.addWidget(button)
        return made

    def _measure(self) -> None:
        """The primary button stands under the total; the others are as wide as their words ask for."""
        theme = self._desk.theme
        self._row.setSpacing(theme.px(8))
        self.setFixedHeight(theme.px(54))
        for buttons in self._pages.values():
            for action, button in buttons:
                if action in _PRIMARY:
                    button.setFixedWidth(theme.px(PRIMARY_WIDTH))
                else:
                    button.setMaximumWidth(theme.px(OTHER_WIDTH_MAX))

    def _touched(self, action: str, _checked: bool = False) -> None:
        self._desk.keys.act(action)

    def _rename(self) -> None:
        for buttons in self._pages.values():
            for action, button in buttons:
                button.setText(self._desk.texts.say(f"action.{action}"))
                button.updateGeometry()
                button.update()
