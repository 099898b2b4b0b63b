"""Charges that a terminal was asked for and that no sale has used yet: what a power cut must not lose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pos_client.storage.connection import Connection
from pos_client.storage.named_sql import load_queries

SQL = load_queries("pos_client.journal", "charge")


@dataclass(frozen=True, slots=True)
class OpenCharge:
    """`state` asked: nobody knows what became of it; approved: the money is there."""

    reference: str
    tender_code: str
    currency: str
    exponent: int
    amount_minor: int
    state: Literal["asked", "approved"]
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


def forget(connection: Connection, reference: str) -> None:
    """A sale used it, or it came to nothing."""
    connection.execute(SQL["forget"], (reference,))


def open_charges(connection: Connection) -> list[OpenCharge]:
    """The oldest first."""
    return [OpenCharge(*row) for row in connection.execute(SQL["all"]).fetchall()]
