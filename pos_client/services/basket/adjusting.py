"""What an operator takes off by hand: a lower price, a discount on a line or on the basket.

Within his role's limits he does it alone, beyond them with a second person; nothing goes below an item's
floor without one. A discount that would make the shopper pay as much or more is refused: a promotion needs
what it would take off. How they enter the price: docs/promotions.md, "By hand".
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pos_client.services.basket.basket_keeper import BasketKeeper
from pos_client.services.counter import Counter
from pos_client.services.pricing.pricing import Priced
from pos_client.services.refusals.basket import (
    BasketEmpty,
    DiscountWithoutEffect,
    NotDiscountable,
    PriceNotLower,
)
from pos_client.services.refusals.staff import UnknownReason
from pos_client.services.staff.approvals import Action, Approvals
from pos_core.money import BadAmount
from pos_core.rounding import checked_amount, half_up
from pos_core.sale.basket import Basket
from pos_core.sale.by_hand import ByHand
from pos_core.sale.limits import ApprovalKind
from pos_core.sale.line_item import LineItem
from pos_core.sale.manual import BASKET_DISCOUNT, LINE_DISCOUNT, MANUAL, PPM, ManualDiscount


@dataclass(frozen=True, slots=True)
class Off:
    """How much: a rate (parts per million) or an amount; nothing takes the discount off again."""

    rate_ppm: int = 0
    amount_minor: int = 0

    def check(self) -> None:
        """Raises BadAmount: both, a negative, or more than everything."""
        both = bool(self.rate_ppm and self.amount_minor)
        if both or not 0 <= self.rate_ppm <= PPM or checked_amount(self.amount_minor) < 0:
            raise BadAmount("a rate up to 100 % or an amount", rate_ppm=self.rate_ppm)

    @property
    def nothing(self) -> bool:
        """Takes a discount off again."""
        return not (self.rate_ppm or self.amount_minor)


class Adjusting:
    """Main thread only. Each call changes the basket in progress or refuses and leaves it as it was."""

    def __init__(self, counter: Counter, keeper: BasketKeeper, approvals: Approvals) -> None:
        self._counter = counter
        self._keeper = keeper
        self._approvals = approvals

    @property
    def by_hand(self) -> ByHand:
        """How the chain wants figures typed and reasons asked."""
        return self._counter.rules.by_hand

    def override_price(
        self, line_no: int, price_minor: int | None, reason: str = "", approval: str | None = None
    ) -> None:
        """A lower price per piece or per kg; None: the price of the list again.

        Raises what scanning refuses, UnknownLine, LineVoided, NotDiscountable, BadAmount, PriceNotLower,
        UnknownReason, DiscountWithoutEffect, ApprovalNeeded.
        """
        self._counter.require_scanning()
        basket = self._counter.basket
        line = self._line(line_no)
        plain = basket.with_line(replace(line, manual_price_minor=None, manual_reason="", manual_name=""))
        if price_minor is None:
            self._take(plain)
            return
        if checked_amount(price_minor) < 0:
            raise BadAmount("a price is 0 or more", amount_minor=price_minor)
        if price_minor >= line.unit_price_minor:
            raise PriceNotLower("not lower than the price", price_minor=line.unit_price_minor)
        code, name = self._reason("price_override", reason)
        lower = replace(line, manual_price_minor=price_minor, manual_reason=code, manual_name=name)
        candidate = basket.with_line(lower)
        self._require_effect(plain, candidate)
        off = line.unit_price_minor - price_minor
        kind: ApprovalKind = "price_override"
        if self._below_floor(self._priced(candidate), line_no):
            kind = "below_floor"
        action = Action(kind, _rate(off, line.unit_price_minor), off, line_no, f"{line.sku} at {price_minor}")
        given = self._approvals.let(action, approval, code or None)
        self._take(candidate if given is None else candidate.with_approval(given))

    def discount_line(self, line_no: int, off: Off, reason: str = "", approval: str | None = None) -> None:
        """Less on one line, after its promotions. Raises as `override_price`."""
        self._counter.require_scanning()
        self._line(line_no)
        self._discount(line_no, off, reason, approval)

    def discount_basket(self, off: Off, reason: str = "", approval: str | None = None) -> None:
        """Less on the whole basket, after promotions and line discounts.

        Raises as `override_price`, BasketEmpty.
        """
        self._counter.require_scanning()
        if self._counter.basket.is_empty:
            raise BasketEmpty("there is nothing to take off from")
        self._discount(None, off, reason, approval)

    def require_covered(self, approval: str | None = None) -> None:
        """Before payment: what the discounts have become is still within what was let go.

        Raises ApprovalNeeded, once for each that is not; `approval` answers the last one.
        """
        basket = self._counter.basket
        if not basket.manual:
            return
        priced = self._counter.priced()
        for each in basket.manual:
            action = self._action(priced, each)
            if each.allowed_minor is not None and action.amount_minor <= each.allowed_minor:
                continue
            given = self._approvals.let(action, approval, each.reason_code or None)
            if given is not None:
                allowed = replace(each, allowed_minor=action.amount_minor)
                basket = basket.with_discount(allowed).with_approval(given)
                self._take(basket)

    def _discount(self, line_no: int | None, off: Off, reason: str, approval: str | None) -> None:
        off.check()
        basket = self._counter.basket
        plain = basket.with_discount(ManualDiscount(line_no, 0, 0, "", ""))
        if off.nothing:
            self._take(plain)
            return
        code, name = self._reason(LINE_DISCOUNT if line_no is not None else BASKET_DISCOUNT, reason)
        discount = ManualDiscount(line_no, off.rate_ppm, off.amount_minor, code, name)
        candidate = basket.with_discount(discount)
        self._require_effect(plain, candidate)
        action = self._action(self._priced(candidate), discount)
        given = self._approvals.let(action, approval, code or None)
        if given is not None:
            discount = replace(discount, allowed_minor=action.amount_minor)
            candidate = basket.with_discount(discount).with_approval(given)
        self._take(candidate)

    def _action(self, priced: Priced, discount: ManualDiscount) -> Action:
        """What the discount comes to now, for the role's limits."""
        base = amount = 0
        for line in priced.basket.lines:
            mine = discount.line_no in (None, line.line_no)
            own = [each for each in line.discounts if (each.source, each.id) == (MANUAL, discount.kind)]
            taken = sum(each.amount_minor for each in own)
            if mine and (line.discountable or taken):
                amount += taken
                base += line.net_minor + taken
        kind: ApprovalKind = "line_discount" if discount.line_no is not None else "basket_discount"
        if self._below_floor(priced, discount.line_no):
            kind = "below_floor"
        subject = f"{discount.kind} {discount.rate_ppm} ppm {discount.amount_minor}"
        rate_ppm = discount.rate_ppm or _rate(amount, base)  # 10 % stays 10 % when its last cent rounds up
        return Action(kind, rate_ppm, amount, discount.line_no, subject)

    def _below_floor(self, priced: Priced, line_no: int | None) -> bool:
        """Whether something given by hand brings a line below what HQ lets it be sold for."""
        for line in priced.basket.lines:
            if line_no not in (None, line.line_no) or not any(d.source == MANUAL for d in line.discounts):
                continue
            item = self._counter.replica.item_by_sku(line.sku)
            floor = None if item is None else item.floor_minor
            if floor is not None and line.net_minor < half_up(floor * line.quantity_milli, 1000):
                return True
        return False

    def _require_effect(self, plain: Basket, candidate: Basket) -> None:
        before, after = self._priced(plain).totals, self._priced(candidate).totals
        if after.net_minor >= before.net_minor:
            raise DiscountWithoutEffect("the shopper would not pay less", total_minor=before.total_minor)

    def _priced(self, basket: Basket) -> Priced:
        return self._counter.pricing.price(basket, self._counter.rules)

    def _line(self, line_no: int) -> LineItem:
        line = self._counter.basket.line(line_no)
        if not line.discountable:
            raise NotDiscountable("nothing is taken off a deposit", line_no=line_no, name=line.name)
        return line

    def _reason(self, kind: str, code: str) -> tuple[str, str]:
        """Code and name. Raises UnknownReason (none given where one is asked for, too)."""
        known = self._counter.rules.reasons.get(kind, ())
        for each in known:
            if each.code == code:
                return each.code, each.name
        if known or code:
            raise UnknownReason("no such reason", reason_code=code[:32])
        return "", ""

    def _take(self, basket: Basket) -> None:
        self._counter.basket = basket
        self._keeper.keep(basket)


def _rate(amount_minor: int, base_minor: int) -> int:
    """Parts per million, rounded up: a limit is not passed by rounding."""
    return -(-amount_minor * PPM // base_minor) if base_minor > 0 else 0
