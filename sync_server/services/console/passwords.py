"""Passwords: argon2id, rules for a new one, and the same work for a login that does not exist."""

from __future__ import annotations

import base64
import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from pos_core.errors import Refusal

CHARS_MIN = 12
CHARS_MAX = 200
_AT_ONCE = 2
"""Each takes 64 MiB: more at once would let strangers fill the memory."""


class WeakPassword(Refusal):
    """Too short, too long, or the login itself."""

    code = "weak_password"


class Passwords:
    """RFC 9106's second recommended parameters (argon2-cffi's own)."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = threading.BoundedSemaphore(_AT_ONCE)
        self._nobody = _nobodys_hash(self._hasher)

    def hashed(self, password: str, *, login: str) -> str:
        """What is kept of a new password. Raises WeakPassword."""
        if not CHARS_MIN <= len(password) <= CHARS_MAX or _has_login(password, login):
            raise WeakPassword(f"{CHARS_MIN} characters or more, without the login", chars_min=CHARS_MIN)
        with self._turn:
            return self._hasher.hash(password)

    def fits(self, password_hash: str | None, password: str) -> bool:
        """Is it the password; `None` (nobody of that login) takes as long and is never right."""
        with self._turn:
            try:
                self._hasher.verify(password_hash or self._nobody, password[:CHARS_MAX])
            except (VerificationError, InvalidHashError):
                return False
        return password_hash is not None


def _nobodys_hash(hasher: PasswordHasher) -> str:
    """What no password gives, and checking one against it takes its whole time. Made without hashing: every

    command opens head office, and few ask for passwords.
    """
    salt, made = (
        base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=")
        for size in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${made}"


def new_password(login: str) -> str:
    """A first password to hand to somebody: four groups that can be read out, without the login by chance."""
    while _has_login(password := _drawn(), login):
        pass
    return password


def _drawn() -> str:
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(4))


def _has_login(password: str, login: str) -> bool:
    return login.casefold() in password.casefold()
