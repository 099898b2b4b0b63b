"""The facts in a sale or a return: stock, points, coupons, budgets, lines that come back, ids used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pos_core.sync.folds.facts import (
    AllowanceSpent,
    BasketStep,
    BudgetSpent,
    CouponRestored,
    CouponUsed,
    Fact,
    IdUsed,
    LineReturned,
    LineSold,
    MemberOrdered,
    PointsKind,
    PointsMoved,
    StockMoved,
    StoredValueMoved,
)
from pos_core.sync.folds.stamp import Stamp, document_key

Document = Mapping[str, Any]


def trade_facts(stamp: Stamp, header: Document, body: Document, *, lean: bool) -> Iterator[Fact]:
    """The facts of a `sale` or `return`, but for its shift's."""
    sale = header["type"] == "sale"
    store_id = header["store_id"]
    yield from _lines(stamp, store_id, sale, body, lean)
    yield from _points(stamp, store_id, sale, body)
    yield from _stored_value(stamp, store_id, body)
    yield from _coupons(stamp, store_id, sale, body)
    if sale:
        yield from _budgets(stamp, header, body)
        yield from _leased_budgets(stamp, header["store_id"], body)
        if body.get("held_id") is not None:
            yield BasketStep(stamp, store_id, body["held_id"], "paid", body["total_minor"])
    elif body["origin"] is not None:
        yield from _given_back(stamp, store_id, body)
    if sale and body["member_id"] is not None:
        yield MemberOrdered(stamp, store_id, body["member_id"])
    if body["member_id"] is not None and not lean:
        yield IdUsed(stamp, store_id, "member", body["member_id"])


def coupon_key(use: Document) -> str | None:
    """The one coupon: its code within the campaign, or the member's own; None for a coupon without either."""
    if use["coupon_code"] is not None:
        return f"{use['campaign_id']}/code:{use['coupon_code']}"
    if use["member_id"] is not None:
        return f"{use['campaign_id']}/member:{use['member_id']}"
    return None


def _at(stamp: Stamp, place: int) -> Stamp:
    return Stamp(stamp.hlc, stamp.workstation_id, stamp.incarnation, stamp.number, place)


def _lines(stamp: Stamp, store_id: str, sale: bool, body: Document, lean: bool) -> Iterator[Fact]:
    origin = None if sale else body["origin"]
    for line in body["lines"]:
        here, sku, quantity_milli = _at(stamp, line["line_no"]), line["sku"], line["quantity_milli"]
        if quantity_milli and line.get("kind") != "stored_value":
            moved = -quantity_milli if sale else quantity_milli
            yield StockMoved(here, store_id, sku, moved, "sale" if sale else "return")
        if not lean:
            yield IdUsed(here, store_id, "item", sku, line["net_minor"])
            if sale:
                yield LineSold(here, store_id, line["line_no"], sku, quantity_milli, line["net_minor"])
        if origin is not None and "origin_line_no" in line:
            key = document_key(origin["workstation_id"], origin["incarnation"], origin["number"])
            yield LineReturned(
                here, store_id, key, line["origin_line_no"], sku, quantity_milli, line["net_minor"]
            )


def _points(stamp: Stamp, store_id: str, sale: bool, body: Document) -> Iterator[Fact]:
    for place, move in enumerate(body.get("points_movements") or (), start=1):
        here, points = _at(stamp, place), move["points"]
        kind: PointsKind
        if sale:
            kind = "earned" if points >= 0 else "spent"
        else:
            kind = "given_back" if points >= 0 else "clawed_back"
        yield PointsMoved(here, store_id, move["member_id"], points, kind, move.get("authority", ""))
        if kind == "spent" and move.get("allowance_id") is not None:
            yield AllowanceSpent(here, store_id, move["allowance_id"], -points)


def _stored_value(stamp: Stamp, store_id: str, body: Document) -> Iterator[Fact]:
    for place, move in enumerate(body.get("stored_value_movements") or (), start=1):
        here, amount_minor, kind = _at(stamp, place), move["amount_minor"], move["reason"]
        yield StoredValueMoved(
            here, store_id, move["account_id"], amount_minor, kind, move.get("authority", "")
        )
        if kind == "spent" and move.get("allowance_id") is not None:
            yield AllowanceSpent(here, store_id, move["allowance_id"], -amount_minor)


