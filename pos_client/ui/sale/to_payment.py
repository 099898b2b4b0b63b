"""From the lines to their payment: the price settled, what must be asked first, an amount typed before."""

from __future__ import annotations

from pos_client.services.refusals.payment import AgeNotConfirmed
from pos_client.ui.sale import age
from pos_client.ui.shell.approval import with_approval
from pos_client.ui.shell.bench import SalePage
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import ModeStack
from pos_client.ui.tender.pay_mode import PayMode
from pos_client.ui.text.formats import amount_or_none


def begin(desk: Desk, stack: ModeStack, sale: SalePage, text: str) -> None:
    """The pay key; an amount in the box is what the shopper hands over, a code is not finished yet."""
    carried = text.strip() if amount_or_none(text, desk.texts.exponent) is not None else ""
    if text.strip() and not carried:
        desk.beep()
        desk.messages.show("refusal", "pay.finish_code_first", text=text.strip())
        return
    sale.text_set.emit("")
    settled = desk.workstation.ring_up.settle_price()
    if settled.done():
        _pay(desk, stack, sale, carried)
    else:
        desk.wait_for(settled, lambda _: _pay(desk, stack, sale, carried), desk.refuse)


def _pay(desk: Desk, stack: ModeStack, sale: SalePage, carried: str) -> None:
    def attempt(nonce: str | None) -> None:
        try:
            view = desk.workstation.payment.begin(nonce)
        except AgeNotConfirmed as needed:
            age.ask(desk, stack, sale, needed.facts["years"], lambda: _pay(desk, stack, sale, carried))
            return
        desk.messages.clear()
        mode = PayMode(desk, stack, sale, view)
        stack.push(mode)
        if carried:
            mode.carry(carried)

    with_approval(desk, stack, attempt)
