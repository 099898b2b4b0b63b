"""`backup`: a consistent copy with a manifest, taken while the program sells.

A backup is a folder: `journal.db` (the file's own key; without the members' keys), `member-keys.db` (those
keys; deleted after `KEYS_KEPT_DAYS`, so that an erased member cannot be read from an old backup for
ever), `journal.key.sealed` when there is one, and `manifest.json` with the digest of each file. Copying the
live file instead gives broken copies; `restore` refuses whatever has no manifest that fits.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from pos_client.journal import opening
from pos_client.journal.append import SQL
from pos_client.journal.opening import Progress, head_as_json
from pos_client.journal.verify import verify_journal
from pos_client.keys.sealing import sealed_path
from pos_client.storage.connection import Connection
from pos_client.storage.database import connect_raw, open_database
from pos_client.storage.durable import flush_folder, replace_durably
from pos_client.storage.errors import sort_os_error, sort_sqlite_error
from pos_client.storage.named_sql import load_queries
from pos_core.errors import Trouble

MANIFEST = "manifest.json"
JOURNAL_NAME = "journal.db"
KEYS_NAME = "member-keys.db"
KEYS_KEPT_DAYS = 30
_SQL = load_queries("pos_client.journal", "backup")
_DAY_MS = 24 * 60 * 60 * 1000
_PAGES_PER_STEP = 256
_CHUNK = 1024 * 1024


class BackupRejected(Trouble):
    """This folder is no complete, consistent backup of a journal; `facts["reason"]` says what is wrong."""

    code = "backup_rejected"


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup: its folder and its manifest."""

    folder: Path
    manifest: dict[str, Any]


def back_up(
    path: Path, key: bytes, into: Path, *, now_ms: int, progress: Progress = lambda done, total: None
) -> Backup:
    """Makes a new folder in `into`; it has its final name only when it is complete and verified.

    May run beside the program that sells, from another process or thread. Raises BackupRejected when
    the copy does not verify, and the storage errors.
    """
    aside = into / f".building-{now_ms}"
    try:
        aside.mkdir(parents=True)
        _copy_pages(path, key, aside / JOURNAL_NAME, progress)
        expires_at_ms = now_ms + KEYS_KEPT_DAYS * _DAY_MS
        _part_with_member_keys(aside / JOURNAL_NAME, key, aside / KEYS_NAME, expires_at_ms)
        manifest = _describe(aside, key, now_ms, expires_at_ms)
        if sealed_path(path).exists():
            shutil.copyfile(sealed_path(path), aside / sealed_path(path).name)
        manifest["files"] = [_digest_of(file) for file in sorted(aside.iterdir())]
        replace_durably(aside / MANIFEST, json.dumps(manifest, indent=1).encode() + b"\n")
        head = manifest["heads"][-1]
        folder = into / f"journal-{head['incarnation']}-{head['number']}-{now_ms}"
        os.replace(aside, folder)
        flush_folder(into)
    except sqlcipher.Error as error:
        raise sort_sqlite_error(error, path, key_is_right=True) or error from error
    except OSError as error:
        raise sort_os_error(error, into) from error
    finally:
        if aside.exists():
            shutil.rmtree(aside, ignore_errors=True)
    return Backup(folder, manifest)


