"""Ringing up: everything scanned or typed into the code box ends here."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace

from pos_client.devices.barcode import Code, read_code
from pos_client.journal.baskets import drop_basket
from pos_client.services.basket.basket_keeper import BasketKeeper
from pos_client.services.basket.basket_view import LineViews, view_of
from pos_client.services.basket.code_lookup import asked_by, item_behind, searched
from pos_client.services.basket.entry import EmptyEntry, read_entry
from pos_client.services.basket.line_maker import Asked, LineMaker
from pos_client.services.counter import Counter
from pos_client.services.futures import done, then
from pos_client.services.pricing.pricing import Priced
from pos_client.services.refusals.basket import BadNote, NoLineChosen, UnknownCode
from pos_client.services.staff.approvals import Action, Approvals, basket_approvals
from pos_client.services.views.basket import BasketView, Entered
from pos_core.catalog.item import Item
from pos_core.errors import TidemarkError
from pos_core.quantity import PIECE_MILLI
from pos_core.sale.basket import Basket
from pos_core.sale.claims import ReservationClaim
from pos_core.sale.line_item import Entered as EnteredHow
from pos_core.sale.sale_body import unsold_body

NOTE_MAX = 60


class Trial:
    """A basket rung up on trial; `adopt` makes it the basket in progress."""

    def __init__(self) -> None:
        self.adopted = False

    def adopt(self) -> None:
        """Keep what was rung up."""
        self.adopted = True


class RingUp:
    """The basket in progress and what an operator does with it. Main thread only; no call touches the disk
    but for reading the replica: the basket in progress is saved in the background.

    A scan of the item on the newest line adds one more to that line (same price, not weighed); a scan
    of anything else opens a new line, so an operator can always undo the last thing he did.
    """

    def __init__(self, counter: Counter, keeper: BasketKeeper, approvals: Approvals) -> None:
        self._counter = counter
        self._keeper = keeper
        self._approvals = approvals
        self._lines = LineMaker(counter)
        self._views = LineViews()
        self._multiplier: int | None = None
        self._trial: Trial | None = None
        self._shown: tuple[Priced, int | None, object, BasketView] | None = None

    @property
    def multiplier(self) -> int | None:
        """Thousandths waiting for the next code (after `3*` and Enter), or None."""
        return self._multiplier

    def enter(self, text: str) -> Entered:
        """A scan or a typed text: GTIN, GS1 element string, in-store code, PLU, SKU, `3*code`, `3*`, `*5`.

        The number before the star counts scans (a pack's GTIN counts its pieces), or is the weight in kg
        of a weighed item. A text that is no code is searched for: `ambiguous` with what was found.
        Refusals: not_signed_on, no_open_shift, basket_locked, unknown_code, bad_check_digit,
        not_a_barcode, item_not_sold, no_price, no_release, bad_quantity, quantity_not_whole,
        quantity_too_high (maximum), no_line_chosen, empty_entry. After a refusal the basket is as it was;
        a waiting multiplier is gone.
        """
        self._counter.require_scanning()
        waiting, self._multiplier = self._multiplier, None
        try:
            entry = read_entry(text)
        except EmptyEntry:
            self._multiplier = waiting
            raise
        if entry.kind == "multiplier":
            self._counter.rules.require_line_quantity(entry.quantity_milli or 0)
            self._multiplier = entry.quantity_milli
            return Entered("multiplier_set", quantity_milli=entry.quantity_milli or 0)
        if entry.kind == "quantity":
            return self._set_chosen(entry.quantity_milli or 0)
        rules = self._counter.rules
        code = read_code(entry.code, rules.layouts, exponent=rules.exponent, currency=rules.currency)
        return self._look_up(code, entry.quantity_milli or waiting)

    def knows(self, text: str) -> bool:
        """Whether an item of the shop answers to this code; nothing is added."""
        rules = self._counter.rules
        try:
            code = read_code(text, rules.layouts, exponent=rules.exponent, currency=rules.currency)
            return item_behind(self._counter.replica, code, asked_by(code, None)) is not None
        except TidemarkError:
            return False

    def add_sku(
        self,
        sku: str,
        quantity_milli: int = PIECE_MILLI,
        weight_milli: int | None = None,
        price_minor: int | None = None,
        entered: EnteredHow = "search",
        *,
        account_id: str | None = None,
        note: str = "",
    ) -> Entered:
        """Add a found item; `weight_milli` for weighed ones, `price_minor` for open-price ones.

        `account_id` and `note`: of stored value that is put on a gift card.

        Returns `needs_weight` or `needs_price` where one is missing. Refusals as `enter`,
        and bad_weight, bad_price.
        """
        self._counter.require_scanning()
        self._multiplier = None
        item = self._counter.replica.item_by_sku(sku)
        if item is None:
            raise UnknownCode(f"no item {sku}", seen=sku)
        if item.sale_kind == "weighed":
            entered = "weighed"
        asked = Asked(
            quantity_milli,
            entered,
            weight_milli=weight_milli,
            price_minor=price_minor,
            account_id=account_id,
            note=note,
        )
        return self._add(item, asked, seen=sku)

    def enter_code(
        self,
        text: str,
        *,
        quantity_milli: int | None = None,
        weight_milli: int | None = None,
        price_minor: int | None = None,
    ) -> Entered:
        """A code with its quantity, weight or price beside it, as a program says it; stars mean nothing."""
        self._counter.require_scanning()
        self._multiplier = None
        rules = self._counter.rules
        code = read_code(text, rules.layouts, exponent=rules.exponent, currency=rules.currency)
        if weight_milli is not None:
            code = replace(code, weight_milli=weight_milli)
        return self._look_up(code, quantity_milli, price_minor)

    @contextmanager
    def trial(self) -> Iterator[Trial]:
        """Ring up without leaving a trace: at the end the basket is as it was, unless `adopt` was called."""
        counter = self._counter
        before = (counter.basket, counter.member, counter.chosen_line_no)
        trial = self._trial = Trial()
        try:
            yield trial
        finally:
            self._trial = None
            if not trial.adopted:
                counter.basket, counter.member, counter.chosen_line_no = before
                self._multiplier = None

    def repeat(self) -> Entered:
        """One more of the newest line's item, as if it were scanned again (a label or a weight: the same).

        Raises NoLineChosen (nothing stands) and what scanning refuses.
        """
        counter = self._counter
        counter.require_scanning()
        newest = counter.basket.newest
        if newest is None:
            raise NoLineChosen("nothing to repeat")
        item = counter.replica.item_by_sku(newest.sku)
        if item is None:
            raise UnknownCode("this item is no longer here", seen=newest.sku)
        asked = Asked(
            PIECE_MILLI,
            newest.entered,
            gtin=newest.gtin,
            weight_milli=newest.weight_milli,
            label_minor=newest.fixed_minor,
            price_minor=newest.unit_price_minor if item.sale_kind == "open_price" else None,
            account_id=newest.account_id,
            note=newest.note if newest.account_id is not None else "",
            lot=newest.lot,
        )
        return self._add(item, asked, seen=newest.sku)

    def set_note(self, line_no: int, text: str) -> BasketView:
        """What the operator writes on a line; "" takes it off. Raises UnknownLine, LineVoided, BadNote."""
        counter = self._counter
        counter.require_scanning()
        note = " ".join(text.split())
        if len(note) > NOTE_MAX or not note.isprintable():
            raise BadNote("a short line of text", maximum=NOTE_MAX)
        self._keep(counter.basket.with_line(replace(counter.basket.line(line_no), note=note)))
        return self.basket()

    def claim(self, reservation: ReservationClaim) -> None:
        """The basket is for a shopper for whom goods were put aside; its sale closes that."""
        basket = self._counter.basket
        self._keep(replace(basket, reservations=(*basket.reservations, reservation)))

    def confirm_age(self) -> BasketView:
        """The operator has seen that the shopper is old enough for what stands in the basket.

        Good for the whole sale, which says so; nothing to confirm is no error.
        """
        counter = self._counter
        counter.require_scanning()
        years = counter.basket.age_needed
        if years is not None:
            self._keep(replace(counter.basket, age_confirmed=years))
        return self.basket()

    def choose(self, line_no: int | None) -> None:
        """The line that `*5`, `+`, `-` and void act on; None = the newest one.

        Raises UnknownLine, LineVoided.
        """
        if line_no is not None:
            self._counter.basket.line(line_no)
        self._counter.chosen_line_no = line_no

    def set_quantity(self, line_no: int, quantity_milli: int) -> BasketView:
        """Refusals: unknown_line, line_voided, bad_quantity, quantity_not_whole, quantity_too_high,
        basket_locked.
        """
        self._counter.require_scanning()
        self._counter.rules.require_line_quantity(quantity_milli)
        self._keep(self._counter.basket.set_quantity(line_no, quantity_milli))
        return self.basket()

    def void_line(self, line_no: int, approval: str | None = None) -> BasketView:
        """Take a line off; it stays visible as voided and travels with the sale's document.

        Raises UnknownLine, LineVoided; ApprovalNeeded beyond the role's limit.
        """
        counter = self._counter
        counter.require_scanning()
        line = counter.basket.line(line_no)
        action = Action("void", amount_minor=line.list_minor, line_no=line_no, subject=line.sku)
        given = self._approvals.let(action, approval)
        basket = counter.basket.void_line(line_no)
        self._keep(basket if given is None else basket.with_approval(given))
        if self._counter.chosen_line_no == line_no:
            self._counter.chosen_line_no = None
        return self.basket()

    def clear(self, approval: str | None = None) -> Future[None]:
        """Abandon the basket: journals basket_abandoned with its lines; an empty one just starts anew.

        Raises as `enter`, and ApprovalNeeded beyond the role's limit for voids. The basket is empty once
        the future has resolved.
        """
        counter = self._counter
        counter.require_scanning()
        self._multiplier = None
        basket = counter.basket
        if not basket.lines and not basket.voided:
            counter.empty_basket()
            return done(None)
        subtotal_minor = sum(line.list_minor for line in basket.lines)
        given = self._approvals.let(Action("void", amount_minor=subtotal_minor, subject="clear"), approval)
        if given is not None:
            basket = basket.with_approval(given)
        body = {"reason": "cleared", "held_id": basket.held_id, **unsold_body(basket)}
        counter.writing = True
        self._keeper.forget()
        draft = counter.draft("basket_abandoned", body, release=basket.release)
        drafts = [*basket_approvals(counter, basket), draft]
        written = counter.record(drafts, also=drop_basket)
        return then(written, lambda _: self._cleared(), otherwise=self._not_cleared)

    def basket(self) -> BasketView:
        """The basket as it is now, promotions worked out; cheap to call again while nothing changed."""
        return self._view(self._counter.priced())

    def basket_at_once(self) -> BasketView:
        """The basket with what is known of its price: never waits for promotions. See `settle_price`."""
        return self._view(self._counter.priced_at_once())

    def settle_price(self) -> Future[bool]:
        """Have the basket's promotions worked out, once what `basket_at_once` shows is on the screen.

        Resolves, perhaps already now, perhaps on another thread, with True when `basket_at_once` is final
        then; with False when the basket has changed meanwhile: another call sees to it.
        """
        counter = self._counter
        return counter.pricing.settle(counter.basket, counter.rules)

    def _view(self, priced: Priced) -> BasketView:
        counter = self._counter
        shown = self._shown
        if (
            shown is None
            or shown[0] is not priced
            or shown[1] != counter.chosen_line_no
            or shown[2] is not counter.member
        ):
            view = view_of(
                priced, member=counter.member, chosen_line_no=counter.chosen_line_no, lines=self._views
            )
            shown = self._shown = (priced, counter.chosen_line_no, counter.member, view)
        return shown[3]

    def _look_up(self, code: Code, multiplier: int | None, price_minor: int | None = None) -> Entered:
        asked = asked_by(code, multiplier, price_minor)
        found = item_behind(self._counter.replica, code, asked)
        if found is None:
            return searched(self._counter, code, asked.quantity_milli)
        return self._add(*found, seen=code.seen)

    def _add(self, item: Item, asked: Asked, *, seen: str) -> Entered:
        counter = self._counter
        moment = counter.pricing_moment()
        made = self._lines.make(item, asked, moment)
        if isinstance(made, str):
            return Entered(made, None, item.sku, item.name, asked.quantity_milli, seen=seen)
        basket = counter.basket
        if basket.instant_ms is None:
            basket = self._begun(basket)
        release, instant_ms = moment
        deposit = self._lines.deposit_for(item, made, moment)
        after = basket.add_item(made, release=release, instant_ms=instant_ms, merge=True, deposit=deposit)
        newest = after.newest
        assert newest is not None
        self._counter.rules.require_line_quantity(newest.quantity_milli)
        self._keep(after)
        counter.chosen_line_no = None
        return Entered("line_added", newest.line_no, item.sku, item.name, made.quantity_milli, seen=seen)

    def _begun(self, basket: Basket) -> Basket:
        """The rules of the store as they are when the first line is rung up."""
        rules = self._counter.rules
        return replace(
            basket,
            currency=rules.currency,
            exponent=rules.exponent,
            price_list_id=rules.store.price_list_id,
        )

    def _set_chosen(self, quantity_milli: int) -> Entered:
        basket = self._counter.basket
        line_no = self._counter.chosen_line_no
        if line_no is None:
            if basket.newest is None:
                raise NoLineChosen("no line to set a quantity on")
            line_no = basket.newest.line_no
        self._counter.rules.require_line_quantity(quantity_milli)
        self._keep(basket.set_quantity(line_no, quantity_milli))
        line = self._counter.basket.line(line_no)
        return Entered("quantity_set", line_no, line.sku, line.name, quantity_milli)

    def _keep(self, basket: Basket) -> None:
        """Take a changed basket: its sums must fit before it counts (BadAmount leaves the old one)."""
        counter = self._counter
        counter.pricing.at_once(basket, counter.rules)
        counter.basket = basket
        if self._trial is None:
            self._keeper.keep(basket)

    def _cleared(self) -> None:
        with self._counter.lock:
            self._counter.empty_basket()
            self._counter.writing = False
        self._counter.changed()  # a charge of this basket goes back now

    def _not_cleared(self) -> None:
        self._counter.writing = False
        self._keeper.keep(self._counter.basket)
