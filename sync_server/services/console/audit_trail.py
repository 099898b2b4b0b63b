"""The audit rows as the console shows them, and as a signed file for an auditor.

The file is JSON lines in the order of the rows' ids; its last line is the seal: how many rows, the SHA-256 of
all bytes before it, the time, and head office's Ed25519 signature over the tag and the seal's other fields.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos_core.canonical import canonical_bytes
from pos_core.clock import Clock
from sync_server.services.acts import Act
from sync_server.services.keys import ChainKeys
from sync_server.store import audit
from sync_server.store.engine import Store, Txn

SEAL_TAG = b"tidemark.audit-export.1\x00"
_AT_ONCE = 2000


class AuditTrail:
    """Reads; an export leaves a row of its own."""

    def __init__(self, store: Store, keys: ChainKeys, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock

    def page(
        self, *, actor: str, action: str, subject: str, before: str | None, limit: int
    ) -> list[dict[str, Any]]:
        """See store.audit.page."""
        return self._store.read(
            lambda txn: audit.page(
                txn, actor=actor, action=action, subject=subject, before=before, limit=limit
            )
        )

    def export(self, act: Act, *, from_ms: int, to_ms: int) -> Iterator[bytes]:
        """Rows of a time, oldest first, and the seal. The export itself is audited before it begins."""
        now = self._clock.now_ms()
        self._store.write(lambda txn: act.note(txn, now, "audit_exported", "audit", start=from_ms, end=to_ms))
        return self._lines(from_ms, to_ms, now)

    def _lines(self, from_ms: int, to_ms: int, now: int) -> Iterator[bytes]:
        digest, count, after = hashlib.sha256(), 0, ""
        more = True
        while more:

            def read(txn: Txn, after: str = after) -> list[dict[str, Any]]:
                return audit.between(txn, from_ms=from_ms, to_ms=to_ms, after=after, limit=_AT_ONCE)

            rows = self._store.read(read)
            for row in rows:
                line = canonical_bytes({**row, "facts": json.loads(row["facts"])}) + b"\n"
                digest.update(line)
                yield line
            count += len(rows)
            more = len(rows) == _AT_ONCE
            after = rows[-1]["audit_id"] if rows else after
        seal: dict[str, Any] = {"rows": count, "sha256": digest.hexdigest(), "sealed_at_ms": now}
        key = Ed25519PrivateKey.from_private_bytes(self._keys.server_signing)
        signature = key.sign(SEAL_TAG + canonical_bytes(seal))
        public = key.public_key().public_bytes_raw()
        signed = {"public_key": _text(public), "signature": _text(signature)}
        yield canonical_bytes({**seal, **signed}) + b"\n"


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