def delete_expired_keys(into: Path, now_ms: int) -> list[Path]:
    """Deletes the members' keys of backups in `into` whose time is over; run at each backup and start."""
    gone = []
    for manifest_path in sorted(into.glob(f"*/{MANIFEST}")):
        try:
            expires_at_ms = int(json.loads(manifest_path.read_bytes())["keys_expire_at_ms"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        keys = manifest_path.with_name(KEYS_NAME)
        if expires_at_ms <= now_ms and keys.exists():
            keys.unlink()
            flush_folder(keys.parent)
            gone.append(keys)
    return gone


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest, when every file it names is there with its digest. Raises BackupRejected.

    The members' keys may be missing: they expire.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        files = {entry["name"]: entry for entry in manifest["files"]}
        heads = manifest["heads"]
        known = manifest["v"] == 1 and JOURNAL_NAME in files and isinstance(heads, list) and heads
    except FileNotFoundError:
        raise _rejected(folder, "it has no manifest: a copied file is no backup") from None
    except (ValueError, KeyError, TypeError) as error:
        raise _rejected(folder, f"its manifest cannot be read: {error}") from None
    if not known:
        raise _rejected(folder, "its manifest is of an unknown kind")
    for name, entry in files.items():
        if not (folder / name).exists() and name == KEYS_NAME:
            continue
        if Path(name).name != name or not (folder / name).is_file():
            raise _rejected(folder, f"{name} is missing")
        if _digest_of(folder / name) != entry:
            raise _rejected(folder, f"{name} is not the file that was backed up")
    for suffix in ("-wal", "-journal"):
        if (folder / (JOURNAL_NAME + suffix)).exists():
            raise _rejected(folder, f"{JOURNAL_NAME}{suffix} lies beside it: somebody works in the backup")
    checked: dict[str, Any] = manifest
    return checked


def _rejected(folder: Path, reason: str) -> BackupRejected:
    return BackupRejected(
        f"{folder}: {reason}. Choose another backup; nothing was changed.", path=str(folder), reason=reason
    )


def _copy_pages(path: Path, key: bytes, target_path: Path, progress: Progress) -> None:
    source = open_database(path, key, application_id=opening.APPLICATION_ID, read_only=True)
    try:
        target = connect_raw(target_path, key)
        try:
            source.backup(
                target,
                pages=_PAGES_PER_STEP,
                progress=lambda status, remaining, total: progress(total - remaining, total),
            )
        finally:
            target.close()
    finally:
        source.close()


def _part_with_member_keys(journal: Path, key: bytes, keys_path: Path, expires_at_ms: int) -> None:
    """Moves the keys that are not erased into a file of their own; the erasures stay with the journal."""
    connection = open_database(journal, key, application_id=opening.APPLICATION_ID)
    try:
        rows = connection.execute(_SQL["living_keys"]).fetchall()
        _write_keys(keys_path, key, rows, expires_at_ms)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_SQL["zero_living_keys"])
        connection.execute(_SQL["delete_living_keys"])
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.close()


def _write_keys(keys_path: Path, key: bytes, rows: list[Any], expires_at_ms: int) -> None:
    keys: Connection = connect_raw(keys_path, key)
    try:
        keys.execute("BEGIN IMMEDIATE")
        keys.execute(_SQL["make_expiry"])
        keys.execute(_SQL["put_expiry"], (expires_at_ms,))
        keys.execute(_SQL["make_kept_keys"])
        keys.executemany(_SQL["keep_key"], rows)
        keys.execute("COMMIT")
    finally:
        keys.close()


def _describe(aside: Path, key: bytes, now_ms: int, expires_at_ms: int) -> dict[str, Any]:
    report = verify_journal(aside / JOURNAL_NAME, key)
    if not report.ok:
        first = report.findings[0]
        raise _rejected(aside, f"the copy does not verify: {first.where}: {first.message}")
    connection = open_database(aside / JOURNAL_NAME, key, application_id=opening.APPLICATION_ID)
    try:
        series = connection.execute(SQL["all_series"]).fetchall()
        steps = [row[0] for row in connection.execute(_SQL["schema_steps"])]
    finally:
        connection.close()
    return {
        "v": 1,
        "made_at_ms": now_ms,
        "workstation_id": series[-1][1],
        "store_id": series[-1][2],
        "documents": report.documents,
        "heads": [head_as_json(head) for head in report.heads],
        "schema": steps,
        "keys_expire_at_ms": expires_at_ms,
    }


def _digest_of(path: Path) -> dict[str, Any]:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        os.fsync(file.fileno())
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return {"name": path.name, "sha256": digest.hexdigest(), "length": path.stat().st_size}
