"""Members month by month, as kept; see schema/channel_sums.py."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, and_, cast, func, or_, select

from sync_server.store.engine import Txn
from sync_server.store.schema.channel_sums import month_members, tier_move, tier_moved


def months(txn: Txn, first: str, last: str) -> list[dict[str, Any]]:
    """Figures of months, both inside, in order."""
    table = month_members.c
    statement = select(month_members).where(table.month >= first, table.month <= last).order_by(table.month)
    return [dict(row._mapping) for row in txn.execute(statement)]


def fresh_before(txn: Txn, month: str) -> int:
    """Members who had bought before a month."""
    table = month_members.c
    total = select(func.coalesce(cast(func.sum(table.fresh), BigInteger), 0)).where(table.month < month)
    return int(txn.execute(total).scalar_one())


def moves(txn: Txn, first: str, last: str) -> list[dict[str, Any]]:
    """Moves between tiers in months, both inside; from "": joined."""
    table = tier_move.c
    statement = (
        select(tier_move)
        .where(table.month >= first, table.month <= last)
        .order_by(table.month.desc(), table.from_tier, table.to_tier)
    )
    return [dict(row._mapping) for row in txn.execute(statement)]


def moved(
    txn: Txn, move: tuple[str, str, str], after: tuple[str, int] | None, limit: int
) -> list[dict[str, Any]]:
    """Who made a move (month, from, to), by id and moment behind `after`; those that were kept one by one."""
    table = tier_moved.c
    where = [table.month == move[0], table.from_tier == move[1], table.to_tier == move[2]]
    if after is not None:
        member_id, at_ms = after
        where.append(
            or_(table.member_id > member_id, and_(table.member_id == member_id, table.at_ms > at_ms))
        )
    statement = select(tier_moved).where(*where).order_by(table.member_id, table.at_ms).limit(limit)
    return [dict(row._mapping) for row in txn.execute(statement)]


def moved_count(txn: Txn, move: tuple[str, str, str]) -> tuple[int, int]:
    """How many made a move, and how many of them were kept one by one."""
    found = []
    for table, count in (
        (tier_move, func.coalesce(func.sum(tier_move.c.members), 0)),
        (tier_moved, func.count()),
    ):
        where = (table.c.month == move[0], table.c.from_tier == move[1], table.c.to_tier == move[2])
        found.append(int(txn.execute(select(count).select_from(table).where(*where)).scalar_one()))
    return found[0], found[1]


def tiers(txn: Txn) -> dict[str, int]:
    """How many members are in each tier: who came into it less who left."""
    table, found = tier_move.c, dict[str, int]()
    added = cast(func.sum(table.members), BigInteger)
    for tier, count in txn.execute(select(table.to_tier, added).group_by(table.to_tier)):
        found[tier] = found.get(tier, 0) + int(count)
    for tier, count in txn.execute(select(table.from_tier, added).group_by(table.from_tier)):
        if tier:
            found[tier] = found.get(tier, 0) - int(count)
    return {tier: count for tier, count in sorted(found.items()) if count}
