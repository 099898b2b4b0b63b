"""Stock, counts and transfers as rows: of the feed for their stores, in columns for head office."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, cast

from pos_core.canonical import canonical_bytes
from pos_core.stock.reservation import reservation_of
from pos_core.sync.folds import Fact, State, StateKey
from pos_core.sync.folds.count_group import PARTS, RANK, ROUND, TOTAL, recorded_milli, session_id_of
from pos_core.sync.folds.facts import Counted, StockMoved
from pos_core.sync.folds.stock import doubtful, expected, on_hand, stock_key
from sync_server.store import document, feed, purchase, reserved
from sync_server.store import stock as stock_table
from sync_server.store.engine import Txn
from sync_server.store.purchase import OrderRow
from sync_server.store.reserved import ReservedRow
from sync_server.store.stock import StockRow

Row = list[Any]


def stock(txn: Txn, states: Mapping[StateKey, State], touched: Mapping[StateKey, Fact]) -> None:
    """On hand to the store; what a session found stays with the store while its count stands."""
    by_store: dict[str, list[StockRow]] = defaultdict(list)
    for place, state in states.items():
        if place[0] == "stock":
            fact = cast("StockMoved | Counted", touched[place])
            by_store[fact.store_id].append(_row(state, fact))
    for store_id, rows in by_store.items():
        known = stock_table.of_items(txn, store_id, [row.sku for row in rows])
        stock_table.put(txn, rows)
        scope = f"store:{store_id}"
        on_hand_rows: list[Row] = [
            [row.sku, row.on_hand_milli, row.counted_at_hlc, row.doubtful_milli] for row in rows
        ]
        feed.put_rows(txn, "stock_on_hand", scope, on_hand_rows)
        found = [_result(row) for row in rows if row.session_id is not None]
        gone = [
            [before.session_id, row.sku]
            for row in rows
            if (before := known.get(row.sku)) is not None and before.session_id not in (None, row.session_id)
        ]
        if found or gone:
            feed.put_rows(txn, "count_result", scope, found, gone)
        anew = [
            row
            for row in rows
            if row.session_id is not None
            and isinstance(touched["stock", stock_key(store_id, row.sku)], Counted)
        ]
        rounds = _rounds(txn, store_id, anew, states)
        if rounds or gone:
            feed.put_rows(txn, "count_round", scope, rounds, gone)


def transfers(txn: Txn, states: Mapping[StateKey, State]) -> None:
    """A transfer goes to every store that a step names; both ends mostly."""
    rows: dict[str, list[Row]] = defaultdict(list)
    for (fold, key), state in states.items():
        if fold == "transfer":
            text = canonical_bytes(state).decode()
            for store_id in sorted({end for step in state["steps"].values() for end in step[2:4]}):
                rows[store_id].append([key, text])
    for store_id, found in rows.items():
        feed.put_rows(txn, "transfer", f"store:{store_id}", found)


def reservations(txn: Txn, states: Mapping[StateKey, State]) -> None:
    """A reservation goes to the store with the goods and to the one that asked; what is held, in columns."""
    rows: dict[str, list[Row]] = defaultdict(list)
    holds: dict[str, list[ReservedRow]] = {}
    for (fold, key), state in states.items():
        if fold == "reservation":
            text = canonical_bytes(state).decode()
            for store_id in sorted({end for step in state["steps"].values() for end in step[2:4]}):
                rows[store_id].append([key, text])
            one = reservation_of(key, state["steps"])
            holds[key] = [
                ReservedRow(sku, one.at_store, key, milli, one.until_ms)
                for sku, milli in one.held_at(0).items()
            ]
    reserved.put(txn, holds)
    for store_id, found in rows.items():
        feed.put_rows(txn, "reservation", f"store:{store_id}", found)


def purchases(txn: Txn, states: Mapping[StateKey, State]) -> None:
    """An order's steps go to the store that ordered; whether it is open, in columns."""
    rows: dict[str, list[Row]] = defaultdict(list)
    seen: list[OrderRow] = []
    for (fold, key), state in states.items():
        if fold == "purchase":
            store_id, _, order_id = key.partition("/")
            rows[store_id].append([order_id, canonical_bytes(state).decode()])
            one = purchase.row_of(store_id, order_id, state["steps"])
            seen += [] if one is None else [one]
    purchase.put(txn, seen)
    for store_id, found in rows.items():
        feed.put_rows(txn, "purchase", f"store:{store_id}", found)


def shelf_labels(txn: Txn, states: Mapping[StateKey, State]) -> None:
    """What hangs on a shelf is for every workstation of its store."""
    rows: dict[str, list[Row]] = defaultdict(list)
    for (fold, key), state in states.items():
        if fold == "shelf_label":
            store_id, _, sku = key.partition("/")
            rows[store_id].append([sku, canonical_bytes(state).decode()])
    for store_id, found in rows.items():
        feed.put_rows(txn, "shelf_label", f"store:{store_id}", found)


def _row(state: State, fact: StockMoved | Counted) -> StockRow:
    group = state["count"]
    unsure = sum(abs(each[3]) for each in doubtful(state))  # what came in does not make up for what went
    if group is None:
        return StockRow(fact.sku, fact.store_id, on_hand(state), unsure, None, None, None, None, None)
    return StockRow(
        sku=fact.sku,
        store_id=fact.store_id,
        on_hand_milli=on_hand(state),
        doubtful_milli=unsure,
        counted_at_hlc=group[RANK][0],
        session_id=session_id_of(group),
        counted_milli=group[TOTAL],
        expected_milli=expected(state),
        recorded_milli=recorded_milli(group),
    )


def _rounds(txn: Txn, store_id: str, rows: list[StockRow], states: Mapping[StateKey, State]) -> list[Row]:
    """The round that stands and the people whose counts it is made of; only a count makes another one."""
    groups = {row.sku: states["stock", stock_key(store_id, row.sku)]["count"] for row in rows}
    parts = {sku: {_document_of(part) for part in group[PARTS]} for sku, group in groups.items()}
    people = document.operators(txn, {each for found in parts.values() for each in found})
    return [
        [
            row.session_id,
            row.sku,
            groups[row.sku][ROUND],
            json.dumps(sorted({people[each] for each in parts[row.sku] if each in people})),
        ]
        for row in rows
    ]


def _document_of(part: str) -> tuple[str, int, int]:
    workstation_id, incarnation, number = part.partition("#")[0].rsplit("/", 2)
    return workstation_id, int(incarnation), int(number)


def _result(row: StockRow) -> Row:
    return [
        row.session_id,
        row.sku,
        row.counted_milli,
        row.expected_milli,
        row.recorded_milli,
        row.doubtful_milli,
        row.counted_at_hlc,
    ]
