"""A file's key, sealed: only the recovery key opens it, and a wrong key is told from damage."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from pos_client.keys.sealing import (
    BadSealedBox,
    key_is_right,
    rescue_key,
    seal,
    sealed_path,
    unseal,
    write_sealed_key,
)

KEY = bytes(range(32))


def _pair() -> tuple[bytes, bytes]:
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def test_what_is_sealed_is_unsealed_by_the_holder_alone() -> None:
    private, public = _pair()
    box = seal(KEY, public)
    assert unseal(box, private) == KEY and KEY not in box and seal(KEY, public) != box
    with pytest.raises(BadSealedBox):
        unseal(box, _pair()[0])


@pytest.mark.parametrize("place", [0, 31, 32, 50, -1])
def test_an_altered_box_does_not_open(place: int) -> None:
    private, public = _pair()
    box = bytearray(seal(KEY, public))
    box[place] ^= 1
    with pytest.raises(BadSealedBox):
        unseal(bytes(box), private)


@pytest.mark.parametrize("length", [0, 31, 48])
def test_a_cut_box_does_not_open(length: int) -> None:
    private, public = _pair()
    with pytest.raises(BadSealedBox):
        unseal(seal(KEY, public)[:length], private)


def test_another_label_does_not_open() -> None:
    private, public = _pair()
    with pytest.raises(BadSealedBox):
        unseal(seal(KEY, public), private, label=b"other")


def test_a_file_key_is_rescued_by_the_recovery_key(tmp_path: Path) -> None:
    private, public = _pair()
    database = tmp_path / "journal.db"
    write_sealed_key(database, KEY, public)
    assert sealed_path(database).name == "journal.key.sealed"
    assert rescue_key(database, private) == KEY
    assert key_is_right(database, KEY) is True and key_is_right(database, bytes(32)) is False


def test_without_a_recovery_key_there_is_only_the_check(tmp_path: Path) -> None:
    database = tmp_path / "journal.db"
    write_sealed_key(database, KEY, None)
    assert key_is_right(database, KEY) is True
    with pytest.raises(BadSealedBox):
        rescue_key(database, bytes(32))


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"key_check": "x", "box": "?"}'])
def test_a_broken_sealed_file_says_nothing_of_a_key(tmp_path: Path, content: bytes) -> None:
    sealed_path(tmp_path / "journal.db").write_bytes(content)
    assert key_is_right(tmp_path / "journal.db", KEY) is None
