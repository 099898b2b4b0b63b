"""What is behind a figure: its sales and returns, a page at a time, and where the next page begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sync_server.services.clock import moment_of
from sync_server.services.console.documents import stores_in
from sync_server.services.importing.context import DEFAULT_ZONE, chain_view
from sync_server.services.told import channel_of
from sync_server.store import behind
from sync_server.store.behind import Asked
from sync_server.store.engine import Store, Txn

SHOWN_MAX = 300
READ_MAX = 3000
"""Documents that a page looks into: a rare kind may leave it short, and the next page goes on."""
PLACES_MAX = 100
PLACES_AT_FIRST, PLACES_AT_ONCE = 16, 64
"""Stores' days that one question reads: fifteen of a chain's shops fill a page, something rare needs many."""
PLACE_READS = 10
"""What a store's day costs, with or without a document that fits, in documents."""


Place = tuple[str, str]
"""A business day and a store."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A store's day, and how many of its documents were looked at."""

    day: str
    store_id: str
    offset: int


@dataclass(frozen=True, slots=True)
class Listed:
    """`rows` the newest day first; `older` None: that was all."""

    rows: list[dict[str, Any]]
    older: Cursor | None


@dataclass(frozen=True, slots=True)
class ShelfCheck:
    """A document that says how many shelf prices were looked at, and how many hung wrong."""

    key: str
    occurred_at_ms: int
    checked: int
    wrong: int


class Behind:
    """Reads; with `region` its stores alone."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def documents(
        self, region: str | None, asked: Asked, *, store_id: str = "", after: Cursor | None = None
    ) -> Listed:
        """Of one store or of all that the person sees."""

        def read(txn: Txn) -> Listed:
            stores, there = chain_view(txn).stores, stores_in(txn, region)
            wanted = ({store_id} & there) if store_id else None if region is None else there
            return _listed(txn, replace(asked, stores=wanted), stores, after)

        return self._store.read(read)

    def shelf_checks(self, region: str | None, store_id: str, first_day: str) -> list[ShelfCheck]:
        """Of one store since a business day, the newest first."""

        def read(txn: Txn) -> list[ShelfCheck]:
            if store_id not in stores_in(txn, region):
                return []
            found = behind.shelf_checks(txn, store_id, first_day, SHOWN_MAX)
            return [
                ShelfCheck("/".join(map(str, place)), at_ms, body["checked"], body["wrong"])
                for *place, at_ms, body in found
            ]

        return self._store.read(read)


def _listed(txn: Txn, asked: Asked, stores: Mapping[str, Mapping[str, Any]], after: Cursor | None) -> Listed:
    rows: list[dict[str, Any]] = []
    read = 0
    for group in _groups(_places(txn, asked, after)):
        left = group
        offset = after.offset if after is not None and (after.day, after.store_id) == group[0] else 0
        while left:
            if len(rows) >= SHOWN_MAX or read >= READ_MAX:
                return Listed(rows, Cursor(*left[0], offset))
            room, before = SHOWN_MAX - len(rows), len(left)
            found = behind.of_places(txn, asked, left, offset, room)
            rows += [row for row in found if _fits(asked, row, stores)]
            left, offset = _left(left, offset, found) if len(found) == room else ([], 0)
            read += len(found) + PLACE_READS * (before - len(left))
    return Listed(rows, None)


def _groups(places: Iterator[Place]) -> Iterator[list[Place]]:
    """A few for the first question, more for each that follows."""
    size = PLACES_AT_FIRST
    while group := list(islice(places, size)):
        yield group
        size = min(2 * size, PLACES_AT_ONCE)


def _left(group: list[Place], offset: int, found: list[dict[str, Any]]) -> tuple[list[Place], int]:
    """What is left of a group after a full answer: from the last document's place on, and how far into it."""
    last = (found[-1]["business_day"], found[-1]["store_id"])
    into = sum((row["business_day"], row["store_id"]) == last for row in found)
    return group[group.index(last) :], into + (offset if last == group[0] else 0)


def _places(txn: Txn, asked: Asked, after: Cursor | None) -> Iterator[Place]:
    """From kept sums; a store's one day needs none, so that what came this minute is listed too."""
    stores = asked.stores or ()
    if len(stores) == 1 and asked.day_from == asked.day_to and asked.what != "last":
        yield asked.day_from, next(iter(stores))
        return
    at = None if after is None else (after.day, after.store_id)
    while True:
        found = behind.places(txn, asked, at, PLACES_MAX)
        yield from found if at is None or after is not None else found[1:]
        if len(found) < PLACES_MAX:
            return
        at, after = found[-1], None


def _fits(asked: Asked, row: dict[str, Any], stores: Mapping[str, Mapping[str, Any]]) -> bool:
    if asked.hour is not None:
        zone = ZoneInfo((stores.get(row["store_id"]) or {}).get("time_zone") or DEFAULT_ZONE)
        at = moment_of(row["occurred_at_ms"], zone)
        if at.hour != asked.hour:
            return False
    return not asked.channel or channel_of(bytes(row["data"])) == asked.channel
