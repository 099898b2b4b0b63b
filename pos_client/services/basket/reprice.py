"""A basket at the prices of another moment: what a held one costs when it is taken up again."""

from __future__ import annotations

from dataclasses import replace

from pos_client.services.basket.line_maker import Asked, LineMaker
from pos_client.services.counter import Counter
from pos_core.errors import TidemarkError
from pos_core.sale.basket import Basket
from pos_core.sale.line_item import LineItem
from pos_core.sync.document import ReleaseRef


def priced_anew(counter: Counter, basket: Basket) -> tuple[Basket, tuple[str, ...]]:
    """The basket as if it were rung up now, and the names of items that are no longer sold.

    Those lines are taken off as voided. Labels, weights and typed prices stand as they are; a member stays.
    What was let go of points and coupons and is here no more is asked for anew.
    """
    basket = _still_let_go(counter, basket)
    instant_ms = counter.time.instant_ms()
    release = counter.replica.active_release(instant_ms)
    if release is None:  # nothing newer to price by
        return basket, ()
    maker = LineMaker(counter)
    lines: list[LineItem] = []
    gone: list[LineItem] = []
    for line in basket.lines:
        made = _line_anew(counter, maker, line, (release, instant_ms))
        if made is None or line.deposit_of in {each.line_no for each in gone}:
            gone.append(line)
        else:
            lines.append(made)
    rules = counter.rules
    after = replace(
        basket,
        price_list_id=rules.store.price_list_id,
        lines=tuple(lines),
        voided=(*basket.voided, *gone),
        manual=tuple(each for each in basket.manual if each.line_no not in {line.line_no for line in gone}),
        release=release,
        instant_ms=instant_ms,
    )
    return after, tuple(line.name for line in gone)


def _still_let_go(counter: Counter, basket: Basket) -> Basket:
    """Without claims whose allowance is over or another workstation's: their sale would be refused."""
    left = counter.allowance_book.left

    def stands(allowance_id: str | None, units: int) -> bool:
        return allowance_id is None or left(allowance_id) >= units

    return replace(
        basket,
        points=tuple(each for each in basket.points if stands(each.allowance_id, each.points)),
        coupons=tuple(each for each in basket.coupons if stands(each.allowance_id, 1)),
    )


def _line_anew(
    counter: Counter, maker: LineMaker, line: LineItem, moment: tuple[ReleaseRef | None, int]
) -> LineItem | None:
    item = counter.replica.item_by_sku(line.sku)
    if item is None:
        return None
    open_price = item.sale_kind == "open_price"
    asked = Asked(
        line.quantity_milli,
        line.entered,
        gtin=line.gtin,
        weight_milli=line.weight_milli,
        label_minor=None if open_price else line.fixed_minor,
        price_minor=line.unit_price_minor if open_price else None,
        lot=line.lot,
    )
    try:
        made = maker.make(item, asked, moment)
    except TidemarkError:  # no longer sold, or without a price now
        return None
    if isinstance(made, str):
        return None
    kept = line.manual_price_minor is not None and line.manual_price_minor < made.unit_price_minor
    return replace(
        made,
        line_no=line.line_no,
        manual_price_minor=line.manual_price_minor if kept else None,
        manual_reason=line.manual_reason if kept else "",
        manual_name=line.manual_name if kept else "",
        note=line.note,
        kind=line.kind,
        discountable=line.discountable,
        deposit_of=line.deposit_of,
        account_id=line.account_id,
    )
