"""What is behind a figure: its sales and returns, a page at a time, and where the next page begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

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
PLACE_READS = 10
"""What a store's day costs, with or without a document that fits, in documents."""


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
    read, at = 0, after
    for place in _places(txn, asked, after):
        offset = at.offset if at is not None and (at.day, at.store_id) == place else 0
        while True:
            if len(rows) >= SHOWN_MAX or read >= READ_MAX:
                return Listed(rows, Cursor(*place, offset))
            room = SHOWN_MAX - len(rows)
            found = behind.of_place(txn, asked, place, offset, room)
            zone = ZoneInfo((stores.get(place[1]) or {}).get("time_zone") or DEFAULT_ZONE)
            rows += [row for row in found if _fits(asked, row, zone)]
            read, offset = read + len(found), offset + len(found)
            if len(found) < room:
                break
        read += PLACE_READS
    return Listed(rows, None)


def _places(txn: Txn, asked: Asked, after: Cursor | None) -> Iterator[tuple[str, str]]:
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


def _fits(asked: Asked, row: dict[str, Any], zone: ZoneInfo) -> bool:
    if asked.hour is not None:
        at = datetime.fromtimestamp(row["occurred_at_ms"] / 1000, UTC).astimezone(zone)
        if at.hour != asked.hour:
            return False
    return not asked.channel or channel_of(bytes(row["data"])) == asked.channel
