"""Moving a running chain from the embedded database to PostgreSQL: all of it, or nothing.

The server is stopped meanwhile (workstations go on selling). The chain keeps its id and its epoch, every
number it has acknowledged and every feed sequence it has given out, so workstations notice nothing.

A file `moving` stands in the data folder from before the first row is copied until the embedded file has
another name: whatever happens in between, nobody serves the old file by accident, and the same command
again finishes the work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pos_core.clock import Clock
from pos_core.errors import Refusal
from sync_server.services.aside import put_aside
from sync_server.services.chain import AlreadyFounded
from sync_server.services.data_folder import DataFolder, flush
from sync_server.services.keys import load_keys
from sync_server.services.serving_lock import serving_lock
from sync_server.store import audit, chain_state
from sync_server.store.copy import Digests, copy_chain, digests
from sync_server.store.engine import Store, Txn
from sync_server.store.errors import OutcomeUnknown
from sync_server.store.migrations import check, current, migrate
from sync_server.store.postgresql import PostgresEngine
from sync_server.store.sqlite import SqliteEngine


class NothingToMove(Refusal):
    """The folder has no embedded database."""

    code = "nothing_to_move"


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move did: rows by table, and where the old file is kept."""

    chain_id: str
    rows: dict[str, int]
    aside: Path


def move_chain(
    folder: DataFolder,
    database_url: str,
    clock: Clock,
    on_table: Callable[[str, int], None] = lambda *_: None,
) -> Moved:
    """Raises NothingToMove, AlreadyServing, AlreadyFounded, CannotCopy, CopyDiffers, StoreTrouble."""
    if not folder.database.exists():
        raise NothingToMove(f"{folder.root} has no embedded database", folder=str(folder.root))
    source = Store(SqliteEngine(folder.database, load_keys(folder).database))
    target = Store(PostgresEngine(database_url))
    try:
        with serving_lock(folder.root):
            check(source)
            chain_id = source.read(lambda txn: chain_state.get(txn, "chain_id")) or ""
            sent = _arrived(source, target, chain_id, again=folder.moving.exists())
            if sent is None:
                sent = _copy(folder, source, target, clock, on_table)
            source.close()
            aside = put_aside(folder, "moved", clock.now_ms())
            folder.moving.unlink(missing_ok=True)
    finally:
        source.close()
        target.close()
    return Moved(chain_id, {name: count for name, (count, _) in sent.items()}, aside)


def _copy(
    folder: DataFolder, source: Store, target: Store, clock: Clock, on_table: Callable[[str, int], None]
) -> Digests:
    migrate(target)
    folder.moving.write_text("a move to another database is under way; run `move` again\n")
    flush(folder.moving)

    def finish(txn: Txn) -> None:
        rows = sum(count for count, _ in digests(txn).values())
        audit.add(
            txn, now_ms=clock.now_ms(), actor="command line", action="chain_moved", subject="", rows=rows
        )

    try:
        return copy_chain(source, target, finish, on_table)
    except OutcomeUnknown:
        raise  # the mark stays: `move` again looks what became of it
    except BaseException:
        folder.moving.unlink(missing_ok=True)
        raise


def _arrived(source: Store, target: Store, chain_id: str, *, again: bool) -> Digests | None:
    """What an interrupted move has brought over already; None when the target is empty."""
    if not target.read(lambda txn: current(txn) is not None and bool(chain_state.all_of(txn))):
        return None
    if not again or target.read(lambda txn: chain_state.get(txn, "chain_id")) != chain_id:
        raise AlreadyFounded("the database holds a chain already")
    there, here = target.read(digests), source.read(digests)
    for name in ("audit", "chain_state"):  # the move's own row; the server's identity
        there.pop(name), here.pop(name)
    if there != here:
        raise AlreadyFounded("the database holds another state of this chain")
    return there
