"""Personal data of members and PINs of employees at head office: what is kept, under which key.

A member's phone, name and birthday are one AES-256-GCM ciphertext under the member's own random key; that
key is kept sealed to the chain's X25519 sealing key (`pos_core.sync.sealing`). Erasing the member deletes
the key, and every copy of the ciphertext is unreadable from then on (docs/security.md).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import lru_cache
from typing import Any

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pos_core.canonical import canonical_bytes, parse_strict
from pos_core.sync import sealing
from sync_server.services.keys import ChainKeys, seal_to

BLIND_INDEX_HEX = 32
_NONCE_BYTES = 12

# OWASP's second choice for argon2id; 42 ms here. The PIN is short, so the pepper carries the strength.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)


def blind_index(key: bytes, phone_e164: str) -> str:
    """32 hex digits that find a phone under one store's key and tell nothing without it."""
    return hmac.new(key, phone_e164.encode(), hashlib.sha256).hexdigest()[:BLIND_INDEX_HEX]


def masked_phone(e164: str) -> str:
    """`+8613912345678` → `139****5678`: what a receipt and a window may show."""
    national = e164.removeprefix("+86")
    if len(national) < 8:
        return "****" + national[-2:]
    return f"{national[:3]}****{national[-4:]}"


def new_member_key() -> bytes:
    """A fresh key for one member's personal data."""
    return secrets.token_bytes(32)


def seal_member_key(keys: ChainKeys, key: bytes) -> bytes:
    """The member's key as the database keeps it."""
    return seal_to(keys.sealing_public, key, sealing.LABEL_PERSONAL)


def open_member_key(keys: ChainKeys, box: bytes) -> bytes | None:
    """The member's key; None when the box was not sealed to this chain."""
    parts = sealing.split_box(box)
    if parts is None:
        return None
    ephemeral, ciphertext = parts
    shared = _sealing_private(keys.sealing).exchange(X25519PublicKey.from_public_bytes(ephemeral))
    salt = sealing.box_salt(ephemeral, keys.sealing_public)
    key = HKDF(hashes.SHA256(), 32, salt, sealing.LABEL_PERSONAL).derive(shared)
    try:
        return ChaCha20Poly1305(key).decrypt(sealing.NONCE, ciphertext, None)
    except InvalidTag:
        return None


def encrypt_personal(key: bytes, member_id: str, fields: dict[str, Any]) -> bytes:
    """Nonce and ciphertext of the fields as canonical JSON, bound to the member: rows cannot be swapped."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, canonical_bytes(fields), member_id.encode())


def decrypt_personal(key: bytes, member_id: str, data: bytes) -> dict[str, Any] | None:
    """The fields, or None when key, member and ciphertext do not belong together."""
    try:
        plain = AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], member_id.encode())
    except InvalidTag:
        return None
    fields = parse_strict(plain)
    return fields if isinstance(fields, dict) else None


def pin_verifier(pepper: bytes, pin: str) -> str:
    """An argon2id PHC string over HMAC-SHA256(pepper, PIN): what a store's workstations check against."""
    return _hasher.hash(_peppered(pepper, pin))


def pin_fits(pepper: bytes, pin: str, verifier: str) -> bool:
    """True when `verifier` was made from this PIN with our parameters: then it is kept as it is."""
    try:
        return _hasher.verify(verifier, _peppered(pepper, pin)) and not _hasher.check_needs_rehash(verifier)
    except (VerificationError, InvalidHashError):
        return False


def _peppered(pepper: bytes, pin: str) -> bytes:
    return hmac.new(pepper, pin.encode(), hashlib.sha256).digest()


@lru_cache(maxsize=4)
def _sealing_private(seed: bytes) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(seed)
