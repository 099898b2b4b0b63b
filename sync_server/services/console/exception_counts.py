"""How many rulings and quarantined documents there were: by day, by store and by cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from sync_server.services.console.periods import Period
from sync_server.services.importing.context import chain_view
from sync_server.store import exception_count, workstation
from sync_server.store.engine import Store, Txn

LOOKED_AT_MAX = 50_000
QUARANTINE = "quarantine"
"""Stands beside the names of rules."""


@dataclass(frozen=True, slots=True)
class Counts:
    """`by_bucket`: (bucket, cause); `by_store`: (store, cause) → count; `cost_minor` by store.

    `causes` are rules and `quarantine`, the commonest first. `cut`: more than were looked at.
    """

    causes: list[str]
    by_bucket: Counter[tuple[str, str]]
    by_store: Counter[tuple[str, str]]
    cost_minor: Counter[str]
    stores: list[tuple[str, str]]
    total: int
    cut: bool


class ExceptionCounts:
    """Reads. A ruling counts once, at the store whose document it is against."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def view(self, region: str | None, period: Period, *, superseded: bool = False) -> Counts:
        """With `region` what reaches, or was sent by, a store there."""
        return self._store.read(lambda txn: _count(txn, region, period, superseded))


def store_of(made: Mapping[str, Any], stores_by_till: Mapping[str, str], there: Container[str]) -> str:
    """The store whose document a ruling is against, else one that it reaches, of those in `there`; or ""."""
    for key in (*made["against"], *made["stands"]):
        found = stores_by_till.get(key.partition("/")[0])
        if found is not None and found in there:
            return found
    kind, _, name = made["bearer"].partition(":")
    named = [name] if kind == "store" else []
    return next((each for each in (*named, *made["reaches"]) if each in there), "")


def _count(txn: Txn, region: str | None, period: Period, superseded: bool) -> Counts:
    stores = chain_view(txn).stores
    there = {name: row["name"] for name, row in stores.items() if region in (None, row["region"])}
    tills = workstation.stores_by_id(txn)
    by_bucket: Counter[tuple[str, str]] = Counter()
    by_store: Counter[tuple[str, str]] = Counter()
    cost: Counter[str] = Counter()
    seen = 0
    for at_ms, cause, store_id, cost_minor in _happened(txn, period, superseded, tills, there):
        seen += 1
        if region is not None and store_id not in there:
            continue
        by_bucket[period.bucket(period.day_of(at_ms)), cause] += 1
        by_store[store_id, cause] += 1
        cost[store_id] += cost_minor
    per_store: Counter[str] = Counter()
    per_cause: Counter[str] = Counter()
    for (store_id, cause), count in by_store.items():
        per_store[store_id] += count
        per_cause[cause] += count
    order = sorted(per_store, key=lambda each: (-per_store[each], each))
    return Counts(
        sorted(per_cause, key=lambda each: (-per_cause[each], each)),
        by_bucket,
        by_store,
        cost,
        [(each, there.get(each, "")) for each in order],
        per_store.total(),
        seen >= LOOKED_AT_MAX,
    )


def _happened(
    txn: Txn, period: Period, superseded: bool, tills: Mapping[str, str], there: Mapping[str, str]
) -> Iterator[tuple[int, str, str, int]]:
    """Moment, cause, store and cost of each."""
    between = period.begin_ms, period.end_ms
    for rule, data, at_ms in exception_count.rulings(txn, *between, superseded, LOOKED_AT_MAX):
        made = msgspec.json.decode(data)
        yield at_ms, rule, store_of(made, tills, there), made["cost_minor"]
    for store_id, at_ms in exception_count.kept(txn, *between, superseded, LOOKED_AT_MAX):
        yield at_ms, QUARANTINE, store_id, 0
