"""What the price check has looked at, what it found, and what is to be solved again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import and_, delete, func, select, update

from sync_server.store.engine import Txn
from sync_server.store.schema.price_check import price_finding, price_progress, price_solve
from sync_server.store.schema.tables import document, series

FoundBy = Literal["check", "solve"]
Place = tuple[str, int, int]
"""Workstation, incarnation, number: names a document."""


@dataclass(frozen=True, slots=True)
class SaleRow:
    """A received sale, with what the check needs of it."""

    workstation_id: str
    incarnation: int
    number: int
    store_id: str
    release_version: int | None
    hash: str
    data: bytes

    @property
    def place(self) -> Place:
        """Its name."""
        return (self.workstation_id, self.incarnation, self.number)


@dataclass(frozen=True, slots=True)
class FindingRow:
    """Something is wrong with the pricing of a sale. `source`: check or solve."""

    workstation_id: str
    incarnation: int
    number: int
    source: FoundBy
    store_id: str
    release_version: int | None
    found_at_ms: int
    difference_minor: int
    findings: str


@dataclass(frozen=True, slots=True)
class SolveRow:
    """A sale to solve again, or solved."""

    workstation_id: str
    incarnation: int
    number: int
    why: str
    asked_at_ms: int
    solved_at_ms: int | None = None
    outcome: str | None = None


def behind(txn: Txn, limit: int) -> list[tuple[str, int, int, int]]:
    """Series with documents not looked at yet: (workstation, incarnation, checked, acked)."""
    checked = func.coalesce(price_progress.c.checked_number, 0)
    joined = series.outerjoin(
        price_progress,
        and_(
            price_progress.c.workstation_id == series.c.workstation_id,
            price_progress.c.incarnation == series.c.incarnation,
        ),
    )
    statement = (
        select(series.c.workstation_id, series.c.incarnation, checked, series.c.acked_number)
        .select_from(joined)
        .where(series.c.acked_number > checked)
        .order_by(series.c.workstation_id, series.c.incarnation)
        .limit(limit)
    )
    return [(row[0], row[1], row[2], row[3]) for row in txn.execute(statement)]


def sales(txn: Txn, workstation_id: str, incarnation: int, after: int, last: int) -> list[SaleRow]:
    """Applied sales of a series with after < number <= last."""
    statement = (
        select(*_SALE)
        .where(
            document.c.workstation_id == workstation_id,
            document.c.incarnation == incarnation,
            document.c.number > after,
            document.c.number <= last,
            document.c.type == "sale",
        )
        .order_by(document.c.number)
    )
    return [SaleRow(*row) for row in txn.execute(statement)]


def sale(txn: Txn, place: Place) -> SaleRow | None:
    """One applied sale."""
    statement = select(*_SALE).where(
        document.c.workstation_id == place[0],
        document.c.incarnation == place[1],
        document.c.number == place[2],
        document.c.type == "sale",
    )
    row = txn.execute(statement).one_or_none()
    return None if row is None else SaleRow(*row)


_SALE = (
    document.c.workstation_id,
    document.c.incarnation,
    document.c.number,
    document.c.store_id,
    document.c.release_version,
    document.c.hash,
    document.c.data,
)


def keep(txn: Txn, findings: Sequence[FindingRow], to_solve: Sequence[SolveRow]) -> None:
    """Keeps findings (a later one of the same source replaces) and asks for solving, once a sale."""
    txn.insert_many(price_finding, [_tuple(row, FindingRow) for row in findings], on_conflict="replace")
    txn.insert_many(price_solve, [_tuple(row, SolveRow) for row in to_solve], on_conflict="ignore")


def clear(txn: Txn, place: Place, source: FoundBy) -> None:
    """Nothing is wrong any more by this source."""
    txn.execute(
        delete(price_finding).where(
            price_finding.c.workstation_id == place[0],
            price_finding.c.incarnation == place[1],
            price_finding.c.number == place[2],
            price_finding.c.source == source,
        )
    )


def ask_again(txn: Txn, row: SolveRow) -> None:
    """Asks for solving even if that was done before."""
    txn.insert_many(price_solve, [_tuple(row, SolveRow)], on_conflict="replace")


def advance(txn: Txn, workstation_id: str, incarnation: int, checked_number: int) -> None:
    """Everything of the series up to here has been looked at."""
    txn.insert_many(price_progress, [(workstation_id, incarnation, checked_number)], on_conflict="replace")


def open_solves(txn: Txn, limit: int) -> list[SolveRow]:
    """What waits, disputed sales before the others, then the oldest first."""
    statement = (
        select(price_solve)
        .where(price_solve.c.solved_at_ms.is_(None))
        .order_by(
            (price_solve.c.why != "disputed"), price_solve.c.asked_at_ms, *price_solve.primary_key.columns
        )
        .limit(limit)
    )
    return [SolveRow(*row) for row in txn.execute(statement)]


def solved(txn: Txn, place: Place, now_ms: int, outcome: str) -> None:
    """Notes what came of it."""
    txn.execute(
        update(price_solve)
        .where(
            price_solve.c.workstation_id == place[0],
            price_solve.c.incarnation == place[1],
            price_solve.c.number == place[2],
        )
        .values(solved_at_ms=now_ms, outcome=outcome)
    )


def findings(txn: Txn, limit: int) -> list[FindingRow]:
    """The newest first."""
    statement = select(price_finding).order_by(price_finding.c.found_at_ms.desc()).limit(limit)
    return [FindingRow(*row) for row in txn.execute(statement)]


def findings_of(txn: Txn, place: Place) -> list[FindingRow]:
    """Of one sale, by source."""
    statement = select(price_finding).where(
        price_finding.c.workstation_id == place[0],
        price_finding.c.incarnation == place[1],
        price_finding.c.number == place[2],
    )
    return [FindingRow(*row) for row in txn.execute(statement.order_by(price_finding.c.source))]


def solve_of(txn: Txn, place: Place) -> SolveRow | None:
    """What is known of solving one sale again."""
    row = txn.execute(
        select(price_solve).where(
            price_solve.c.workstation_id == place[0],
            price_solve.c.incarnation == place[1],
            price_solve.c.number == place[2],
        )
    ).one_or_none()
    return None if row is None else SolveRow(*row)


def counts(txn: Txn) -> dict[str, int]:
    """Outcome (or `open`) → how many."""
    name = func.coalesce(price_solve.c.outcome, "open")
    return {row[0]: row[1] for row in txn.execute(select(name, func.count()).group_by(name))}


def _tuple(row: FindingRow | SolveRow, kind: type) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in kind.__dataclass_fields__)  # type: ignore[attr-defined]
