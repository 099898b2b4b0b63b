"""The basket: an immutable value; every operation returns the next one and changes nothing.

It keeps the release and the instant of its first line until it is paid, so that a price change at
midnight never splits a sale. Voided lines are remembered: they travel with the sale's document.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pos_core.errors import Refusal
from pos_core.quantity import PIECE_MILLI, QUANTITY_MILLI_MAX, BadQuantity, is_whole
from pos_core.sale.claims import CouponClaim, PointsClaim, ReservationClaim
from pos_core.sale.line_item import LineItem, QuantityFixed, QuantityNotWhole, check_quantity, line_amount
from pos_core.sale.manual import GivenApproval, ManualDiscount
from pos_core.sync.document import ReleaseRef

LINES_MAX = 2000
"""Lines ever begun in one basket, voided ones included: bounds the document and the screen."""


class UnknownLine(Refusal):
    """No line has that number."""

    code = "unknown_line"


class LineVoided(Refusal):
    """The line was voided before."""

    code = "line_voided"


class BasketTooLarge(Refusal):
    """The basket has `facts["maximum"]` lines already."""

    code = "basket_too_large"


@dataclass(frozen=True, slots=True)
class Basket:
    """Lines in the order they were begun, with what they are priced by.

    Attributes:
        release, instant_ms: fixed by the first line; None while nothing was ever rung up.
        voided: whole lines taken off, as they were, in the order they were taken off.
        next_line_no: never used twice, so a number on a receipt or a log means one line.
        coupons, points: what the shopper holds out, in the order it was; both go with the member.
        manual: discounts given by hand; approvals: what second persons let go. Both die with the basket.
        total_shown: payment had begun once; a line that is voided now was on the total already.
        age_confirmed: years up to which the operator has seen that the shopper has them; 0: nobody looked.
        reservations: put aside for this shopper; `closed_reservations` are those of which something is sold.
        held_id: this basket was on hold under that id; its sale says so, and held again it keeps it.
    """

    currency: str = "CNY"
    exponent: int = 2
    price_list_id: str = ""
    lines: tuple[LineItem, ...] = ()
    voided: tuple[LineItem, ...] = ()
    next_line_no: int = 1
    release: ReleaseRef | None = None
    instant_ms: int | None = None
    member_id: str | None = None
    coupons: tuple[CouponClaim, ...] = ()
    points: tuple[PointsClaim, ...] = ()
    held_id: str | None = None
    manual: tuple[ManualDiscount, ...] = ()
    approvals: tuple[GivenApproval, ...] = ()
    total_shown: bool = False
    age_confirmed: int = 0
    reservations: tuple[ReservationClaim, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when no line stands (voided ones may)."""
        return not self.lines

    @property
    def newest(self) -> LineItem | None:
        """The standing line that was begun last; a deposit is none, it came with its goods."""
        return next((line for line in reversed(self.lines) if line.deposit_of is None), None)

    @property
    def age_needed(self) -> int | None:
        """Years that nobody has confirmed yet; None: nothing is to be asked."""
        years = max((line.age_minimum or 0 for line in self.lines), default=0)
        return years if years > self.age_confirmed else None

    @property
    def closed_reservations(self) -> tuple[ReservationClaim, ...]:
        """Of which at least one item stands here: what was all taken off again stays put aside."""
        sold = {line.sku for line in self.lines}
        return tuple(each for each in self.reservations if sold.intersection(each.skus))

    def line(self, line_no: int) -> LineItem:
        """The standing line of that number. Raises UnknownLine, LineVoided."""
        for line in self.lines:
            if line.line_no == line_no:
                return line
        if any(line.line_no == line_no for line in self.voided):
            raise LineVoided(f"line {line_no} is voided", line_no=line_no)
        raise UnknownLine(f"no line {line_no}", line_no=line_no)

    def add_item(
        self,
        line: LineItem,
        *,
        release: ReleaseRef | None,
        instant_ms: int,
        merge: bool = False,
        deposit: LineItem | None = None,
    ) -> Basket:
        """With one more line, or more of the newest one when `merge` and both are the same in all but
        quantity (never weighed, labelled or discounted ones).

        `line.line_no` is given here. `release` and `instant_ms` count for the first line only. `deposit`
        is charged with the line, piece by piece.
        Raises BasketTooLarge, BadQuantity, BadAmount.
        """
        newest = self.newest
        if merge and newest is not None and self._takes_more(newest, line, deposit):
            return self.set_quantity(newest.line_no, newest.quantity_milli + line.quantity_milli)
        line_no = self.next_line_no
        added = [replace(line, line_no=line_no)]
        if deposit is not None:
            added.append(replace(deposit, line_no=line_no + 1, deposit_of=line_no))
        if line_no + len(added) - 1 > LINES_MAX:
            raise BasketTooLarge("too many lines", maximum=LINES_MAX)
        first = self.instant_ms is None
        return replace(
            self,
            lines=(*self.lines, *added),
            next_line_no=line_no + len(added),
            release=release if first else self.release,
            instant_ms=instant_ms if first else self.instant_ms,
        )

    def _takes_more(self, newest: LineItem, line: LineItem, deposit: LineItem | None) -> bool:
        """A discount given by hand is for the pieces it was given for: the next scan is a new line.

        So it is where the deposit of the earlier pieces was taken off: the shopper had brought those.
        """
        given = any(each.line_no == newest.line_no for each in self.manual)
        deposits = [each.sku for each in self.lines if each.deposit_of == newest.line_no]
        same_deposit = deposits == ([] if deposit is None else [deposit.sku])
        return not given and same_deposit and _same_but_quantity(newest, line)

    def set_quantity(self, line_no: int, quantity_milli: int) -> Basket:
        """With another quantity on a line of pieces.

        Raises UnknownLine, LineVoided, BadQuantity, QuantityFixed (weighed and labelled lines are what
        the scale or the label said), QuantityNotWhole, BadAmount.
        """
        line = self.line(line_no)
        if line.weighed or line.fixed_minor is not None:
            raise QuantityFixed("a weighed or labelled line keeps its quantity")
        check_quantity(quantity_milli)
        if not is_whole(quantity_milli):
            raise QuantityNotWhole(
                f"{line.sku} is sold by the piece", sku=line.sku, quantity_milli=quantity_milli
            )
        line_amount(quantity_milli, line.unit_price_minor)
        follows = [each for each in self.lines if each.deposit_of == line_no]
        for deposit in follows:
            line_amount(quantity_milli, deposit.unit_price_minor)
        changed = [line, *follows]
        return replace(
            self,
            lines=tuple(
                replace(each, quantity_milli=quantity_milli) if each in changed else each
                for each in self.lines
            ),
        )

    def void_line(self, line_no: int) -> Basket:
        """Without a line and its deposit, which are remembered. Raises UnknownLine, LineVoided."""
        self.line(line_no)
        gone = [each for each in self.lines if line_no in (each.line_no, each.deposit_of)]
        return replace(
            self,
            lines=tuple(each for each in self.lines if each not in gone),
            voided=(
                *self.voided,
                *(replace(each, after_total=True) if self.total_shown else each for each in gone),
            ),
            manual=tuple(each for each in self.manual if each.line_no != line_no),
        )

    def with_line(self, line: LineItem) -> Basket:
        """With another line in the place of the one of its number. Raises UnknownLine, LineVoided."""
        old = self.line(line.line_no)
        return replace(self, lines=tuple(line if each is old else each for each in self.lines))

    def with_discount(self, discount: ManualDiscount) -> Basket:
        """With a discount given by hand in the place of an earlier one on the same line or basket."""
        others = tuple(each for each in self.manual if each.line_no != discount.line_no)
        if not (discount.rate_ppm or discount.amount_minor):
            return replace(self, manual=others)
        return replace(self, manual=(*others, discount))

    def with_approval(self, approval: GivenApproval) -> Basket:
        """With what a second person let go."""
        return replace(self, approvals=(*self.approvals, approval))

    def clear(self) -> Basket:
        """An empty basket of the same store and currency; the member, release and voided lines are gone.

        The caller journals `basket_abandoned` with what this basket held.
        """
        return Basket(self.currency, self.exponent, self.price_list_id)

    def with_member(self, member_id: str | None) -> Basket:
        """With another member, or none: what only the old one could claim goes with him."""
        if member_id == self.member_id:
            return self
        kept = tuple(claim for claim in self.coupons if claim.member_id in (None, member_id))
        return replace(self, member_id=member_id, coupons=kept, points=())

    def with_coupon(self, claim: CouponClaim) -> Basket:
        """With one more coupon held out; the same one again replaces what was known of it."""
        others = tuple(each for each in self.coupons if each.coupon_id != claim.coupon_id)
        return replace(self, coupons=(*others, claim))

    def without_coupon(self, coupon_id: str) -> Basket:
        """Without a coupon; nothing where it is not held out."""
        return replace(self, coupons=tuple(each for each in self.coupons if each.coupon_id != coupon_id))

    def with_points(self, claims: tuple[PointsClaim, ...]) -> Basket:
        """With these redemptions of points instead of those before."""
        return replace(self, points=claims)


def pack_quantity(count_milli: int, pack_quantity_milli: int) -> int:
    """What `count_milli` scans of a pack sell: 2 cases (2000) of 6 bottles (6000) are 12000.

    Raises BadQuantity when it does not come out whole in thousandths or is out of range.
    """
    quantity_milli, rest = divmod(count_milli * pack_quantity_milli, PIECE_MILLI)
    if rest or not 0 < quantity_milli <= QUANTITY_MILLI_MAX:
        raise BadQuantity("quantity out of range", text=str(count_milli))
    return quantity_milli


def _same_but_quantity(newest: LineItem, line: LineItem) -> bool:
    if newest.weighed or newest.fixed_minor is not None or newest.discounts:
        return False
    return replace(line, line_no=newest.line_no, quantity_milli=newest.quantity_milli) == newest
