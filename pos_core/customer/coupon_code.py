"""Coupon codes: what is typed or printed as bars, and the signed text of a QR coupon.

    K7M2Q-9TXEW-4BRN           typed or 1-D: 13 random base32 digits (65 bits) and a check digit, 14 in all
    TMC1.<key_id>.<payload>.<signature>      QR: base64url without padding; verified offline

A typed code proves nothing by itself: offline it is good only where it was leased to, as a keyed hash. A QR
coupon carries head office's Ed25519 signature over `coupon_statement`; the workstation checks it with the
coupon keys that came in the feed. Coupon keys are not pricing keys, and each can be revoked.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from pos_core.customer.signed_text import holds, read_text, statement_of, write_text
from pos_core.errors import InvalidInput

RANDOM_DIGITS = 13
RANDOM_BYTES = 9
CODE_DIGITS = RANDOM_DIGITS + 1
QR_PREFIX = "TMC1"

_LABEL = "tidemark.coupon.1"
_TEXTS = ("coupon_id", "campaign_id", "member_id")
_INTEGERS = ("starts_ms", "ends_ms")
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("ILO", "110")


class NotACoupon(InvalidInput):
    """A text that is no coupon code: wrong length, letter or check digit; or a QR text that is torn."""

    code = "not_a_coupon"


@dataclass(frozen=True, slots=True)
class SignedCoupon:
    """What a QR coupon says. Times are epoch milliseconds, both inside; `member_id` "" is for anybody."""

    coupon_id: str
    campaign_id: str
    starts_ms: int
    ends_ms: int
    member_id: str = ""


@dataclass(frozen=True, slots=True)
class CouponText:
    """A QR coupon taken apart: nothing is verified yet."""

    coupon: SignedCoupon
    key_id: str
    statement: bytes
    signature: bytes


def code_from(random_bytes: bytes) -> str:
    """A new code from nine random bytes (65 of their 72 bits are used)."""
    assert len(random_bytes) == RANDOM_BYTES
    value = int.from_bytes(random_bytes, "big") & ((1 << (5 * RANDOM_DIGITS)) - 1)
    digits = "".join(_ALPHABET[(value >> (5 * place)) & 31] for place in reversed(range(RANDOM_DIGITS)))
    return digits + _check_digit(digits)


def printed_code(code: str) -> str:
    """In groups of five, for people."""
    return "-".join(code[start : start + 5] for start in range(0, len(code), 5))


def parse_coupon_code(text: str) -> str:
    """The 14 digits of what was typed or scanned: case, spaces, hyphens, O/0, I/1 and L/1 do not matter.

    Raises NotACoupon: a slip of one digit, or of two neighbours swapped, is always found.
    """
    digits = "".join(text.split()).replace("-", "").upper().translate(_READ_AS)
    if len(digits) != CODE_DIGITS or any(digit not in _ALPHABET for digit in digits):
        raise NotACoupon("a coupon code has 14 letters and digits", length=len(digits))
    if _check_digit(digits[:-1]) != digits[-1]:
        raise NotACoupon("the last letter does not fit: mistyped", length=len(digits))
    return digits


def coupon_statement(coupon: SignedCoupon, key_id: str) -> bytes:
    """What head office signs for a QR coupon."""
    return statement_of(_LABEL, key_id, asdict(coupon))


def qr_text(coupon: SignedCoupon, key_id: str, signature: bytes) -> str:
    """The text inside the QR code."""
    return write_text(QR_PREFIX, key_id, asdict(coupon), signature)


def parse_qr_text(text: str) -> CouponText:
    """Take a QR coupon apart. Raises NotACoupon. Whoever calls it verifies `signature` over `statement`."""
    found = read_text(text, QR_PREFIX, _LABEL)
    if found is None or not holds(found.payload, texts=_TEXTS, integers=_INTEGERS):
        raise NotACoupon("not the text of a coupon, or torn")
    return CouponText(SignedCoupon(**found.payload), found.key_id, found.statement, found.signature)


def is_qr_coupon(text: str) -> bool:
    """True for what a scanner reads off a QR coupon."""
    return text.startswith(QR_PREFIX + ".")


def _check_digit(digits: str) -> str:
    """Luhn mod 32: every single slip is found, and every swap of neighbours but one pair (0 and Z)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = _ALPHABET.index(digit)
        if place % 2 == 0:
            value *= 2
            value = value // 32 + value % 32
        total += value
    return _ALPHABET[-total % 32]
