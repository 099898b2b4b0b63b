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

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pos_core.canonical import canonical_bytes
from pos_core.clock import Clock
from pos_core.errors import InvalidInput
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


class BadAuditFile(InvalidInput):
    """The file is no audit export, was changed or cut, or another key sealed it; `why` says which."""

    code = "bad_audit_file"


def checked_audit_file(lines: Iterator[bytes], public_key: bytes | None) -> dict[str, Any]:
    """The seal of a file that is as it was exported. Raises BadAuditFile.

    `public_key`: head office's, known from elsewhere. None: the file's own, which shows that nothing was
    changed by accident and not who sealed it.
    """
    digest, count, last = hashlib.sha256(), 0, b""
    for line in lines:
        if last:
            digest.update(last)
            count += 1
        last = line
    try:
        seal = json.loads(last)
        own = base64.b64decode(seal["public_key"], validate=True)
        signature = base64.b64decode(seal["signature"], validate=True)
        signed = canonical_bytes({name: seal[name] for name in ("rows", "sha256", "sealed_at_ms")})
        key = Ed25519PublicKey.from_public_bytes(public_key or own)
    except (ValueError, KeyError, TypeError) as error:
        raise BadAuditFile("the last line is no seal", why="no_seal") from error
    if public_key is not None and own != public_key:
        raise BadAuditFile("sealed with another key", why="another_key")
    try:
        key.verify(signature, SEAL_TAG + signed)
    except InvalidSignature:
        raise BadAuditFile("the seal was changed", why="bad_signature") from None
    if (seal["rows"], seal["sha256"]) != (count, digest.hexdigest()):
        raise BadAuditFile("rows were changed, added or taken out", why="rows_changed")
    return {"rows": count, "sealed_at_ms": seal["sealed_at_ms"], "public_key": seal["public_key"]}


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
