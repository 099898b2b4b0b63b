"""The workstation's Ed25519 key: one signature over a head stands for every document before it."""

from __future__ import annotations

import base64

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pos_client.journal.draft import Head, SignedHead
from pos_client.keys.key_store import KeyStore, get_or_make
from pos_core.sync.document import head_statement

SIGNING_KEY = "signing_key"


def load_signing_key(keys: KeyStore) -> Ed25519PrivateKey:
    """The private key, made on this machine at first use; it never leaves the key store."""
    return Ed25519PrivateKey.from_private_bytes(get_or_make(keys, SIGNING_KEY))


def public_key_text(private: Ed25519PrivateKey) -> str:
    """Base64 of the 32 raw bytes, as enrolment sends it."""
    return base64.b64encode(private.public_key().public_bytes_raw()).decode()


def sign(private: Ed25519PrivateKey, head: Head) -> SignedHead:
    """Signs `head_statement` of `head`."""
    statement = head_statement(head.series, head.number, head.hash)
    return SignedHead(head.series, head.number, head.hash, private.sign(statement))


def signature_holds(public_key: bytes, signed: SignedHead) -> bool:
    """True when `signed` was signed by the holder of `public_key`."""
    statement = head_statement(signed.series, signed.number, signed.hash)
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signed.signature, statement)
    except (InvalidSignature, ValueError):
        return False
    return True
