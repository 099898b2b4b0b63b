"""Handing out the feed: pages closed by size, kept as compressed bytes while their scope stands still.

A page's bytes depend on `(epoch, scope, after)` and on nothing about who asks, so a thousand workstations
that follow the same scope cost one page. A page is dropped from the cache once its scope moves on.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import zstandard

from pos_core.clock import Clock
from pos_core.sync.protocol import FEED_PAGE_BYTES, PROTOCOL_VERSION, ScopeDigest
from pos_core.sync.reference import KINDS
from sync_server.services.errors import CursorTooOld, EpochChanged, NotYours, Unavailable
from sync_server.store import chain_state, feed, feed_age
from sync_server.store.engine import Store, Txn
from sync_server.store.workstation import WorkstationRow

CACHE_BYTES_MAX = 24 * 1024 * 1024
SETTLE_TRIES = 20
_COMPRESSION_LEVEL = 3


@dataclass(frozen=True, slots=True)
class PageBytes:
    """One page as it goes out: JSON and the same compressed."""

    plain_length: int
    zstd: bytes

    def plain(self) -> bytes:
        """The JSON, for a client that takes no zstd."""
        return zstandard.ZstdDecompressor().decompress(self.zstd, max_output_size=self.plain_length)


class Feed:
    """Pages, digests, and who may read which scope."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._pages: OrderedDict[tuple[str, str, int, int], PageBytes] = OrderedDict()
        self._pages_bytes = 0
        self._lock = threading.Lock()
        self._digests: dict[str, tuple[tuple[str, int], dict[str, list[Any]]]] = {}

    def _kinds(self, txn: Txn, scope: str, point: tuple[str, int]) -> dict[str, list[Any]]:
        """Every change of a scope has a new sequence, so its sums are kept until `(epoch, head)` moves."""
        known = self._digests.get(scope)
        if known is None or known[0] != point:
            known = self._digests[scope] = (point, feed.digests(txn, scope))
        return known[1]

    def page(
        self, caller: WorkstationRow, *, scope: str, epoch: str, after: int, version: int = PROTOCOL_VERSION
    ) -> PageBytes:
        """Rows of `scope` after a cursor. Raises NotYours, EpochChanged, CursorTooOld."""
        return self._store.read(lambda txn: self._page(txn, caller, scope, (epoch, after), version))

    def digest(self, caller: WorkstationRow, scope: str) -> ScopeDigest:
        """Per kind count and sum of row hashes. Raises NotYours, Unavailable."""

        def read(txn: Txn) -> ScopeDigest | None:
            check_scope(txn, caller, scope)
            if feed.unstamped(txn, scope):
                return None  # rows that count in the sum already, but that no page shows yet
            point = (chain_state.epoch(txn), feed.scope_head(txn, scope))
            return ScopeDigest(
                epoch=point[0], scope=scope, sequence=point[1], kinds=self._kinds(txn, scope, point)
            )

        for _ in range(SETTLE_TRIES):
            found = self._store.read(read)
            if found is not None:
                return found
            self._store.engine.stamp_feed()
        raise Unavailable("the scope changes all the time")

    def scopes(self, caller: WorkstationRow) -> tuple[str, ...]:
        """What a workstation may read."""
        return tuple(self._store.read(lambda txn: scopes_of(txn, caller)))

    def heads(self) -> tuple[str, dict[str, int]]:
        """The epoch, and every scope's head."""
        return self._store.read(lambda txn: (chain_state.epoch(txn), feed.scope_heads(txn)))

    def _page(
        self, txn: Txn, caller: WorkstationRow, scope: str, cursor: tuple[str, int], version: int
    ) -> PageBytes:
        epoch, after = cursor
        check_scope(txn, caller, scope)
        current = chain_state.epoch(txn)
        head = feed.scope_head(txn, scope)
        if epoch != current or after > head:
            raise EpochChanged("the cursor is of another epoch", epoch=current, head=head)
        if 0 < after < feed_age.horizon(txn, scope):
            if version < 2:  # a program of then knows this answer, and does the same on it
                raise EpochChanged("the cursor is too old", epoch=current, head=head)
            raise CursorTooOld("deletions since then are forgotten", epoch=current, head=head)
        key = (current, scope, after, head)
        with self._lock:
            kept = self._pages.get(key)
            if kept is not None:
                self._pages.move_to_end(key)
                return kept
        made = _make_page(txn, current, scope, after, head)
        self._keep(key, made)
        return made

    def _keep(self, key: tuple[str, str, int, int], page: PageBytes) -> None:
        with self._lock:
            if key in self._pages:
                return
            self._pages[key] = page
            self._pages_bytes += len(page.zstd)
            while self._pages_bytes > CACHE_BYTES_MAX:
                _, oldest = self._pages.popitem(last=False)
                self._pages_bytes -= len(oldest.zstd)


def scopes_of(txn: Txn, caller: WorkstationRow) -> list[str]:
    """What a workstation may read: its chain, its store's region, its store."""
    scopes = ["chain", f"store:{caller.store_id}"]
    region = region_of(txn, caller.store_id)
    if region:
        scopes.insert(1, f"region:{region}")
    return scopes


def region_of(txn: Txn, store_id: str) -> str:
    """The region of a store, "" when the store is not (or no longer) there."""
    row = feed.row_by_key(txn, "store", "chain", [store_id])
    return "" if row is None else str(row[KINDS["store"].column_names.index("region")])


def check_scope(txn: Txn, caller: WorkstationRow, scope: str) -> None:
    """Raises NotYours."""
    if scope not in scopes_of(txn, caller):
        raise NotYours("another store's or region's scope")


def _make_page(txn: Txn, epoch: str, scope: str, after: int, head: int) -> PageBytes:
    rows = feed.page_rows(txn, scope, after, FEED_PAGE_BYTES)
    living: dict[str, list[str]] = {}
    gone: dict[str, list[str]] = {}
    for row in rows:
        living.setdefault(row.kind, [])
        gone.setdefault(row.kind, [])
        (gone if row.deleted else living)[row.kind].append(row.payload)
    kinds = ",".join(
        f'{{"kind":{json.dumps(kind)},"columns":{json.dumps(list(KINDS[kind].column_names))},'
        f'"rows":[{",".join(living[kind])}],"deleted":[{",".join(gone[kind])}]}}'
        for kind in living
    )
    to = rows[-1].sequence if rows else head
    text = (
        f'{{"epoch":{json.dumps(epoch)},"scope":{json.dumps(scope, ensure_ascii=False)},"after":{after},'
        f'"to":{to},"head":{head},"kinds":[{kinds}]}}'
    ).encode()
    return PageBytes(len(text), zstandard.ZstdCompressor(level=_COMPRESSION_LEVEL).compress(text))
