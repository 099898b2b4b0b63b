"""What a member has after a document, as this workstation knows it: printed, summed nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pos_client.services.counter import Counter
from pos_core.customer.gift_card import is_card_account
from pos_core.customer.stored_value import member_account


def balances_after(
    counter: Counter, body: Mapping[str, Any], beside: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """The optional balance fields of `body` (docs/documents.md); none of a member or card not known here.

    `beside`: bodies written in the same transaction, which move the same balances.
    """
    bodies = (body, *beside)
    cards = _cards_after(counter, bodies)
    found: dict[str, Any] = {"gift_cards": cards} if cards else {}
    member_id = body["member_id"]
    if member_id is None or not _is_known(counter, member_id):
        return found
    points = sum(
        move["points"] for move in _moves(bodies, "points_movements") if move["member_id"] == member_id
    )
    found |= {
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


def _cards_after(counter: Counter, bodies: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Gift cards that these bodies move, with what is on each then; of those that this store knows."""
    moved: dict[str, int] = {}
    for move in _moves(bodies, "stored_value_movements"):
        if is_card_account(move["account_id"]):
            moved[move["account_id"]] = moved.get(move["account_id"], 0) + move["amount_minor"]
    cards = {account_id: counter.shared.gift_card(account_id) for account_id in moved}
    return [
        {
            "account_id": account_id,
            "last_four": card.last_four,
            "balance_minor": card.balance_minor + moved[account_id],
        }
        for account_id, card in cards.items()
        if card is not None
    ]


def _is_known(counter: Counter, member_id: str) -> bool:
    """A receipt of another region may name somebody whose ledger was never sent here."""
    here = counter.member
    return (here is not None and here.member_id == member_id) or counter.replica.member(member_id) is not None


def _moves(bodies: Sequence[Mapping[str, Any]], name: str) -> Iterator[Mapping[str, Any]]:
    for body in bodies:
        yield from body.get(name, ())
