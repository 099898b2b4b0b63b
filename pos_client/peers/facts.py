"""Facts of this store's other workstations that head office has not folded yet, about one thing at a time.

As `journal/own_facts.py` for our own: the same rows, the same queries, the same folds. `after` says of each
series up to which number head office's state holds it already (the feed's `series_point`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pos_client.journal.member_keys import open_box
from pos_client.journal.own_facts import SQL, counted_fact
from pos_client.peers.schema import SeriesKey
from pos_client.storage.connection import Connection
from pos_core.sale.receipt_return import Known, Place, place_of, return_data
from pos_core.stock.transfer import STEPS
from pos_core.sync.folds import Fact, Stamp, facts_of
from pos_core.sync.folds.facts import (
    CouponRestored,
    CouponUsed,
    PointsMoved,
    StockMoved,
    StoredValueMoved,
)

PeerAfter = Mapping[SeriesKey, int]
_SERIES = "SELECT workstation_id, incarnation FROM peer_series"
_DOCUMENT = "SELECT data FROM peer_document WHERE workstation_id = ? AND incarnation = ? AND number = ?"
_KEY = "SELECT key FROM peer_member_key WHERE member_id = ?"
_WITH_COUPONS = "SELECT data FROM peer_coupon_document WHERE campaign_id = ? AND coupon_code = ?"
_OF_TYPE = (
    "SELECT data FROM peer_document WHERE workstation_id = ? AND incarnation = ? AND number > ? AND type = ?"
)
_RETURNS = (
    "SELECT data FROM (SELECT data, json_extract(CAST(data AS TEXT), '$.body.origin') AS origin"
    " FROM peer_document WHERE type = 'return')"
    " WHERE origin ->> 'workstation_id' = ? AND origin ->> 'incarnation' = ? AND origin ->> 'number' = ?"
)
_Series = tuple[str, int, int]


def stock_facts(connection: Connection, after: PeerAfter, sku: str) -> list[Fact]:
    """Movements and counts of an item."""
    found: list[Fact] = []
    for series in series_after(connection, after):
        for number, movement_no, store_id, hlc, quantity_milli, reason in connection.execute(
            SQL["movements"], (*series, sku)
        ):
            stamp = Stamp(hlc, series[0], series[1], number, movement_no)
            found.append(StockMoved(stamp, store_id, sku, quantity_milli, reason))
        for row in connection.execute(SQL["counts"], (*series, sku)):
            found.append(counted_fact(series[0], series[1], sku, row))
    return found


def moved_items(connection: Connection, after: PeerAfter) -> set[str]:
    """SKUs that moved or were counted."""
    found: set[str] = set()
    for series in series_after(connection, after):
        found.update(row[0] for row in connection.execute(SQL["moved_items"], (*series, *series)))
    return found


def points_facts(connection: Connection, after: PeerAfter, member_id: str) -> list[Fact]:
    """Points of a member."""
    return [
        fact
        for fact in _touching(connection, after, "of_member", member_id)
        if isinstance(fact, PointsMoved) and fact.member_id == member_id
    ]


def orders(connection: Connection, after: PeerAfter, member_id: str) -> int:
    """Finished sales to a member."""
    asked = [(*series, member_id) for series in series_after(connection, after)]
    return sum(connection.execute(SQL["orders_of_member"], each).fetchone()[0] for each in asked)


def stored_value_facts(connection: Connection, after: PeerAfter, account_id: str) -> list[Fact]:
    """Money put on and taken off an account."""
    return [
        fact
        for fact in _touching(connection, after, "of_account", account_id)
        if isinstance(fact, StoredValueMoved) and fact.account_id == account_id
    ]


def coupon_facts(connection: Connection, after: PeerAfter, campaign_id: str, coupon_key: str) -> list[Fact]:
    """Uses of one coupon, and what gave it back."""
    return [
        fact
        for fact in _touching(connection, after, "of_campaign", campaign_id)
        if isinstance(fact, CouponUsed | CouponRestored) and fact.coupon_key == coupon_key
    ]


def coupon_facts_ever(
    connection: Connection, campaign_id: str, coupon_code: str, coupon_key: str
) -> list[Fact]:
    """The same of all that was heard, whether head office has folded it or not: each once."""
    rows = connection.execute(_WITH_COUPONS, (campaign_id, coupon_code)).fetchall()
    found: dict[Stamp, Fact] = {
        fact.stamp: fact
        for (data,) in rows
        for fact in _facts(data)
        if isinstance(fact, CouponUsed | CouponRestored) and fact.coupon_key == coupon_key
    }
    for fact in coupon_facts(connection, {}, campaign_id, coupon_key):
        found[fact.stamp] = fact
    return list(found.values())


def joined_members(connection: Connection, after: PeerAfter) -> list[tuple[dict[str, Any], dict[str, str]]]:
    """Who joined at a peer and was not erased: each document, decoded, and what its box holds."""
    found = []
    for series in series_after(connection, after):
        for (data,) in connection.execute(_OF_TYPE, (*series, "member_joined")).fetchall():
            document = json.loads(bytes(data))
            row = connection.execute(_KEY, (document["body"]["member_id"],)).fetchone()
            clear = None if row is None else open_box(document, bytes(row[0]))
            if clear is not None:
                found.append((document, clear))
    return found


def credential_facts(connection: Connection) -> list[Fact]:
    """Changes of employees' sign-on: all that are kept, for a fold that takes the newest."""
    return _facts_of_types(connection, "credential_changed")


