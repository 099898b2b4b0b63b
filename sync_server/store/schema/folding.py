"""Tables of shared state: what facts were folded into, what was ruled, and head office's own facts."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.types import TypeEngine

from sync_server.store.schema.tables import feed_row, metadata

_TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def _int(name: str, *, key: bool = False, null: bool = False) -> Column[int]:
    kind: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")
    return Column(name, kind, primary_key=key, nullable=null, autoincrement=False)


def _text(name: str, *, key: bool = False, null: bool = False) -> Column[str]:
    return Column(name, _TEXT, primary_key=key, nullable=null)


fold_state = Table(
    "fold_state",
    metadata,
    _text("key", key=True),
    _text("fold", key=True),
    _text("state"),  # canonical JSON: the same text after any interleaving of the same facts
)

ruling = Table(
    "ruling",
    metadata,
    _text("key", key=True),
    _text("ruling_id", key=True),
    _text("rule"),
    _text("data"),  # canonical JSON of the ruling
    _int("made_at_ms"),
    _text("superseded_by", null=True),  # another ruling; "" when the facts leave nothing to rule on
    _int("superseded_at_ms", null=True),
    Index("ruling_newest", "made_at_ms", "ruling_id"),
    Index("ruling_of_rule", "rule", "made_at_ms", "ruling_id", "superseded_by"),
)
"""A ruling that follows again after it was superseded stands again: its row is written anew."""

hq_fact = Table(
    "hq_fact",
    metadata,
    _int("number", key=True),  # of the series `hq`; rises, without gaps
    _text("type"),
    _text("data"),  # canonical JSON of the fact's fields
)

clock_bound = Table(
    "clock_bound",
    metadata,
    _text("workstation_id", key=True),
    _int("incarnation", key=True),
    _int("number", key=True),
    _text("claimed"),
    _text("bound"),
)
"""Documents whose clock ran ahead at receipt, and the hybrid time that they count as for ever."""

awaited_sale = Table(
    "awaited_sale",
    metadata,
    _text("workstation_id", key=True),
    _int("incarnation", key=True),
    _int("number", key=True),
)
"""Sales that something came back of before they were received."""

member_code = Table(
    "member_code",
    metadata,
    _text("member_id", key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("stretched", LargeBinary, nullable=False),  # argon2id of the code, sealed to the chain
)

coupon = Table(
    "coupon",
    metadata,
    _text("coupon_id", key=True),
    _text("campaign_id"),
    _text("member_id", null=True),  # None: whoever holds the code
    _text("code_hash"),  # HMAC of the typed code under head office's own key; "" for QR coupons alone
    _text("state"),  # issued | used | void
    _int("valid_from_ms"),
    _int("valid_to_ms"),
    _text("leased_to", null=True),  # the store that may take it offline
    _int("issued_at_ms"),
)
coupon_of_member = Index("coupon_of_member", coupon.c.member_id)
coupon_by_code = Index("coupon_by_code", coupon.c.code_hash)
coupon_of_campaign = Index("coupon_of_campaign", coupon.c.campaign_id, coupon.c.state)

feed_row_of_member = Index(
    "feed_row_of_member",
    feed_row.c.key,
    sqlite_where=feed_row.c.kind == "member",
    postgresql_where=feed_row.c.kind == "member",
)
"""Which stores hold a member, without a look at every scope."""

TABLES = (fold_state, ruling, hq_fact, clock_bound, awaited_sale, member_code, coupon)
