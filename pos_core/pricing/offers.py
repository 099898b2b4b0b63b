"""The promotions that a basket can use at all, with everything looked up that does not depend on the plan.

`offers_of` drops what is out of scope, exhausted, without its coupon or short of a constant condition and
says why; what remains is the search space. docs/promotions.md, "Scope", "Conditions", "Limits", "Coupons".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import attrgetter

from pos_core.pricing.allowed import goods_missing, limits_left, points_left
from pos_core.pricing.amounts import reached, worth_a_look
from pos_core.pricing.basket import PricingInput
from pos_core.pricing.bounds import bound_all
from pos_core.pricing.certificate import most_of_shares, unit_shares
from pos_core.pricing.champions import champions_of
from pos_core.pricing.compiled_rule import CompiledPromotion
from pos_core.pricing.conflicts import Conflicts
from pos_core.pricing.goods import Goods, want
from pos_core.pricing.offer import BASKET, ITEM, Offer, Refused
from pos_core.pricing.offers_made import of_one_selection, offer_of, optional_prices
from pos_core.pricing.scope import ScopeContext, in_scope
from pos_core.pricing.thresholds import conditions_short, constants_short, out_of_reach

_OUT_OF_SCOPE = Refused("out_of_scope")
_NO_GOODS = Refused("missing", "goods", 1)
_ORDER = attrgetter("order")


class Offers:
    """The search space of one basket.

    Attributes:
        offers: in the order of evaluation; `rank` is the place here.
        refused: promotion number → why it is not among them.
        coupons: campaign → applications that presented coupons can serve (consume: application).

        shares: `unit_shares` of the offers, if somebody has asked.

    Of the plain percentages the best of each unit is here (`champions.py`), and of the plain amounts off the
    basket those that may be the best (`amounts.py`); `complete` adds the others.
    """

    __slots__ = ("coupons", "look", "offers", "refused", "shares")

    def __init__(self) -> None:
        self.offers: list[Offer] = []
        self.refused: dict[int, Refused] = {}
        self.coupons: dict[str, int] = {}
        self.look: _Look | None = None
        self.shares: dict[int, int] | None = None

    def complete(self, conflicts: Conflicts) -> None:
        """Nothing is left out any more: offers are ranked anew in the same list, `conflicts` with them."""
        look, self.look = self.look, None
        if look is not None and look.at_the_rest():
            self.rank()
            conflicts.renew(self.offers)

    def rank(self) -> None:
        """The order of evaluation."""
        self.offers.sort(key=_ORDER)
        for rank, offer in enumerate(self.offers):
            offer.rank = rank


def offers_of(
    question: PricingInput,
    goods: Goods,
    context: ScopeContext,
    coupons: dict[str, int],
    points: dict[str, int],
    balance: int,
    *,
    every: bool = False,
) -> Offers:
    """Every promotion that could still be used, ranked. `coupons`: uses by campaign; `points`: asked for.

    `every`: also those that another promotion outdoes, for whoever wants to speak of them.
    """
    found = Offers()
    found.coupons = coupons
    rules, wanted = goods.rules, goods.wanted
    if every:
        want(goods, rules.stated)
    numbers = [*wanted, *[n for n in rules.always if n not in wanted]]
    look = _Look(question, goods, context, coupons, points, balance, found.offers, found.refused)
    amounts = rules.amounts
    look.at(numbers)
    if goods.offered or goods.optional_prices:
        found.offers += optional_prices(goods)
    if every or (rules.listed and any(offer.listed for offer in found.offers)):
        # Who says whom it admits speaks of every one of them.
        look.at_the_plain()
    else:
        look.at_champions()
        found.look = look
    if amounts and not every:
        look.at_amounts(found)
    found.rank()
    return found


def one_at_the_end(offers: Sequence[Offer], groups: set[str]) -> bool:
    """True when one basket promotion of one group ends every plan, so that what it leaves decides nothing.

    `groups`: of the plain amounts, which are not among the offers.
    """
    for offer in offers:
        if offer.phase >= BASKET:
            if offer.phase > BASKET or offer.stack.mode != "best":
                return False
            groups.add(offer.stack.group)
    return len(groups) == 1


def _taken_at_most(found: Offers, goods: Goods) -> int | None:
    """Minor units that all before the basket promotions take at most; None: that depends on the plan."""
    if found.look is None or any(offer.whole or offer.phase < ITEM for offer in found.offers):
        return None
    found.shares = unit_shares(goods, found.offers)
    return most_of_shares(goods, found.shares)


@lru_cache(maxsize=100)
def _units_short(units: int) -> Refused:
    return Refused("missing", "units", units)


class _Look:
    """Asks promotions one by one whether the basket can use them."""

    def __init__(
        self,
        question: PricingInput,
        goods: Goods,
        context: ScopeContext,
        coupons: dict[str, int],
        points: dict[str, int],
        balance: int,
        offers: list[Offer],
        refused: dict[int, Refused],
    ) -> None:
        """`offers`, `refused`: of an `Offers`, to file under. It keeps this, so this does not keep it."""
        self.question = question
        self.goods = goods
        self.context = context
        self.coupons = coupons
        self.points = points
        self.balance = balance
        self.offers = offers
        self.refused = refused
        self.usage = {counter.promotion_id: counter for counter in question.usage}
        self.meant: dict[int, bool] = {}
        self.left_out: list[int] = []

    def at(self, numbers: Iterable[int]) -> None:
        """File each under the offers or among the refused."""
        goods, offers, refused = self.goods, self.offers, self.refused
        promotions, wanted = goods.rules.promotions, goods.wanted
        for number in numbers:
            compiled = promotions[number]
            if not compiled.scope.anywhere and not self._meant(compiled):
                refused[number] = _OUT_OF_SCOPE
                continue
            classes = wanted.get(number, ())
            if compiled.early:
                # Most promotions that a basket meets want more than it has: nothing else is looked at.
                pool, pool_set, there = goods.pool(compiled.select, classes)
                short = None
                if not there:
                    short = _NO_GOODS
                elif there < compiled.least:
                    short = _units_short(compiled.least - there)
                elif compiled.conditions:
                    short = conditions_short(compiled.conditions, goods)
                if short is None:
                    offer = of_one_selection(compiled, pool, pool_set, goods)
                    short = _ladder_short(offer, goods) if compiled.settles else None
            else:
                offer = offer_of(compiled, classes, goods)
                short = self._short(offer, compiled)
            if short is None:
                offers.append(offer)
            else:
                refused[number] = short

    def at_champions(self) -> None:
        """The best plain percentage of every unit; which are not the best is not asked."""
        goods = self.goods
        made: dict[int, dict[int, int]] = {}
        for c, gain, promotion in champions_of(goods, self._usable):
            won = made.get(promotion.number)
            if won is None:
                won = made[promotion.number] = {}
                offer = Offer(promotion, *goods.discounted(promotion.select))
                offer.won = won
                self.offers.append(offer)
            if gain:
                won[c] = gain

    def at_amounts(self, found: Offers) -> None:
        """Of the plain amounts off the basket those that may be the best; the others are left out."""
        goods, rules = self.goods, self.goods.rules
        there = [
            (alike, amounts)
            for alike in rules.alike
            if alike.any.select in goods.at
            and (alike.any.scope.anywhere or self._meant(alike.any))
            and (amounts := reached(alike, goods))
        ]
        if not one_at_the_end(found.offers, {alike.any.stack.group for alike, _ in there}):
            want(goods, rules.stated)
            self.at([number for number in goods.wanted if number in rules.amounts])
            return
        most: int | None = None
        if any(len(amounts) > 1 for _, amounts in there):
            most = _taken_at_most(found, goods)
        for alike, amounts in there:
            pool, pool_set, _ = goods.pool(alike.any.select, goods.at[alike.any.select])
            if not pool:
                continue
            kept = amounts
            if most is not None and len(amounts) > 1:
                kept = worth_a_look(alike, amounts, goods, pool_set, most)
                numbers = {number for _, _, number in kept}
                self.left_out += [number for _, _, number in amounts if number not in numbers]
            for _, _, number in kept:
                self.offers.append(Offer(rules.promotions[number], pool, pool_set))

    def at_the_rest(self) -> bool:
        """All that was left out; False: that was nothing."""
        self.at(self.left_out)
        bound_all(self.goods, self.offers, self.question.shipping_minor)
        return self.at_the_plain() or bool(self.left_out)

    def at_the_plain(self) -> bool:
        """All plain percentages that are not filed yet; False: there are none."""
        rules, wanted = self.goods.rules, self.goods.wanted
        known = {offer.compiled.number for offer in self.offers if offer.compiled is not None}
        more: list[int] = []
        for selection, classes in self.goods.at.items():
            for place in rules.plain.get(selection, ()):
                number = rules.best_first[place].number
                wanted[number] = classes
                if number not in known:
                    more.append(number)
        self.at(more)
        return bool(more)

    def _usable(self, promotion: CompiledPromotion) -> bool:
        meant = promotion.scope.anywhere or self._meant(promotion)
        return meant and conditions_short(promotion.conditions, self.goods) is None

    def _meant(self, compiled: CompiledPromotion) -> bool:
        fits = self.meant.get(compiled.scope_number)
        if fits is None:
            fits = self.meant[compiled.scope_number] = in_scope(compiled.scope, self.context)
        return fits

    def _short(self, offer: Offer, compiled: CompiledPromotion) -> Refused | None:
        goods = self.goods
        refused: Refused | None = None
        if not compiled.free:
            own = points_left(offer, self.points, self.balance)
            refused = limits_left(offer, self.question, self.usage.get(offer.id), self.coupons, own)
        if refused is None:
            refused = goods_missing(offer, goods, self.question)
        if refused is None and offer.conditions:
            refused = conditions_short(offer.conditions, goods)
        return _ladder_short(offer, goods) if refused is None and compiled.settles else refused


def _ladder_short(offer: Offer, goods: Goods) -> Refused | None:
    return constants_short(offer, goods) if offer.phase == ITEM else out_of_reach(offer, goods)
