"""What the keys do to lines that were rung up: choose one, take one off, clear them all."""

from __future__ import annotations

from pos_client.ui.sale.ask_mode import AskMode
from pos_client.ui.shell.approval import with_approval
from pos_client.ui.shell.bench import SalePage
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import ModeStack
from pos_core.quantity import PIECE_MILLI, format_quantity


def choose(sale: SalePage, step: int) -> None:
    """The line `step` further down, among those that still stand; from none the newest."""
    basket = sale.basket
    numbers = [line.line_no for line in basket.lines if not line.voided]
    if not numbers:
        return
    current = basket.chosen_line_no or basket.newest_line_no
    position = numbers.index(current) if current in numbers else len(numbers)
    sale.choose_line(numbers[min(max(position + step, 0), len(numbers) - 1)])


def step_quantity(desk: Desk, stack: ModeStack, sale: SalePage, step: int, text: str) -> None:
    """One more or one less of the chosen line; at none left it is off. `*5` in the box: five of it."""
    sale.text_set.emit("")
    line = sale.acted_on
    if text or line is None:
        sale.entered(text or "*1")  # without a line: the service says so
    elif line.quantity_milli + step * PIECE_MILLI > 0:
        sale.entered("*" + format_quantity(line.quantity_milli + step * PIECE_MILLI))
    else:
        void(desk, stack, sale)


def void(desk: Desk, stack: ModeStack, sale: SalePage) -> None:
    """The chosen line off the basket; a second person may have to let it go."""
    line = sale.acted_on
    if line is None:
        desk.beep()
        desk.messages.show("refusal", "sale.nothing_to_void")
        return

    def attempt(nonce: str | None) -> None:
        desk.workstation.ring_up.void_line(line.line_no, nonce)
        if nonce is None:
            desk.messages.clear()
        sale.show_basket()

    with_approval(desk, stack, attempt)


def clear(desk: Desk, stack: ModeStack, sale: SalePage) -> None:
    """Every line off, after a question."""
    sale.text_set.emit("")
    if sale.basket.lines:
        stack.push(AskMode(desk, stack, "ask.clear", lambda: _clear_for_good(desk, stack, sale)))


def _clear_for_good(desk: Desk, stack: ModeStack, sale: SalePage) -> None:
    def done(_: None) -> None:
        desk.messages.show("info", "sale.cleared")
        sale.show_basket()

    def attempt(nonce: str | None) -> None:
        desk.wait_for(desk.workstation.ring_up.clear(nonce), done, desk.refuse)

    with_approval(desk, stack, attempt)
