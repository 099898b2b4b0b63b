"""Opening a shift: the float that lies in the till."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from pos_client.services.views.till import ShiftView
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.entry_box import EntryBox
from pos_client.ui.shell.key_button import KeyButton
from pos_client.ui.shell.pad_page import lay_out_pad_page
from pos_client.ui.shell.parts import label
from pos_core.errors import TidemarkError
from pos_core.money import parse_minor


class OpenShiftScreen(QWidget):
    """Signals: `shift_opened(ShiftView)`, `signed_off()`, `manager_asked()`."""

    shift_opened = Signal(object)
    manager_asked = Signal()
    signed_off = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._desk = desk
        self.entry = EntryBox(desk.keys)
        self._who = label("subtitle")
        self._lay_out()
        desk.texts.on_change(self._name_operator)

    @property
    def context(self) -> str:
        """The keymap context."""
        return "open_shift"

    def act(self, action: str) -> bool:
        """Enter opens; Esc empties the box, and on an empty box goes back to sign-on."""
        if action == "confirm":
            text = self.entry.text().strip()
            self.open_shift(text or "0")
        elif action == "lock" or (action == "back" and not self.entry.text()):
            self._sign_off()
        elif action == "back":
            self.entry.clear()
        elif action == "language":
            self._desk.texts.switch()
        elif action == "offline":
            self._desk.switch_network()
        elif action == "manager":
            self.manager_asked.emit()
        elif action != "help":
            return False
        return True

    def begin(self) -> None:
        """Come to the front."""
        self._desk.keys.target = self
        self.entry.clear()
        self.entry.setFocus()
        self._name_operator()

    def open_shift(self, text: str) -> None:
        """Ask the service; keys typed meanwhile are kept for the checkout."""
        self._desk.messages.clear()
        try:
            float_minor = parse_minor(text, self._desk.texts.exponent)
            future = self._desk.workstation.shift.open_shift(float_minor)
        except TidemarkError as error:
            self._desk.refuse(error)
            return
        self._desk.wait_for(future, self._opened, self._refused)

    def _opened(self, shift: ShiftView) -> None:
        self.entry.clear()
        self.shift_opened.emit(shift)

    def _refused(self, error: TidemarkError) -> None:
        self._desk.keys.drop_held()
        self._desk.refuse(error)

    def _sign_off(self) -> None:
        try:
            future = self._desk.workstation.session.sign_off()
        except TidemarkError as error:
            self._desk.refuse(error)
            return
        self._desk.wait_for(future, lambda _: self.signed_off.emit(), self._refused)

    def _name_operator(self) -> None:
        services, texts = self._desk.workstation, self._desk.texts
        operator = services.session.operator
        if operator is None:
            self._who.setText("")
            return
        try:
            day = texts.say("open_shift.day", day=services.shift.next_day())
        except TidemarkError:  # no reference data yet: opening says so
            day = ""
        who = texts.person(operator.name, operator.role)
        self._who.setText(f"{who} · {day}" if day else who)

    def _lay_out(self) -> None:
        theme, texts = self._desk.theme, self._desk.texts
        title, name = label("title"), label("fieldName")
        texts.bind(title.setText, "open_shift.title")
        texts.bind(name.setText, "open_shift.float")
        texts.bind(self.entry.setPlaceholderText, "open_shift.float.hint")
        go = KeyButton(theme, "Enter", primary=True)
        texts.bind(go.setText, "open_shift.go")
        go.clicked.connect(lambda: self._desk.keys.act("confirm"))
        lay_out_pad_page(self, self._desk, (title, self._who, name, self.entry), go)
