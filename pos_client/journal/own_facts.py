"""This workstation's own facts that head office has not folded yet, about one thing at a time.

`after` says per incarnation up to which number they are folded (the feed's `series_point`); an incarnation
that it does not name has not been folded at all. Facts come as `facts_of` cuts them, ready for the folds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pos_client.journal.draft import document_key
from pos_client.storage.connection import Connection
from pos_client.storage.named_sql import load_queries
from pos_core.sync.folds import Fact, Stamp, facts_of
from pos_core.sync.folds.facts import (
    Counted,
    CouponRestored,
    CouponUsed,
    PointsMoved,
    StockMoved,
    StoredValueMoved,
)
from pos_core.sync.folds.stamp import series_key

SQL = load_queries("pos_client.journal", "own_facts")
_SERIES = "SELECT workstation_id, incarnation FROM series ORDER BY incarnation"

After = Mapping[int, int]
"""Incarnation → last number that the shared state at hand already holds."""


def stock_facts(connection: Connection, after: After, sku: str) -> list[Fact]:
    """Movements and counts of an item."""
    found: list[Fact] = []
    for workstation_id, incarnation, last in series_after(connection, after):
        place = (workstation_id, incarnation, last, sku)
        for number, movement_no, store_id, hlc, quantity_milli, reason in connection.execute(
            SQL["movements"], place
        ):
            stamp = Stamp(hlc, workstation_id, incarnation, number, movement_no)
            found.append(StockMoved(stamp, store_id, sku, quantity_milli, reason))
        for row in connection.execute(SQL["counts"], place):
            found.append(counted_fact(workstation_id, incarnation, sku, row))
    return found


def moved_without_count(connection: Connection, after: After, sku: str, since: str) -> int | None:
    """The sum of an item's movements later than hybrid time `since`, in thousandths.

    None where the item was counted too: then the folds decide.
    """
    moved_milli = 0
    for workstation_id, incarnation, last in series_after(connection, after):
        place = (workstation_id, incarnation, last, sku)
        if connection.execute(SQL["is_counted"], place).fetchone() is not None:
            return None
        # The index of an item holds no clock: it answers alone wherever the clock does not matter.
        asked = ("moved_since", (*place, since)) if since else ("moved", place)
        moved_milli += int(connection.execute(SQL[asked[0]], asked[1]).fetchone()[0])
    return moved_milli


def touched_items(connection: Connection, after: After) -> list[str]:
    """SKUs that moved out or were counted."""
    found: dict[str, None] = {}
    for workstation_id, incarnation, last in series_after(connection, after):
        place = (workstation_id, incarnation, last)
        found.update((row[0], None) for row in connection.execute(SQL["touched"], (*place, *place)))
    return list(found)


def moved_items(connection: Connection, after: After) -> set[str]:
    """SKUs that moved in or out, or were counted."""
    found: set[str] = set()
    for workstation_id, incarnation, last in series_after(connection, after):
        place = (workstation_id, incarnation, last)
        found.update(row[0] for row in connection.execute(SQL["moved_items"], (*place, *place)))
    return found


def counted_fact(workstation_id: str, incarnation: int, sku: str, row: Sequence[Any]) -> Counted:
    """A row of `count_line` as head office cuts it."""
    number, line_no, store_id, hlc, counted, recorded, session, round_, area, own_number, cut = row
    heard = {
        series_key(each["workstation_id"], each["incarnation"]): each["number"] for each in json.loads(cut)
    }
    heard[series_key(workstation_id, incarnation)] = own_number
    stamp = Stamp(hlc, workstation_id, incarnation, number, line_no)
    return Counted(stamp, store_id, sku, counted, recorded, heard, session or "", round_, area)


def points_facts(connection: Connection, after: After, member_id: str) -> list[Fact]:
    """Points of a member."""
    return [
        fact
        for fact in _touching(connection, after, "of_member", member_id)
        if isinstance(fact, PointsMoved) and fact.member_id == member_id
    ]


def orders(connection: Connection, after: After, member_id: str) -> int:
    """Finished sales to a member."""
    asked = [(*series, member_id) for series in series_after(connection, after)]
    return sum(connection.execute(SQL["orders_of_member"], each).fetchone()[0] for each in asked)


def stored_value_facts(connection: Connection, after: After, account_id: str) -> list[Fact]:
    """Money put on and taken off an account."""
    return [
        fact
        for fact in _touching(connection, after, "of_account", account_id)
        if isinstance(fact, StoredValueMoved) and fact.account_id == account_id
    ]


def coupon_facts(connection: Connection, after: After, campaign_id: str, key: str) -> list[Fact]:
    """Uses and restorations of one coupon; `key` as `extract_trade.coupon_key` makes it."""
    return [
        fact
        for fact in _touching(connection, after, "of_campaign", campaign_id)
        if isinstance(fact, CouponUsed | CouponRestored) and fact.coupon_key == key
    ]


def coupon_facts_ever(connection: Connection, campaign_id: str, coupon_code: str, key: str) -> list[Fact]:
    """The same of one coupon that has a number of its own, of the whole journal."""
    return [
        fact
        for fact in _touching(connection, {}, "of_coupon", campaign_id, coupon_code)
        if isinstance(fact, CouponUsed | CouponRestored) and fact.coupon_key == key
    ]


def label_facts(connection: Connection, after: After) -> list[Fact]:
    """Shelf labels that were printed and hung."""
    found: list[Fact] = []
    for _, incarnation, last in series_after(connection, after):
        for (data,) in connection.execute(SQL["labels"], (incarnation, last)).fetchall():
            found += _facts(data)
    return found


def _touching(connection: Connection, after: After, query: str, *wanted: str) -> Iterator[Fact]:
    for workstation_id, incarnation, last in series_after(connection, after):
        numbers = connection.execute(SQL[query], (workstation_id, incarnation, last, *wanted)).fetchall()
        for (number,) in numbers:
            row = connection.execute(SQL["document_at"], (document_key(incarnation, number),)).fetchone()
            yield from _facts(row[0])


def _facts(data: bytes) -> tuple[Fact, ...]:
    document = json.loads(bytes(data))
    return facts_of(document, document["body"], lean=True)


def series_after(connection: Connection, after: After) -> list[tuple[str, int, int]]:
    """Workstation, incarnation and last folded number of every series of this journal."""
    rows = connection.execute(_SERIES).fetchall()
    return [(workstation_id, incarnation, after.get(incarnation, 0)) for workstation_id, incarnation in rows]
