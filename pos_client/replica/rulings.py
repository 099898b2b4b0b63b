"""Head office's rulings that concern this store."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pos_client.storage.connection import Connection

_NEWEST = (
    "SELECT ruling_id, data, superseded_by, made_at_ms FROM ruling"
    " WHERE :all OR superseded_by IS NULL ORDER BY made_at_ms DESC, ruling_id LIMIT :limit"
)


@dataclass(frozen=True, slots=True)
class RulingRow:
    """`data` as docs/rulings.md says; `superseded_by` None while it stands, "" when nothing replaced it."""

    ruling_id: str
    data: dict[str, Any]
    superseded_by: str | None
    made_at_ms: int


def rulings(connection: Connection, *, superseded_too: bool = False, limit: int = 500) -> list[RulingRow]:
    """The newest first."""
    rows = connection.execute(_NEWEST, {"all": superseded_too, "limit": limit}).fetchall()
    return [RulingRow(row[0], json.loads(row[1]), row[2], row[3]) for row in rows]
