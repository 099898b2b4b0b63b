"""Signing on: operator number, then PIN. The PIN is never shown, kept or logged here."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from pos_client.services.views.staff import OperatorView
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.entry_box import EntryBox
from pos_client.ui.shell.key_button import KeyButton
from pos_client.ui.shell.pad_page import lay_out_pad_page
from pos_client.ui.shell.parts import label
from pos_core.errors import TidemarkError


class SignOnScreen(QWidget):
    """Signals: `signed_on(OperatorView)`."""

    signed_on = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._desk = desk
        self.number = EntryBox(desk.keys)
        self.pin = EntryBox(desk.keys)
        self.pin.setEchoMode(EntryBox.EchoMode.Password)
        self._go = KeyButton(desk.theme, "Enter", primary=True)
        self._go.clicked.connect(lambda: desk.keys.act("confirm"))
        self._language = KeyButton(desk.theme, self._key_of("language"))
        self._language.clicked.connect(lambda: desk.keys.act("language"))
        self._lay_out()
        desk.keys.on_holding(lambda holding: self._go.setText(self._go_words(holding)))
        desk.texts.on_change(lambda: self._go.setText(self._go_words(False)))
        self._go.setText(self._go_words(False))
        desk.texts.bind(self._language.setText, "action.language")

    @property
    def context(self) -> str:
        """The keymap context."""
        return "sign_on"

    @property
    def entry(self) -> EntryBox:
        """Number first, then the PIN."""
        return self.pin if self.pin.hasFocus() else self.number

    def act(self, action: str) -> bool:
        """Enter goes on, Esc goes back a box."""
        if action == "confirm":
            self._confirm()
        elif action == "back":
            self._back()
        elif action == "language":
            self._desk.texts.switch()
        elif action == "offline":
            self._desk.switch_network()
        elif action != "help":
            return False
        return True

    def begin(self) -> None:
        """Come to the front with empty boxes."""
        self._desk.keys.target = self
        self.number.clear()
        self.pin.clear()
        self.number.setFocus()

    def sign_on(self, operator_number: str, pin: str) -> None:
        """Ask the service; keys typed meanwhile are kept for the screen that follows."""
        self._desk.messages.clear()
        try:
            future = self._desk.workstation.session.sign_on(operator_number, pin)
        except TidemarkError as error:
            self._refused(error)
            return
        self._desk.wait_for(future, self._signed_on, self._refused)

    def _confirm(self) -> None:
        number, pin = self.number.text().strip(), self.pin.text()
        if not self.pin.hasFocus():
            if number:
                self.pin.setFocus()
            return
        if number and pin:
            self.pin.clear()
            self.sign_on(number, pin)

    def _back(self) -> None:
        self._desk.messages.clear()
        if self.pin.hasFocus():
            self.pin.clear()
            self.number.setFocus()
        else:
            self.number.clear()

    def _signed_on(self, operator: OperatorView) -> None:
        self.number.clear()
        self.signed_on.emit(operator)

    def _refused(self, error: TidemarkError) -> None:
        self._desk.keys.drop_held()
        self._desk.refuse(error)
        if error.code == "unknown_operator":
            self.number.selectAll()
            self.number.setFocus()

    def _go_words(self, holding: bool) -> str:
        return self._desk.texts.say("sign_on.checking" if holding else "sign_on.go")

    def _key_of(self, action: str) -> str:
        return next(iter(self._desk.keys.keymap.keys_of("sign_on", action)), "")

    def _lay_out(self) -> None:
        texts = self._desk.texts
        title, number, pin = label("title"), label("fieldName"), label("fieldName")
        texts.bind(title.setText, "sign_on.title")
        texts.bind(number.setText, "sign_on.number")
        texts.bind(pin.setText, "sign_on.pin")
        form = (title, number, self.number, pin, self.pin)
        lay_out_pad_page(self, self._desk, form, self._go, below=self._language)
