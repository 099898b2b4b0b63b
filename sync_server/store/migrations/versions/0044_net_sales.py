"""Net sales as a Z report says them: money of purses and gift cards is none, cash rounding is in it.

Sums that were gathered before are put right from their documents; those of campaigns had no such lines worth
a word, for a purse takes no discount.
"""

import json
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op
from sqlalchemy import and_, exists, or_, select

from sync_server.store.schema.channel_sums import channel_home, channel_store, member_channels
from sync_server.store.schema.sales import sales_hour, sales_item, sales_progress
from sync_server.store.schema.tables import document, feed_row, projected

revision = "0044"
down_revision = "0043"
_ZONE = "Asia/Shanghai"
_total, _moved = projected["transaction_total"], projected["stored_value_movement"]
_KEY = ("workstation_id", "incarnation", "number")


def upgrade() -> None:
    """A new database has nothing gathered yet."""
    connection = op.get_bind()
    if not connection.execute(select(sales_progress.c.workstation_id).limit(1)).first():
        return
    stores = dict(_stores(connection))
    homes = {row[0]: row[1] for row in connection.execute(select(member_channels))}
    added: dict[sa.Table, dict[tuple[object, ...], list[int]]] = defaultdict(
        lambda: defaultdict(lambda: [0, 0, 0])
    )
    for store_id, day, kind, member_id, total, at_ms, data in connection.execute(_touched()):
        body = json.loads(data).get("body", {})
        sign, lines = (1 if kind == "sale" else -1), body.get("lines", [])
        rest = sign * (total - sum(line["net_minor"] for line in lines))
        figures = [rest, rest, rest if member_id is not None else 0]
        for line in lines:
            if line.get("kind") == "stored_value":
                full, net = sign * line["list_minor"], sign * line["net_minor"]
                of = added[sales_item][day, line["sku"]]
                of[:] = [of[0] - full, of[1] - net, of[2] - sign * line["quantity_milli"]]
                figures = [figures[0] - full, figures[1] - net, figures[2] - (net if member_id else 0)]
        region, zone = stores.get(store_id, ("", _ZONE))
        hour = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(zone)).hour
        channel = body.get("channel", "pos")
        home = "" if member_id is None else homes.get(member_id, channel)
        for table, place in (
            (sales_hour, (day, store_id, hour)),
            (channel_store, (day, store_id, channel)),
            (channel_home, (day, region, channel, home)),
        ):
            so_far = added[table][place]
            so_far[:] = [a + b for a, b in zip(so_far, figures, strict=True)]
    for table, sums in added.items():
        _put(connection, table, sums)


def _stores(connection: sa.Connection) -> list[tuple[str, tuple[str, str]]]:
    """Region and zone of each store: columns 2 and 6 of its row in the feed."""
    wanted = (feed_row.c.kind == "store", feed_row.c.scope == "chain", feed_row.c.deleted == 0)
    rows = [json.loads(row[0]) for row in connection.execute(select(feed_row.c.payload).where(*wanted))]
    return [(row[0], (str(row[2]), row[6] or _ZONE)) for row in rows]


def _touched() -> sa.Select[Any]:
    """Gathered sales and returns whose total is not what their lines say, or that move stored value."""
    columns = _total.c
    same = and_(*(document.c[name] == columns[name] for name in _KEY))
    gathered = and_(
        sales_progress.c.workstation_id == columns.workstation_id,
        sales_progress.c.incarnation == columns.incarnation,
        sales_progress.c.gathered_number >= columns.number,
    )
    moves = exists().where(*(_moved.c[name] == columns[name] for name in _KEY))
    rounded = columns.total_minor != columns.subtotal_minor - columns.discount_minor
    return (
        select(
            columns.store_id, columns.business_day, columns.type, columns.member_id, columns.total_minor,
            document.c.occurred_at_ms, document.c.data,
        )
        .join(document, same)
        .join(sales_progress, gathered)
        .where(or_(rounded, moves))
    )  # fmt: skip


def _put(connection: sa.Connection, table: sa.Table, sums: dict[tuple[object, ...], list[int]]) -> None:
    third = {"sales_hour": "member_net_minor", "sales_item": "quantity_milli"}.get(table.name)
    names = ["list_minor", "net_minor", *([third] if third else [])]
    keys = [column.name for column in table.primary_key.columns]
    statement = (
        sa.update(table)
        .where(*(table.c[name] == sa.bindparam(f"at_{name}") for name in keys))
        .values({name: table.c[name] + sa.bindparam(f"by_{name}") for name in names})
    )
    rows = [
        {
            **{f"at_{name}": each for name, each in zip(keys, place, strict=True)},
            **{f"by_{name}": each for name, each in zip(names, figures, strict=False)},
        }
        for place, figures in sums.items()
        if any(figures)
    ]
    if rows:
        connection.execute(statement, rows)
