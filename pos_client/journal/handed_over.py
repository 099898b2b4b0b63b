"""Series that went two ways: up to which number our side of them was handed over.

Head office keeps that side beside its chain and folds nothing of it until a person has looked. Nothing of it
is still on its way, so it is not added to what head office says either.
"""

from __future__ import annotations

from pos_client.journal.settings import get_setting, put_setting
from pos_client.storage.connection import Connection

_SETTING = "handed_over"


def keep_handed_over(connection: Connection, incarnation: int, number: int) -> None:
    """Inside the caller's transaction."""
    put_setting(connection, _SETTING, {**get_setting(connection, _SETTING, {}), str(incarnation): number})


def handed_over(connection: Connection) -> dict[int, int]:
    """Incarnation → last number."""
    kept: dict[str, int] = get_setting(connection, _SETTING, {})
    return {int(incarnation): number for incarnation, number in kept.items()}
