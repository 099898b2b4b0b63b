"""Both key stores behave alike; files are for their account alone."""

from __future__ import annotations

import os
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest

from pos_client.keys.key_store import (
    FileKeyStore,
    KeyStore,
    KeyStoreTrouble,
    OsKeyStore,
    choose_key_store,
    get_or_make,
    os_key_store_works,
    service_of,
)


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A system key store for tests; `locked` makes it refuse."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise keyring.errors.KeyringLocked("locked")
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


@pytest.fixture
def ring() -> MemoryKeyring:
    return MemoryKeyring()


@pytest.fixture(params=["file", "system"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> KeyStore:
    monkeypatch.setattr(keyring.core, "_keyring_backend", ring)
    return FileKeyStore(tmp_path / "keys") if request.param == "file" else OsKeyStore("tidemark-test")


def test_a_secret_is_kept_replaced_and_forgotten(store: KeyStore) -> None:
    assert store.get("journal_key") is None
    store.put("journal_key", b"\x00one")
    store.put("journal_key", b"\xfftwo")
    assert store.get("journal_key") == b"\xfftwo"
    store.delete("journal_key")
    store.delete("journal_key")
    assert store.get("journal_key") is None


def test_a_secret_is_made_once(store: KeyStore) -> None:
    made = get_or_make(store, "witness_key")
    assert len(made) == 32 and get_or_make(store, "witness_key") == made


def test_a_secret_of_another_length_is_refused(store: KeyStore) -> None:
    store.put("witness_key", b"short")
    with pytest.raises(KeyStoreTrouble):
        get_or_make(store, "witness_key")


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_key_files_are_for_their_account_alone(tmp_path: Path) -> None:
    store = FileKeyStore(tmp_path / "keys")
    store.put("journal_key", bytes(32))
    file = tmp_path / "keys" / "journal_key.key"
    assert file.stat().st_mode & 0o777 == 0o600 and (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    file.chmod(0o644)
    with pytest.raises(KeyStoreTrouble):
        store.get("journal_key")


def test_a_locked_key_store_is_a_trouble_with_advice(
    ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", ring)
    ring.locked = True
    with pytest.raises(KeyStoreTrouble, match="--key-dir"):
        OsKeyStore("tidemark-test").get("journal_key")


def test_the_choice_of_key_store(
    tmp_path: Path, ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", ring)
    assert os_key_store_works()
    assert isinstance(choose_key_store(tmp_path, None), OsKeyStore)
    assert isinstance(choose_key_store(tmp_path, tmp_path / "k"), FileKeyStore)
    monkeypatch.setattr(keyring.core, "_keyring_backend", keyring.backends.fail.Keyring())
    assert isinstance(choose_key_store(tmp_path, None), FileKeyStore)
    monkeypatch.setattr(keyring.core, "_keyring_backend", ring)
    assert isinstance(choose_key_store(tmp_path, None), FileKeyStore), "keys that exist go on being used"


def test_two_folders_never_share_keys(tmp_path: Path) -> None:
    assert service_of(tmp_path / "a") != service_of(tmp_path / "b")
