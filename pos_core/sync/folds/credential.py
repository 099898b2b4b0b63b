"""Sign-on of an employee at one store: locked or not, and the PIN that was set there; the newest stands.

    {"store": register, "hq": register, "pin": [stamp, verifier | null, by] | null, "tries": stamp | null}

A register is `[stamp, locked, by, reason]` or null: the newest word of the store's managers, and of head
office. What they mean together is `pos_core.catalog.credential.credential_of`. Each is the maximum by stamp,
so any order of arrival and any doubles end in the same state.
"""

from __future__ import annotations

from typing import Any

from pos_core.sync.folds.facts import CredentialChanged
from pos_core.sync.folds.fold import Fold, State

EMPTY: State = {"store": None, "hq": None, "pin": None, "tries": None}


def apply(state: State | None, fact: CredentialChanged) -> State:
    """With one more change."""
    after = dict(state or EMPTY)
    stamp = fact.stamp.as_value()
    if fact.step in ("locked", "unlocked"):
        register = "hq" if fact.stamp.by_hq else "store"
        after[register] = _newer(after[register], [stamp, fact.step == "locked", fact.by, fact.reason])
    else:
        after["pin"] = _newer(after["pin"], [stamp, fact.pin_verifier, fact.by])
    if fact.step != "locked":
        after["tries"] = stamp if after["tries"] is None else max(after["tries"], stamp)
    return after


def key(store_id: str, employee_id: str) -> str:
    """A PIN is a store's own: its verifier is under that store's pepper."""
    return f"{store_id}/{employee_id}"


def _newer(known: list[Any] | None, said: list[Any]) -> list[Any]:
    """The stamps of two facts are never the same, but for the same fact twice."""
    return said if known is None or said[0] > known[0] else known


FOLD = Fold("credential", (CredentialChanged,), lambda fact: key(fact.store_id, fact.employee_id), apply)
