"""Canonicalisation: lines become classes of equal units in one fixed order.

After this step line order, line splitting and line numbers can no longer matter to a price. A weighed line is
one unit whose price is its line amount. docs/promotions.md, "Canonical units".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pos_core.money import AMOUNT_MINOR_MAX
from pos_core.pricing.basket import PriceOffer, PricingInput, PricingLine, RedeemGoods
from pos_core.pricing.local_time import birthday_in
from pos_core.pricing.rounding import per_quantity
from pos_core.pricing.validate import PROBLEMS_MAX, Problem
from pos_core.quantity import PIECE_MILLI


class UnitClass(NamedTuple):
    """`units` equal units; its place in the tuple of `canonical_units` is its number everywhere.

    Attributes:
        list_minor, floor_minor, offers: of one unit (weighed: of the whole line).
        offers: (price_minor, source, optional), sorted; price lists only, no promotions.
        goods: the promotion under which these units are taken for points, else None.
        lines: (line_id, units) in the order in which outcomes are dealt out to lines.
    """

    list_minor: int
    sku: str
    brand: str
    departments: tuple[str, ...]
    tags: tuple[str, ...]
    quantity_milli: int
    weighed: bool
    floor_minor: int
    discountable: bool
    gift: bool
    stored_value: bool
    offers: tuple[tuple[int, str, bool], ...]
    goods: str
    units: int
    lines: tuple[tuple[str, int], ...]

    @property
    def receives(self) -> bool:
        """True when item, basket and coupon promotions may take something off these units."""
        return self.discountable and not (self.gift or self.stored_value or self.goods)

    @property
    def counts(self) -> bool:
        """True when these units count for thresholds and can be bought for a buy-get."""
        return not (self.gift or self.stored_value or self.goods)


GoodsTaken = Mapping[str, tuple[str, int]]
"""line_id → (promotion, units taken for points); decided before the units are made."""


def canonical_units(lines: Iterable[PricingLine], goods: GoodsTaken | None = None) -> tuple[UnitClass, ...]:
    """Equal units merged, dearest list price first, then SKU, then every other attribute.

    Inside a class the lines stand by (length, text) of their id, so that "9" comes before "10".
    """
    merged: dict[tuple[Any, ...], list[tuple[str, int]]] = {}
    for line in lines:
        units = 1 if line.weighed else line.quantity_milli // PIECE_MILLI
        if goods:
            promotion, taken = goods.get(line.line_id, ("", 0))
            if taken:
                merged.setdefault(_key(line, promotion), []).append((line.line_id, taken))
                units -= taken
                if not units:
                    continue
        key = _key(line, "")
        held = merged.get(key)
        if held is None:
            merged[key] = [(line.line_id, units)]
        else:
            held.append((line.line_id, units))
    classes: list[UnitClass] = []
    for key in sorted(merged):
        held = merged[key]
        if len(held) == 1:
            units = held[0][1]
        else:
            units = sum([n for _, n in held])
            held.sort(key=_line_order)
        # As `_make`, without asking whether there are as many fields.
        classes.append(tuple.__new__(UnitClass, (-key[0], *key[1:], units, tuple(held))))
    return tuple(classes)


def units_of(line: PricingLine) -> int:
    """How many units a line holds: pieces, or one when it is weighed."""
    return 1 if line.weighed else line.quantity_milli // PIECE_MILLI


def unit_list_minor(line: PricingLine) -> int:
    """List price of one unit: the label's amount for a weighed line, computed where the label has none."""
    if not line.weighed:
        return line.list_price_minor
    if line.line_amount_minor is not None:
        return line.line_amount_minor
    return per_quantity(line.list_price_minor, line.quantity_milli)


def _key(line: PricingLine, goods: str) -> tuple[Any, ...]:
    """What makes units equal, as in `UnitClass`; the list price with its sign turned, so that keys sort."""
    price, quantity, floor = line.list_price_minor, PIECE_MILLI, line.floor_minor
    if line.weighed:
        price, quantity = unit_list_minor(line), line.quantity_milli
        floor = per_quantity(floor, quantity, "up")
    return (
        -price,
        line.sku,
        line.brand or "",
        line.departments,
        tuple(sorted(line.tags)) if line.tags else (),
        quantity,
        line.weighed,
        floor,
        line.discountable,
        line.gift,
        line.stored_value,
        tuple(sorted({_offer(line, offer) for offer in line.prices})) if line.prices else (),
        goods,
    )


