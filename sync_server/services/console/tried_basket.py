"""A basket put together at head office, as the question that a workstation of that store would ask."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pos_core.catalog.offer_list import OfferList, parse_offer_lists
from pos_core.errors import InvalidInput
from pos_core.pricing.basket import (
    PresentedCoupon,
    PriceOffer,
    PricingInput,
    PricingLine,
    PricingMember,
    RedeemGoods,
    RedeemMoney,
)
from pos_core.pricing.compiled import RuleSet
from pos_core.quantity import PIECE_MILLI
from sync_server.services.console.goods_facts import GoodsFacts, goods_facts
from sync_server.services.console.price_grid import Pair, by_pair, price_then
from sync_server.services.importing.context import ChainView, chain_view
from sync_server.store import price_change
from sync_server.store.engine import Txn
from sync_server.store.masters import PriceRow

LINES_MAX = 60


class NoSuchStore(InvalidInput):
    """No store of this id, or of another region than one may see."""

    code = "try_no_such_store"


class NoSuchItem(InvalidInput):
    """No item has this SKU."""

    code = "try_no_such_item"


class NoPriceThere(InvalidInput):
    """The store's price list has no price for it at that moment."""

    code = "try_no_price"


class BadUnits(InvalidInput):
    """Part of a piece, or nothing."""

    code = "try_bad_quantity"


@dataclass(frozen=True, slots=True)
class TriedLine:
    """`use`: bought, taken as a gift, or asked for with points."""

    sku: str
    quantity_milli: int
    use: Literal["", "gift", "points"] = ""


@dataclass(frozen=True, slots=True)
class TriedMember:
    """What rules may ask about a shopper who is a member."""

    tier: str = ""
    new: bool = False
    orders_before: int = 0
    birthday_today: bool = False
    segments: tuple[str, ...] = ()
    points_balance: int = 0
    points_to_use: int = 0


@dataclass(frozen=True, slots=True)
class TriedBasket:
    """What somebody has put together. `campaigns`: one coupon of each is presented."""

    store_id: str
    channel: str
    instant_ms: int
    lines: tuple[TriedLine, ...]
    member: TriedMember | None = None
    campaigns: tuple[str, ...] = ()
    shipping_minor: int = 0


@dataclass(frozen=True, slots=True)
class Shelf:
    """What baskets of one store at one moment are made of: read once, asked for every tier and channel."""

    chain: ChainView
    store: Mapping[str, object]
    goods: Mapping[str, GoodsFacts]
    prices: Mapping[Pair, Sequence[PriceRow]]
    lists: tuple[OfferList, ...]

    @property
    def store_groups(self) -> tuple[str, ...]:
        """The groups that the store is in."""
        return tuple(json.loads(str(self.store["store_groups"] or "[]")))


def shelf_of(txn: Txn, basket: TriedBasket, region: str | None) -> Shelf:
    """Raises NoSuchStore, NoSuchItem."""
    chain = chain_view(txn)
    store = chain.stores.get(basket.store_id)
    if store is None or region not in (None, store["region"]):
        raise NoSuchStore("no such store", store=basket.store_id)
    skus = sorted({line.sku for line in basket.lines})
    goods = goods_facts(txn, skus, chain.departments)
    for line in basket.lines:
        if line.sku not in goods:
            raise NoSuchItem("no such item", sku=line.sku)
    prices = by_pair(price_change.prices_of_skus(txn, skus))
    return Shelf(chain, store, goods, prices, parse_offer_lists(chain.policies.get("price_offers", [])))


