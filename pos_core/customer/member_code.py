"""The member's own code, asked for before points or stored value are spent: a phone number proves nothing.

Two kinds. A fixed code of at least six digits that the member chose; a workstation holds a verifier of it:

    mc1$<salt>$<mac>    mac = HMAC-SHA256(store's pepper, argon2id(digits, salt; t=2, 19 MiB, p=1, 32 bytes))

Head office keeps the argon2id output under its own key and makes each store's `mac` from it, so a member who
moves to another store's slice needs no new code, and a stolen file without the key store tells nothing. The
other is a rotating code that the member's app shows as a QR: head office's signature over the member and a
moment, good until that moment.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pos_core.customer.signed_text import SignedText, holds, read_text, statement_of, write_text

DIGITS_MIN = 6
DIGITS_MAX = 12
SALT_BYTES = 16
ARGON_TIME, ARGON_MEMORY_KIB, ARGON_LANES, ARGON_BYTES = 2, 19 * 1024, 1, 32

CODE_SALT, CODE_STRETCHED = "code_salt", "code_stretched"
"""Fields of a `member_edited` box that sets a code, base64: head office never sees the digits."""

APP_PREFIX = "TMM1"
_LABEL = "tidemark.member-code.1"
_VERSION = "mc1"


@dataclass(frozen=True, slots=True)
class CodeVerifier:
    """A verifier taken apart."""

    salt: bytes
    mac: bytes


def is_code(text: str) -> bool:
    """True for digits that can be a member's code."""
    return DIGITS_MIN <= len(text) <= DIGITS_MAX and text.isascii() and text.isdigit()


def verifier_text(pepper: bytes, salt: bytes, stretched: bytes) -> str:
    """The verifier that a store's workstations get. `stretched` is argon2id of the digits and the salt."""
    return "$".join((_VERSION, _base64(salt), _base64(_mac(pepper, stretched))))


def read_verifier(text: str) -> CodeVerifier | None:
    """Taken apart; None for anything that is no verifier."""
    parts = text.split("$")
    if len(parts) != 3 or parts[0] != _VERSION:
        return None
    try:
        salt, mac = (base64.b64decode(part, validate=True) for part in parts[1:])
    except (binascii.Error, ValueError):
        return None
    return (
        CodeVerifier(salt, mac)
        if len(salt) == SALT_BYTES and len(mac) == hashlib.sha256().digest_size
        else None
    )


def fits(verifier: CodeVerifier, pepper: bytes, stretched: bytes) -> bool:
    """True when the code that was stretched is the member's."""
    return hmac.compare_digest(verifier.mac, _mac(pepper, stretched))


def app_code_statement(member_id: str, until_ms: int, key_id: str) -> bytes:
    """What head office signs for the member's app."""
    return statement_of(_LABEL, key_id, _payload(member_id, until_ms))


def app_code_text(member_id: str, until_ms: int, key_id: str, signature: bytes) -> str:
    """The text of the QR code in the member's app."""
    return write_text(APP_PREFIX, key_id, _payload(member_id, until_ms), signature)


def read_app_code(text: str) -> SignedText | None:
    """The rotating code taken apart: `payload` has `member_id` and `until_ms`. None: not one."""
    found = read_text(text, APP_PREFIX, _LABEL)
    if found is None or not holds(found.payload, texts=("member_id",), integers=("until_ms",)):
        return None
    return found


def is_app_code(text: str) -> bool:
    """True for what a scanner reads off the member's app."""
    return text.startswith(APP_PREFIX + ".")


def _payload(member_id: str, until_ms: int) -> Mapping[str, Any]:
    return {"member_id": member_id, "until_ms": until_ms}


def _mac(pepper: bytes, stretched: bytes) -> bytes:
    return hmac.digest(pepper, b"tidemark.member-code\0" + stretched, hashlib.sha256)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
