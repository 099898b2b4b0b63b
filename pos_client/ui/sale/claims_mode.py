"""Coupons and points (F8): what the member has, what is held out and what it gives; coupons by scan."""

from __future__ import annotations

from dataclasses import replace

from pos_client.services.accounts.coupons import CouponLine
from pos_client.services.accounts.points_offers import PointsOffer, worth
from pos_client.services.refusals.members import MemberNotProven
from pos_client.ui.sale.code_mode import MemberCodeMode
from pos_client.ui.shell.approval import with_approval
from pos_client.ui.shell.bench import SalePage
from pos_client.ui.shell.big_entry import BigWords
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack
from pos_client.ui.shell.pick_list import PickRow
from pos_client.ui.shell.pick_mode import PickMode
from pos_client.ui.text.formats import format_time
from pos_core.errors import TidemarkError

_LOOK = EntryLook("entry.claims", "entry.claims.hint")
Entry = PointsOffer | CouponLine


class ClaimsMode(PickMode):
    """Rows: points first, then coupons held out, then the rest of the wallet.

    Enter on a row takes it or puts it back; any other text is a coupon's code.
    """

    def __init__(self, desk: Desk, stack: ModeStack, sale: SalePage) -> None:
        self._sale = sale
        self._entries: list[Entry] = []
        super().__init__(desk, stack, _LOOK, self._say, self._take, context="claims", empty="claims.none")

    def entered(self, text: str) -> None:
        text = text.strip()
        if text and self._numbered(text) is None:
            self.text_set.emit("")
            self._present(text)
            return
        super().entered(text)

    def act(self, action: str, text: str) -> bool:
        if action == "claims":
            self.back("")
            return True
        return super().act(action, text)

    def _present(self, text: str) -> None:
        coupons = self._desk.workstation.coupons
        with_approval(self._desk, self._stack, lambda _: self._show(coupons.present(text)))

    def _take(self, row: int) -> None:
        """Called when the list has closed: it opens again unless something else is asked."""
        entry = self._entries[row]
        if isinstance(entry, PointsOffer):
            self._points(entry)
            return
        coupons = self._desk.workstation.coupons

        def take(_: str | None) -> None:
            if entry.held_out:
                coupons.take_back(entry.coupon_id)
                self._desk.messages.show("info", "claims.taken_back", name=self._name(entry))
            else:
                self._show(coupons.present_own(entry.coupon_id))

        with_approval(self._desk, self._stack, take)
        self._sale.show_basket()

    def _points(self, offer: PointsOffer) -> None:
        def ask() -> None:
            self._stack.push(HowMuchMode(self._desk, self._stack, self._sale, offer))

        codes = self._desk.workstation.member_codes
        try:
            codes.require_spendable()  # nobody types his code for an account that is frozen
        except TidemarkError as error:
            self._desk.refuse(error)
            self._take_points_off()
            return
        if codes.proven:
            ask()
        else:
            self._stack.push(MemberCodeMode(self._desk, self._stack, ask, self._sale.show_basket))

    def _take_points_off(self) -> None:
        """Points that were asked for before head office froze the account."""
        if self._desk.workstation.points.claimed:
            self._desk.workstation.points.clear()
            self._desk.messages.show("info", "claims.points_taken_off")
            self._sale.show_basket()

    def _show(self, line: CouponLine) -> None:
        self._sale.show_basket()
        if line.reason:
            self._desk.messages.show("question", f"claims.reason.{line.reason}", name=self._name(line))
        else:
            self._desk.messages.show(
                "good", "claims.held_out", name=self._name(line), amount_minor=line.amount_minor
            )
        self.say_again()
        self.changed.emit()

    def _name(self, line: CouponLine) -> str:
        return line.name_en if self._desk.texts.language == "en" and line.name_en else line.name

    def _say(self) -> tuple[PickRow, ...]:
        workstation, texts = self._desk.workstation, self._desk.texts
        offers: tuple[PointsOffer, ...] = ()
        if self._sale.basket.member is not None:
            offers = workstation.points.offers()
        coupons = workstation.coupons.listing()
        self._entries = [*offers, *coupons]
        rows = [
            PickRow(
                f"{offer.name} · {offer.item_name}" if offer.item_name else offer.name,
                _said(self._desk, offer),
                texts.amount(worth(offer, offer.points_most)),
                str(number),
            )
            for number, offer in enumerate(offers, start=1)
        ]
        zone = workstation.status.view().time_zone
        for number, line in enumerate(coupons, start=len(offers) + 1):
            until = texts.say("claims.until", day=format_time(line.valid_to_ms, zone, "yyyy-MM-dd"))
            detail = texts.say("claims.on_basket") if line.held_out else until
            amount = texts.amount(-line.amount_minor) if line.amount_minor else ""
            rows.append(PickRow(self._name(line), detail, amount, str(number)))
        return tuple(rows)


