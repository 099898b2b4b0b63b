"""The member of this sale (F9): found by phone or card, joined in a few keys, shown with points and purse."""

from __future__ import annotations

from typing import ClassVar

from pos_client.services.refusals.members import BadPhone
from pos_client.services.views.members import MemberView
from pos_client.ui.sale import member_form, purse_mode
from pos_client.ui.sale.ask_mode import AskMode
from pos_client.ui.sale.code_mode import SetCodeMode
from pos_client.ui.sale.heard import with_age
from pos_client.ui.shell.bench import Bench, SalePage
from pos_client.ui.shell.big_entry import BigWords
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack
from pos_client.ui.shell.scan_text import looks_like_code
from pos_client.ui.text.catalogue import Texts
from pos_core.customer.gift_card import is_gift_card
from pos_core.customer.member_code import is_app_code
from pos_core.customer.phone import e164
from pos_core.errors import TidemarkError
from pos_core.sale.receipt_code import is_receipt_code

_LOOK = EntryLook("entry.member", "entry.member.hint")
PHONE_DIGITS = 11


def tier_words(texts: Texts, member: MemberView) -> str:
    """The tier as the chain calls it, and the month of his birthday."""
    name = (member.tier_name_en if texts.language == "en" else member.tier_name) or member.tier
    return f"{name} · " + texts.say("member.birthday") if member.is_birthday_month else name


def coupon_words(texts: Texts, member: MemberView) -> tuple[str, ...]:
    """How many coupons the member has; nothing of none."""
    count = member.coupon_count
    return (texts.say("member.coupons", count=count),) if count else ()


def scanned(desk: Desk, sale: SalePage, text: str) -> bool:
    """A member's card or the code of his app among the goods: he is put on the basket; False: neither."""
    try:
        found = desk.workstation.members.shown(text)
    except TidemarkError:
        return False
    if found is None:
        return False
    if not put_on(desk, found):
        return True
    sale.show_basket()
    welcome(desk, found)
    if is_app_code(text):  # who it is, and that it is he
        proven = desk.workstation.member_codes.prove(text)
        desk.wait_for(proven, lambda _: None, desk.refuse)
    return True


def put_on(desk: Desk, member: MemberView) -> bool:
    """Whether he is on the basket now; a refusal is on the screen."""
    try:
        desk.workstation.members.attach(member.member_id)
    except TidemarkError as error:
        desk.refuse(error)
        return False
    return True


def welcome(desk: Desk, member: MemberView) -> None:
    """To be said aloud."""
    desk.messages.show("good", "member.welcome", name=member.display_name)