def question_of(basket: TriedBasket, shelf: Shelf, rules: RuleSet) -> PricingInput:
    """As a workstation asks (docs/promotions.md, "Prices from lists"). Raises NoPriceThere, BadUnits."""
    offset = offset_minutes(str(shelf.store["time_zone"]), basket.instant_ms)
    tier = basket.member.tier or None if basket.member else None
    lists = [each for each in shelf.lists if each.is_for(tier, shelf.store_groups)]
    return PricingInput(
        channel=basket.channel,
        store=basket.store_id,
        store_groups=shelf.store_groups,
        exponent=shelf.chain.exponent,
        instant_ms=basket.instant_ms,
        utc_offset_minutes=offset,
        lines=tuple(
            _line(number, line, basket.instant_ms, shelf, lists)
            for number, line in enumerate(basket.lines, 1)
        ),
        member=_member(basket, offset),
        coupons=tuple(
            PresentedCoupon(coupon_id=f"try-{number}", campaign=name, segments=())
            for number, name in enumerate(basket.campaigns, 1)
        ),
        redeem=_redeemed(basket, rules),
        shipping_minor=basket.shipping_minor,
    )


def _line(
    number: int, line: TriedLine, instant_ms: int, shelf: Shelf, lists: Sequence[OfferList]
) -> PricingLine:
    item = shelf.goods[line.sku]
    if line.quantity_milli <= 0 or (not item.weighed and line.quantity_milli % PIECE_MILLI):
        raise BadUnits("whole pieces, at least one", sku=line.sku)
    own = str(shelf.store["price_list_id"])
    price = price_then(shelf.prices.get((own, line.sku), []), instant_ms)
    if price is None:
        raise NoPriceThere("no price there", sku=line.sku, price_list=own)
    offers = []
    for each in lists:
        lower = price_then(shelf.prices.get((each.price_list_id, line.sku), []), instant_ms)
        if lower is not None and lower < price:
            offers.append(
                PriceOffer(
                    kind=each.kind, price_minor=lower, source=each.price_list_id, optional=each.optional
                )
            )
    return PricingLine(
        line_id=str(number),
        sku=line.sku,
        brand=item.brand,
        departments=item.departments,
        tags=item.tags,
        list_price_minor=price,
        prices=tuple(offers),
        quantity_milli=line.quantity_milli,
        weighed=item.weighed,
        floor_minor=min(item.floor_minor, price),
        gift=line.use == "gift" or item.gift,
        stored_value=item.stored_value,
    )


def _member(basket: TriedBasket, offset_minutes: int) -> PricingMember | None:
    member = basket.member
    if member is None:
        return None
    today = datetime.fromtimestamp(basket.instant_ms / 1000 + offset_minutes * 60, UTC)
    return PricingMember(
        tier=member.tier or None,
        new=member.new,
        orders_before=member.orders_before,
        birthday_month=today.month if member.birthday_today else None,
        birthday_day=today.day if member.birthday_today else None,
        segments=member.segments,
        points_balance=member.points_balance,
    )


def _redeemed(basket: TriedBasket, rules: RuleSet) -> tuple[RedeemMoney | RedeemGoods, ...]:
    """Points as money under every rule for that; lines for points under the first rule for that."""
    if basket.member is None:
        return ()
    kinds = {name: [p.rule.id for p in rules.promotions if p.kind == name] for name in _POINTS_KINDS}
    asked: list[RedeemMoney | RedeemGoods] = []
    if basket.member.points_to_use:
        names = kinds["points_redeem"]
        asked += [RedeemMoney(promotion_id=name, points=basket.member.points_to_use) for name in names]
    for number, line in enumerate(basket.lines, 1):
        if line.use == "points" and kinds["points_goods"]:
            units = max(1, line.quantity_milli // PIECE_MILLI)
            asked.append(RedeemGoods(promotion_id=kinds["points_goods"][0], line_id=str(number), units=units))
    return tuple(asked)


_POINTS_KINDS = ("points_redeem", "points_goods")


def offset_minutes(zone: str, instant_ms: int) -> int:
    """A zone's offset from UTC at an instant."""
    moment = datetime.fromtimestamp(instant_ms / 1000, UTC).astimezone(ZoneInfo(zone))
    offset = moment.utcoffset()
    return 0 if offset is None else int(offset.total_seconds()) // 60
