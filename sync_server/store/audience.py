"""Members page by page for campaigns: who is born in a month, joined lately, bought last when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, tuple_

from sync_server.store.engine import Txn
from sync_server.store.masters import MemberRow
from sync_server.store.schema.tables import document, member, projected

_total = projected["transaction_total"]
HeldPlace = tuple[int, str, int, int]
"""Received at, workstation, incarnation, number."""


def members_after(
    txn: Txn, after: str, limit: int, *, birthday_month: int | None = None, since_ms: int | None = None
) -> list[MemberRow]:
    """The next members by id, of those born in a month or heard of since a moment where that is asked."""
    statement = select(member).where(member.c.member_id > after)
    if birthday_month is not None:
        statement = statement.where(member.c.birthday_month == birthday_month)
    if since_ms is not None:
        statement = statement.where(member.c.known_since_ms >= since_ms)
    return [MemberRow(*row) for row in txn.execute(statement.order_by(member.c.member_id).limit(limit))]


def last_days(txn: Txn, member_ids: Sequence[str]) -> dict[str, str]:
    """Member → business day of the last sale; members without one are not in it."""
    statement = (
        select(_total.c.member_id, func.max(_total.c.business_day))
        .where(_total.c.member_id.in_(member_ids), _total.c.type == "sale")
        .group_by(_total.c.member_id)
    )
    return {member_id: day for member_id, day in txn.execute(statement)}  # noqa: C416


def held_after(
    txn: Txn, after: HeldPlace, *, until_ms: int, limit: int
) -> list[tuple[HeldPlace, dict[str, Any]]]:
    """Documents that held a basket, in the order of their receipt, those that happened up to `until_ms`."""
    columns = document.c
    place = tuple_(columns.received_at_ms, columns.workstation_id, columns.incarnation, columns.number)
    statement = (
        select(
            columns.received_at_ms, columns.workstation_id, columns.incarnation, columns.number, columns.data
        )
        .where(
            columns.type == "basket_held",
            columns.received_at_ms >= after[0],
            place > after,
            columns.occurred_at_ms <= until_ms,
        )
        .order_by(columns.received_at_ms, columns.workstation_id, columns.incarnation, columns.number)
        .limit(limit)
    )
    return [((row[0], row[1], row[2], row[3]), json.loads(row[4])["body"]) for row in txn.execute(statement)]
