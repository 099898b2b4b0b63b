"""Identities: UUID version 7 (RFC 9562), made from values handed in: the core owns no clock or dice."""

from __future__ import annotations

from uuid import UUID


def uuid7(unix_ms: int, random_bytes: bytes) -> str:
    """The UUIDv7 text of `unix_ms` and ten random bytes (74 of their 80 bits are used).

    Callers at the edges hand in wall time and `secrets.token_bytes(10)`.
    """
    assert len(random_bytes) == 10 and 0 <= unix_ms < 1 << 48
    value = (unix_ms << 80) | int.from_bytes(random_bytes, "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return str(UUID(int=value))


def is_uuid(text: str) -> bool:
    """True for the canonical lower-case text of a UUID: 36 characters with hyphens."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def uuid7_ms(text: str) -> int:
    """The milliseconds inside a UUIDv7 text."""
    return UUID(text).int >> 80