def reservation_facts(connection: Connection) -> list[Fact]:
    """Steps of reservations: all that are kept, for a fold to which a step that is known is nothing new."""
    return _facts_of_types(connection, "reservation_made", "reservation_reported")


def transfer_facts(connection: Connection) -> list[Fact]:
    """Steps of transfers: all that are kept; a step that is known is nothing new."""
    return _facts_of_types(connection, *(f"transfer_{step}" for step in STEPS))


def order_facts(connection: Connection) -> list[Fact]:
    """Orders to suppliers, their ends, and deliveries: all that are kept."""
    return _facts_of_types(connection, "goods_ordered", "order_closed", "goods_received")


def label_facts(connection: Connection, after: PeerAfter) -> list[Fact]:
    """Shelf labels that were printed and hung."""
    return _facts_of_types(connection, "labels_changed", after=after)


def _facts_of_types(connection: Connection, *types: str, after: PeerAfter | None = None) -> list[Fact]:
    return [
        fact
        for series in series_after(connection, after or {})
        for each in types
        for (data,) in connection.execute(_OF_TYPE, (*series, each)).fetchall()
        for fact in _facts(data)
    ]


def returns_of_sales(connection: Connection, workstation_id: str) -> list[tuple[Place, Known]]:
    """Returns of a workstation's sales that the others kept here made: the sale's place, and the return."""
    found: list[tuple[Place, Known]] = []
    for series in series_after(connection, {}):
        for (data,) in connection.execute(_OF_TYPE, (*series, "return")).fetchall():
            document = json.loads(bytes(data))
            origin = document["body"]["origin"]
            if origin is not None and origin["workstation_id"] == workstation_id:
                found.append((place_of(origin), (place_of(document), return_data(document))))
    return found


def returns_of(connection: Connection, place: Place) -> list[Known]:
    """What came back of a receipt, whichever workstation's sale it is."""
    rows = connection.execute(_RETURNS, place).fetchall()
    found = [json.loads(bytes(data)) for (data,) in rows]
    return [(place_of(document), return_data(document)) for document in found]


def series_after(connection: Connection, after: PeerAfter) -> list[_Series]:
    """Every series that was heard of, and the number after which its documents count."""
    rows = connection.execute(_SERIES).fetchall()
    return [(ws, incarnation, after.get((ws, incarnation), 0)) for ws, incarnation in rows]


def _touching(connection: Connection, after: PeerAfter, query: str, wanted: str) -> Iterator[Fact]:
    for series in series_after(connection, after):
        for (number,) in connection.execute(SQL[query], (*series, wanted)).fetchall():
            row = connection.execute(_DOCUMENT, (series[0], series[1], number)).fetchone()
            yield from _facts(row[0])


def _facts(data: bytes) -> tuple[Fact, ...]:
    document = json.loads(bytes(data))
    return facts_of(document, document["body"], lean=True)
