"""What members and stores bought and sold after a campaign reached them, and baskets with its coupons."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, and_, case, cast, func, select

from sync_server.store.engine import Txn
from sync_server.store.schema.campaign import campaign_reach
from sync_server.store.schema.sales import sales_hour
from sync_server.store.schema.tables import document, projected

_total, _use = projected["transaction_total"], projected["coupon_use"]


def reached(txn: Txn, campaign_id: str, arm: str, limit: int, after: str = "") -> dict[str, int]:
    """Member → moment of the first reach, of the first `limit` members of an arm by id, behind `after`."""
    columns = campaign_reach.c
    statement = (
        select(columns.member_id, func.min(columns.at_ms))
        .where(columns.campaign_id == campaign_id, columns.arm == arm, columns.member_id > after)
        .group_by(columns.member_id)
        .order_by(columns.member_id)
        .limit(limit)
    )
    return {row[0]: row[1] for row in txn.execute(statement).all()}


@dataclass(frozen=True, slots=True)
class Reached:
    """Members of an arm by id, both inside, who were reached between two moments, the last not inside.

    One who was reached on other days too is among them.
    """

    campaign_id: str
    arm: str
    first_id: str
    last_id: str
    since_ms: int
    until_ms: int


def spent(txn: Txn, who: Reached, day_from: str, day_to: str) -> dict[str, int]:
    """Member → what he bought over days, both inside, less what he brought back; nobody who did neither."""
    signed = case((_total.c.type == "sale", _total.c.total_minor), else_=-_total.c.total_minor)
    reach = campaign_reach.c
    members = select(reach.member_id).where(
        reach.campaign_id == who.campaign_id,
        reach.member_id >= who.first_id,
        reach.member_id <= who.last_id,
        reach.arm == who.arm,
        reach.at_ms >= who.since_ms,
        reach.at_ms < who.until_ms,
    )
    statement = (
        select(_total.c.member_id, cast(func.sum(signed), BigInteger))
        .where(
            _total.c.member_id.in_(members),
            _total.c.business_day >= day_from,
            _total.c.business_day <= day_to,
        )
        .group_by(_total.c.member_id)
    )
    return {name: int(amount) for name, amount in txn.execute(statement).all()}


def reached_at(txn: Txn, campaign_id: str, member_id: str) -> int | None:
    """When a member was first reached or held out; None: neither."""
    columns = campaign_reach.c
    statement = select(func.min(columns.at_ms)).where(
        columns.campaign_id == campaign_id, columns.member_id == member_id
    )
    found = txn.execute(statement).scalar()
    return None if found is None else int(found)


def first_reach(txn: Txn, campaign_id: str) -> int | None:
    """When the first member was reached or held out; None: nobody yet, or nothing of it goes into wallets."""
    columns = campaign_reach.c
    found = txn.execute(select(func.min(columns.at_ms)).where(columns.campaign_id == campaign_id)).scalar()
    return None if found is None else int(found)


def store_nets(txn: Txn, day_from: str, day_to: str) -> dict[str, int]:
    """Store → its net sales over days, both inside, as gathered; stores without any are not in it."""
    table = sales_hour.c
    statement = (
        select(table.store_id, cast(func.sum(table.net_minor), BigInteger))
        .where(table.business_day >= day_from, table.business_day <= day_to)
        .group_by(table.store_id)
    )
    return {name: int(amount) for name, amount in txn.execute(statement).all()}


def purchases(txn: Txn, member_id: str, day_from: str, day_to: str, limit: int) -> list[dict[str, Any]]:
    """Sales and returns that `spent` adds up, the newest first."""
    columns, same = _total.c, _same(document)
    statement = (
        select(
            columns.workstation_id, columns.incarnation, columns.number, columns.store_id,
            columns.business_day, columns.type, columns.total_minor, columns.discount_minor,
            columns.line_count, document.c.occurred_at_ms,
        )
        .join(document, same)
        .where(
            columns.member_id == member_id,
            columns.business_day >= day_from,
            columns.business_day <= day_to,
        )
        .order_by(columns.business_day.desc(), document.c.occurred_at_ms.desc(), columns.number.desc())
        .limit(limit)
    )  # fmt: skip
    return [dict(row._mapping) for row in txn.execute(statement)]


def baskets(
    txn: Txn, campaign_id: str, stores: Collection[str] | None, days: tuple[str, str], limit: int
) -> list[dict[str, Any]]:
    """Baskets with a coupon of the campaign, the newest day first: total and what the coupon gave.

    `stores` None: all; `days`: from and to, both inside.
    """
    same = and_(
        _total.c.workstation_id == _use.c.workstation_id,
        _total.c.incarnation == _use.c.incarnation,
        _total.c.number == _use.c.number,
    )
    key = (_use.c.workstation_id, _use.c.incarnation, _use.c.number, _use.c.store_id, _use.c.business_day)
    statement = (
        select(*key, func.sum(_use.c.amount_minor).label("given_minor"), _total.c.total_minor)
        .join(_total, same)
        .where(_use.c.campaign_id == campaign_id, _total.c.type == "sale")
        .where(_use.c.business_day >= days[0], _use.c.business_day <= days[1])
        .group_by(*key, _total.c.total_minor)
        .order_by(_use.c.business_day.desc(), _use.c.workstation_id, _use.c.number.desc())
        .limit(limit)
    )
    if stores is not None:
        statement = statement.where(_use.c.store_id.in_(list(stores)))
    return [{**row._mapping, "given_minor": int(row.given_minor)} for row in txn.execute(statement)]


def _same(table: Any) -> Any:
    return and_(*(table.c[name] == _total.c[name] for name in ("workstation_id", "incarnation", "number")))
