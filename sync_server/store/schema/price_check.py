"""Tables of the price check, and the keys of sales channels that are no workstations."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text
from sqlalchemy.types import TypeEngine

from sync_server.store.schema.tables import metadata


def _int(name: str, *, key: bool = False, null: bool = False) -> Column[int]:
    kind: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")
    return Column(name, kind, primary_key=key, nullable=null, autoincrement=False)


def _text(name: str, *, key: bool = False, null: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=null)


price_progress = Table(
    "price_progress",
    metadata,
    _text("workstation_id", key=True),
    _int("incarnation", key=True),
    _int("checked_number"),  # every applied document up to here has been looked at
)

price_finding = Table(
    "price_finding",
    metadata,
    _text("workstation_id", key=True),
    _int("incarnation", key=True),
    _int("number", key=True),
    _text("source", key=True),  # check: the checker; solve: solved again
    _text("store_id"),
    _int("release_version", null=True),
    _int("found_at_ms"),
    _int("difference_minor"),  # solve: payable of the sale less ours; check: 0
    _text("findings"),  # JSON list of {path, code, reason}, at most FINDINGS_MAX
)

price_solve = Table(
    "price_solve",
    metadata,
    _text("workstation_id", key=True),
    _int("incarnation", key=True),
    _int("number", key=True),
    _text("why"),  # bound | sample | disputed
    _int("asked_at_ms"),
    _int("solved_at_ms", null=True),
    _text("outcome", null=True),  # same | cheaper | dearer | other | not_solvable
    Index("price_solve_open", "solved_at_ms", "asked_at_ms"),
)
"""Sales to solve again, and what came of it."""

channel_key = Table(
    "channel_key",
    metadata,
    _text("key_hash", key=True),  # SHA-256 of the key; the key itself is shown once and not kept
    _text("channel"),
    _text("note"),
    _int("created_at_ms"),
    _int("revoked_at_ms", null=True),
)

TABLES = (price_progress, price_finding, price_solve, channel_key)
