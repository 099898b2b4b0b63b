"""Scanning: the bottom level of the checkout. Each text goes to the ring-up service, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from pos_client.collector import breathe
from pos_client.services.views.basket import BasketView, Entered, LineView
from pos_client.services.views.payment import CompletedSale
from pos_client.services.views.returns import CompletedReturn
from pos_client.ui.sale import (
    adjust,
    age,
    deposit_mode,
    find_receipt,
    gift_card_mode,
    held,
    line_acts,
    member_mode,
    note,
    reserved,
    stock_mode,
    to_payment,
    why,
)
from pos_client.ui.sale.ask_mode import AskMode
from pos_client.ui.sale.claims_mode import ClaimsMode
from pos_client.ui.sale.find_mode import FindMode
from pos_client.ui.sale.hints import Hints
from pos_client.ui.sale.measure_mode import MeasureMode
from pos_client.ui.sale.member_mode import MemberMode
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack
from pos_client.ui.shell.scan_text import split_multiplier
from pos_client.ui.tender.receipt_mode import ReceiptMode
from pos_core.errors import TidemarkError
from pos_core.quantity import PIECE_MILLI, BadQuantity, parse_quantity

_LOOK = EntryLook("entry.sale", "entry.sale.hint")
_OPEN_A_PAGE = frozenset({"return", "deposit_back", "stock", "drawer", "why", "note", "reprint"})


class SaleMode(Mode):
    """Signals: `basket_changed(BasketView)`, `price_waits()`, `sale_finished(CompletedSale | None)`,

    `return_finished(CompletedReturn | None)`, `hinted(str)`, `signed_off()`. A changed basket is shown at
    once with what is known of its price; promotions are worked out when that has been painted, and
    `price_waits` says that they take longer than a moment.

    After a sale `last_sale` stays on screen (change, receipt) until the next line is rung up; after a return
    `last_return` does (what to hand out).
    """

    basket_changed = Signal(object)
    price_waits = Signal()
    hinted = Signal(str)
    sale_finished = Signal(object)
    return_finished = Signal(object)
    signed_off = Signal()

    def __init__(self, desk: Desk, stack: ModeStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._stack = stack
        self._services = desk.workstation
        self._waiting: deque[str] = deque()
        self._painted = QTimer(self)  # due when the queue is empty, that is, after painting
        self._painted.setSingleShot(True)
        self._painted.setInterval(0)
        self._painted.timeout.connect(self._settle_price)
        self._hints = Hints(desk, self.hinted.emit, self)
        self.last_sale: CompletedSale | None = None
        self.last_return: CompletedReturn | None = None
        self._acts: dict[str, Callable[[str], None]] = {
            "find": self._find,
            "pay": lambda text: to_payment.begin(desk, stack, self, text),
            "quantity": self._quantity,
            **{f"quantity_{count}": partial(self._set_quantity, count) for count in range(1, 10)},
            "void": lambda text: line_acts.void(desk, stack, self),
            "more": lambda text: line_acts.step_quantity(desk, stack, self, 1, text),
            "less": lambda text: line_acts.step_quantity(desk, stack, self, -1, text),
            "up": lambda text: line_acts.choose(self, -1),
            "down": lambda text: line_acts.choose(self, 1),
            "clear": lambda text: line_acts.clear(desk, stack, self),
            "price": lambda text: self._adjust("price_override"),
            "discount": lambda text: self._adjust("line_discount"),
            "basket_discount": lambda text: self._adjust("basket_discount"),
            "return": self._return,
            "deposit_back": self._deposit_back,
            "age": lambda text: age.confirm(desk, self),
            "stock": self._stock,
            "drawer": self._drawer,
            "why": self._why,
            "repeat": self._repeat,
            "note": self._note,
            "hold": self._hold,
            "recall": self._recall,
            "claims": self._claims,
            "member": self._member,
            "reprint": self._reprint,
            "lock": self._lock,
        }

    @property
    def context(self) -> str:
        return "sale"

    @property
    def look(self) -> EntryLook:
        pending_minor = self._services.returns.pending_minor
        if pending_minor is None:
            return _LOOK
        return EntryLook(
            "entry.exchange", _LOOK.placeholder, (("amount", self._desk.texts.amount(pending_minor)),)
        )

    @property
    def page_now(self) -> str:
        """`done` while the last sale or return is shown, else `lines`."""
        return "lines" if self.last_sale is None and self.last_return is None else "done"

    @property
    def basket(self) -> BasketView:
        """The basket as the service has it, without waiting for promotions."""
        return self._services.ring_up.basket_at_once()

    @property
    def acted_on(self) -> LineView | None:
        """The chosen line, or the newest one: what void, price and discount act on."""
        basket = self.basket
        line_no = basket.chosen_line_no or basket.newest_line_no
        return next((each for each in basket.lines if each.line_no == line_no and not each.voided), None)

    @property
    def stands(self) -> bool:
        """Whether anything stands in the basket."""
        return self.basket.line_count > 0

    def multiplier_shown(self, text: str) -> str:
        """The quantity that the next code will get, as text, or ""."""
        number, _ = split_multiplier(text)
        if number:
            return number
        waiting = self._services.ring_up.multiplier
        return "" if waiting is None else self._desk.texts.say("quantity", of_milli=waiting)

    # what comes in

    def entered(self, text: str) -> None:
        """A code, a multiplier, `*5`; refused ones leave the basket as it was."""
        if not text.strip() or find_receipt.opens(self._desk, self._stack, self, text):
            return
        if reserved.scanned(self._desk, self, text):
            return
        try:
            entered = self._services.ring_up.enter(text)
        except TidemarkError as error:
            if not (
                member_mode.scanned(self._desk, self, text)
                or gift_card_mode.scanned(self._desk, self._stack, self, text)
            ):
                self._desk.refuse(error)
            return
        self.came_in(entered, text)

    def came_in(self, entered: Entered, text: str = "") -> None:
        """Go on after the service understood something: show it, or ask what is missing."""
        self._desk.messages.clear()
        if entered.kind in {"needs_weight", "needs_price"}:
            self._stack.push(MeasureMode(self._desk, self._stack, self, entered))
        elif entered.kind == "ambiguous":
            quantity_milli = entered.quantity_milli or PIECE_MILLI
            found = FindMode(
                self._desk, self._stack, self, quantity_milli, candidates=entered.candidates, seen=text
            )
            self._stack.push(found)
        else:
            self.show_basket(rung_up=entered.kind == "line_added")
            age.remind(self._desk, self)

    def keep_for_later(self, code: str) -> None:
        """A scan that came while a weight or price was asked for: entered as soon as that is done."""
        self._waiting.append(code)

    def resume(self) -> None:
        """A panel closed: enter the codes that waited for it."""
        while self._waiting and self._stack.top is self:
            self.entered(self._waiting.popleft())

    def show_basket(self, *, rung_up: bool = False) -> None:
        """Tell the views; the first line of a sale takes the last sale off the screen."""
        if rung_up:
            self.forget_last_sale()
        basket = self.basket
        self.basket_changed.emit(basket)
        if not basket.final:
            self._hints.wait()
            self._painted.start()

    def forget_last_sale(self) -> None:
        """Something else happened since: the change on the screen is no longer what counts."""
        if self.last_sale is not None:
            self.last_sale = None
            self.sale_finished.emit(None)
        if self.last_return is not None:
            self.last_return = None
            self.return_finished.emit(None)

    def _settle_price(self) -> None:
        settled = self._services.ring_up.settle_price()
        if settled.done():
            self.basket_changed.emit(self.basket)
            self._hints.ask()
            return
        self.price_waits.emit()
        self._desk.futures.watch(settled, self._price_settled, self._desk.refuse)

    def _price_settled(self, newest: bool) -> None:
        if newest:
            self.basket_changed.emit(self.basket)
            self._hints.ask()

    def end(self) -> None:
        """The window closes: the services are asked nothing more."""
        self._painted.stop()
        self._hints.wait()

    def finished(self, sale: CompletedSale) -> None:
        """A sale is on disk: show its change and receipt."""
        self.forget_last_sale()
        self.last_sale = sale
        self._desk.messages.clear()
        if sale.refund_minor:
            self._desk.messages.show("good", "return.hand_out", refund_minor=sale.refund_minor)
        self.changed.emit()
        self.basket_changed.emit(self.basket)
        self.sale_finished.emit(sale)
        QTimer.singleShot(0, breathe)  # after painting: the change is being counted now

    def money_went_back(self, back: CompletedReturn) -> None:
        """A return or a payment out is on disk: show what to hand out."""
        self.forget_last_sale()
        self.last_return = back
        self.show_basket()
        self.return_finished.emit(back)

    # actions

    def act(self, action: str, text: str) -> bool:
        if (action == "void" and text) or (action in {"more", "less"} and text and "*" not in text):
            return False
        do = self._acts.get(action)
        if do is None:
            return False
        if action in _OPEN_A_PAGE:
            self._desk.messages.clear()  # what was refused before has nothing to do with the new page
        do(text)
        return True

    def back(self, text: str) -> None:
        """Esc on the lowest level empties the box and the message, never the basket."""
        self.text_set.emit("")
        self._desk.messages.clear()
        if self._services.returns.pending_minor is not None and not text and not self.stands:
            self._stack.push(AskMode(self._desk, self._stack, "ask.give_up_exchange", self._give_up_exchange))
            return
        if not text:
            self.forget_last_sale()

    def _find(self, text: str) -> None:
        number, rest = split_multiplier(text)
        self.text_set.emit("")
        try:
            quantity_milli = (
                parse_quantity(number) if number else (self._services.ring_up.multiplier or PIECE_MILLI)
            )
        except BadQuantity as error:
            self._desk.refuse(error)
            return
        self._desk.messages.clear()
        found = FindMode(self._desk, self._stack, self, quantity_milli)
        self._stack.push(found)
        if rest.strip():
            found.text_set.emit(rest)
            found.typed(rest)

    def _quantity(self, text: str) -> None:
        """The multiply key, whatever key it is in this keymap, types a star."""
        if "*" not in text:
            self.text_set.emit(text + "*")

    def _set_quantity(self, count: int, _text: str) -> None:
        """So many of the chosen line, else of the newest; what stands in the box stays there."""
        self.entered(f"*{count}")

    def _adjust(self, kind: adjust.Kind) -> None:
        self.text_set.emit("")
        adjust.begin(self._desk, self._stack, self, kind)

    def choose_line(self, line_no: int) -> None:
        """The line that quantity and void act on, by key or by touch."""
        try:
            self._services.ring_up.choose(line_no)
        except TidemarkError as error:
            self._desk.refuse(error)
        self.show_basket()

    def _why(self, text: str) -> None:
        self.text_set.emit("")
        why.begin(self._desk, self._stack)

    def _repeat(self, text: str) -> None:
        """One more of the newest item; a number typed before it counts."""
        self.text_set.emit("")
        try:
            entered = self._services.ring_up.repeat()
        except TidemarkError as error:
            self._desk.refuse(error)
            return
        self.came_in(entered)

    def _note(self, text: str) -> None:
        self.text_set.emit("")
        note.begin(self._desk, self._stack, self)

    def _return(self, text: str) -> None:
        self.text_set.emit("")
        find_receipt.begin(self._desk, self._stack, self)

    def _deposit_back(self, text: str) -> None:
        self.text_set.emit("")
        deposit_mode.begin(self._desk, self._stack, self)

    def _stock(self, text: str) -> None:
        self.text_set.emit("")
        stock_mode.begin(self._desk, self._stack, self, text)

    def _drawer(self, text: str) -> None:
        """Without a sale: a reason first."""
        self.text_set.emit("")
        from pos_client.ui.manager import cash_forms

        cash_forms.no_sale(Bench(self._desk, self._stack, self))

    def _give_up_exchange(self) -> None:
        self._services.returns.give_up_exchange()
        self.changed.emit()

    def _hold(self, text: str) -> None:
        self.text_set.emit("")
        held.hold(self._desk, self)

    def _recall(self, text: str) -> None:
        self.text_set.emit("")
        held.recall(self._desk, self._stack, self)

    def _member(self, text: str) -> None:
        """F9; digits that stand in the box are the phone number."""
        mode = MemberMode(self._desk, self._stack, self)
        self.text_set.emit("")
        self._desk.messages.clear()
        self._stack.push(mode)
        if text.strip():
            mode.entered(text)

    def _claims(self, _text: str) -> None:
        self.text_set.emit("")
        self._desk.messages.clear()
        self._stack.push(ClaimsMode(self._desk, self._stack, self))

    def _reprint(self, _text: str) -> None:
        receipt = self._services.printing.last_receipt()
        if receipt is None:
            self._desk.beep()
            self._desk.messages.show("refusal", "receipt.none")
            return
        self._stack.push(ReceiptMode(self._desk, self._stack, receipt.as_copy()))

    def _lock(self, _text: str) -> None:
        self.text_set.emit("")
        try:
            future = self._services.session.sign_off()
        except TidemarkError as error:
            self._desk.refuse(error)
            return
        self._desk.wait_for(future, lambda _: self.signed_off.emit(), self._desk.refuse)
