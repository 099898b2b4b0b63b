"""Signed requests in, signed answers out (docs/security.md, "Requests").

A request is good when its signature fits method, target, body, workstation, time and nonce; its time is
within five minutes of ours and after our start; and its nonce is new. Nonces are remembered for the whole
window: in memory where this process alone answers, else in the database. A restart forgets the memory,
and a crash of the database the newest rows: requests made before either are refused.
"""

from __future__ import annotations

import base64
import binascii
import re
import threading
from collections import deque
from dataclasses import asdict, dataclass, replace

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pos_core.clock import Clock
from pos_core.sync.protocol import CLOCK_WINDOW_MS, request_statement, response_statement
from pos_core.sync.revocation import GRACE_HOURS_MAX, RevocationOrder
from sync_server.services.errors import (
    BadSignature,
    ClockOutOfWindow,
    NonceReplayed,
    SignatureMissing,
    WorkstationRevoked,
)
from sync_server.store import feed, workstation
from sync_server.store import nonce as nonces
from sync_server.store.engine import Store, Txn
from sync_server.store.workstation import WorkstationRow

_NONCE = re.compile(r"[A-Za-z0-9_+/=-]{16,64}\Z")
_NONCES_MAX = 200_000
_DELIVERY = re.compile(r"(GET /v1/series/[^?]+\?revoked|POST /v1/(documents\?revoked|member-keys))\Z")


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What stands in the headers and the request line of a signed request."""

    method: str
    target: str
    body: bytes
    workstation_id: str
    created: str
    nonce: str
    signature: str


class Nonces:
    """Nonces seen within the clock window; full means refuse, never forget early."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()
        self._order: deque[tuple[int, tuple[str, str]]] = deque()
        self._lock = threading.Lock()

    def take(self, workstation_id: str, nonce: str, now_ms: int) -> bool:
        """True when it is new."""
        key = (workstation_id, nonce)
        with self._lock:
            while self._order and self._order[0][0] < now_ms - 2 * CLOCK_WINDOW_MS:
                self._seen.discard(self._order.popleft()[1])
            if key in self._seen or len(self._seen) >= _NONCES_MAX:
                return False
            self._seen.add(key)
            self._order.append((now_ms, key))
            return True


class SharedNonces:
    """The same, in the database that several processes share."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def take(self, workstation_id: str, nonce: str, now_ms: int) -> bool:
        """True when it is new in every process."""
        return self._store.write_beside(lambda txn: nonces.take(txn, workstation_id, nonce, now_ms))


def _known(txn: Txn, workstation_id: str) -> tuple[WorkstationRow | None, int]:
    """A workstation, and how long after its revocation it may still deliver (ms; policy `revoked_grace`)."""
    row = workstation.get(txn, workstation_id)
    if row is None or row.state == "active":
        return row, 0
    hours = feed.policy(txn, "revoked_grace")
    return row, hours * 3_600_000 if type(hours) is int and 0 < hours <= GRACE_HOURS_MAX else 0


class Signing:
    """Checks requests and signs answers."""

    def __init__(self, store: Store, clock: Clock, server_signing_key: bytes) -> None:
        self._store = store
        self._clock = clock
        self._key = Ed25519PrivateKey.from_private_bytes(server_signing_key)
        self._nonces = SharedNonces(store) if store.engine.shared else Nonces()
        self._started_ms = clock.now_ms()
        self._interruptions = store.engine.interruptions

    def caller(self, request: SignedRequest) -> WorkstationRow:
        """Who asks. Raises SignatureMissing, BadSignature, ClockOutOfWindow, NonceReplayed, …Revoked."""
        if not (request.workstation_id and request.created and request.nonce and request.signature):
            raise SignatureMissing("sign this request")
        if not _NONCE.match(request.nonce) or not request.created.isascii() or not request.created.isdigit():
            raise BadSignature("the signing headers are malformed")
        now, created = self._clock.now_ms(), int(request.created[:16])
        row, grace_ms = self._store.read(lambda txn: _known(txn, request.workstation_id))
        if row is None or not self._fits(request, row):
            raise BadSignature("the signature does not fit")
        if row.state != "active":
            grace_ends_ms = (row.revoked_at_ms or 0) + grace_ms
            if now >= grace_ends_ms or not _DELIVERY.match(f"{request.method} {request.target}"):
                facts = self._order(row) | (
                    {"deliver_until_ms": grace_ends_ms} if now < grace_ends_ms else {}
                )
                raise WorkstationRevoked("head office has revoked this workstation", **facts)
        if abs(now - created) > CLOCK_WINDOW_MS or created < self._started_ms:
            raise ClockOutOfWindow("created is too far from the server's clock")
        if not self._nonces.take(row.workstation_id, request.nonce, now):
            raise NonceReplayed("this nonce was used")
        if self._interruptions != self._store.engine.interruptions:
            # The database may have forgotten nonces: what was made before this moment is refused.
            self._interruptions = self._store.engine.interruptions
            self._started_ms = now
            raise ClockOutOfWindow("the database was interrupted; sign again")
        return row

    def answer_signature(self, *, nonce: str, status: int, body: bytes) -> str:
        """`Tidemark-Server-Signature` for an answer."""
        return base64.b64encode(
            self._key.sign(response_statement(nonce=nonce, status=status, body=body))
        ).decode()

    def _order(self, row: WorkstationRow) -> dict[str, str | int]:
        """The signed order to destroy its keys; only a request that it signed itself gets it."""
        order = RevocationOrder(row.workstation_id, row.incarnation, row.revoked_at_ms or 0)
        signature = base64.b64encode(self._key.sign(order.statement)).decode()
        return asdict(replace(order, signature=signature))

    def _fits(self, request: SignedRequest, row: WorkstationRow) -> bool:
        statement = request_statement(
            method=request.method,
            target=request.target,
            body=request.body,
            workstation_id=request.workstation_id,
            created_ms=int(request.created[:16]),
            nonce=request.nonce,
        )
        try:
            signature = base64.b64decode(request.signature, validate=True)
            Ed25519PublicKey.from_public_bytes(base64.b64decode(row.public_key)).verify(signature, statement)
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True
