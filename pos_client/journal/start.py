"""The steps of opening a journal that come before its documents: key, file, sealed key, room."""

from __future__ import annotations

from pathlib import Path

from pos_client.journal import opening, signing
from pos_client.journal.witness import Testimony
from pos_client.keys.key_store import KeyStore, get_or_make
from pos_client.keys.sealing import BadSealedBox, key_check, read_sealed_key, sealed_path, write_sealed_key
from pos_client.storage.ballast import give_up_ballast
from pos_client.storage.connection import Connection
from pos_client.storage.database import open_database
from pos_client.storage.errors import DiskFull, WrongKey, sort_os_error
from pos_core.sync.document import Series

JOURNAL_KEY = "journal_key"


def file_key(path: Path, keys: KeyStore) -> bytes:
    """The file's key: made for a new file, never for one that exists. Raises WrongKey."""
    if path.exists() and keys.get(JOURNAL_KEY) is None:
        raise WrongKey(
            f"{path}: the key store holds no key for this file. Put it back, or have the file rescued with"
            " the chain's recovery key.",
            path=str(path),
        )
    return get_or_make(keys, JOURNAL_KEY)


def build(
    path: Path,
    keys: KeyStore,
    *,
    series: Series,
    store_id: str,
    testimony: Testimony,
    now_ms: int,
    app_version: str,
    rescue: bool,
) -> None:
    """Makes the file of a new workstation, or an empty one to be filled again when `rescue` says so.

    Raises LostTail when the witness or the sealed key tells of an earlier file and this is no rescue.
    """
    key = get_or_make(keys, JOURNAL_KEY)
    seen = testimony.head
    was_here = seen is not None or sealed_path(path).exists()
    if not was_here:
        public_key = signing.public_key_text(signing.load_signing_key(keys))
        first = opening.series_opened(
            reason="enrolled",
            public_key=public_key,
            app_version=app_version,
            now_ms=now_ms,
            previous=None,
            witness=None,
        )
        opening.build_journal(path, key, opening.fresh_tail(series, store_id), first, now_ms)
        return
    if seen is not None and seen.series.workstation_id != series.workstation_id:
        raise opening.mispaired(path, seen.series.workstation_id)
    if not rescue:
        raise opening.lost_tail(path, None, seen, "no_journal")
    opening.build_journal(
        path, key, opening.fresh_tail(seen.series if seen else series, store_id), None, now_ms
    )


def seal_beside(path: Path, key: bytes, recovery_public_key: bytes | None) -> None:
    """Makes sure that the sealed key beside the file is this key for this recovery key.

    An existing file is never replaced for a key that has not opened the database yet: its check value
    is what tells a wrong key from damage.
    """
    try:
        found = read_sealed_key(path)
    except BadSealedBox:
        found = None
    if found is not None and (
        recovery_public_key is None or found.recovery_public_key == recovery_public_key
    ):
        return
    if found is not None and found.key_check != key_check(key):
        return
    try:
        write_sealed_key(path, key, recovery_public_key)
    except OSError as error:
        raise sort_os_error(error, path) from error


def open_with_ballast(path: Path, key: bytes) -> Connection:
    """On a full disk even opening may need a little room: then the reserve is given up."""
    try:
        return open_database(path, key, application_id=opening.APPLICATION_ID, own_checkpoints=True)
    except DiskFull:
        if not give_up_ballast(path.parent / "ballast"):
            raise
    return open_database(path, key, application_id=opening.APPLICATION_ID, own_checkpoints=True)
