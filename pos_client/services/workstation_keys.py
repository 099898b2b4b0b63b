"""Who of the chain signed something: public keys as the feed brings them, our own from our own hand."""

from __future__ import annotations

import base64
import binascii

from pos_client.replica import receipt_returns
from pos_client.replica.receipt_returns import KnownWorkstation
from pos_client.services.counter import Counter


def known_workstation(counter: Counter, workstation_id: str) -> KnownWorkstation | None:
    """As the feed says; this workstation knows itself before any feed."""
    identity = counter.identity
    if workstation_id == identity.workstation_id:
        name, key = identity.workstation_name, counter.journal.public_key()
        return KnownWorkstation(workstation_id, identity.store_id, name, key, "active")
    return counter.replica.read(lambda c: receipt_returns.workstation(c, workstation_id))


def signature_holds(public_key: str, signature: bytes, statement: bytes) -> bool:
    """`public_key` is base64 of an Ed25519 key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(signature, statement)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True
