"""The chain's secrets: made once at `init`, kept in 0600 files, derived per store.

The recovery private key is the exception: it is written once to a file for off-line keeping and never
read by the server (docs/security.md).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from pos_core.errors import Trouble
from pos_core.sync import sealing
from sync_server.services.data_folder import DataFolder, write_secret

_SECRETS = (
    "database",
    "server_signing",
    "pricing",
    "sealing",
    "blind_index_master",
    "pin_pepper_master",
    "member_index",
)
RECOVERY_FILE = "RECOVERY-PRIVATE-KEY.move-offline"


class KeysMissing(Trouble):
    """A secret of this data folder is not there: `init` was not run, or a file was lost."""

    code = "keys_missing"


@dataclass(frozen=True, slots=True)
class ChainKeys:
    """Secrets of head office, 32 raw bytes each, and the recovery public key.

    What signs releases is not here: it may be replaced while head office serves (services/pricing_keys.py
    reads it in `folder`).
    """

    database: bytes
    server_signing: bytes
    sealing: bytes
    blind_index_master: bytes
    pin_pepper_master: bytes
    member_index: bytes
    recovery_public: bytes
    folder: DataFolder

    def blind_index_key(self, store_id: str) -> bytes:
        """The store's key for phone look-ups: HMAC-SHA256 of the E.164 phone under it, first 16 bytes."""
        return _derive(self.blind_index_master, b"tidemark.blind-index.1", store_id)

    def pin_pepper(self, store_id: str) -> bytes:
        """The store's PIN pepper: argon2id runs over HMAC-SHA256(pepper, PIN digits)."""
        return _derive(self.pin_pepper_master, b"tidemark.pin-pepper.1", store_id)

    def webhook_secret(self, channel: str, number: int) -> bytes:
        """What signs notices of a channel; another number is another secret, and none is kept anywhere."""
        return _derive(self.server_signing, b"tidemark.webhook.1", f"{channel}:{number}")

    @property
    def server_public(self) -> bytes:
        """Verifies `Tidemark-Server-Signature`."""
        return _public(self.server_signing)

    @property
    def sealing_public(self) -> bytes:
        """X25519: the till seals full phones to it."""
        return X25519PrivateKey.from_private_bytes(self.sealing).public_key().public_bytes_raw()


def create_keys(folder: DataFolder, recovery_file: Path) -> ChainKeys:
    """Makes every secret of a new chain. `recovery_file` gets the one that must leave this machine."""
    for name in _SECRETS:
        write_secret(folder.keys / f"{name}.key", secrets.token_bytes(32))
    recovery = X25519PrivateKey.generate()
    write_secret(recovery_file, recovery.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    write_secret(folder.keys / "recovery_public.key", recovery.public_key().public_bytes_raw())
    return load_keys(folder)


def load_keys(folder: DataFolder) -> ChainKeys:
    """Reads the secrets. Raises KeysMissing."""
    found: dict[str, bytes] = {}
    for name in (*_SECRETS, "recovery_public"):
        try:
            data = (folder.keys / f"{name}.key").read_bytes()
        except OSError:
            raise KeysMissing(f"{name}.key cannot be read; was `init` run here?", key=name) from None
        if len(data) != 32:
            raise KeysMissing(f"{name}.key is not 32 bytes", key=name)
        if name != "pricing":
            found[name] = data
    return ChainKeys(**found, folder=folder)


def seal_to(holder_public: bytes, secret: bytes, label: bytes) -> bytes:
    """A sealed box (pos_core.sync.sealing) that only the holder of the X25519 key can open."""
    ephemeral = X25519PrivateKey.generate()
    public = ephemeral.public_key().public_bytes_raw()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(holder_public))
    key = HKDF(hashes.SHA256(), 32, sealing.box_salt(public, holder_public), label).derive(shared)
    return public + ChaCha20Poly1305(key).encrypt(sealing.NONCE, secret, None)


def _derive(master: bytes, label: bytes, store_id: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, None, label + b"\x00" + store_id.encode()).derive(master)


def _public(seed: bytes) -> bytes:
    key = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
