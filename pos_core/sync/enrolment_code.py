"""The enrolment code: a one-time secret and the fingerprint of the chain's CA, in one text to type.

    ABCDE-FGHJK-MNP                                      loopback HTTP: the secret alone
    ABCDE-FGHJK-MNPXX-XXXXX-XXXXX-XXXXX-XXXXX-XXXX       with the CA's fingerprint

Crockford base32 (no I, L, O, U; read back forgivingly). The secret is 65 random bits, used once within
minutes, so guessing it is hopeless behind a rate limit. The fingerprint is the first 16 bytes of the
SHA-256 of the CA certificate's DER: the workstation gets the certificate from GET /v1/ca over a
connection it does not trust yet, and sends the secret only after the fingerprint has matched.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from pos_core.errors import InvalidInput

SECRET_LENGTH = 13
FINGERPRINT_BYTES = 16
_FINGERPRINT_LENGTH = 26  # 16 bytes in 5-bit digits
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("ILO", "110")


class NotAnEnrolmentCode(InvalidInput):
    """Text that is no enrolment code: a wrong length or a letter that no code has."""

    code = "not_an_enrolment_code"


@dataclass(frozen=True, slots=True)
class EnrolmentCode:
    """`secret` is sent to the server; `ca_fingerprint` (None on loopback HTTP) never leaves this side."""

    secret: str
    ca_fingerprint: bytes | None


def secret_from(random_bytes: bytes) -> str:
    """Thirteen base32 digits from nine random bytes (65 of their 72 bits)."""
    assert len(random_bytes) == 9
    return _digits(int.from_bytes(random_bytes, "big") & ((1 << 65) - 1), SECRET_LENGTH)


def fingerprint_of(certificate_der: bytes) -> bytes:
    """The part of the CA certificate's SHA-256 that a code carries."""
    return hashlib.sha256(certificate_der).digest()[:FINGERPRINT_BYTES]


def format_code(secret: str, ca_fingerprint: bytes | None) -> str:
    """The text to print: groups of five."""
    text = secret
    if ca_fingerprint is not None:
        assert len(ca_fingerprint) == FINGERPRINT_BYTES
        text += _digits(int.from_bytes(ca_fingerprint, "big"), _FINGERPRINT_LENGTH)
    return "-".join(text[start : start + 5] for start in range(0, len(text), 5))


def parse_code(text: str) -> EnrolmentCode:
    """What a person typed: case, spaces, hyphens, O/0, I/1 and L/1 do not matter.

    Raises NotAnEnrolmentCode.
    """
    digits = "".join(text.split()).replace("-", "").upper().translate(_READ_AS)
    if len(digits) not in (SECRET_LENGTH, SECRET_LENGTH + _FINGERPRINT_LENGTH):
        raise NotAnEnrolmentCode("wrong length", length=len(digits))
    if any(digit not in _ALPHABET for digit in digits):
        raise NotAnEnrolmentCode("a letter that no code has")
    if len(digits) == SECRET_LENGTH:
        return EnrolmentCode(digits, None)
    value = _number(digits[SECRET_LENGTH:])
    if value >> (8 * FINGERPRINT_BYTES):
        raise NotAnEnrolmentCode("the fingerprint part is too large")
    return EnrolmentCode(digits[:SECRET_LENGTH], value.to_bytes(FINGERPRINT_BYTES, "big"))


def _digits(value: int, length: int) -> str:
    return "".join(_ALPHABET[(value >> (5 * place)) & 31] for place in reversed(range(length)))


def _number(digits: str) -> int:
    value = 0
    for digit in digits:
        value = value * 32 + _ALPHABET.index(digit)
    return value
