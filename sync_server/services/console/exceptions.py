"""What head office has ruled and what lies in quarantine, as the console lists it: a page at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

import msgspec

from pos_core.sync.rulings.ruling import Ruling
from sync_server.services.console.exception_counts import QUARANTINE, store_of
from sync_server.services.console.periods import Period
from sync_server.services.importing.context import chain_view
from sync_server.store import exception_act, exception_count, quarantine, ruling, workstation
from sync_server.store.engine import Store, Txn
from sync_server.store.quarantine import QuarantineRow
from sync_server.store.ruling import RulingRow

SHOWN_MAX = 200
LOOKED_AT_MAX = 5000
"""Rulings that one page reads at most to find those of a region or a store."""
_AT_ONCE = 500
_FOR_EVER_MS = 1 << 53


@dataclass(frozen=True, slots=True)
class Asked:
    """Which exceptions. `state`: open, closed or "" for both; `superseded`: those too.

    `store_id` and `period`: those alone that `ExceptionCounts` counts there and then.
    """

    rule: str = ""
    superseded: bool = False
    state: str = ""
    store_id: str = ""
    period: Period | None = None

    @property
    def between(self) -> tuple[int, int | None]:
        """From and before which moment."""
        return (self.period.begin_ms, self.period.end_ms) if self.period else (0, None)


@dataclass(frozen=True, slots=True)
class Exceptions:
    """A page of rulings and one of the quarantine, the newest first.

    Attributes:
        older, kept_older: where the next page begins; None: this is the last one.
        counts: standing ones by rule, of all pages; `counts_cut`: of the newest LOOKED_AT_MAX of the chain.
        closed: ids of those on the page that somebody accepted or charged.
    """

    rulings: tuple[tuple[RulingRow, Ruling], ...]
    older: ruling.Key | None
    counts: Mapping[str, int]
    counts_cut: bool
    kept: tuple[QuarantineRow, ...]
    kept_older: quarantine.Key | None
    closed: Set[str]


@dataclass(frozen=True, slots=True)
class _Sight:
    """What one looks at: everything, or what concerns the stores of a region or one store.

    `there`: stores that one may see; `tills`: workstation → store, where a store is asked for.
    """

    region: str | None
    store_id: str
    there: Set[str]
    tills: Mapping[str, str]

    @property
    def is_whole(self) -> bool:
        return self.region is None and not self.store_id

    def concerns(self, data: str) -> bool:
        """Whether a ruling (its JSON) is of it."""
        if self.is_whole:
            return True
        made: Mapping[str, Any] = msgspec.json.decode(data)
        if self.store_id and store_of(made, self.tills, self.there) != self.store_id:
            return False
        return self.region is None or not self.there.isdisjoint(made["reaches"])

    @property
    def stores(self) -> Set[str] | None:
        """Whose quarantined documents; None: everybody's."""
        if self.is_whole:
            return None
        return self.there if not self.store_id else self.there & {self.store_id}


class ExceptionList:
    """Reads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def view(
        self,
        region: str | None,
        asked: Asked,
        *,
        beyond: ruling.Key | None = None,
        kept_beyond: quarantine.Key | None = None,
    ) -> Exceptions:
        """With `region` what reaches, or was sent by, a store there; pages begin behind these places."""

        def read(txn: Txn) -> Exceptions:
            stores = chain_view(txn).stores
            there = {s for s, row in stores.items() if region in (None, row["region"])}
            tills = workstation.stores_by_id(txn) if asked.store_id else {}
            sight = _Sight(region, asked.store_id, there, tills)
            rows, older = _rulings(txn, asked, sight, beyond)
            counts, cut = _counts(txn, asked, sight)
            kept, kept_older = _kept(txn, asked, sight, kept_beyond)
            closed = exception_act.closed(txn, [row.ruling_id for row in rows])
            made = tuple((row, row.ruling) for row in rows)
            return Exceptions(made, older, counts, cut, kept, kept_older, closed)

        return self._store.read(read)


def _rulings(
    txn: Txn, asked: Asked, sight: _Sight, beyond: ruling.Key | None
) -> tuple[list[RulingRow], ruling.Key | None]:
    """A page, and where the next one begins. A page may have fewer than it could where few are of it."""
    found: list[RulingRow] = []
    place = beyond
    for seen, row in enumerate(_older(txn, asked, beyond)):
        if len(found) == SHOWN_MAX or seen == LOOKED_AT_MAX:
            return found, place
        if sight.concerns(row.data):
            found.append(row)
        place = (row.made_at_ms, row.ruling_id)
    return found, None


def _older(txn: Txn, asked: Asked, beyond: ruling.Key | None) -> Iterator[RulingRow]:
    begin, end = asked.between
    while True:
        rows = ruling.listing(
            txn,
            rule=asked.rule or None,
            standing_only=not asked.superseded,
            is_open=None if not asked.state else asked.state == "open",
            after_ms=begin,
            before_ms=end,
            beyond=beyond,
            limit=_AT_ONCE,
        )
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        beyond = (rows[-1].made_at_ms, rows[-1].ruling_id)


def _counts(txn: Txn, asked: Asked, sight: _Sight) -> tuple[Mapping[str, int], bool]:
    begin, end = asked.between
    if sight.is_whole:
        return dict(ruling.counts(txn, after_ms=begin, before_ms=end)), False
    seen, found = 0, Counter[str]()
    until = _FOR_EVER_MS if end is None else end
    for rule, data, _ in exception_count.rulings(txn, begin, until, False, LOOKED_AT_MAX):
        seen += 1
        found[rule] += sight.concerns(data)
    return {rule: count for rule, count in sorted(found.items()) if count}, seen == LOOKED_AT_MAX


def _kept(
    txn: Txn, asked: Asked, sight: _Sight, beyond: quarantine.Key | None
) -> tuple[tuple[QuarantineRow, ...], quarantine.Key | None]:
    if asked.rule not in ("", QUARANTINE):
        return (), None
    begin, end = asked.between
    rows = quarantine.listing(
        txn, stores=sight.stores, after_ms=begin, before_ms=end, beyond=beyond, limit=SHOWN_MAX + 1
    )
    if len(rows) <= SHOWN_MAX:
        return tuple(rows), None
    last = rows[SHOWN_MAX - 1]
    place = (last.received_at_ms, last.workstation_id, last.incarnation, last.number, last.hash)
    return tuple(rows[:SHOWN_MAX]), place
