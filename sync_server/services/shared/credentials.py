"""Head office's own word on who signs on: it overrules what a store's manager said."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import Literal

from pos_core.catalog.credential import Credential, credential_of
from pos_core.clock import Clock
from pos_core.errors import Refusal
from pos_core.sync.folds.credential import FOLD, key
from pos_core.sync.folds.facts import CredentialChanged
from pos_core.sync.folds.stamp import Stamp
from sync_server.services.acts import Act
from sync_server.services.keys import ChainKeys
from sync_server.services.shared.folding import Folding, HqFact
from sync_server.store import fold_state, masters
from sync_server.store.engine import Store, Txn

Verdict = Literal["locked", "unlocked", "pin_withdrawn"]
VERDICTS: tuple[Verdict, ...] = ("locked", "unlocked", "pin_withdrawn")


class UnknownEmployee(Refusal):
    """Nobody has this id, or he belongs to no such store."""

    code = "unknown_employee"


@lru_cache(maxsize=4)
def pins_withdrawn(keys: ChainKeys, now_ms: int) -> Callable[[Txn, Sequence[tuple[str, str]]], None]:
    """Takes `(store, employee)` whose PIN an import changed: head office's is the newest from now on.

    The same function for the same moment, so that an import calls it once for all its rows.
    """
    folding = Folding(keys)

    def take(txn: Txn, rows: Sequence[tuple[str, str]]) -> None:
        facts = [_said(store_id, employee_id, "pin_withdrawn", "") for store_id, employee_id in rows]
        folding.take_hq(txn, facts, now_ms=now_ms)

    return take


class Credentials:
    """Head office's own word on who signs on."""

    def __init__(self, store: Store, clock: Clock, folding: Folding) -> None:
        self._store = store
        self._clock = clock
        self._folding = folding

    def say(
        self,
        act: Act,
        employee_id: str,
        verdict: Verdict,
        store_id: str | None = None,
        *,
        within: Collection[str] | None = None,
    ) -> list[str]:
        """Lock him, unlock him, or let head office's own PIN count again; at one store or at all of his.

        Returns the stores. `within`: the only stores that who acts may reach. A lock of head office is
        lifted by head office alone. Raises UnknownEmployee.
        """
        now_ms = self._clock.now_ms()

        def write(txn: Txn) -> list[str]:
            stores = [each for each in _stores_of(txn, employee_id) if store_id in (None, each)]
            stores = [each for each in stores if within is None or each in within]
            if not stores:
                raise UnknownEmployee("no such employee at this store", employee_id=employee_id[:64])
            facts = [_said(each, employee_id, verdict, act.why) for each in stores]
            self._folding.take_hq(txn, facts, now_ms=now_ms)
            act.note(txn, now_ms, f"credential_{verdict}", employee_id, stores=stores)
            return stores

        return self._store.write(write)

    def of(self, employee_ids: Sequence[str]) -> dict[tuple[str, str], Credential]:
        """`(employee, store)` → what holds, where anybody ever said something."""
        return self._store.read(lambda txn: _known(txn, employee_ids))


def _known(txn: Txn, employee_ids: Sequence[str]) -> dict[tuple[str, str], Credential]:
    places = {
        (FOLD.name, key(store_id, employee_id)): (employee_id, store_id)
        for employee_id, row in masters.employees(txn, employee_ids).items()
        for store_id in json.loads(row.store_ids)
    }
    states = fold_state.get(txn, list(places))
    return {places[place]: credential_of(state) for place, state in states.items()}


def _stores_of(txn: Txn, employee_id: str) -> list[str]:
    row = masters.employees(txn, [employee_id]).get(employee_id)
    return [] if row is None else sorted(json.loads(row.store_ids))


def _said(store_id: str, employee_id: str, verdict: Verdict, reason: str) -> HqFact:
    def make(stamp: Stamp) -> CredentialChanged:
        return CredentialChanged(stamp, store_id, employee_id, verdict, None, "", reason)

    return make
