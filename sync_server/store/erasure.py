"""Erased members, and how far each workstation has carried that out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select

from sync_server.store.engine import Txn
from sync_server.store.schema.erasure import erasure, erasure_done
from sync_server.store.schema.folding import fold_state, member_code, ruling
from sync_server.store.schema.member_box import till_member_key
from sync_server.store.schema.member_card import member_card
from sync_server.store.schema.member_seal import member_seal
from sync_server.store.schema.tables import member, member_key, workstation

_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """One erased member; `signature` is the server's over `erasure_statement`."""

    number: int
    member_id: str
    erased_at_ms: int
    signature: str


def of_member(txn: Txn, member_id: str) -> ErasureRow | None:
    """The erasure of this member."""
    row = txn.execute(select(erasure).where(erasure.c.member_id == member_id)).first()
    return None if row is None else ErasureRow(*row)


def erased_among(txn: Txn, member_ids: Sequence[str]) -> set[str]:
    """Those of `member_ids` that were erased."""
    found: set[str] = set()
    for start in range(0, len(member_ids), _AT_ONCE):
        statement = select(erasure.c.member_id).where(
            erasure.c.member_id.in_(member_ids[start : start + _AT_ONCE])
        )
        found |= set(txn.execute(statement).scalars())
    return found


def last_number(txn: Txn) -> int:
    """The newest erasure's number; 0 before the first."""
    return int(txn.execute(select(func.max(erasure.c.number))).scalar() or 0)


def is_number(txn: Txn, number: int) -> bool:
    """Whether an erasure has this number."""
    return txn.execute(select(erasure.c.number).where(erasure.c.number == number)).first() is not None


def after(txn: Txn, number: int, limit: int) -> list[ErasureRow]:
    """Erasures with a higher number, in order."""
    statement = select(erasure).where(erasure.c.number > number).order_by(erasure.c.number).limit(limit)
    return [ErasureRow(*row) for row in txn.execute(statement)]


def add(txn: Txn, row: ErasureRow) -> None:
    """Keeps an erasure."""
    txn.insert_many(erasure, [(row.number, row.member_id, row.erased_at_ms, row.signature)])


def forget(txn: Txn, member_id: str) -> None:
    """Deletes what head office's own tables hold of a member: keys first of all."""
    for table in (member_seal, member_key, till_member_key, member_code, member_card, member):
        txn.execute(delete(table).where(table.c.member_id == member_id))


def forget_claims(txn: Txn, phone_index: str) -> None:
    """Deletes a number that nobody claims any more, with the rulings about it."""
    txn.execute(
        delete(fold_state).where(fold_state.c.key == phone_index, fold_state.c.fold == "phone_claims")
    )
    txn.execute(delete(ruling).where(ruling.c.key == phone_index, ruling.c.rule == "one_phone"))


def note_done(txn: Txn, workstation_id: str, number: int, now_ms: int) -> None:
    """This workstation has carried out every erasure up to `number`; a lower one follows a restore."""
    txn.insert_many(erasure_done, [(workstation_id, number, now_ms)], on_conflict="replace")


def done_by(txn: Txn, workstation_id: str) -> int | None:
    """How far a workstation is; None: it never said."""
    statement = select(erasure_done.c.number).where(erasure_done.c.workstation_id == workstation_id)
    return txn.execute(statement).scalar_one_or_none()


def behind(txn: Txn, number: int) -> list[tuple[str, str, str, int]]:
    """Active workstations that have not carried out `number`: id, store, name, last contact."""
    columns = workstation.c
    statement = (
        select(columns.workstation_id, columns.store_id, columns.name, columns.last_contact_ms)
        .outerjoin(erasure_done, erasure_done.c.workstation_id == columns.workstation_id)
        .where(columns.state == "active", func.coalesce(erasure_done.c.number, 0) < number)
        .order_by(columns.store_id, columns.name, columns.workstation_id)
    )
    return [(row[0], row[1], row[2], int(row[3])) for row in txn.execute(statement)]
