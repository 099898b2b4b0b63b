"""Sums by channel in two tables, one by store and one by home channel: a page read ten times as many rows.

All sums are gathered anew. Moves between tiers begin with the tiers that imports gave members.
"""

from collections import Counter
from datetime import UTC, datetime

from alembic import op
from sqlalchemy import delete, insert, select, table, text

from sync_server.store.schema.channel_sums import (
    TABLES,
    channel_home,
    channel_store,
    tier_known,
    tier_move,
)
from sync_server.store.schema.tables import member

revision = "0033"
down_revision = "0032"
_GATHERED = (
    "sales_hour", "sales_item", "member_seen", "sales_progress", "sales_late", "campaign_day",
    "campaign_store", "campaign_total", "campaign_redeemer", "return_waiting",
)  # fmt: skip
_AT_ONCE = 1000


def upgrade() -> None:
    """A new database has the tables already: 0001 creates what the schema says today."""
    connection = op.get_bind()
    connection.execute(text("DROP TABLE IF EXISTS channel_day"))
    for each in (channel_store, channel_home):
        each.create(connection, checkfirst=True)
    for name in (*_GATHERED, *(each.name for each in TABLES)):
        connection.execute(delete(table(name)))
    joined: Counter[tuple[str, str]] = Counter()
    after = ""
    columns = (member.c.member_id, member.c.tier, member.c.known_since_ms)
    while True:
        page = select(*columns).where(member.c.member_id > after).order_by(member.c.member_id)
        rows = connection.execute(page.limit(_AT_ONCE)).all()
        if not rows:
            break
        after = rows[-1][0]
        connection.execute(insert(tier_known), [{"member_id": row[0], "tier": row[1]} for row in rows])
        joined.update((_month(row[2]), row[1]) for row in rows)
    for (month, tier), count in joined.items():
        values = {"month": month, "from_tier": "", "to_tier": tier, "members": count}
        connection.execute(insert(tier_move).values(values))


def _month(known_since_ms: int | None) -> str:
    return datetime.fromtimestamp((known_since_ms or 0) / 1000, UTC).strftime("%Y-%m")
