"""Goods for grown-ups: said once they are rung up, asked before payment, confirmed by one key.

Scanning goes on meanwhile; nothing opens over it.
"""

from __future__ import annotations

from collections.abc import Callable

from pos_client.ui.sale.ask_mode import AskMode
from pos_client.ui.shell.bench import SalePage
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.key_button import key_name
from pos_client.ui.shell.modes import ModeStack
from pos_core.errors import TidemarkError


def remind(desk: Desk, sale: SalePage) -> None:
    """Beneath the code box, as long as nobody has looked."""
    years = sale.basket.age_needed
    if years is None:
        return
    keys = desk.keys.keymap.keys_of("sale", "age")
    desk.messages.show("question", "age.ask", years=years, press=key_name(keys[0]) if keys else "")


def confirm(desk: Desk, sale: SalePage) -> None:
    """The one key."""
    if sale.basket.age_needed is None:
        desk.beep()
        desk.messages.show("info", "age.nothing")
        return
    try:
        desk.workstation.ring_up.confirm_age()
    except TidemarkError as error:
        desk.refuse(error)
        return
    desk.messages.show("good", "age.confirmed")
    sale.show_basket()


def ask(desk: Desk, stack: ModeStack, sale: SalePage, years: object, go_on: Callable[[], None]) -> None:
    """Nobody has looked and payment begins: Enter confirms and goes on, anything else goes back."""

    def confirmed() -> None:
        confirm(desk, sale)
        go_on()

    desk.beep()
    stack.push(AskMode(desk, stack, "age.before_payment", confirmed, facts={"years": years}))
