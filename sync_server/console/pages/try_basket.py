"""A basket to try: what it costs under a set of promotions, and why, while one is still choosing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from sync_server.console.ask import Ask, BadForm, Data, Page, Reply
from sync_server.services.console.rule_sets import Rule
from sync_server.services.console.tried_basket import LINES_MAX, TriedBasket, TriedLine, TriedMember
from sync_server.services.importing.cells import amount_cell, instant_cell, list_cell, quantity_cell
from sync_server.services.importing.problems import CellError
from sync_server.store.catalog import ItemFilter

ROWS_SHOWN = 6
ITEMS_SHOWN = 20
_POINTS_MAX = 10**9
Use = Literal["", "gift", "points"]


def frame(ask: Ask) -> Reply:
    """The empty basket."""
    values = {
        "choices": ask.desk.try_basket.choices(ask.region),
        "rows": ROWS_SHOWN,
        "sets": ("prepared", "running"),
        "drafts": [row for row, _ in ask.desk.promotion_changes.newest(over=False)],
        "wanted": ask.query.get("rules", "prepared"),
    }
    return Page("try_basket.html", values)


def line(ask: Ask) -> Reply:
    """One more line."""
    return Page("try_basket_line.html")


def items(ask: Ask) -> Reply:
    """Goods that fit what is typed: [[SKU, name], …]."""
    text = ask.query.get("text", "").strip()[:100]
    if not text:
        return Data([])
    found = ask.desk.price_grid.items(ItemFilter(text), ITEMS_SHOWN)
    return Data([[i.sku, i.name if ask.words.language == "zh" else i.name_en or i.name] for i in found])


def price(ask: Ask) -> Reply:
    """The price with its explanations."""
    return answer_to(ask, basket_of(ask), rules_of(ask, ask.desk.rule_sets.running()))


def answer_to(ask: Ask, basket: TriedBasket, rules: Mapping[str, Rule]) -> Page:
    """A basket under some promotions beside those in force; without goods a word of what to do."""
    if not basket.lines:
        return Page("try_basket_empty.html")
    tried = ask.desk.try_basket.price(
        basket,
        rules.values(),
        ask.desk.rule_sets.running().values(),
        language=cast(Literal["zh", "en"], ask.words.language),
        region=ask.region,
    )
    values = {"tried": tried, "basket": basket, "choices": ask.desk.try_basket.choices(ask.region)}
    return Page("try_basket_answer.html", values)


def rules_of(ask: Ask, today: Mapping[str, Rule]) -> Mapping[str, Rule]:
    """The set that the form names. Raises BadForm."""
    wanted = ask.text("rules", "prepared")
    if wanted == "running":
        return today
    if wanted == "prepared":
        return ask.desk.rule_sets.prepared()
    if wanted.startswith("change:"):
        return ask.desk.promotion_changes.with_draft(wanted.removeprefix("change:"))
    raise BadForm("no such set", field="rules")


def basket_of(ask: Ask) -> TriedBasket:
    """What the form says. Raises BadForm."""
    zone = ask.words.facts.zone.key
    when = ask.text("when", "").strip().replace("T", " ")
    shipping = ask.text("shipping", "").strip()
    try:
        instant_ms = instant_cell(when, zone) if when else ask.desk.clock.now_ms()
        shipping_minor = amount_cell(shipping, ask.words.facts.exponent) if shipping else 0
    except CellError as error:
        raise BadForm(error.message, field="when") from None
    return TriedBasket(
        store_id=ask.text("store"),
        channel=ask.text("channel", "pos").strip()[:64] or "pos",
        instant_ms=instant_ms,
        lines=_lines(ask),
        member=_member(ask),
        campaigns=tuple(dict.fromkeys(each[:64] for each in ask.every("campaign") if each)),
        shipping_minor=shipping_minor,
    )


def _lines(ask: Ask) -> tuple[TriedLine, ...]:
    """Rows with goods; an empty quantity is one."""
    rows = list(zip(ask.every("sku"), ask.every("quantity"), ask.every("use"), strict=False))
    lines = []
    for sku, quantity, use in rows[:LINES_MAX]:
        if not sku.strip():
            continue
        try:
            milli = quantity_cell(quantity.strip()) if quantity.strip() else 1000
        except CellError:
            raise BadForm("not a quantity", field="quantity") from None
        if use not in ("", "gift", "points"):
            raise BadForm("no such use", field="use")
        lines.append(TriedLine(sku.strip()[:64], milli, cast(Use, use)))
    return tuple(lines)


def _member(ask: Ask) -> TriedMember | None:
    shopper = ask.text("shopper", "")
    if not shopper:
        return None
    return TriedMember(
        tier=shopper.removeprefix("tier:") if shopper.startswith("tier:") else "",
        new=bool(ask.text("new", "")),
        orders_before=ask.number("orders_before", low=0, high=_POINTS_MAX, default=0),
        birthday_today=bool(ask.text("birthday", "")),
        segments=tuple(list_cell(ask.text("segments", ""))[:20]),
        points_balance=ask.number("points_balance", low=0, high=_POINTS_MAX, default=0),
        points_to_use=ask.number("points_to_use", low=0, high=_POINTS_MAX, default=0),
    )
