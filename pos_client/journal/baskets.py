"""Baskets that are no transactions yet: the one on the screen, and those on hold. They survive a restart.

`data` is the caller's own bytes (JSON); the journal never looks inside. A basket is dropped in the
transaction that records its sale: pass these functions to `Journal.record(..., also=…)`.
"""

from __future__ import annotations

from dataclasses import dataclass

from pos_client.journal.fold import STATE
from pos_client.storage.connection import Connection


@dataclass(frozen=True, slots=True)
class HeldBasket:
    """A basket put aside. `label` is what the operator reads in the list; no personal data in it."""

    held_id: str
    label: str
    operator_id: str | None
    held_at_ms: int
    data: bytes


def save_basket(connection: Connection, data: bytes, now_ms: int) -> None:
    """Keeps the basket on the screen, replacing the one before."""
    connection.execute(STATE["save_basket"], (now_ms, data))


def saved_basket(connection: Connection) -> tuple[int, bytes] | None:
    """`(saved_at_ms, data)` of the basket that was on the screen; None when there was none."""
    row = connection.execute(STATE["saved_basket"]).fetchone()
    return None if row is None else (row[0], bytes(row[1]))


def drop_basket(connection: Connection) -> None:
    """Forgets the basket on the screen."""
    connection.execute(STATE["drop_basket"])


def hold_basket(connection: Connection, basket: HeldBasket) -> None:
    """Puts a basket on hold. Its `held_id` is new."""
    connection.execute(
        STATE["hold_basket"],
        (basket.held_id, basket.label, basket.operator_id, basket.held_at_ms, basket.data),
    )


def held_baskets(connection: Connection) -> list[HeldBasket]:
    """All baskets on hold, oldest first."""
    return [_as_held(row) for row in connection.execute(STATE["held_baskets"])]


def take_held_basket(connection: Connection, held_id: str) -> HeldBasket | None:
    """Takes one off hold; None when it is not there (any more)."""
    row = connection.execute(STATE["held_basket"], (held_id,)).fetchone()
    if row is None:
        return None
    connection.execute(STATE["drop_held_basket"], (held_id,))
    return _as_held(row)


def _as_held(row: tuple[str, str, str | None, int, bytes]) -> HeldBasket:
    held_id, label, operator_id, held_at_ms, data = row
    return HeldBasket(held_id, label, operator_id, held_at_ms, bytes(data))
