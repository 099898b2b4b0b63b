"""Keys with which a web shop asks for quotes. A key opens nothing else.

A key is 32 random bytes, shown once; only its SHA-256 is kept. It travels in `Tidemark-Channel-Key`, over
TLS, so whoever serves head office without TLS serves it on loopback only.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from pos_core.clock import Clock
from sync_server.services.errors import BadChannelKey
from sync_server.store import audit, channel_key
from sync_server.store.channel_key import ChannelKeyRow
from sync_server.store.engine import Store, Txn

HEADER_CHANNEL_KEY = "Tidemark-Channel-Key"
PREFIX = "tck_"


@dataclass(frozen=True, slots=True)
class NewChannelKey:
    """A key that was just made; `key` is not to be had again."""

    key: str
    key_hash: str
    channel: str


class ChannelKeys:
    """Makes, checks, lists and revokes keys."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def make(self, channel: str, note: str = "") -> NewChannelKey:
        """A new key for one channel."""
        key = PREFIX + secrets.token_urlsafe(32)
        made = NewChannelKey(key, _hash(key), channel)

        def work(txn: Txn) -> None:
            now = self._clock.now_ms()
            channel_key.add(txn, ChannelKeyRow(made.key_hash, channel, note, now))
            self._audit(txn, now, "channel_key_made", made.key_hash)

        self._store.write(work)
        return made

    def channel_of(self, key: str) -> str:
        """The channel that a key is for. Raises BadChannelKey."""
        row = None
        if key.startswith(PREFIX) and len(key) <= 100:
            row = self._store.read(lambda txn: channel_key.by_hash(txn, _hash(key)))
        if row is None or row.revoked_at_ms is not None:
            raise BadChannelKey("no such key")
        return row.channel

    def revoke(self, key_hash_begins: str) -> int:
        """Ends every key whose hash begins so (at least 8 digits); how many."""
        if len(key_hash_begins) < 8:
            return 0

        def work(txn: Txn) -> int:
            now = self._clock.now_ms()
            count = channel_key.revoke(txn, key_hash_begins, now)
            if count:
                self._audit(txn, now, "channel_key_revoked", key_hash_begins)
            return count

        return self._store.write(work)

    def listing(self) -> list[ChannelKeyRow]:
        """Every key, oldest first."""
        return self._store.read(channel_key.listing)

    def _audit(self, txn: Txn, now_ms: int, action: str, key_hash: str) -> None:
        audit.add(txn, now_ms=now_ms, actor="command line", action=action, subject=key_hash[:16])


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
