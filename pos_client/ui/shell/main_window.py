"""The window: which screen is in front, and the status bar beneath them all."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QLabel, QStackedWidget, QVBoxLayout, QWidget

from pos_client.ui.cash.open_shift_screen import OpenShiftScreen
from pos_client.ui.display.wiring import CustomerDisplay
from pos_client.ui.sale.checkout_screen import CheckoutScreen
from pos_client.ui.session.sign_on_screen import SignOnScreen
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.parts import label
from pos_client.ui.shell.status_bar import StatusBar
from pos_client.ui.shell.theme import CENTER

STATUS_EVERY_MS = 20_000
"""Ages in the status bar are minutes; changes come at once through `status.on_change`."""


class MainWindow(QWidget):
    """Signals: `screen_changed(str)`: sign_on | open_shift | checkout."""

    screen_changed = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.desk = desk
        self.sign_on = SignOnScreen(desk)
        self.open_shift = OpenShiftScreen(desk)
        self.checkout = CheckoutScreen(desk)
        self.status = StatusBar(desk)
        self._screens: dict[str, SignOnScreen | OpenShiftScreen | CheckoutScreen] = {
            "sign_on": self.sign_on,
            "open_shift": self.open_shift,
            "checkout": self.checkout,
        }
        self._stack = QStackedWidget()
        for screen in self._screens.values():
            self._stack.addWidget(screen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        if desk.workstation.status.view().training:
            column.addWidget(self._training_band())
        column.addWidget(self._stack, 1)
        column.addWidget(self.status)
        self.sign_on.signed_on.connect(self.go_on)
        self.open_shift.shift_opened.connect(self.go_on)
        self.open_shift.signed_off.connect(self.go_on)
        self.open_shift.manager_asked.connect(self._manage)
        self.checkout.left_the_menu.connect(self._left_the_menu)
        self.checkout.sale.signed_off.connect(self.go_on)
        self.checkout.sale.sale_finished.connect(self._soon)
        desk.texts.bind(self.setWindowTitle, "brand.name")
        self._listen()
        self.customer = CustomerDisplay(desk, self.checkout)
        scan = desk.keys.scan
        desk.workstation.devices.listen_to_scanner(lambda text: desk.futures.call_soon(lambda: scan(text)))
        self.front = ""
        self.go_on()

    def go_on(self, _: object = None) -> None:
        """To the screen that the workstation's state asks for."""
        services = self.desk.workstation
        if services.session.operator is None:
            name = "sign_on"
        elif services.shift.current is None:
            name = "open_shift"
        else:
            name = "checkout"
        self._read_currency()
        self._bring(name)

    def _bring(self, name: str) -> None:
        self.front = name
        self._stack.setCurrentWidget(self._screens[name])
        self._screens[name].begin()
        self.status.refresh()
        self.screen_changed.emit(name)

    def _manage(self) -> None:
        """The manager menu without an open shift: on the checkout's page, and back here afterwards."""
        self._bring("checkout")
        self.checkout.open_manager()

    def _left_the_menu(self) -> None:
        if self.desk.workstation.shift.current is None:
            self.go_on()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            self.desk.theme.fit(application, self.width(), self.height())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Not while a sale is being written; the window closes by itself when that is done."""
        if self.desk.keys.holding:
            event.ignore()
            QTimer.singleShot(50, self.close)
            return
        self._timer.stop()
        self._is_closed = True
        self.desk.futures.close()
        self.checkout.sale.end()
        self.customer.close()
        self.desk.workstation.devices.release()
        event.accept()

    def _training_band(self) -> QLabel:
        """Across the whole window, on every screen: nothing here counts."""
        band, theme = label("training"), self.desk.theme
        band.setAlignment(CENTER)
        self.desk.texts.bind(band.setText, "training.band")
        theme.bind(lambda: band.setFixedHeight(theme.px(34)))
        return band

    def _read_currency(self) -> None:
        view = self.desk.workstation.status.view()
        self.desk.texts.currency, self.desk.texts.exponent = view.currency, view.exponent

    def _listen(self) -> None:
        """Services call from any thread; many calls in a row become one refresh."""
        self._timer = QTimer(self)
        self._timer.setInterval(STATUS_EVERY_MS)
        self._timer.timeout.connect(self.status.refresh)
        self._timer.start()
        refresh: Callable[[], None] = self._soon
        self.desk.workstation.status.on_change(lambda: self.desk.futures.call_soon(refresh))
        self.desk.workstation.printing.on_change(lambda: self.desk.futures.call_soon(refresh))
        self._refresh_waits = self._print_failed = False
        self._is_closed = False  # then the services may be closed too: nobody asks them again

    def _soon(self) -> None:
        if self._refresh_waits or self._is_closed:
            return
        self._refresh_waits = True
        QTimer.singleShot(0, self._refresh)

    def _refresh(self) -> None:
        self._refresh_waits = False
        if not self._is_closed:
            self.status.refresh()
            self.customer.refresh()
            self._offer_reprint()
            self._leave_when_put_off()

    def _leave_when_put_off(self) -> None:
        """Whose number was locked elsewhere is signed off behind the window: no page of his stays open."""
        services = self.desk.workstation
        if services.session.operator is not None or self.front == "sign_on":
            return
        name = services.session.put_off()
        if name:
            self.checkout.stack.only()
            self.go_on()
            self.desk.messages.show("refusal", "sign_on.put_off", name=name)

    def _offer_reprint(self) -> None:
        """Once when a receipt did not come out whole: what is wrong, and the key that prints it again.

        Not while its sale is being written: what comes after would wipe the sentence off.
        """
        if self.desk.keys.holding:
            return
        printer = self.desk.workstation.printing.state()
        failed = printer.can_reprint and printer.state != "not_configured"
        if failed and not self._print_failed and self.front == "checkout":
            keys = self.desk.keys.keymap.keys_of("sale", "reprint")
            state = self.desk.texts.say(f"device_state.{printer.state}")
            self.desk.messages.show("refusal", "receipt.not_printed", state=state, press="".join(keys[:1]))
        self._print_failed = failed
