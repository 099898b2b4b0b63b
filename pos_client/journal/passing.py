"""A held basket passes from one workstation to another: journaled by the giver, then by the taker.

The giver lets go of it in the transaction that writes its document, and keeps what travels until the taker
says that it has it; the taker writes it down before it says so. Cut anywhere, the basket is in one place or
on its way, never in two.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from pos_client.journal import baskets
from pos_client.journal.baskets import HeldBasket
from pos_client.journal.draft import Draft
from pos_client.journal.journal import Journal
from pos_client.storage.connection import Connection
from pos_client.storage.named_sql import load_queries
from pos_core.errors import Refusal
from pos_core.ids import uuid7

SQL = load_queries("pos_client.journal", "passing")


class NotOnHold(Refusal):
    """The basket is not (any more) here to be passed on, or was taken over before."""

    code = "not_on_hold"


class HeldHereToo(Refusal):
    """Two baskets under one id: neither takes the other's place, and what was passed on stays on its way."""

    code = "held_here_too"


@dataclass(frozen=True, slots=True)
class PassedBasket:
    """A held basket on its way."""

    transfer_id: str
    basket: HeldBasket


def give(journal: Journal, held_id: str, to: str, now_ms: int) -> Future[Any]:
    """Lets go of a basket for workstation `to`; it is among `outgoing` then. Fails with NotOnHold."""
    transfer_id = uuid7(now_ms, secrets.token_bytes(10))

    def also(connection: Connection) -> None:
        held = baskets.take_held_basket(connection, held_id)
        if held is None:
            raise NotOnHold("no such basket is on hold here", held_id=held_id[:64])
        _put(connection, "out", PassedBasket(transfer_id, held), to, held.data)

    return journal.record([_draft(journal, held_id, "handed_over", to, transfer_id)], also=also)


def take(journal: Journal, passed: PassedBasket, giver: str) -> Future[Any]:
    """Puts on hold what `giver` let go of. Fails with NotOnHold when it was taken before, HeldHereToo."""

    def also(connection: Connection) -> None:
        if connection.execute(SQL["taken_before"], (passed.transfer_id,)).fetchone() is not None:
            raise NotOnHold("taken over before", held_id=passed.basket.held_id[:64])
        if any(each.held_id == passed.basket.held_id for each in baskets.held_baskets(connection)):
            raise HeldHereToo("a basket of this id is on hold here", held_id=passed.basket.held_id[:64])
        baskets.hold_basket(connection, passed.basket)
        _put(connection, "in", passed, giver, None)

    draft = _draft(journal, passed.basket.held_id, "taken_over", giver, passed.transfer_id)
    return journal.record([draft], also=also)


def outgoing(connection: Connection, to: str) -> list[PassedBasket]:
    """What was let go of for `to`, which has not said yet that it has it."""
    return [
        PassedBasket(row[0], HeldBasket(row[1], row[2], row[3], row[4], bytes(row[5])))
        for row in connection.execute(SQL["outgoing"], (to,)).fetchall()
    ]


def on_the_way(connection: Connection) -> list[tuple[PassedBasket, str]]:
    """Everything that was let go of and is not known to have come, with whom it was for; the oldest first."""
    return [
        (PassedBasket(row[0], HeldBasket(row[1], row[2], row[3], row[4], bytes(row[5]))), row[6])
        for row in connection.execute(SQL["on_the_way"]).fetchall()
    ]


def take_back(connection: Connection, passed: PassedBasket) -> None:
    """On hold here again, in the caller's transaction. Raises NotOnHold (it came after all), HeldHereToo."""
    if connection.execute(SQL["take_off"], (passed.transfer_id,)).rowcount != 1:
        raise NotOnHold("the other workstation has it", held_id=passed.basket.held_id[:64])
    if any(each.held_id == passed.basket.held_id for each in baskets.held_baskets(connection)):
        raise HeldHereToo("a basket of this id is on hold here", held_id=passed.basket.held_id[:64])
    baskets.hold_basket(connection, passed.basket)


def drop(journal: Journal, held_id: str, transfer_id: str, giver: str) -> Future[Any]:
    """Off hold here: `giver` took back what we had taken over. Fails with NotOnHold when it is not here."""

    def also(connection: Connection) -> None:
        taken = connection.execute(SQL["taken_before"], (transfer_id,)).fetchone()
        if taken is None or baskets.take_held_basket(connection, held_id) is None:
            raise NotOnHold("not on hold here by this hand-over", held_id=held_id[:64])

    return journal.record([_draft(journal, held_id, "dropped", giver, transfer_id)], also=also)


def acknowledge(connection: Connection, transfer_ids: Sequence[str], by: str) -> None:
    """`by` has these."""
    connection.executemany(SQL["acknowledged"], [(each, by) for each in transfer_ids])


def _put(
    connection: Connection, direction: str, passed: PassedBasket, other: str, data: bytes | None
) -> None:
    held = passed.basket
    row = (passed.transfer_id, direction, held.held_id, other, held.label, held.operator_id, held.held_at_ms)
    connection.execute(SQL["put"], (*row, data))


def _draft(journal: Journal, held_id: str, step: str, other: str, transfer_id: str) -> Draft:
    day = journal.read(lambda c: c.execute(SQL["last_business_day"]).fetchone()[0])
    body = {"held_id": held_id, "step": step, "other": other, "transfer_id": transfer_id}
    return Draft("basket_passed", body, day)