def _coupons(stamp: Stamp, store_id: str, sale: bool, body: Document) -> Iterator[Fact]:
    for place, use in enumerate(body.get("coupon_uses") or (), start=1):
        here, key = _at(stamp, place), coupon_key(use)
        if key is None:
            continue
        if sale:
            yield CouponUsed(
                here, store_id, key, use["campaign_id"], use["amount_minor"], use.get("authority", "")
            )
            if use.get("allowance_id") is not None:
                yield AllowanceSpent(here, store_id, use["allowance_id"], use.get("allowance_units", 1))
        elif body["origin"] is not None:
            origin = body["origin"]
            origin_key = document_key(origin["workstation_id"], origin["incarnation"], origin["number"])
            yield CouponRestored(here, store_id, key, origin_key)


def _leased_budgets(stamp: Stamp, store_id: str, body: Document) -> Iterator[Fact]:
    """What a sale took of budgets that were handed out to its workstation."""
    for place, use in enumerate(body.get("budget_uses") or (), start=1):
        yield AllowanceSpent(_at(stamp, place), store_id, use["allowance_id"], use["amount_minor"])


def _budgets(stamp: Stamp, header: Document, body: Document) -> Iterator[Fact]:
    """One fact a budget: campaigns by their coupons, promotions by their lines, hands by operator and day."""
    spent: dict[str, list[int]] = {}
    for use in body.get("coupon_uses") or ():
        entry = spent.setdefault(f"campaign/{use['campaign_id']}", [0, 0])
        entry[0] += 1
        entry[1] += use["amount_minor"]
    used = {each["promotion_id"]: each["counted"] for each in _usage(body)}
    hand = f"manual/{header['store_id']}/{header['business_day']}/{header.get('operator_id') or ''}"
    for line in body["lines"]:
        for discount in line["discounts"]:
            if discount["source"] == "promotion":
                name = f"promotion/{discount['id']}"
            elif discount["source"] == "manual":
                name = hand
            else:
                continue
            entry = spent.setdefault(name, [0, 0])
            entry[0] += discount["source"] == "manual"
            entry[1] += discount["amount_minor"]
    for place, (name, (uses, amount_minor)) in enumerate(sorted(spent.items()), start=1):
        # A promotion counts as its own limits count it; once a sale where no record says.
        applied = uses or used.get(name.removeprefix("promotion/"), 1)
        yield BudgetSpent(_at(stamp, place), header["store_id"], name, applied, amount_minor)


def _usage(body: Document) -> Sequence[Document]:
    """What the sale's promotions used up, by the engine's record of it; () without one."""
    record = body.get("pricing")
    result = record.get("result") if isinstance(record, Mapping) else None
    rows = result.get("usage") if isinstance(result, Mapping) else None
    return [each for each in rows if _is_use(each)] if isinstance(rows, list) else ()


def _is_use(row: Any) -> bool:
    return (
        isinstance(row, Mapping)
        and isinstance(row.get("promotion_id"), str)
        and type(row.get("counted")) is int
        and row["counted"] > 0
    )


def _given_back(stamp: Stamp, store_id: str, body: Document) -> Iterator[Fact]:
    """What a return gives back to budgets: uses and money of restored coupons and of promotions.

    Of a promotion each application comes back once, with the last of its units, whichever return brings it
    (`uses_restored`): the returns of a sale add up to what it had used, in any order.
    """
    back: dict[str, list[int]] = {}
    for use in body.get("coupon_uses") or ():
        entry = back.setdefault(f"campaign/{use['campaign_id']}", [0, 0])
        entry[0] += 1
        entry[1] += use["amount_minor"]
    for use in body.get("uses_restored") or ():
        entry = back.setdefault(f"promotion/{use['promotion_id']}", [0, 0])
        entry[0] += use["counted"]
        entry[1] += use["amount_minor"]
    for place, (name, (uses, amount_minor)) in enumerate(sorted(back.items()), start=1):
        yield BudgetSpent(_at(stamp, place), store_id, name, -uses, -amount_minor)
