"""Sales and movements by store, item and day, gathered from the rows of documents as they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, case, delete, func, literal, select, union_all

from sync_server.store.engine import Txn
from sync_server.store.schema.demand import demand_progress, item_day, supply
from sync_server.store.schema.tables import projected, quarantine, series

_line, _moved = projected["line"], projected["stock_movement"]
_FIGURES = ("sold_milli", "moved_milli", "came_in_milli", "list_minor", "net_minor")
_CAME_IN = ("receipt", "transfer_in")
_AT_ONCE = 300


@dataclass(frozen=True, slots=True)
class ItemDay:
    """One item on one day at one store; days on which nothing moved have no row."""

    sku: str
    business_day: str
    sold_milli: int
    moved_milli: int
    came_in_milli: int
    list_minor: int
    net_minor: int


@dataclass(frozen=True, slots=True)
class SupplyRow:
    """Where an item comes from, as head office said; None: not said here."""

    sku: str
    store_id: str
    source_kind: str
    source_id: str
    lead_days: int | None
    review_days: int | None
    pack_milli: int | None
    minimum_milli: int | None
    unit_cost_minor: int | None


def behind(txn: Txn, store_id: str) -> list[tuple[str, int, int, int]]:
    """Series of a store with documents not gathered yet: (workstation, incarnation, gathered, acked)."""
    gathered = func.coalesce(demand_progress.c.gathered_number, 0)
    statement = (
        select(series.c.workstation_id, series.c.incarnation, gathered, series.c.acked_number)
        .select_from(series.outerjoin(demand_progress, _same_series()))
        .where(series.c.store_id == store_id, series.c.acked_number > gathered)
        .order_by(series.c.workstation_id, series.c.incarnation)
    )
    return [(row[0], row[1], row[2], row[3]) for row in txn.execute(statement)]


def let_out_since(txn: Txn, store_id: str) -> bool:
    """Whether a document behind what was gathered has been let out of quarantine since."""
    released = (
        select(quarantine.c.number)
        .join(
            demand_progress,
            and_(
                demand_progress.c.workstation_id == quarantine.c.workstation_id,
                demand_progress.c.incarnation == quarantine.c.incarnation,
            ),
        )
        .where(
            quarantine.c.store_id == store_id,
            quarantine.c.number <= demand_progress.c.gathered_number,
            quarantine.c.resolved_at_ms >= demand_progress.c.gathered_at_ms,
        )
        .limit(1)
    )
    return txn.execute(released).first() is not None


def begin_anew(txn: Txn, store_id: str) -> None:
    """Forget what was gathered of a store: the next gathering reads everything again."""
    own = select(series.c.workstation_id).where(series.c.store_id == store_id)
    txn.execute(delete(demand_progress).where(demand_progress.c.workstation_id.in_(own)))
    txn.execute(delete(item_day).where(item_day.c.store_id == store_id))


def gather(txn: Txn, own: tuple[str, int], after: int, last: int, *, now_ms: int) -> None:
    """Add the documents of a series with after < number <= last; each is added once."""
    sums = _sums(*own, after, last)
    fresh = {(row[0], row[1], row[2]): tuple(map(int, row[3:])) for row in txn.execute(sums)}
    for place, figures in _known(txn, list(fresh)).items():
        fresh[place] = tuple(a + b for a, b in zip(fresh[place], figures, strict=True))
    rows = [(*place, *figures) for place, figures in fresh.items()]
    txn.insert_many(item_day, rows, on_conflict="replace")
    progress = (*own, last, now_ms)
    txn.insert_many(demand_progress, [progress], on_conflict="replace")


def of_store(txn: Txn, store_id: str, first_day: str) -> Iterator[ItemDay]:
    """What moved at a store from a day on."""
    statement = select(
        item_day.c.sku, item_day.c.business_day, *(item_day.c[name] for name in _FIGURES)
    ).where(item_day.c.store_id == store_id, item_day.c.business_day >= first_day)
    for row in txn.stream(statement):
        yield ItemDay(*row)


def supply_of(txn: Txn, sku: str, store_id: str) -> SupplyRow | None:
    """One row."""
    statement = select(supply).where(supply.c.sku == sku, supply.c.store_id == store_id)
    row = txn.execute(statement).one_or_none()
    return None if row is None else SupplyRow(*row)


def put_supply(txn: Txn, rows: Sequence[SupplyRow]) -> None:
    """Sets where items come from."""
    names = SupplyRow.__dataclass_fields__
    txn.insert_many(
        supply, [tuple(getattr(row, name) for name in names) for row in rows], on_conflict="replace"
    )


def drop_supply(txn: Txn, rows: Sequence[SupplyRow]) -> None:
    """Takes back what was said of items."""
    for row in rows:
        txn.execute(delete(supply).where(supply.c.sku == row.sku, supply.c.store_id == row.store_id))


def supplies(txn: Txn, store_id: str) -> dict[str, SupplyRow]:
    """SKU → where this store gets it: its own row, else the one of every store. Nobody supplies himself."""
    statement = select(supply).where(supply.c.store_id.in_(("", store_id))).order_by(supply.c.store_id)
    found = {row.sku: SupplyRow(*row) for row in txn.execute(statement)}
    return {sku: row for sku, row in found.items() if (row.source_kind, row.source_id) != _itself(store_id)}


def _itself(store_id: str) -> tuple[str, str]:
    return "warehouse", store_id


def _same_series() -> Any:
    return and_(
        demand_progress.c.workstation_id == series.c.workstation_id,
        demand_progress.c.incarnation == series.c.incarnation,
    )


def _sums(workstation_id: str, incarnation: int, after: int, last: int) -> Select[Any]:
    """(store, day, SKU, figures …) of a part of a series."""

    def part(table: Any, *figures: Any) -> Select[Any]:
        return select(table.c.store_id, table.c.business_day, table.c.sku, *figures).where(
            table.c.workstation_id == workstation_id,
            table.c.incarnation == incarnation,
            table.c.number > after,
            table.c.number <= last,
        )

    sign = case((_line.c.type == "sale", 1), else_=-1)
    none = literal(0)
    sold = part(
        _line,
        (sign * _line.c.quantity_milli).label("sold_milli"),
        none.label("moved_milli"),
        none.label("came_in_milli"),
        (sign * _line.c.list_minor).label("list_minor"),
        (sign * _line.c.net_minor).label("net_minor"),
    )
    came_in = case((_moved.c.reason.in_(_CAME_IN), _moved.c.quantity_milli), else_=0)
    moved = part(_moved, none, _moved.c.quantity_milli, came_in, none, none)
    every = union_all(sold, moved).subquery()
    keys = (every.c.store_id, every.c.business_day, every.c.sku)
    return select(*keys, *(func.sum(every.c[name]) for name in _FIGURES)).group_by(*keys)


def _known(txn: Txn, places: list[tuple[str, str, str]]) -> dict[tuple[str, str, str], tuple[int, ...]]:
    """Figures of places that have a row already; a few days of one store hold them all."""
    wanted = set(places)
    found: dict[tuple[str, str, str], tuple[int, ...]] = {}
    for store_id, business_day in sorted({place[:2] for place in places}):
        statement = select(item_day).where(
            item_day.c.store_id == store_id, item_day.c.business_day == business_day
        )
        for row in txn.execute(statement):
            place = (row[0], row[1], row[2])
            if place in wanted:
                found[place] = tuple(row[3:])
    return found
