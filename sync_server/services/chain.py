"""Founding a chain: keys, database, identity, certificates; and opening what was founded."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pos_core.clock import Clock
from pos_core.errors import Refusal
from sync_server.services.data_folder import DataFolder
from sync_server.services.identity import new_id
from sync_server.services.keys import RECOVERY_FILE, ChainKeys, create_keys, load_keys
from sync_server.store import audit, chain_state
from sync_server.store.engine import Store, Txn
from sync_server.store.errors import SchemaMissing
from sync_server.store.migrations import check, current, migrate
from sync_server.store.sqlite import SqliteEngine


class AlreadyFounded(Refusal):
    """The folder holds a chain already; its keys are never overwritten."""

    code = "already_initialised"


class MoveUnfinished(Refusal):
    """The chain may live in another database already; serving this file could split it in two."""

    code = "move_unfinished"


@dataclass(frozen=True, slots=True)
class Founded:
    """What `init` tells the person."""

    chain_id: str
    recovery_file: Path
    ca_fingerprint: str


def found_chain(
    folder: DataFolder,
    *,
    chain_name: str,
    currency: str,
    clock: Clock,
    hosts: list[str],
    recovery_file: Path | None = None,
    database_url: str | None = None,
) -> Founded:
    """Makes a new chain in an empty folder and an empty database. Raises AlreadyFounded, StoreTrouble."""
    from sync_server.services.certificates import create_certificates

    if folder.keys.exists() or folder.database.exists():
        raise AlreadyFounded(f"{folder.root} holds a chain already", folder=str(folder.root))
    if database_url:
        refuse_founded(database_url)
    folder.root.mkdir(parents=True, exist_ok=True)
    recovery_file = recovery_file or folder.root / RECOVERY_FILE
    keys = create_keys(folder, recovery_file)
    fingerprint = create_certificates(folder, chain_name=chain_name, hosts=hosts, clock=clock)
    store = open_store(folder, keys, database_url)
    try:
        migrate(store)
        chain_id = new_id(clock)

        def found(txn: Txn) -> None:
            now = clock.now_ms()
            chain_state.found(
                txn,
                chain_id=chain_id,
                chain_name=chain_name,
                epoch=new_id(clock),
                currency=currency,
                now_ms=now,
            )
            audit.add(txn, now_ms=now, actor="command line", action="chain_founded", subject=chain_id)

        store.write(found)
    finally:
        store.close()
    return Founded(chain_id, recovery_file, fingerprint)


def open_store(folder: DataFolder, keys: ChainKeys, database_url: str | None) -> Store:
    """The store, whatever is in it. Raises StoreTrouble, DatabaseRefused."""
    if not database_url:
        return Store(SqliteEngine(folder.database, keys.database))
    from sync_server.store.postgresql import PostgresEngine

    return Store(PostgresEngine(database_url))


def refuse_founded(database_url: str) -> None:
    """Raises AlreadyFounded when a PostgreSQL database holds a chain, StoreUnreachable without an answer."""
    from sync_server.store.postgresql import PostgresEngine

    store = Store(PostgresEngine(database_url))
    try:
        if store.read(lambda txn: current(txn) is not None and bool(chain_state.all_of(txn))):
            raise AlreadyFounded("the database holds a chain already")
    finally:
        store.close()


def open_chain(folder: DataFolder, database_url: str | None = None) -> tuple[Store, ChainKeys]:
    """Opens a founded chain's database and keys. Raises KeysMissing, StoreTrouble, DatabaseRefused."""
    keys = load_keys(folder)
    if not database_url and not folder.database.exists():
        raise SchemaMissing("this folder has no embedded database: name the other with --database")
    if not database_url and folder.moving.exists():
        raise MoveUnfinished("a move to another database did not finish; run `move` again")
    store = open_store(folder, keys, database_url)
    try:
        check(store)
    except BaseException:
        store.close()
        raise
    if os.name == "posix" and not database_url:
        os.chmod(folder.database, 0o600)
    return store, keys
