"""The few facts about the chain itself: its id, name, currency and the epoch of its sequences."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from sync_server.store.engine import Txn
from sync_server.store.prepared import Prepared
from sync_server.store.schema.tables import chain_state, feed_head

_BACKUP = "backup_covers_until_ms"
_GET = Prepared(select(chain_state.c.value).where(chain_state.c.name == bindparam("name")))


def get(txn: Txn, name: str) -> str | None:
    """The value of one fact, None when it was never set."""
    value: str | None = _GET.value(txn, name=name)
    return value


def put(txn: Txn, name: str, value: str) -> None:
    """Sets one fact."""
    txn.insert_many(chain_state, [(name, value)], on_conflict="replace")


def all_of(txn: Txn) -> dict[str, str]:
    """Every fact by name."""
    return {row.name: row.value for row in txn.execute(select(chain_state))}


def epoch(txn: Txn) -> str:
    """The epoch: changes whenever what was acknowledged may have been lost (restore, rebuild)."""
    value = get(txn, "epoch")
    assert value is not None, "init writes the epoch"
    return value


def found(txn: Txn, *, chain_id: str, chain_name: str, epoch: str, currency: str, now_ms: int) -> None:
    """Writes the facts of a new chain, once."""
    facts = {
        "chain_id": chain_id,
        "chain_name": chain_name,
        "epoch": epoch,
        "currency": currency,
        "created_at_ms": str(now_ms),
    }
    txn.insert_many(chain_state, list(facts.items()))
    txn.insert_many(feed_head, [(1, 0)])


def created_at_ms(txn: Txn) -> int:
    """When the chain was founded."""
    return int(get(txn, "created_at_ms") or 0)


def note_backup(txn: Txn, covers_until_ms: int) -> None:
    """A verified backup holds what was received before this instant."""
    put(txn, _BACKUP, str(covers_until_ms))


def backup_covers_until_ms(txn: Txn) -> int | None:
    """What the newest verified backup covers; None before the first."""
    value = get(txn, _BACKUP)
    return None if value is None else int(value)
