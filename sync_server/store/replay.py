"""Replays: heads, sums, oddest baskets, and the past baskets they work through."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, delete, func, select, tuple_

from sync_server.store.engine import Txn
from sync_server.store.schema.replay import replay, replay_basket, replay_sum
from sync_server.store.schema.tables import document, projected

_total = projected["transaction_total"]


@dataclass(frozen=True, slots=True)
class ReplayRow:
    """One replay; see the table."""

    replay_id: str
    change_id: str
    title: str
    why: str
    created_login: str
    created_at_ms: int
    store_ids: str
    day_from: str
    day_to: str
    question: str
    state: str
    cursor: str
    total: int
    baskets: int = 0
    touched: int = 0
    failed: int = 0
    before_minor: int = 0
    after_minor: int = 0
    costed_before_minor: int = 0
    costed_after_minor: int = 0
    cost_minor: int = 0
    changed_at_ms: int = 0
    bound: int = 0
    gap_minor: int = 0


@dataclass(frozen=True, slots=True)
class SumRow:
    """What became of one item or store. `baskets`: touched ones."""

    key: str
    baskets: int
    before_minor: int
    after_minor: int


@dataclass(frozen=True, slots=True)
class BasketRow:
    """An odd basket, or (`oddness` -1) one that could not be priced."""

    workstation_id: str
    incarnation: int
    number: int
    store_id: str
    business_day: str
    before_minor: int
    after_minor: int
    oddness: int
    fault: str

    def place(self) -> tuple[int, str, int, int]:
        """The oddest first, equal ones by document: of those that are kept, and on the page."""
        return (-self.oddness, self.workstation_id, self.incarnation, self.number)


@dataclass(frozen=True, slots=True)
class PastSale:
    """A sale as it was received."""

    store_id: str
    business_day: str
    workstation_id: str
    incarnation: int
    number: int
    data: bytes

    def place(self) -> tuple[str, str, int, int]:
        """Where it stands among the sales of its store: they are replayed in this order."""
        return (self.business_day, self.workstation_id, self.incarnation, self.number)


def put(txn: Txn, row: ReplayRow) -> None:
    """Adds or changes a head."""
    txn.insert_many(replay, [dataclasses.astuple(row)], on_conflict="replace")


def get(txn: Txn, replay_id: str) -> ReplayRow | None:
    """One head."""
    row = txn.execute(select(replay).where(replay.c.replay_id == replay_id)).one_or_none()
    return None if row is None else ReplayRow(*row)


def newest(txn: Txn, limit: int) -> list[ReplayRow]:
    """The newest first."""
    statement = select(replay).order_by(replay.c.replay_id.desc()).limit(limit)
    return [ReplayRow(*row) for row in txn.execute(statement)]


def oldest_running(txn: Txn) -> ReplayRow | None:
    """The one to go on with."""
    statement = select(replay).where(replay.c.state == "running").order_by(replay.c.replay_id).limit(1)
    row = txn.execute(statement).one_or_none()
    return None if row is None else ReplayRow(*row)


def count_sales(txn: Txn, store_ids: Sequence[str], day_from: str, day_to: str) -> int:
    """How many sales there are to look at."""
    table = _total.c
    statement = select(func.count()).where(
        table.store_id.in_(list(store_ids)),
        table.business_day >= day_from,  # BETWEEN with a collation is no SQL that PostgreSQL reads
        table.business_day <= day_to,
        table.type == "sale",
    )
    return int(txn.execute(statement).scalar_one())


def sales(txn: Txn, store_id: str, days: tuple[str, str], after: Sequence[Any], limit: int) -> list[PastSale]:
    """Sales of a store in the order (day, workstation, incarnation, number), those behind `after`.

    The places are chosen and put in order first: documents are read of those alone, and a day's sales are
    ordered without theirs.
    """
    table = _total.c
    key = (table.business_day, table.workstation_id, table.incarnation, table.number)
    first_day = max(days[0], after[0]) if after else days[0]  # no day before the place is looked at again
    places = select(table.store_id, *key).where(
        table.store_id == store_id,
        table.business_day >= first_day,
        table.business_day <= days[1],
        table.type == "sale",
    )
    if after:
        places = places.where(tuple_(*key) > tuple_(*after))
    place = places.order_by(*key).limit(limit).subquery("place").c
    same = and_(
        document.c.workstation_id == place.workstation_id,
        document.c.incarnation == place.incarnation,
        document.c.number == place.number,
    )
    found = [PastSale(*row) for row in txn.execute(select(*place, document.c.data).join(document, same))]
    return sorted(found, key=PastSale.place)


def sale(txn: Txn, workstation_id: str, incarnation: int, number: int) -> PastSale | None:
    """One sale."""
    statement = select(
        document.c.store_id, document.c.business_day, document.c.workstation_id, document.c.incarnation,
        document.c.number, document.c.data,
    ).where(
        document.c.workstation_id == workstation_id,
        document.c.incarnation == incarnation,
        document.c.number == number,
        document.c.type == "sale",
    )  # fmt: skip
    row = txn.execute(statement).one_or_none()
    return None if row is None else PastSale(*row)


def add_sums(txn: Txn, replay_id: str, subject: str, more: Mapping[str, Sequence[int]]) -> None:
    """Adds (baskets, before, after) to what is there by key."""
    if not more:
        return
    table = replay_sum.c
    statement = select(table.key, table.baskets, table.before_minor, table.after_minor).where(
        table.replay_id == replay_id, table.subject == subject, table.key.in_(list(more))
    )
    known = {row[0]: row[1:] for row in txn.execute(statement)}
    rows = [
        (replay_id, subject, key, *(a + b for a, b in zip(known.get(key, (0, 0, 0)), value, strict=True)))
        for key, value in more.items()
    ]
    txn.insert_many(replay_sum, rows, on_conflict="replace")


def sums(txn: Txn, replay_id: str, subject: str, *, losers: bool, limit: int) -> list[SumRow]:
    """Those that change most: `losers` pay less after, the others more."""
    table = replay_sum.c
    change = table.after_minor - table.before_minor
    statement = (
        select(table.key, table.baskets, table.before_minor, table.after_minor)
        .where(table.replay_id == replay_id, table.subject == subject, change < 0 if losers else change > 0)
        .order_by(change if losers else change.desc(), table.key)
        .limit(limit)
    )
    return [SumRow(*row) for row in txn.execute(statement)]


def keep_baskets(txn: Txn, replay_id: str, rows: Sequence[BasketRow], kept: int, faults: int) -> None:
    """Adds odd and faulty baskets; only the oddest `kept` and the first `faults` stay."""
    new = sorted(rows, key=BasketRow.place)
    some = [row for row in new if row.oddness >= 0][:kept] + [row for row in new if row.oddness < 0][:faults]
    if not some:
        return
    values = [(*(fields := dataclasses.astuple(row))[:3], replay_id, *fields[3:]) for row in some]
    txn.insert_many(replay_basket, values, on_conflict="replace")
    every = baskets(txn, replay_id)
    odd = [row for row in every if row.oddness >= 0][kept:]
    wrong = [row for row in every if row.oddness < 0][faults:]
    table = replay_basket.c
    for row in (*odd, *wrong):
        txn.execute(
            delete(replay_basket).where(
                table.replay_id == replay_id,
                table.workstation_id == row.workstation_id,
                table.incarnation == row.incarnation,
                table.number == row.number,
            )
        )


def baskets(txn: Txn, replay_id: str) -> list[BasketRow]:
    """The oddest first; then what could not be priced."""
    table = replay_basket.c
    statement = (
        select(*[column for column in replay_basket.c if column.name != "replay_id"])
        .where(table.replay_id == replay_id)
        .order_by(table.oddness.desc(), table.workstation_id, table.incarnation, table.number)
    )
    return [BasketRow(*row) for row in txn.execute(statement)]
