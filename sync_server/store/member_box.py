"""Boxes with personal fields in tills' documents, and the keys that open them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, select

from sync_server.store.engine import Txn
from sync_server.store.schema.member_box import member_box, till_member_key
from sync_server.store.schema.tables import document

_AT_ONCE = 400
Place = tuple[str, int, int]
"""Workstation, incarnation, number."""


def note(txn: Txn, boxes: Sequence[tuple[str, int, int, str]]) -> None:
    """Remembers where members' boxes stand: place and member. Again is fine."""
    txn.insert_many(member_box, boxes, on_conflict="ignore")


def documents_of(txn: Txn, member_ids: Sequence[str]) -> list[tuple[Place, bytes]]:
    """Place and bytes of every applied document with a box of these members, in order of place."""
    joined = member_box.join(
        document,
        and_(
            document.c.workstation_id == member_box.c.workstation_id,
            document.c.incarnation == member_box.c.incarnation,
            document.c.number == member_box.c.number,
        ),
    )
    found = []
    for start in range(0, len(member_ids), _AT_ONCE):
        statement = (
            select(
                member_box.c.workstation_id, member_box.c.incarnation, member_box.c.number, document.c.data
            )
            .select_from(joined)
            .where(member_box.c.member_id.in_(member_ids[start : start + _AT_ONCE]))
        )
        found += [((row[0], row[1], row[2]), bytes(row[3])) for row in txn.execute(statement)]
    return sorted(found)


def keys(txn: Txn, member_ids: Sequence[str]) -> dict[tuple[str, str], bytes]:
    """(workstation, member) → the key that the workstation sent, sealed to the chain."""
    found: dict[tuple[str, str], bytes] = {}
    for start in range(0, len(member_ids), _AT_ONCE):
        statement = select(
            till_member_key.c.workstation_id, till_member_key.c.member_id, till_member_key.c.key
        )
        wanted = till_member_key.c.member_id.in_(member_ids[start : start + _AT_ONCE])
        for workstation_id, member_id, key in txn.execute(statement.where(wanted)):
            found[workstation_id, member_id] = bytes(key)
    return found


def put_keys(txn: Txn, rows: Sequence[tuple[str, str, bytes, int]]) -> None:
    """Keeps keys: workstation, member, sealed key, when. The first of a workstation and member stands."""
    txn.insert_many(till_member_key, rows, on_conflict="ignore")
