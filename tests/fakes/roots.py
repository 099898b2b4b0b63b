"""Root keys and signed roots, made the way the offline commands make them."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos_core.sync.trust_root import SignedRoot, TrustRoot, root_text
from sync_server.services.root_ceremony import sign, withdrawn

ISSUED_MS = 1_800_000_000_000


def key(seed: int) -> Ed25519PrivateKey:
    """The same key for the same seed."""
    return Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)


def public(seed: int) -> bytes:
    return key(seed).public_key().public_bytes_raw()


def signed_root(
    version: int,
    holders: Sequence[int],
    threshold: int,
    pricing: Sequence[bytes],
    *,
    by: Sequence[int],
    before: SignedRoot | None = None,
    chain_id: str = "chain-1",
    note: str = "",
) -> SignedRoot:
    """A root of the keys `holders`, signed by the keys `by`; `before` lets leaving keys sign too."""
    old = None if before is None else TrustRoot.read(before.document)
    text = root_text(
        chain_id=chain_id,
        version=version,
        issued_at_ms=ISSUED_MS,
        root_keys=[public(seed) for seed in holders],
        root_threshold=threshold,
        pricing_keys=list(pricing),
        pricing_threshold=1,
        withdrawn=withdrawn(old, list(pricing)),
        note=note,
    )
    made = SignedRoot(text)
    for seed in by:
        made = sign(made, key(seed), old)
    return made