def _said(desk: Desk, offer: PointsOffer) -> str:
    """How many points go by the rule; of a discount or of goods also what one costs."""
    most, free = offer.points_most, offer.free_points
    if offer.claimed:
        return desk.texts.say("claims.points_used", points=offer.claimed)
    if offer.use == "money":
        return desk.texts.say("claims.points", most=most, free=free)
    return desk.texts.say("claims.points_each", each=offer.points, most=most, free=free)


class HowMuchMode(Mode):
    """How many points; Enter on the empty box takes as many as go."""

    page = "entry"

    def __init__(self, desk: Desk, stack: ModeStack, sale: SalePage, offer: PointsOffer) -> None:
        super().__init__(stack)
        self._desk = desk
        self._stack = stack
        self._sale = sale
        self._offer = offer
        self._typed = ""

    @property
    def context(self) -> str:
        return "approval"

    @property
    def look(self) -> EntryLook:
        return EntryLook("entry.points", "entry.points.hint")

    @property
    def words(self) -> BigWords:
        """The rule, what goes by it, and what the figure is worth."""
        texts, most = self._desk.texts, self._offer.points_most
        points = int(self._typed) if self._typed.isdigit() else most
        below = texts.say("claims.worth", amount_minor=worth(self._offer, points))
        return BigWords(
            self._offer.item_name or self._offer.name,
            _said(self._desk, replace(self._offer, claimed=0)),
            self._typed or str(most),
            bool(self._typed),
            below,
        )

    def typed(self, text: str) -> None:
        self._typed = text
        self.changed.emit()

    def entered(self, text: str) -> None:
        text = text.strip()
        self._typed = ""
        if text and text.strip("0") == "" and self._offer.claimed:
            self._take_back()
        elif not text or text.isdigit():
            self._redeem(int(text) if text else self._offer.points_most)
        else:
            self._desk.beep()
            self._desk.messages.show("refusal", "form.not_a_number", text=text)

    def back(self, text: str) -> None:
        self._typed = ""
        self.text_set.emit("")
        if text:
            self.changed.emit()
        else:
            self._leave()

    def _take_back(self) -> None:
        offer = self._offer
        try:
            self._desk.workstation.points.take_back(offer.promotion_id, offer.line_no)
        except TidemarkError as error:
            self._desk.refuse(error)
            return
        self._leave()
        self._desk.messages.show("info", "claims.taken_back", name=offer.item_name or offer.name)

    def _redeem(self, points: int) -> None:
        workstation, offer = self._desk.workstation, self._offer

        def attempt(nonce: str | None) -> None:
            try:
                taken = workstation.points.redeem(offer.promotion_id, points, nonce, line_no=offer.line_no)
            except MemberNotProven:
                self._stack.push(MemberCodeMode(self._desk, self._stack, lambda: self._redeem(points)))
                return
            self._leave()
            amount_minor = worth(offer, taken)
            self._desk.messages.show("good", "claims.redeemed", points=taken, amount_minor=amount_minor)

        with_approval(self._desk, self._stack, attempt)

    def _leave(self) -> None:
        self.text_set.emit("")
        self._stack.pop(self)
        self._sale.show_basket()