class MemberMode(Mode):
    """A phone number and Enter puts its member on the basket; an unknown one may join with two more keys.

    With a member on the basket, the void key takes him off again.
    """

    page: ClassVar[str] = "entry"

    def __init__(self, desk: Desk, stack: ModeStack, sale: SalePage) -> None:
        super().__init__(stack)
        self._desk = desk
        self._stack = stack
        self._sale = sale
        self._text = ""

    @property
    def context(self) -> str:
        return "member"

    @property
    def idle(self) -> frozenset[str]:
        return (
            frozenset({"void", "set_code", "edit_member", *purse_mode.ACTS})
            if self._sale.basket.member is None
            else frozenset()
        )

    @property
    def look(self) -> EntryLook:
        return _LOOK

    @property
    def words(self) -> BigWords:
        """Who is on the basket, or what to type."""
        texts, member = self._desk.texts, self._sale.basket.member
        if member is None:
            return BigWords(
                texts.say("member.ask"),
                texts.say("member.ask.caption"),
                self._text or "138 0000 0000",
                bool(self._text),
                texts.say("member.ask.below"),
            )
        name = f"{member.display_name}  {member.masked_phone}".strip()
        purse = self._desk.workstation.shared.stored_value_of(member.member_id)
        shown = texts.say("member.shown", points=member.points_balance, purse_minor=purse)
        below = " · ".join((shown, *coupon_words(texts, member)))
        caption = with_age(self._desk, tier_words(texts, member))
        return BigWords(name, caption, self._text or below, bool(self._text), texts.say("member.off"))

    def typed(self, text: str) -> None:
        self._text = text
        self.changed.emit()

    def entered(self, text: str) -> None:
        text = text.strip()
        self._text = ""
        if not text:
            self._leave()
        elif is_gift_card(text):
            self._leave()
            self._sale.entered(text)
        elif looks_like_code(text) and len(text) != PHONE_DIGITS:
            self._card_or_goods(text)
        else:
            self._find(text)

    def act(self, action: str, text: str) -> bool:
        if action == "member":
            self._leave()
            return True
        if self._sale.basket.member is not None and self._of_member(action, self._sale.basket.member):
            return True
        if action != "void" or text:
            return False
        try:
            self._desk.workstation.members.detach()
        except TidemarkError as error:
            self._desk.refuse(error)
            return True
        self._leave()
        self._desk.messages.show("info", "member.taken_off")
        return True

    def _of_member(self, action: str, member: MemberView) -> bool:
        """What is done with the member on the basket, each on a page of its own; False: something else."""
        if action in purse_mode.ACTS:
            purse_mode.begin(self._desk, self._stack, self._sale, purse_mode.ACTS[action])
        elif action == "edit_member":
            member_form.begin(Bench(self._desk, self._stack, self._sale), member)
        elif action == "set_code":
            self._desk.messages.clear()
            self._stack.push(SetCodeMode(self._desk, self._stack))
        else:
            return False
        return True

    def back(self, text: str) -> None:
        self._text = ""
        self.text_set.emit("")
        if text:
            self.changed.emit()
        else:
            self._leave()

    def _card_or_goods(self, text: str) -> None:
        """A scan: the member's card, goods, which are rung up, or a card that only head office may know."""
        if self._is_unknown(text):
            self._find(text)
            return
        self._leave()
        if not scanned(self._desk, self._sale, text):
            self._sale.entered(text)

    def _is_unknown(self, text: str) -> bool:
        """Neither a member, goods nor a receipt: a card's number may well look like a barcode."""
        services = self._desk.workstation
        if is_receipt_code(text) or services.ring_up.knows(text):
            return False
        try:
            return services.members.shown(text) is None
        except TidemarkError:
            return False

    def _find(self, phone: str) -> None:
        try:
            asked = self._desk.workstation.members.find_anywhere(phone)
        except TidemarkError as error:
            self._desk.refuse(error)
            self.changed.emit()
            return
        self._desk.wait_for(
            asked,
            lambda found: self._offer_to_join(phone) if found is None else self._attach(found),
            # Head office is out of reach: joining is right all the same, two ids with one phone are merged.
            lambda _: self._offer_to_join(phone, ask="ask.join.chain_not_asked"),
        )

    def _attach(self, member: MemberView) -> None:
        if put_on(self._desk, member):
            self._leave()
            welcome(self._desk, member)

    def _offer_to_join(self, phone: str, ask: str = "ask.join") -> None:
        if e164(phone) is None:  # a card that nobody has; or nobody could say whose it is
            self._desk.refuse(BadPhone("not a phone number"))
            return
        self._desk.beep()
        self.typed(phone)  # large, to be read back to the shopper
        facts: dict[str, object] = {"phone": phone}
        self._stack.push(
            AskMode(
                self._desk,
                self._stack,
                ask,
                lambda: self._join(phone),
                on_no=lambda: self.typed(""),
                facts=facts,
            )
        )

    def _join(self, phone: str) -> None:
        """The name is what is printed and called; the phone's last digits do until the member says more."""
        name = self._desk.texts.say("member.new_name", digits=phone[-4:])
        try:
            future = self._desk.workstation.members.join(phone, name, {})
        except (TidemarkError, BadPhone) as error:
            self._desk.refuse(error)
            return
        self._desk.wait_for(future, self._attach, self._desk.refuse)

    def _leave(self) -> None:
        self.text_set.emit("")
        self._desk.messages.clear()
        self._stack.pop(self)
        self._sale.show_basket()
