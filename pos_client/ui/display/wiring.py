"""What the customer display hears of: basket, payment, sale, the policy, and the setting of its screen."""

from __future__ import annotations

import contextlib
from typing import Any

from PySide6.QtGui import QGuiApplication

from pos_client.devices.lines import display_screen
from pos_client.ui.display.customer_window import CustomerWindow
from pos_client.ui.display.posters import read_policy
from pos_client.ui.sale.checkout_screen import CheckoutScreen
from pos_client.ui.sale.code_mode import UnseenMode
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import Mode
from pos_client.ui.tender.pay_mode import PayMode
from pos_core.errors import TidemarkError


class CustomerDisplay:
    """Follows the checkout. The window is made when a line first asks for one."""

    def __init__(self, desk: Desk, checkout: CheckoutScreen) -> None:
        self._desk = desk
        self._checkout = checkout
        self._policy: Any = None
        self.window: CustomerWindow | None = None
        desk.workstation.devices.on_set(lambda kind: self.follow_setting() if kind == "display" else None)
        screens = QGuiApplication.instance()
        assert isinstance(screens, QGuiApplication)
        self._screens = screens
        self._screens.screenRemoved.connect(self._screens_changed)
        self._screens.screenAdded.connect(self._screens_changed)
        self._is_closed = False
        self.follow_setting()

    def follow_setting(self) -> None:
        """Show or hide it as the line says."""
        devices = self._desk.workstation.devices
        screen = display_screen(devices.line("display"))
        if screen is None:
            if self.window is not None:
                self.window.hide()
            return
        if self.window is None:
            self.window = self._made()
        devices.note("display", self.window.show_on(screen))
        self._checkout.window().activateWindow()  # some platforms activate whatever is shown last

    def _screens_changed(self) -> None:
        """A cable was pulled or plugged: Qt would leave the window on the operator's screen."""
        self.follow_setting()

    def refresh(self) -> None:
        """Head office may have pushed another policy; unchanged ones cost a comparison."""
        if self.window is None:
            return
        policy = self._desk.workstation.devices.display_policy()
        if policy != self._policy:
            self._policy = policy
            self.window.use(read_policy(policy))

    def close(self) -> None:
        """With the main window."""
        if not self._is_closed:
            self._is_closed = True
            self._screens.screenRemoved.disconnect(self._screens_changed)
            self._screens.screenAdded.disconnect(self._screens_changed)
        if self.window is not None:
            self.window.close()
            self.window.deleteLater()
            self.window = None

    def _made(self) -> CustomerWindow:
        window = CustomerWindow(self._desk)
        with contextlib.suppress(TidemarkError):  # before the first download there is none to show
            window.show_basket(self._desk.workstation.ring_up.basket())
        sale = self._checkout.sale
        sale.basket_changed.connect(window.show_basket)
        sale.sale_finished.connect(window.show_sale)
        self._checkout.stack.mode_changed.connect(self._mode_changed)
        self._policy = self._desk.workstation.devices.display_policy()
        window.use(read_policy(self._policy))
        return window

    def _mode_changed(self, mode: Mode) -> None:
        window = self.window
        if window is None:
            return
        window.code_pad.ask(mode if isinstance(mode, UnseenMode) else None)
        if isinstance(mode, PayMode):
            window.show_payment(mode.view)
            mode.changed.connect(lambda: window.show_payment(mode.view))
        elif mode is self._checkout.sale:
            window.show_payment(None)