def _offer(line: PricingLine, offer: PriceOffer) -> tuple[int, str, bool]:
    price = per_quantity(offer.price_minor, line.quantity_milli) if line.weighed else offer.price_minor
    return (price, offer.source, offer.optional)


def _line_order(entry: tuple[str, int]) -> tuple[int, str]:
    return (len(entry[0]), entry[0])


# --- what the schema cannot see -------------------------------------------------------------------


def basket_problems(question: PricingInput) -> list[Problem]:
    """Contradictions inside a basket that fits the schema; at most PROBLEMS_MAX."""
    problems: list[Problem] = []
    seen: set[str] = set()
    total = question.shipping_minor
    for index, line in enumerate(question.lines):
        path = f"/lines/{index}"
        if line.line_id in seen:
            problems.append(Problem(f"{path}/line_id", "doubled_id", f"{line.line_id!r} stands twice"))
        seen.add(line.line_id)
        problems += _line_problems(line, path)
        total += unit_list_minor(line) * units_of(line)
    if total > AMOUNT_MINOR_MAX:
        problems.append(Problem("/lines", "too_large", "the list prices together reach 2**53 minor units"))
    problems += _doubled([c.coupon_id for c in question.coupons], "/coupons", "coupon_id")
    problems += _doubled([u.promotion_id for u in question.usage], "/usage", "promotion_id")
    problems += _redeem_problems(question)
    member = question.member
    born = (member.birthday_month, member.birthday_day) if member else (None, None)
    # 2000 is a leap year: 29 February exists there, 30 February in no year.
    if born[0] and born[1] and birthday_in(2000, born[0], born[1]) is None:
        problems.append(Problem("/member/birthday_day", "no_such_date", "this day exists in no year"))
    return problems[:PROBLEMS_MAX]


def _line_problems(line: PricingLine, path: str) -> list[Problem]:
    problems = []
    if not line.weighed and line.quantity_milli % PIECE_MILLI:
        problems.append(
            Problem(f"{path}/quantity_milli", "not_whole", "only weighed lines are not whole pieces")
        )
    if line.line_amount_minor is not None and not line.weighed:
        problems.append(
            Problem(f"{path}/line_amount_minor", "not_weighed", "only a weighed line has its own amount")
        )
    if line.gift and line.stored_value:
        problems.append(Problem(f"{path}/gift", "gift_and_stored_value", "a gift card is not a gift line"))
    return problems


def _doubled(names: list[str], path: str, field: str) -> list[Problem]:
    seen: set[str] = set()
    problems = []
    for index, name in enumerate(names):
        if name in seen:
            problems.append(Problem(f"{path}/{index}/{field}", "doubled_id", f"{name!r} stands twice"))
        seen.add(name)
    return problems


def _redeem_problems(question: PricingInput) -> list[Problem]:
    problems = []
    by_id = {line.line_id: line for line in question.lines}
    seen: set[tuple[str, str]] = set()
    for index, request in enumerate(question.redeem):
        path = f"/redeem/{index}"
        goods = isinstance(request, RedeemGoods)
        key = (
            ("goods", request.line_id)
            if isinstance(request, RedeemGoods)
            else ("money", request.promotion_id)
        )
        if key in seen:
            problems.append(Problem(path, "doubled_id", "the same is asked for twice"))
        seen.add(key)
        if not goods:
            continue
        line = by_id.get(request.line_id)  # type: ignore[union-attr]
        if line is None:
            problems.append(Problem(f"{path}/line_id", "unknown_line", "there is no such line"))
        elif line.gift or line.stored_value or line.weighed:
            problems.append(
                Problem(f"{path}/line_id", "not_for_points", "this line cannot be taken for points")
            )
        elif request.units > units_of(line):  # type: ignore[union-attr]
            problems.append(Problem(f"{path}/units", "too_large", "more units than the line holds"))
    return problems
