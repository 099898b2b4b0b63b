"""What a member has after a document, as this workstation knows it: printed, summed nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pos_client.services.counter import Counter
from pos_core.customer.stored_value import member_account


def balances_after(
    counter: Counter, body: Mapping[str, Any], beside: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """The optional balance fields of `body` (docs/documents.md); none of a member who is not known here.

    `beside`: bodies written in the same transaction, which move the same balances.
    """
    member_id = body["member_id"]
    if member_id is None or not _is_known(counter, member_id):
        return {}
    bodies = (body, *beside)
    points = sum(
        move["points"] for move in _moves(bodies, "points_movements") if move["member_id"] == member_id
    )
    found = {
        "points_balance": counter.shared.points_of(member_id) + points,
        "points_heard_at_ms": counter.heard_at_ms(),
    }
    account_id = member_account(member_id)
    purse = [
        move["amount_minor"]
        for move in _moves(bodies, "stored_value_movements")
        if move["account_id"] == account_id
    ]
    if purse:
        found["stored_value_balance_minor"] = counter.shared.stored_value_of(member_id) + sum(purse)
    return found


def _is_known(counter: Counter, member_id: str) -> bool:
    """A receipt of another region may name somebody whose ledger was never sent here."""
    here = counter.member
    return (here is not None and here.member_id == member_id) or counter.replica.member(member_id) is not None


def _moves(bodies: Sequence[Mapping[str, Any]], name: str) -> Iterator[Mapping[str, Any]]:
    for body in bodies:
        yield from body.get(name, ())
