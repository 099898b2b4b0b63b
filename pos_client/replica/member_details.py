"""What this store knows of a member beyond the name, as head office folded it."""

from __future__ import annotations

from dataclasses import dataclass

from pos_client.storage.connection import Connection

_COLUMNS = (
    "member_id, status, code_verifier, card_index, stored_value_minor, alias_of, last_seen_day,"
    " code_failures, code_locked_until_ms"
)
_BY_ID = f"SELECT {_COLUMNS} FROM member_detail WHERE member_id = ?"  # noqa: S608 - our own names
_BY_CARD = f"SELECT {_COLUMNS} FROM member_detail WHERE card_index = ?"  # noqa: S608 - our own names
_PRICING = "SELECT orders, birthday_day FROM member_pricing WHERE member_id = ?"
_POINTS = "SELECT points_balance FROM member WHERE member_id = ?"


FROZEN = "frozen"


@dataclass(frozen=True, slots=True)
class MemberDetail:
    """Columns of `member_detail` (pos_core/sync/reference.py)."""

    member_id: str
    status: str
    code_verifier: str | None
    card_index: str | None
    stored_value_minor: int
    alias_of: str | None
    last_seen_day: str | None
    code_failures: int
    code_locked_until_ms: int


def member_detail(connection: Connection, member_id: str) -> MemberDetail | None:
    """None: not in this store's slice."""
    row = connection.execute(_BY_ID, (member_id,)).fetchone()
    return None if row is None else MemberDetail(*row)


def member_by_card(connection: Connection, card_index: str) -> MemberDetail | None:
    """The member whose card has this index under the store's key."""
    row = connection.execute(_BY_CARD, (card_index,)).fetchone()
    return None if row is None else MemberDetail(*row)


def survivor_of(connection: Connection, member_id: str) -> str:
    """The member whom this id was merged into, else the id itself: a card may still name the old one."""
    detail = member_detail(connection, member_id)
    return member_id if detail is None or detail.alias_of is None else detail.alias_of


def is_frozen(connection: Connection, member_id: str) -> bool:
    """Whether head office froze the account; who is not in this store's slice is not."""
    detail = member_detail(connection, member_id)
    return detail is not None and detail.status == FROZEN


def pricing_facts(connection: Connection, member_id: str) -> tuple[int, int | None]:
    """Finished orders as head office counted them, and the day of the birthday, None where not known."""
    row = connection.execute(_PRICING, (member_id,)).fetchone()
    return (0, None) if row is None else (int(row[0]), row[1])


def points_balance(connection: Connection, member_id: str) -> int | None:
    """The sum of the ledger as head office has it; None: not in this store's slice."""
    row = connection.execute(_POINTS, (member_id,)).fetchone()
    return None if row is None else int(row[0])
