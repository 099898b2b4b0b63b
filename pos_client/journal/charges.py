"""Charges that a terminal was asked for and that no sale has used yet: what a power cut must not lose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pos_client.storage.connection import Connection
from pos_client.storage.named_sql import load_queries

SQL = load_queries("pos_client.journal", "charge")


@dataclass(frozen=True, slots=True)
class OpenCharge:
    """`state` asked: nobody knows what became of it; approved: the money is there; reversing: it is on its

    way back, and no sale may count on it.
    """

    reference: str
    tender_code: str
    currency: str
    exponent: int
    amount_minor: int
    state: Literal["asked", "approved", "reversing"]
    approval: str
    asked_at_ms: int


def ask(connection: Connection, charge: OpenCharge) -> None:
    """Note it before the terminal hears of it."""
    row = (
        charge.reference,
        charge.tender_code,
        charge.currency,
        charge.exponent,
        charge.amount_minor,
        charge.asked_at_ms,
    )
    connection.execute(SQL["ask"], row)


def approve(connection: Connection, reference: str, approval: str) -> None:
    """The money is there."""
    connection.execute(SQL["approve"], (approval, reference))


def give_back(connection: Connection, reference: str) -> None:
    """From now on the money goes back, before the terminal hears of it."""
    connection.execute(SQL["give_back"], (reference,))


def use(connection: Connection, reference: str) -> bool:
    """A sale uses it; False: its money is not there any more, or on its way back."""
    row = connection.execute(SQL["state"], (reference,)).fetchone()
    if row is None or row[0] != "approved":
        return False
    forget(connection, reference)
    return True


def forget(connection: Connection, reference: str) -> None:
    """It came to nothing, or has gone back."""
    connection.execute(SQL["forget"], (reference,))


def open_charges(connection: Connection) -> list[OpenCharge]:
    """The oldest first."""
    return [OpenCharge(*row) for row in connection.execute(SQL["all"]).fetchall()]
