"""Whose card is whose: at most one a member, and a number belongs to whoever was given it last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select

from sync_server.store.engine import Txn
from sync_server.store.schema.member_card import member_card

_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class MemberCard:
    """`personal`: the number, under the member's own key (services/personal_data.py)."""

    member_id: str
    card_index: str
    personal: bytes


def of_members(txn: Txn, member_ids: Sequence[str]) -> dict[str, MemberCard]:
    """Cards by member."""
    found = {}
    for start in range(0, len(member_ids), _AT_ONCE):
        wanted = member_card.c.member_id.in_(member_ids[start : start + _AT_ONCE])
        for row in txn.execute(select(member_card).where(wanted)):
            found[row[0]] = MemberCard(row[0], row[1], bytes(row[2]))
    return found


def owners(txn: Txn, card_indexes: Sequence[str]) -> dict[str, str]:
    """card index → member."""
    found: dict[str, str] = {}
    for start in range(0, len(card_indexes), _AT_ONCE):
        wanted = member_card.c.card_index.in_(card_indexes[start : start + _AT_ONCE])
        for index, member_id in txn.execute(
            select(member_card.c.card_index, member_card.c.member_id).where(wanted)
        ):
            found[index] = member_id
    return found


def put(txn: Txn, cards: Sequence[MemberCard]) -> None:
    """Gives cards out; whoever had one of these numbers has none any more."""
    for card in cards:
        txn.execute(delete(member_card).where(member_card.c.card_index == card.card_index))
    rows = [(each.member_id, each.card_index, each.personal) for each in cards]
    txn.insert_many(member_card, rows, on_conflict="replace")
