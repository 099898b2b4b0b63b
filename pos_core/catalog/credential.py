"""Who may change whose sign-on, and what a credential's registers come to.

Employees, their roles and first PINs are head office's rows. Locking, unlocking and a new PIN are facts: the
manager of a store writes them there, head office writes its own, and the newest by hybrid clock stands. Head
office's lock is lifted by head office alone. Source: docs/security.md, "Sign-on of employees".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pos_core.catalog.store import Role

CredentialStep = Literal["locked", "unlocked", "pin_reset", "pin_withdrawn"]
"""`pin_withdrawn` is head office's: the PIN of its own row counts from then on."""
STORE_STEPS: tuple[CredentialStep, ...] = ("locked", "unlocked", "pin_reset")
_RANKS: dict[str, int] = {role: rank for rank, role in enumerate(get_args(Role))}


def may_change(by_role: str, role: str) -> bool:
    """Only of people below: nobody's own, no equal's, and nobody's above."""
    return _RANKS.get(by_role, -1) > _RANKS.get(role, len(_RANKS))


@dataclass(frozen=True, slots=True)
class Lock:
    """Somebody is locked. `by` is an employee's id, "" where head office did it."""

    by: str
    hlc: str
    reason: str

    @property
    def is_head_offices(self) -> bool:
        """Only head office lifts it."""
        return not self.by


@dataclass(frozen=True, slots=True)
class Credential:
    """What holds of one employee at one store.

    Attributes:
        pin_verifier: in the place of the one in head office's row; None: that one counts.
        pin_hlc: when it was set; "" for never.
        tries_over_hlc: wrong PINs up to this hybrid time are forgiven; "" for none.
    """

    lock: Lock | None = None
    pin_verifier: str | None = None
    pin_hlc: str = ""
    tries_over_hlc: str = ""


NO_CREDENTIAL = Credential()


def credential_of(state: Mapping[str, Any] | None) -> Credential:
    """From the state of the fold `credential`; None: nothing was ever said."""
    if state is None:
        return NO_CREDENTIAL
    pin, tries = state["pin"], state["tries"]
    return Credential(
        _lock(state["hq"], state["store"]),
        None if pin is None else pin[1],
        "" if pin is None else pin[0][0],
        "" if tries is None else tries[0],
    )


def _lock(by_hq: Any, by_store: Any) -> Lock | None:
    if by_hq is not None and by_hq[1]:
        return Lock("", by_hq[0][0], by_hq[3])
    if by_store is None or not by_store[1] or (by_hq is not None and by_hq[0] > by_store[0]):
        return None
    return Lock(by_store[2], by_store[0][0], by_store[3])
