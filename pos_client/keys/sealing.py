"""A file's key, sealed to the chain's recovery public key and kept beside the file.

Layout and labels of the box: `pos_core/sync/sealing.py`. The recovery private key stays offline at HQ.
Only file keys are sealed: never the signing key, so a rescued series ends and a new incarnation begins.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pos_client.storage.durable import replace_durably
from pos_core.errors import InvalidInput
from pos_core.sync.sealing import LABEL_FILE_KEY, NONCE, box_salt, split_box

_CHECK_TAG = b"tidemark.key-check.1\x00"


class BadSealedBox(InvalidInput):
    """A sealed box that this private key does not open: cut short, altered, or meant for another."""

    code = "bad_sealed_box"


@dataclass(frozen=True, slots=True)
class SealedKey:
    """The content of `journal.key.sealed`: a box, and a check value that tells a wrong key from damage.

    Attributes:
        key_check: `key_check` of the key (hex); says nothing about a random 256-bit key.
        recovery_public_key: whom the box is sealed to (32 bytes).
        box: see `pos_core/sync/sealing.py`; b"" when the chain named no recovery key yet.
    """

    key_check: str
    recovery_public_key: bytes
    box: bytes


def seal(secret: bytes, holder_public_key: bytes, *, label: bytes = LABEL_FILE_KEY) -> bytes:
    """`secret` in a box that only the holder of the X25519 private key can open."""
    ephemeral = X25519PrivateKey.generate()
    public = ephemeral.public_key().public_bytes_raw()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(holder_public_key))
    key = _box_key(shared, public, holder_public_key, label)
    return public + ChaCha20Poly1305(key).encrypt(NONCE, secret, None)


def unseal(box: bytes, holder_private_key: bytes, *, label: bytes = LABEL_FILE_KEY) -> bytes:
    """The secret in `box`. Raises BadSealedBox."""
    parts = split_box(box)
    if parts is None:
        raise BadSealedBox("the sealed box is cut short")
    public, ciphertext = parts
    private = X25519PrivateKey.from_private_bytes(holder_private_key)
    holder_public = private.public_key().public_bytes_raw()
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(public))
        return ChaCha20Poly1305(_box_key(shared, public, holder_public, label)).decrypt(
            NONCE, ciphertext, None
        )
    except (InvalidTag, ValueError):
        raise BadSealedBox("the sealed box does not open with this key") from None


def _box_key(shared: bytes, ephemeral_public: bytes, holder_public: bytes, label: bytes) -> bytes:
    salt = box_salt(ephemeral_public, holder_public)
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=label).derive(shared)


def key_check(key: bytes) -> str:
    """Eight bytes (hex) that tell whether a key is the right one without opening the file."""
    return hmac.digest(key, _CHECK_TAG, hashlib.sha256)[:8].hex()


def sealed_path(database: Path) -> Path:
    """`journal.db` → `journal.key.sealed`, in the same folder."""
    return database.with_suffix(".key.sealed")


def write_sealed_key(database: Path, key: bytes, recovery_public_key: bytes | None) -> None:
    """Puts the sealed key beside `database`, durably. Without a recovery key only the key check."""
    record = {
        "v": 1,
        "key_check": key_check(key),
        "recovery_public_key": base64.b64encode(recovery_public_key or b"").decode(),
        "box": base64.b64encode(seal(key, recovery_public_key) if recovery_public_key else b"").decode(),
    }
    replace_durably(sealed_path(database), json.dumps(record, indent=1).encode() + b"\n")


def read_sealed_key(database: Path) -> SealedKey | None:
    """What stands beside `database`; None when there is no such file. Raises BadSealedBox."""
    try:
        record = json.loads(sealed_path(database).read_bytes())
        return SealedKey(
            str(record["key_check"]),
            base64.b64decode(record["recovery_public_key"], validate=True),
            base64.b64decode(record["box"], validate=True),
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise BadSealedBox(f"{sealed_path(database)} cannot be read: {error}") from None


def rescue_key(database: Path, recovery_private_key: bytes) -> bytes:
    """The file key of `database`, by the chain's recovery private key. Raises BadSealedBox.

    For the rescue at HQ: its use takes two people and leaves an audit row there.
    """
    sealed = read_sealed_key(database)
    if sealed is None or not sealed.box:
        raise BadSealedBox(f"no key was sealed beside {database}")
    key = unseal(sealed.box, recovery_private_key)
    if not hmac.compare_digest(key_check(key), sealed.key_check):
        raise BadSealedBox("the sealed key is not the key that this file was made with")
    return key


def key_is_right(database: Path, key: bytes) -> bool | None:
    """What the check value beside `database` says of `key`; None when there is none to ask."""
    try:
        sealed = read_sealed_key(database)
    except BadSealedBox:
        return None
    return None if sealed is None else hmac.compare_digest(sealed.key_check, key_check(key))
