"""The online keys that sign releases, as far as the chain's root lets them.

`pricing.key` is made with the chain; `pricing.next.key` waits for a root that names it. Both are read when
they are needed: a root is adopted by a command while head office goes on serving.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pos_core.canonical import canonical_bytes
from pos_core.errors import Refusal
from pos_core.sync.trust_root import KeySet, SignedRoot, TrustRoot, key_id_of, signature_entries
from sync_server.services.data_folder import DataFolder, write_secret
from sync_server.services.keys import KeysMissing
from sync_server.store import trust_root
from sync_server.store.engine import Txn

RELEASE_TAG = b"tidemark.release.1\x00"


class NotDelegated(Refusal):
    """The chain's root does not let the keys that are here sign releases, or not enough of them."""

    code = "pricing_key_not_delegated"


def held(folder: DataFolder) -> dict[str, Ed25519PrivateKey]:
    """The private keys that are here, by id. Raises KeysMissing when there is none."""
    keys: dict[str, Ed25519PrivateKey] = {}
    for path in (_present(folder), _next(folder)):
        if path.exists():
            key = Ed25519PrivateKey.from_private_bytes(path.read_bytes())
            keys[key_id_of(key.public_key().public_bytes_raw())] = key
    if not keys:
        raise KeysMissing("pricing.key cannot be read", key="pricing")
    return keys


def make_next(folder: DataFolder) -> bytes:
    """The public half of the key that waits for a root; made when none waits yet."""
    path = _next(folder)
    if not path.exists():
        write_secret(path, secrets.token_bytes(32))
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes()).public_key().public_bytes_raw()


def promote(folder: DataFolder, root: TrustRoot) -> None:
    """Put the waiting key in the place of a present one that the root took out: that one is gone for good."""
    present, waiting = _present(folder), _next(folder)
    if waiting.exists() and _id_of(waiting) in root.pricing.keys and _id_of(present) not in root.pricing.keys:
        os.replace(waiting, present)


def believed(txn: Txn, folder: DataFolder) -> KeySet:
    """Whose releases count: whom the root names; without a root the key that the chain was founded with."""
    newest = trust_root.newest(txn)
    if newest is not None:
        return TrustRoot.read(newest.document).pricing
    public = Ed25519PrivateKey.from_private_bytes(_present(folder).read_bytes()).public_key()
    raw = public.public_bytes_raw()
    return KeySet({key_id_of(raw): raw}, 1)


def signers(txn: Txn, folder: DataFolder) -> dict[str, Ed25519PrivateKey]:
    """The keys here that may sign releases now, by id. Raises NotDelegated when they are too few."""
    allowed = believed(txn, folder)
    found = {key_id: key for key_id, key in held(folder).items() if key_id in allowed.keys}
    if len(found) < allowed.threshold:
        raise NotDelegated(
            "the chain's root asks for other pricing keys than are here",
            here=len(found),
            threshold=allowed.threshold,
        )
    return found


def sign(txn: Txn, folder: DataFolder, manifest: bytes) -> str:
    """Signatures over a manifest's canonical bytes, as a `release` row carries them. Raises NotDelegated."""
    keys = signers(txn, folder)
    return signatures_text({key_id: key.sign(RELEASE_TAG + manifest) for key_id, key in keys.items()})


def hand_over(folder: DataFolder, signed: SignedRoot) -> SignedRoot:
    """A first root, signed by the founding key too: workstations enrolled before follow it by that."""
    root = TrustRoot.read(signed.document)
    path = _present(folder)
    key = Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    entries = signature_entries(signed.signatures) + [(_id_of(path), key.sign(root.statement))]
    return SignedRoot(signed.document, signatures_text(dict(entries)))


def signatures_text(signatures: dict[str, bytes]) -> str:
    """Signatures by key id as the JSON list that travels."""
    entries = [
        {"key_id": key_id, "signature": base64.b64encode(signature).decode()}
        for key_id, signature in sorted(signatures.items())
    ]
    return canonical_bytes(entries).decode()


def signed(allowed: KeySet, manifest: bytes, signatures: str) -> bool:
    """True when enough of `allowed` have signed a manifest."""
    entries = signature_entries(signatures)
    return allowed.signers(entries, RELEASE_TAG + manifest, verifies) >= allowed.threshold


def verifies(key: bytes, signature: bytes, data: bytes) -> bool:
    """True when the Ed25519 signature holds."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _present(folder: DataFolder) -> Path:
    return folder.keys / "pricing.key"


def _next(folder: DataFolder) -> Path:
    return folder.keys / "pricing.next.key"


def _id_of(path: Path) -> str:
    return key_id_of(Ed25519PrivateKey.from_private_bytes(path.read_bytes()).public_key().public_bytes_raw())
