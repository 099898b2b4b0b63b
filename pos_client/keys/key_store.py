"""Where a workstation keeps its secrets: the system's key store, or files that only its account reads.

Names: journal_key, replica_key, witness_key, signing_key (Ed25519 seed), blind_index_key, pin_pepper; 32
bytes each. What a key file means: whoever can read the disk as this account, or as the administrator, can
read the databases. Use the system's key store where there is one.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pos_client.storage.durable import replace_durably
from pos_client.storage.errors import sort_os_error
from pos_core.errors import Trouble

if TYPE_CHECKING:
    from keyring.errors import KeyringError

# keyring looks for every back end that is installed when it is imported: half a second that a workstation
# with key files must not wait for. So it is imported where it is used.

SECRET_BYTES = 32
_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,63}")


class KeyStoreTrouble(Trouble):
    """The key store refused, or holds something that is no secret of ours."""

    code = "key_store_trouble"


class KeyStore(Protocol):
    """Secrets by name. Durable: what `put` returned from is there after a power cut."""

    def get(self, name: str) -> bytes | None:
        """The secret, or None when there is none. Raises KeyStoreTrouble."""
        ...

    def put(self, name: str, secret: bytes) -> None:
        """Keeps `secret`, replacing what was there. Raises KeyStoreTrouble or a StorageTrouble."""
        ...

    def delete(self, name: str) -> None:
        """Forgets the secret; nothing happens when there is none."""
        ...


class FileKeyStore:
    """One file a secret, mode 0600, in a folder of mode 0700."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise sort_os_error(error, folder) from error

    def get(self, name: str) -> bytes | None:
        path = self._path(name)
        try:
            self._refuse_open_permissions(path)
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise sort_os_error(error, path) from error

    def put(self, name: str, secret: bytes) -> None:
        path = self._path(name)
        try:
            replace_durably(path, secret, mode=0o600)
        except OSError as error:
            raise sort_os_error(error, path) from error

    def delete(self, name: str) -> None:
        path = self._path(name)
        try:
            if path.exists():
                replace_durably(path, bytes(SECRET_BYTES))
            path.unlink(missing_ok=True)
        except OSError as error:
            raise sort_os_error(error, path) from error

    def _path(self, name: str) -> Path:
        return self._folder / f"{_checked(name)}.key"

    def _refuse_open_permissions(self, path: Path) -> None:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise KeyStoreTrouble(
                f"{path}: others on this machine may read this key. Set its permissions to 0600.",
                path=str(path),
            )


class OsKeyStore:
    """The system's key store by `keyring`: Credential Manager, Keychain, Secret Service, KWallet."""

    def __init__(self, service: str) -> None:
        """`service` tells apart two workstations under one account: see `service_of`."""
        self._service = service

    def get(self, name: str) -> bytes | None:
        import keyring.errors

        try:
            text = keyring.get_password(self._service, _checked(name))
        except keyring.errors.KeyringError as error:
            raise _refused(error) from error
        if text is None:
            return None
        try:
            return base64.b64decode(text, validate=True)
        except ValueError:
            raise KeyStoreTrouble(
                f"the key store's entry {name} is not a secret of ours", name=name
            ) from None

    def put(self, name: str, secret: bytes) -> None:
        import keyring.errors

        try:
            keyring.set_password(self._service, _checked(name), base64.b64encode(secret).decode())
        except keyring.errors.KeyringError as error:
            raise _refused(error) from error

    def delete(self, name: str) -> None:
        import keyring.errors

        try:
            if keyring.get_password(self._service, _checked(name)) is not None:
                keyring.delete_password(self._service, name)
        except keyring.errors.KeyringError as error:
            raise _refused(error) from error


def service_of(data_folder: Path) -> str:
    """The key store's service name for a data folder: two folders under one account never share keys."""
    digest = hashlib.sha256(str(data_folder.resolve()).encode()).hexdigest()[:16]
    return f"tidemark-{digest}"


def os_key_store_works() -> bool:
    """False on a machine without a key store (a headless Linux has none)."""
    import keyring
    import keyring.backends.fail

    backend = keyring.get_keyring()
    return backend.priority > 0 and not isinstance(backend, keyring.backends.fail.Keyring)


def choose_key_store(data_folder: Path, key_folder: Path | None) -> KeyStore:
    """Files in `key_folder` when it is given; else the system's key store; else files beside the data.

    Once a folder has key files, they are used from then on: a key store that appears later is empty.
    """
    beside = data_folder / "keys"
    if key_folder is not None:
        return FileKeyStore(key_folder)
    if beside.is_dir() or not os_key_store_works():
        return FileKeyStore(beside)
    return OsKeyStore(service_of(data_folder))


def get_or_make(keys: KeyStore, name: str) -> bytes:
    """The 32-byte secret `name`, made at random when there is none yet."""
    secret = keys.get(name)
    if secret is None:
        secret = secrets.token_bytes(SECRET_BYTES)
        keys.put(name, secret)
    if len(secret) != SECRET_BYTES:
        raise KeyStoreTrouble(f"the secret {name} has {len(secret)} bytes, not {SECRET_BYTES}", name=name)
    return secret


def needed(keys: KeyStore, name: str) -> bytes:
    """A secret that enrolment has put there. Raises KeyStoreTrouble where it is gone."""
    secret = keys.get(name)
    if secret is None:
        raise KeyStoreTrouble(f"the key store has no {name}: enrol this workstation again", name=name)
    return secret


def _checked(name: str) -> str:
    assert _NAME.fullmatch(name), f"{name!r} is no name for a secret"
    return name


def _refused(error: KeyringError) -> KeyStoreTrouble:
    import keyring

    return KeyStoreTrouble(
        f"the system's key store refused: {error}. Unlock it and try again, or use --key-dir.",
        backend=type(keyring.get_keyring()).__name__,
    )
