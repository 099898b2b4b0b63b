"""Phones and cards as they are looked up without being kept: keyed blind indices, and what may be shown."""

from __future__ import annotations

import hashlib
import hmac

from pos_client.services.refusals.members import BadPhone
from pos_core.customer import phone as phones


def e164(phone: str) -> str:
    """A phone number as +E.164. Raises BadPhone (which names no number)."""
    number = phones.e164(phone)
    if number is None:
        raise BadPhone("not a phone number")
    return number


def blind_index(key: bytes, phone_e164: str) -> str:
    """32 hex digits: HMAC-SHA256 under the store's key, cut to 16 bytes."""
    return hmac.digest(key, phone_e164.encode(), hashlib.sha256)[:16].hex()


def keyed_index(key: bytes, text: str) -> str:
    """32 hex digits of anything else that is found without being kept: `coupon:…`, `card:…`."""
    return hmac.digest(key, text.encode(), hashlib.sha256)[:16].hex()


def masked(phone_e164: str) -> str:
    """What may be shown of a number: `138****5678`."""
    digits = phone_e164.removeprefix("+86").removeprefix("+")
    return digits[:3] + "****" + digits[-4:]
