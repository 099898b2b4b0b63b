"""The sealed box: how a file key is closed for one holder of an X25519 key. Layout and labels only.

A box is 32 bytes of ephemeral X25519 public key, then the ChaCha20-Poly1305 ciphertext (secret + 16
bytes of tag) under a nonce of twelve zero bytes; the key is used once, so the nonce may be fixed.
    key = HKDF-SHA256(shared secret, salt = ephemeral public || holder public, info = the label, 32 bytes)
Both ends do the arithmetic with `cryptography`; the core stays standard library only.
"""

from __future__ import annotations

LABEL_FILE_KEY = b"tidemark.seal.file-key.1"
"""A snapshot's or a workstation file's 32-byte SQLCipher key."""
LABEL_PERSONAL = b"tidemark.seal.personal.1"
"""A phone or birthday typed at the till, sealed to HQ."""

NONCE = bytes(12)
EPHEMERAL_BYTES = 32
TAG_BYTES = 16


def box_salt(ephemeral_public: bytes, holder_public: bytes) -> bytes:
    """The HKDF salt: binds the box to both keys, so neither can be swapped."""
    assert len(ephemeral_public) == EPHEMERAL_BYTES and len(holder_public) == 32
    return ephemeral_public + holder_public


def split_box(box: bytes) -> tuple[bytes, bytes] | None:
    """`(ephemeral public, ciphertext)`, or None when `box` is too short to be one."""
    if len(box) <= EPHEMERAL_BYTES + TAG_BYTES:
        return None
    return box[:EPHEMERAL_BYTES], box[EPHEMERAL_BYTES:]
