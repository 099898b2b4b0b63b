"""A lower price or a discount by hand: the figure and its reason, then perhaps a second person.

Both stand on one page, the first reason chosen, and one Enter takes them. The reason has a page of its own
where the chain wants it asked, where there are many, or where a keymap has no keys to choose it by.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

from pos_client.services.basket.adjusting import Off
from pos_client.services.views.basket import LineView
from pos_client.services.views.staff import ReasonView
from pos_client.ui.shell.approval import with_approval
from pos_client.ui.shell.bench import SalePage
from pos_client.ui.shell.big_entry import CHOICES_MAX, BigChoices, BigWords
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.key_button import key_name
from pos_client.ui.shell.modes import EntryLook, Mode, ModeStack, stepped
from pos_client.ui.shell.pick_list import PickRow
from pos_client.ui.shell.pick_mode import PickMode
from pos_client.ui.shell.scan_text import looks_like_code
from pos_core.errors import TidemarkError
from pos_core.money import BadAmount, parse_minor
from pos_core.sale.by_hand import Figure

Kind = Literal["price_override", "line_discount", "basket_discount"]
PPM = 1_000_000
_MONEY_SIGNS = "¥￥元"
_REASON = EntryLook("entry.reason", "entry.reason.hint")


def begin(desk: Desk, stack: ModeStack, sale: SalePage, kind: Kind) -> None:
    """Ask for the figure; for the chosen line, or the newest one."""
    line = None if kind == "basket_discount" else sale.acted_on
    if line is None and (kind != "basket_discount" or not sale.stands):
        desk.beep()
        desk.messages.show("refusal", "adjust.no_line")
        return
    desk.messages.clear()
    stack.push(AdjustMode(desk, stack, sale, kind, line))


class AdjustMode(Mode):
    """`10` and `10%` are a rate off, `5.` and `5.00` an amount, `85z` and `85折` what is left of a price.

    What `10` is the chain may say otherwise. Up and Down choose the reason, where it stands here. The void
    key takes an earlier one off again. A scan is kept and rung up afterwards.
    """

    page: ClassVar[str] = "entry"

    def __init__(
        self, desk: Desk, stack: ModeStack, sale: SalePage, kind: Kind, line: LineView | None
    ) -> None:
        super().__init__(stack)
        self._desk = desk
        self._stack = stack
        self._sale = sale
        self._kind: Kind = kind
        self._line = line
        self._text = ""
        by_hand = desk.workstation.adjusting.by_hand
        self._bare: Figure | Literal["price"] = "price" if kind == "price_override" else by_hand.figure
        self._reasons = desk.workstation.approvals.reasons(kind)
        self._choose_keys = [desk.keys.keymap.keys_of("adjust", action)[:1] for action in ("up", "down")]
        few = 0 < len(self._reasons) <= CHOICES_MAX
        self._reason_is_here = few and by_hand.reason == "first" and all(self._choose_keys)
        self._chosen = 0

    @property
    def context(self) -> str:
        return "adjust"

    @property
    def look(self) -> EntryLook:
        hint = f"entry.{self._kind}.hint" + (".amount" if self._bare == "amount" else "")
        return EntryLook(f"entry.{self._kind}", hint)

    @property
    def idle(self) -> frozenset[str]:
        several = self._reason_is_here and len(self._reasons) > 1
        return frozenset() if several else frozenset({"up", "down"})

    @property
    def words(self) -> BigWords:
        """The line, what it costs, and what the figure makes of it."""
        texts = self._desk.texts
        heading = self._line.name if self._line else texts.say("adjust.whole")
        caption = texts.say(f"adjust.{self._kind}", amount_minor=self._base())
        figure = self._text + ("%" if self._is_bare_rate() else "")
        shown = figure or ("0%" if self._bare == "percent" else texts.amount(0))
        is_rate = self._bare != "price"
        choices = self._choices() if self._reason_is_here else None
        return BigWords(heading, caption, shown, bool(figure), self._outcome(), is_rate, choices)

    def typed(self, text: str) -> None:
        self._text = text.strip()
        self.changed.emit()

    def choose(self, row: int) -> None:
        """This reason."""
        self._chosen = row
        self.changed.emit()

    def act(self, action: str, text: str) -> bool:
        if action in {"up", "down"} and self._reason_is_here:
            self.choose(stepped(self._chosen, action, len(self._reasons)))
            return True
        if action != "void" or text:
            return False
        self._stack.pop(self)
        with_approval(self._desk, self._stack, lambda nonce: self._give(None, "", nonce))
        return True

    def entered(self, text: str) -> None:
        text = text.strip()
        self.typed("")
        if looks_like_code(text):
            self._sale.keep_for_later(text)
            self._desk.beep()
            self._desk.messages.show("info", "measure.code_kept", code=text)
            return
        if not text:
            return
        try:
            figure = read_figure(text, self._desk.texts.exponent, self._bare)
        except TidemarkError as error:
            self._desk.refuse(error)
            return
        self._stack.pop(self)
        if self._reason_is_here or not self._reasons:
            code = self._reasons[self._chosen].code if self._reasons else ""
            with_approval(self._desk, self._stack, lambda nonce: self._give(figure, code, nonce))
        else:
            self._ask_why(figure)

    def back(self, text: str) -> None:
        if text:
            self.text_set.emit("")
            self.typed("")
            return
        self._stack.pop(self)
        self._sale.resume()

    def _ask_why(self, figure: Off) -> None:
        reasons = self._reasons

        def picked(row: int) -> None:
            code = reasons[row].code
            with_approval(self._desk, self._stack, lambda nonce: self._give(figure, code, nonce))

        pick_reason(self._desk, self._stack, reasons, picked, self._sale.resume)

    def _give(self, figure: Off | None, reason: str, nonce: str | None) -> None:
        adjusting, line = self._desk.workstation.adjusting, self._line
        if line is None:
            adjusting.discount_basket(figure or Off(), reason, nonce)
        elif self._kind == "line_discount":
            adjusting.discount_line(line.line_no, figure or Off(), reason, nonce)
        else:
            adjusting.override_price(line.line_no, figure.amount_minor if figure else None, reason, nonce)
        if nonce is None:
            self._desk.messages.show("good", "adjust.done" if figure else "adjust.undone")
        self._sale.show_basket()
        self._sale.resume()

    def _base(self) -> int:
        """What the figure is taken off from."""
        if self._line is None:
            lines = [line for line in self._sale.basket.lines if not line.voided]
            return sum(line.net_minor + line.basket_off_minor for line in lines)
        if self._kind == "price_override":
            return self._line.unit_price_minor
        return self._line.net_minor + self._line.basket_off_minor + self._line.line_off_minor

    def _is_bare_rate(self) -> bool:
        return self._bare == "percent" and _is_whole(self._text)

    def _choices(self) -> BigChoices:
        keys = " ".join(key_name(key) for keys in self._choose_keys for key in keys)
        label = self._desk.texts.say("adjust.reason", keys="" if self.idle else keys)
        return BigChoices(label.rstrip(), _names(self._desk, self._reasons), self._chosen)

    def _outcome(self) -> str:
        texts = self._desk.texts
        try:
            figure = read_figure(self._text, texts.exponent, self._bare)
        except TidemarkError:
            return texts.say(f"adjust.how.{self._bare}")
        base = self._base()
        if self._kind == "price_override":
            left = figure.amount_minor
        else:
            left = max(0, base - (figure.amount_minor or (base * figure.rate_ppm * 2 + PPM) // (2 * PPM)))
        return texts.say("adjust.makes", off_minor=base - left, left_minor=left)


def pick_reason(
    desk: Desk,
    stack: ModeStack,
    reasons: tuple[ReasonView, ...],
    picked: Callable[[int], None],
    given_up: Callable[[], None] = lambda: None,
) -> None:
    """The list of reasons; `picked(row)`."""

    def words() -> tuple[PickRow, ...]:
        names = _names(desk, reasons)
        return tuple(PickRow(name, number=str(place)) for place, name in enumerate(names, start=1))

    stack.push(PickMode(desk, stack, _REASON, words, picked, given_up=given_up))


def _names(desk: Desk, reasons: tuple[ReasonView, ...]) -> tuple[str, ...]:
    english = desk.texts.language == "en"
    return tuple(each.name_en if english else each.name for each in reasons)


def read_figure(text: str, exponent: int, bare: Figure | Literal["price"]) -> Off:
    """`10%`, `85z`, `85折`, `9折`: a rate off; `5.`, `5.00`, `5元`: an amount. Raises BadAmount.

    `bare`: what a whole number without a mark is; where it is a price everything is an amount.
    """
    text = text.strip().replace("％", "%").replace("折", "z").lower()
    if bare == "percent" and _is_whole(text):
        text += "%"
    if bare == "price" or text[-1:] not in {"%", "z"}:
        amount = parse_minor(text.strip(_MONEY_SIGNS).removesuffix("."), exponent)
        if amount < 0 or (amount == 0 and bare != "price"):
            raise BadAmount("more than nothing", text=text)
        return Off(amount_minor=amount)
    hundredths = parse_minor(text[:-1], 2)
    if text.endswith("%"):
        rate_ppm = hundredths * 100
    else:  # 9折 and 90折 leave 90 %, 85折 and 8.5折 85 %
        tenths = len(text[:-1].partition(".")[0]) == 1
        rate_ppm = PPM - hundredths * (1000 if tenths else 100)
    if not 0 < rate_ppm <= PPM:
        raise BadAmount("a rate between nothing and everything", text=text)
    return Off(rate_ppm=rate_ppm)


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit()
