"""Roll-outs of releases, which stores have been offered one, and what those stores have sent since."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, cast, func, select

from sync_server.store.engine import Txn
from sync_server.store.schema.price_check import price_finding
from sync_server.store.schema.rollout import rollout
from sync_server.store.schema.tables import document, item_cost, projected, quarantine

_line = projected["line"]


@dataclass(frozen=True, slots=True)
class RolloutRow:
    """One roll-out; see the table."""

    version: int
    state: str
    plan: str
    waves_done: int
    next_wave_at_ms: int | None
    started_at_ms: int
    started_by: str
    changed_at_ms: int
    stopped_by: str | None
    figures: str | None


@dataclass(frozen=True, slots=True)
class Sent:
    """What some stores have sent in a time. Amounts in minor units; `cost_minor` of what has a cost."""

    sales: int
    net_minor: int
    cost_minor: int
    overrides: int
    errors: int


def put(txn: Txn, row: RolloutRow) -> None:
    """Adds or changes one."""
    txn.insert_many(rollout, [dataclasses.astuple(row)], on_conflict="replace")


def get(txn: Txn, version: int) -> RolloutRow | None:
    """One roll-out."""
    row = txn.execute(select(rollout).where(rollout.c.version == version)).one_or_none()
    return None if row is None else RolloutRow(*row)


def under_way(txn: Txn) -> RolloutRow | None:
    """The one that has not come to an end; there is one at most."""
    statement = select(rollout).where(rollout.c.state.in_(("running", "paused")))
    row = txn.execute(statement.order_by(rollout.c.version.desc()).limit(1)).one_or_none()
    return None if row is None else RolloutRow(*row)


def states(txn: Txn) -> dict[int, RolloutRow]:
    """Every roll-out by version."""
    return {row[0]: RolloutRow(*row) for row in txn.execute(select(rollout))}


def sent_by(txn: Txn, store_ids: Sequence[str], from_ms: int, to_ms: int) -> Sent:
    """Sales, margin, approved overrides and errors of stores between two moments of arrival.

    An error is a quarantined document or a finding of the price check.
    """
    ids = list(store_ids)
    arrived = (
        document.c.store_id.in_(ids),
        document.c.received_at_ms >= from_ms,
        document.c.received_at_ms < to_ms,
    )
    counted = select(document.c.type, func.count()).where(*arrived).group_by(document.c.type)
    by_type = {row[0]: row[1] for row in txn.execute(counted)}
    cost = func.sum(cast(_line.c.quantity_milli, BigInteger) * item_cost.c.cost_minor / 1000)
    money = txn.execute(
        select(func.coalesce(func.sum(_line.c.net_minor), 0), func.coalesce(cost, 0))
        .select_from(document)
        .join(
            _line,
            (_line.c.workstation_id == document.c.workstation_id)
            & (_line.c.incarnation == document.c.incarnation)
            & (_line.c.number == document.c.number),
        )
        .join(item_cost, item_cost.c.sku == _line.c.sku)
        .where(*arrived, document.c.type == "sale")
    ).one()
    quarantined = select(func.count()).where(
        quarantine.c.store_id.in_(ids),
        quarantine.c.received_at_ms >= from_ms,
        quarantine.c.received_at_ms < to_ms,
    )
    found = select(func.count()).where(
        price_finding.c.store_id.in_(ids),
        price_finding.c.found_at_ms >= from_ms,
        price_finding.c.found_at_ms < to_ms,
    )
    errors = int(txn.execute(quarantined).scalar_one()) + int(txn.execute(found).scalar_one())
    return Sent(
        sales=int(by_type.get("sale", 0)),
        net_minor=int(money[0]),
        cost_minor=int(money[1]),
        overrides=int(by_type.get("override_approved", 0)),
        errors=errors,
    )
