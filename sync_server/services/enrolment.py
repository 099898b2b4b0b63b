"""Enrolment: a one-time code turns a machine into a workstation of one store.

A code has 65 random bits, works once, for minutes, for one store. Wrong guesses are slowed down: after
a few, each further attempt from anywhere has to wait twice as long as the one before.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
import threading
from dataclasses import dataclass

from pos_core.clock import Clock
from pos_core.errors import Refusal
from pos_core.sync.enrolment_code import (
    NotAnEnrolmentCode,
    format_code,
    parse_code,
    secret_from,
)
from pos_core.sync.protocol import EnrolRequest, EnrolResponse
from sync_server.services import pricing_keys, workstation_keys
from sync_server.services.acts import Act, at_command_line
from sync_server.services.errors import CodeRefused, MalformedRequest, TooManyAttempts
from sync_server.services.feed import region_of
from sync_server.services.identity import new_id
from sync_server.services.keys import ChainKeys
from sync_server.store import audit, chain_state, enrolment_code, feed, trust_root, workstation
from sync_server.store.engine import Store, Txn
from sync_server.store.workstation import WorkstationRow

MINUTES_MAX = 24 * 60
_FREE_FAILURES = 10
_WAIT_MAX_MS = 60_000
_FORGET_AFTER_MS = 15 * 60_000


class NoSuchStore(Refusal):
    """A store that the chain does not have."""

    code = "no_such_store"


class BadMinutes(Refusal):
    """A code may live between one minute and a day."""

    code = "bad_minutes"


@dataclass(frozen=True, slots=True)
class NewCode:
    """A fresh code to hand to the person at the workstation; it is shown once and not kept."""

    code: str
    store_id: str
    expires_at_ms: int


class BackOff:
    """Counts wrong codes over all sources: a code is worth guarding from everybody together."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._last_ms = 0

    def check(self) -> None:
        """Raises TooManyAttempts while the wait after the last wrong code is not over."""
        with self._lock:
            passed = self._clock.monotonic_ms() - self._last_ms
            if passed > _FORGET_AFTER_MS:
                self._failures = 0
            if self._failures < _FREE_FAILURES:
                return
            wait = min(_WAIT_MAX_MS, 1000 << min(self._failures - _FREE_FAILURES, 10))
            if passed < wait:
                raise TooManyAttempts("too many wrong codes", retry_after_ms=wait - passed)

    def failed(self) -> None:
        """Counts one more."""
        with self._lock:
            self._failures += 1
            self._last_ms = self._clock.monotonic_ms()


class Enrolment:
    """Makes codes and takes them."""

    def __init__(self, store: Store, keys: ChainKeys, clock: Clock, *, ca_certificate: str) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._ca = ca_certificate
        self._back_off = BackOff(clock)

    def new_code(
        self, store_id: str, *, minutes: int, ca_fingerprint: bytes | None, act: Act | None = None
    ) -> NewCode:
        """A code for one workstation of a store. Raises NoSuchStore, BadMinutes."""
        if not 1 <= minutes <= MINUTES_MAX:
            raise BadMinutes(f"between 1 and {MINUTES_MAX} minutes", minutes=minutes)
        secret = secret_from(secrets.token_bytes(9))
        now = self._clock.now_ms()
        expires = now + minutes * 60_000

        def write(txn: Txn) -> None:
            if feed.row_by_key(txn, "store", "chain", [store_id]) is None:
                raise NoSuchStore(f"the chain has no store {store_id}", store_id=store_id)
            enrolment_code.add(
                txn, code_hash=_hash(secret), store_id=store_id, now_ms=now, expires_at_ms=expires
            )
            (act or at_command_line()).note(txn, now, "enrolment_code_made", store_id)

        self._store.write(write)
        return NewCode(format_code(secret, ca_fingerprint), store_id, expires)

    def enrol(self, request: EnrolRequest, *, tls: bool) -> EnrolResponse:
        """Uses a code up. Raises CodeRefused, TooManyAttempts, MalformedRequest."""
        _check_key(request.public_key, "public_key")
        _check_key(request.sealing_key, "sealing_key")
        name = request.workstation_name.strip()
        if not 1 <= len(name) <= 100 or not name.isprintable():
            raise MalformedRequest("workstation_name")
        self._back_off.check()
        try:
            secret = parse_code(request.code).secret
        except NotAnEnrolmentCode:
            self._back_off.failed()
            raise CodeRefused("this code cannot be used") from None
        response = self._store.write(lambda txn: self._enrol(txn, request, name, _hash(secret), tls=tls))
        if response is None:
            self._back_off.failed()
            raise CodeRefused("this code cannot be used")
        return response

    def _enrol(
        self, txn: Txn, request: EnrolRequest, name: str, code_hash: str, *, tls: bool
    ) -> EnrolResponse | None:
        now = self._clock.now_ms()
        store_id = enrolment_code.store_of(txn, code_hash, now)
        if store_id is None:
            audit.add(txn, now_ms=now, actor="anonymous", action="enrolment_refused", subject="")
            return None
        workstation_id = new_id(self._clock)
        enrolment_code.use(txn, code_hash, workstation_id=workstation_id, now_ms=now)
        row = WorkstationRow(
            workstation_id=workstation_id,
            store_id=store_id,
            name=name,
            state="active",
            public_key=request.public_key,
            sealing_key=request.sealing_key,
            incarnation=1,
            app_version=request.app_version[:40],
            enrolled_at_ms=now,
            revoked_at_ms=None,
            last_contact_ms=now,
        )
        workstation.add(txn, row)
        workstation_keys.publish(txn, row)
        audit.add(
            txn,
            now_ms=now,
            actor=workstation_id,
            action="workstation_enrolled",
            subject=store_id,
            public_key_sha256=hashlib.sha256(base64.b64decode(request.public_key)).hexdigest(),
        )
        return self._response(txn, workstation_id, name, store_id, now, tls=tls)

    def _response(
        self, txn: Txn, workstation_id: str, name: str, store_id: str, now: int, *, tls: bool
    ) -> EnrolResponse:
        keys = self._keys
        root = trust_root.newest(txn)
        return EnrolResponse(
            chain_id=chain_state.get(txn, "chain_id") or "",
            workstation_id=workstation_id,
            workstation_name=name,
            incarnation=1,
            store_id=store_id,
            region=region_of(txn, store_id),
            epoch=chain_state.epoch(txn),
            server_time_ms=now,
            server_public_key=_text(keys.server_public),
            pricing_keys={i: _text(key) for i, key in pricing_keys.believed(txn, keys.folder).keys.items()},
            recovery_public_key=_text(keys.recovery_public),
            sealing_public_key=_text(keys.sealing_public),
            blind_index_key=_text(keys.blind_index_key(store_id)),
            pin_pepper=_text(keys.pin_pepper(store_id)),
            ca_certificate=self._ca if tls else "",
            root_document=root.document if root else "",
            root_signatures=root.signatures if root else "[]",
        )


def _hash(secret: str) -> str:
    return hashlib.sha256(b"tidemark.enrolment.1\x00" + secret.encode()).hexdigest()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _check_key(text: str, name: str) -> None:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedRequest(name) from None
    if len(data) != 32:
        raise MalformedRequest(name)
