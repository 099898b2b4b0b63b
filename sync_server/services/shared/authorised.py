"""What was let go for single accounts and is still out, as the folds of its allowances say."""

from __future__ import annotations

from pos_core.sync.allowance_ledger import exposure
from pos_core.sync.folds import State
from sync_server.store import authorisation, fold_state
from sync_server.store.authorisation import ENDED, SILENT, AuthorisationRow
from sync_server.store.engine import Txn

TIDIED_AT_ONCE = 100
OVERDUE_MAX = 10_000
_FOLD = "allowance_use"


def outstanding_of(txn: Txn, workstation_id: str) -> dict[str, State]:
    """Allowance id → state of what a workstation was let go and has not accounted for."""
    ids = [row.allowance_id for row in authorisation.of_workstation(txn, workstation_id)]
    return _states(txn, ids)


def overdrawable(txn: Txn, now_ms: int) -> dict[str, State]:
    """Of workstations that were silent for too long: it may have been used and counts at no account."""
    rows = [*authorisation.silent(txn), *authorisation.overdue(txn, now_ms, OVERDUE_MAX)]
    return _states(txn, [each.allowance_id for each in rows])


def tidy(txn: Txn, now_ms: int) -> None:
    """A few of those that nobody asked about since: ended, or their workstations silent for too long."""
    rows = authorisation.overdue(txn, now_ms, TIDIED_AT_ONCE)
    states = _states(txn, [row.allowance_id for row in rows])
    silent = [key for key, state in states.items() if exposure(state)]
    authorisation.set_state(txn, silent, SILENT)
    authorisation.set_state(txn, [r.allowance_id for r in rows if r.allowance_id not in silent], ENDED)


def out(txn: Txn, rows: list[AuthorisationRow], now_ms: int) -> dict[str, int]:
    """Allowance id → what of it may still be used; those that ended are noted as such."""
    states = _states(txn, [row.allowance_id for row in rows])
    left = {row.allowance_id: exposure(states[row.allowance_id]) for row in rows}
    authorisation.set_state(txn, [key for key, units in left.items() if not units], ENDED)
    counting = {row.allowance_id for row in rows if row.counts_until_ms >= now_ms}
    return {key: units for key, units in left.items() if units and key in counting}


def state_of(txn: Txn, allowance_id: str) -> State | None:
    """The fold of one; None: never granted and never reported."""
    return _states(txn, [allowance_id]).get(allowance_id)


def _states(txn: Txn, allowance_ids: list[str]) -> dict[str, State]:
    found = fold_state.get(txn, [(_FOLD, each) for each in allowance_ids])
    return {key: state for (_, key), state in found.items()}
