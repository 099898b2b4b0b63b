"""A signed statement as a QR code's text: `PREFIX.<key_id>.<payload>.<signature>`, base64url, no padding.

The payload is canonical JSON. Whoever reads one verifies `signature` over `statement` with the key that came
in the feed under `key_id`; until then nothing in it is true.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pos_core.canonical import NotCanonical, canonical_bytes, parse_strict

CHARACTERS_MAX = 600
_PARTS = 4


@dataclass(frozen=True, slots=True)
class SignedText:
    """A text taken apart; nothing is verified yet."""

    key_id: str
    payload: Mapping[str, Any]
    statement: bytes
    signature: bytes


def statement_of(label: str, key_id: str, payload: Mapping[str, Any]) -> bytes:
    """What is signed: the label says for what, so that no signature is good for anything else."""
    return label.encode() + b"\0" + key_id.encode() + b"\0" + canonical_bytes(dict(payload))


def write_text(prefix: str, key_id: str, payload: Mapping[str, Any], signature: bytes) -> str:
    """The text inside the QR code."""
    return ".".join((prefix, key_id, _base64(canonical_bytes(dict(payload))), _base64(signature)))


def read_text(text: str, prefix: str, label: str) -> SignedText | None:
    """Taken apart, or None for a text that is torn, too long or of another kind."""
    parts = text.strip().split(".")
    if len(text) > CHARACTERS_MAX or len(parts) != _PARTS or parts[0] != prefix or not parts[1]:
        return None
    try:
        payload = parse_strict(_bytes(parts[2]))
        signature = _bytes(parts[3])
    except (NotCanonical, binascii.Error, ValueError):
        return None
    if not isinstance(payload, dict):
        return None
    return SignedText(parts[1], payload, statement_of(label, parts[1], payload), signature)


def holds(payload: Mapping[str, Any], *, texts: tuple[str, ...], integers: tuple[str, ...]) -> bool:
    """True when the payload has exactly these fields, each of its type."""
    return (
        set(payload) == {*texts, *integers}
        and all(isinstance(payload[name], str) for name in texts)
        and all(type(payload[name]) is int for name in integers)
    )


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
