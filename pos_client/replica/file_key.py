"""The replica's key, through the change that a snapshot brings.

A snapshot comes under its own key, and the key store and the file cannot change in one step. So the new
key is stored as `replica_key_next` first, then the file is swapped, then the key takes its place; whatever
is cut, one of the two opens the file.
"""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path

from pos_client.keys.key_store import KeyStore
from pos_client.keys.sealing import BadSealedBox, key_check, read_sealed_key, write_sealed_key
from pos_client.replica.schema import open_reader
from pos_client.storage.errors import StorageTrouble, WrongKey

KEY = "replica_key"
NEXT_KEY = "replica_key_next"


def new_key(path: Path, keys: KeyStore, recovery_public_key: bytes | None) -> bytes:
    """A fresh random key, stored and sealed before the file is made."""
    key = secrets.token_bytes(32)
    keys.put(KEY, key)
    keys.delete(NEXT_KEY)
    write_sealed_key(path, key, recovery_public_key)
    return key


def working_key(path: Path, keys: KeyStore, recovery_public_key: bytes | None) -> bytes:
    """The key that opens `path`; finishes a change of keys that was cut. Raises WrongKey and others."""
    next_key, key = keys.get(NEXT_KEY), keys.get(KEY)
    if next_key is not None:
        if _opens(path, next_key):
            promote(path, keys, next_key, recovery_public_key)
            return next_key
        if key is not None and _opens(path, key):
            keys.delete(NEXT_KEY)
    if key is None:
        raise WrongKey(
            f"{path}: the key store holds no key for this file. Move it away; it is fetched again.",
            path=str(path),
        )
    _seal_again(path, key, recovery_public_key)
    return key


def reading_key(path: Path, keys: KeyStore) -> bytes:
    """The key that opens `path` now; changes nothing, so that it may be asked beside a working program.

    Raises WrongKey.
    """
    for name in (KEY, NEXT_KEY):
        key = keys.get(name)
        if key is not None and _opens(path, key):
            return key
    raise WrongKey(f"{path}: no key in the key store opens this file.", path=str(path))


def promote(path: Path, keys: KeyStore, key: bytes, recovery_public_key: bytes | None) -> None:
    """The file under `key` is in place: make it the replica's key."""
    write_sealed_key(path, key, recovery_public_key)
    keys.put(KEY, key)
    keys.delete(NEXT_KEY)


def _opens(path: Path, key: bytes) -> bool:
    try:
        open_reader(path, key).close()
    except StorageTrouble:
        return False
    return True


def _seal_again(path: Path, key: bytes, recovery_public_key: bytes | None) -> None:
    """A missing sealed key is made again; one with another check is left for a person to see."""
    with contextlib.suppress(BadSealedBox):
        sealed = read_sealed_key(path)
        if sealed is None or (sealed.key_check == key_check(key) and not sealed.box and recovery_public_key):
            write_sealed_key(path, key, recovery_public_key)
