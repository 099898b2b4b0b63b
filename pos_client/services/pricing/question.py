"""A basket as the pricing engine's question: lines with what rules may ask about their items."""

from __future__ import annotations

from collections.abc import Sequence

from pos_client.replica.replica import Replica
from pos_client.services.chain_rules import Rules
from pos_core.catalog.item import GIFT_TAG, Item
from pos_core.catalog.offer_list import OfferList
from pos_core.customer.member import FIRST_TIER
from pos_core.customer.stored_value import STORED_VALUE_TAG
from pos_core.pricing.basket import (
    PresentedCoupon,
    PriceOffer,
    PricingInput,
    PricingLine,
    PricingMember,
    RedeemGoods,
    RedeemMoney,
)
from pos_core.quantity import PIECE_MILLI
from pos_core.sale.basket import Basket
from pos_core.sale.claims import CouponClaim
from pos_core.sale.line_item import LineItem
from pos_core.sale.manual import PRICE_SOURCE

CHANNEL = "pos"
TREE_DEPTH_MAX = 32


class QuestionMaker:
    """Looks items and departments up once per state of the replica."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._generation = -1
        self._items: dict[str, Item | None] = {}
        self._paths: dict[str, tuple[str, ...]] = {}
        self._moment: tuple[int, int] = (0, 0)
        self._prices: dict[tuple[str, str], int | None] = {}
        self._names: dict[str, str] = {}

    def question(self, basket: Basket, rules: Rules) -> PricingInput:
        """The whole question, as it is stored with the sale. `basket` has begun."""
        assert basket.instant_ms is not None
        if self._generation != self._replica.generation:
            self._generation = self._replica.generation
            self._items.clear()
            self._paths.clear()
            self._prices.clear()
            self._names.clear()
        moment = (basket.release.version if basket.release else 0, basket.instant_ms)
        if moment != self._moment:
            self._moment = moment
            self._prices.clear()
        member = self._member(basket.member_id, rules)
        tier, groups = member.tier if member else None, rules.store.store_groups
        lists = [each for each in rules.offer_lists if each.is_for(tier, groups)]
        return PricingInput(
            channel=CHANNEL,
            store=rules.store.store_id,
            store_groups=tuple(rules.store.store_groups),
            exponent=basket.exponent,
            instant_ms=basket.instant_ms,
            utc_offset_minutes=rules.utc_offset_minutes(basket.instant_ms),
            lines=tuple(self._line(line, lists) for line in basket.lines),
            member=member,
            coupons=tuple(_presented(claim) for claim in basket.coupons),
            redeem=_redemptions(basket) if member else (),
        )

    def name_of(self, price_list_id: str) -> str:
        """What a receipt calls the prices of a list."""
        if price_list_id not in self._names:
            found = self._replica.price_list(price_list_id)
            self._names[price_list_id] = found.name if found and found.name else price_list_id
        return self._names[price_list_id]

    def _line(self, line: LineItem, lists: Sequence[OfferList]) -> PricingLine:
        item = self._item(line.sku)
        return PricingLine(
            line_id=str(line.line_no),
            sku=line.sku,
            brand=item.brand or None if item else None,
            departments=self._path(line.department_code),
            tags=tuple(item.tags) if item else (),
            list_price_minor=line.unit_price_minor,
            prices=(*(self._offers(line, item, lists) if lists else ()), *_by_hand(line)),
            quantity_milli=line.quantity_milli,
            weighed=line.weighed,
            line_amount_minor=line.fixed_minor if line.weighed else None,
            floor_minor=min(item.floor_minor or 0, line.unit_price_minor) if item else 0,
            gift=item is not None and GIFT_TAG in item.tags,
            stored_value=bool(line.kind) or (item is not None and STORED_VALUE_TAG in item.tags),
        )

    def _offers(
        self, line: LineItem, item: Item | None, lists: Sequence[OfferList]
    ) -> tuple[PriceOffer, ...]:
        """Lower prices of the lists. A label's or a typed price is nobody's list price: it has none."""
        if item is None or item.sale_kind == "open_price" or line.fixed_minor is not None:
            return ()
        offers: list[PriceOffer] = []
        for each in lists:
            price = self._price(line.sku, each.price_list_id)
            if price is not None and price < line.unit_price_minor:
                offers.append(
                    PriceOffer(
                        kind=each.kind, price_minor=price, source=each.price_list_id, optional=each.optional
                    )
                )
        return tuple(offers)

    def _price(self, sku: str, price_list_id: str) -> int | None:
        key = (sku, price_list_id)
        if key not in self._prices:
            version, instant_ms = self._moment
            row = self._replica.price_at(
                sku, release_version=version, instant_ms=instant_ms, price_list_id=price_list_id
            )
            self._prices[key] = None if row is None else row.price_minor
        return self._prices[key]

    def _item(self, sku: str) -> Item | None:
        if sku not in self._items:
            self._items[sku] = self._replica.item_by_sku(sku)
        return self._items[sku]

    def _path(self, code: str | None) -> tuple[str, ...]:
        """From the root down to the department itself."""
        if code is None:
            return ()
        if code not in self._paths:
            path = [code]
            department = self._replica.department(code)
            while department is not None and department.parent_code and len(path) < TREE_DEPTH_MAX:
                path.append(department.parent_code)
                department = self._replica.department(department.parent_code)
            self._paths[code] = tuple(reversed(path))
        return self._paths[code]

    def _member(self, member_id: str | None, rules: Rules) -> PricingMember | None:
        if member_id is None:
            return None
        member = self._replica.member(member_id)
        if member is None:  # joined here a moment ago: a member of the first tier, without points
            return PricingMember(tier=next(iter(rules.tier_names), FIRST_TIER))
        return PricingMember(tier=member.tier or None, birthday_month=member.birthday_month)


def _by_hand(line: LineItem) -> tuple[PriceOffer, ...]:
    price_minor = line.manual_price_minor
    if price_minor is None:
        return ()
    return (PriceOffer(kind="manual", price_minor=price_minor, source=PRICE_SOURCE),)


def _presented(claim: CouponClaim) -> PresentedCoupon:
    return PresentedCoupon(
        coupon_id=claim.coupon_id,
        campaign=claim.campaign_id,
        uses=claim.uses,
        starts_ms=claim.starts_ms,
        ends_ms=claim.ends_ms,
    )


def _redemptions(basket: Basket) -> tuple[RedeemMoney | RedeemGoods, ...]:
    """Claims of one promotion asked for as one; goods only as far as their lines still stand."""
    money: dict[str, int] = {}
    goods: list[RedeemGoods] = []
    standing = {line.line_no: line for line in basket.lines}
    for claim in basket.points:
        if claim.line_no is None:
            money[claim.promotion_id] = money.get(claim.promotion_id, 0) + claim.points
            continue
        line = standing.get(claim.line_no)
        units = 0 if line is None or line.weighed else min(claim.units, line.quantity_milli // PIECE_MILLI)
        if units:
            line_id = str(claim.line_no)
            goods.append(RedeemGoods(promotion_id=claim.promotion_id, line_id=line_id, units=units))
    asked = [RedeemMoney(promotion_id=name, points=points) for name, points in sorted(money.items())]
    return (*asked, *goods)
