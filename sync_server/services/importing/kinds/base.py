"""What a kind of import is: its columns, its key, what it refers to, and what a row changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pos_core.sync.reference import KINDS
from sync_server.services.importing.context import ChainView, ImportTarget
from sync_server.services.importing.fields import Field, ParsedRow, Values
from sync_server.store import feed, masters
from sync_server.store.engine import Txn

Outcome = Literal["created", "changed", "unchanged"]
Fault = tuple[ParsedRow, str, str, str]
"""row, field name ("" for the row), code, reason."""


@dataclass(slots=True)
class Plan:
    """What one row will change; nothing at all when it is unchanged.

    Attributes:
        rows: (feed kind, scope, row in wire column order).
        deleted: (feed kind, scope, key).
        masters: (function of store/masters.py, its row); called once per function with all rows.
        after: the same, called when the feed rows are written.
    """

    outcome: Outcome
    rows: list[tuple[str, str, list[Any]]] = field(default_factory=list)
    deleted: list[tuple[str, str, list[Any]]] = field(default_factory=list)
    masters: list[tuple[Callable[[Txn, Sequence[Any]], None], Any]] = field(default_factory=list)
    after: list[tuple[Callable[[Txn, Sequence[Any]], None], Any]] = field(default_factory=list)


@dataclass(slots=True)
class FileState:
    """What is known of the whole file while it is checked.

    Attributes:
        line_of_key: the first line of each key.
        deferred: (line, field, key of the same kind that must exist in this file or at HQ).
        parents: department → parent, as this file sets them.
    """

    line_of_key: dict[tuple[str, ...], int] = field(default_factory=dict)
    deferred: list[tuple[int, str, str]] = field(default_factory=list)
    parents: dict[str, str | None] = field(default_factory=dict)


class ImportKind:
    """One kind of file. Subclasses say what differs."""

    name: str
    fields: tuple[Field, ...]

    def key(self, values: Values) -> tuple[str, ...]:
        """Rows of one file with the same key are duplicates."""
        raise NotImplementedError

    def check(
        self, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView, state: FileState
    ) -> Iterator[Fault]:
        """Faults that need the chain: unknown references, values in use."""
        return iter(())

    def known_keys(self, txn: Txn, keys: Iterable[str]) -> set[str]:
        """Which deferred keys HQ has already."""
        return set()

    def plan(self, office: ImportTarget, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView) -> list[Plan]:
        """One plan per row, in order. Reads only; slow work (PIN verifiers) belongs here."""
        raise NotImplementedError


class FeedKind(ImportKind):
    """A kind whose rows are one kind of feed row of the chain scope, with a one-column key."""

    feed_kind: str

    def key(self, values: Values) -> tuple[str, ...]:
        return (str(values[KINDS[self.feed_kind].column_names[0]]),)

    def row_of(self, values: Values, known: Values, chain: ChainView) -> Values:
        """The columns of the feed row. `known` is the row as HQ has it, empty when it is new."""
        return values

    def plan(self, office: ImportTarget, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView) -> list[Plan]:
        columns = KINDS[self.feed_kind].column_names
        keys = [list(self.key(row.values)) for row in rows]
        known = masters.feed_rows_by_key(txn, self.feed_kind, "chain", keys)
        plans = []
        for row, key in zip(rows, keys, strict=True):
            old = known.get(key[0])
            if row.values.get("delete"):
                deleted = [] if old is None else [(self.feed_kind, "chain", key)]
                plans.append(Plan("changed" if deleted else "unchanged", deleted=deleted))
                continue
            values = {
                **self.defaults(),
                **(dict(zip(columns, old, strict=True)) if old else {}),
                **row.values,
            }
            made = self.row_of(values, dict(zip(columns, old, strict=True)) if old else {}, chain)
            new = [made[column] for column in columns]
            plan = Plan(outcome_of(old, new))
            if plan.outcome != "unchanged":
                plan.rows.append((self.feed_kind, "chain", new))
            plans.append(plan)
        return plans

    def defaults(self) -> Values:
        """What a new row has in columns that the file lacks."""
        return {item.name: item.default for item in self.fields}


def outcome_of(old: list[Any] | None, new: list[Any]) -> Outcome:
    """Created, changed or unchanged, by the rows alone."""
    if old is None:
        return "created"
    return "unchanged" if old == new else "changed"


def write_plans(txn: Txn, plans: Sequence[Plan]) -> None:
    """Writes a batch: feed rows by kind and scope, masters by function."""
    rows: dict[tuple[str, str], list[list[Any]]] = {}
    deleted: dict[tuple[str, str], list[list[Any]]] = {}
    others: dict[Callable[[Txn, Sequence[Any]], None], list[Any]] = {}
    last: dict[Callable[[Txn, Sequence[Any]], None], list[Any]] = {}
    for plan in plans:
        for kind, scope, row in plan.rows:
            rows.setdefault((kind, scope), []).append(row)
        for kind, scope, key in plan.deleted:
            deleted.setdefault((kind, scope), []).append(key)
        for put, value in plan.masters:
            others.setdefault(put, []).append(value)
        for put, value in plan.after:
            last.setdefault(put, []).append(value)
    for put, values in others.items():
        put(txn, values)
    for kind, scope in [*rows, *(target for target in deleted if target not in rows)]:
        feed.put_rows(txn, kind, scope, rows.get((kind, scope), []), deleted.get((kind, scope), []))
    for put, values in last.items():
        put(txn, values)


def missing(txn: Txn, feed_kind: str, keys: Iterable[str]) -> set[str]:
    """Those of `keys` that the chain's feed does not have."""
    wanted = set(keys)
    return wanted - set(masters.feed_rows_by_key(txn, feed_kind, "chain", [[key] for key in wanted]))
