"""A new workstation's start: a prebuilt file instead of a hundred thousand rows.

Its own store's file holds all that it needs; the chain's, which all stores share, leaves the store's own rows
to the feed. Head office has a store's file where the store is large, builds one while we ask, or has none.
"""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from urllib.parse import quote, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pos_client.keys.key_store import KeyStore
from pos_client.keys.sealing import BadSealedBox, unseal
from pos_client.log import get_logger
from pos_client.replica.install import Believes, SnapshotPoint, install_snapshot
from pos_client.replica.part_file import PartFile, WrongPiece
from pos_client.replica.replica import Replica
from pos_client.sync.errors import BrokenAnswer, NotOurServer, ServerAway, ServerRefused, TooManyBytes
from pos_client.sync.file_server import fetch
from pos_client.sync.wire import Wire
from pos_core.canonical import canonical_bytes
from pos_core.sync.protocol import SnapshotOffer
from resources.replica import schema_version

SEALING_KEY = "sealing_key"
"""In the key store: the workstation's X25519 private key."""
_log = get_logger("pos_client.sync")
SNAPSHOT_BYTES_MAX = 8 * 1024**3


WAIT_MAX_S = 120.0
"""So long a store's file that is being built is waited for: its rows as pages would take longer."""
ASK_AGAIN_S = (0.5, 10.0)
"""Bounds of what head office says about when to ask again."""
STARTS_MAX = 3
"""Files that may be taken back while they are downloaded (a member of theirs was erased)."""
_BUILDING = "snapshot_building"
_LOOK_UP_S = 0.2


class SnapshotFetcher:
    """Used by the sync worker only."""

    def __init__(
        self,
        wire: Wire,
        replica: Replica,
        trust: Believes,
        keys: KeyStore,
        *,
        server_public_key: bytes,
        recovery_public_key: bytes | None,
        pause: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wire = wire
        self._replica = replica
        self._trust = trust
        self._keys = keys
        self._server_key = Ed25519PublicKey.from_public_bytes(server_public_key)
        self._recovery_public_key = recovery_public_key
        self._pause = pause
        self._monotonic = monotonic

    def fetch(self, scope: str, *, keep_going: Callable[[], None]) -> bool:
        """Install the snapshot of `scope`, the chain's or our store's; False when there is none that this

        program can read, or none in time.

        Raises SyncTrouble; WrongSnapshot when the file that came cannot be used. A cut download is gone
        on with at the next try; where head office has taken the file back the new one is begun at once.
        """
        until = self._monotonic() + WAIT_MAX_S
        offer = self._offer(scope, until, keep_going)
        for _ in range(STARTS_MAX):
            if offer is None or offer.schema_version > schema_version():
                return False
            key = self._unsealed(offer)
            try:
                path = self._downloaded(offer, keep_going)
            except ServerAway:
                cut, offer = offer, self._offer(scope, until, keep_going)
                if offer is not None and offer.sha256 == cut.sha256:
                    raise
                _log.warning("snapshot_taken_back", scope=scope)
                continue
            install_snapshot(
                self._replica,
                path,
                key,
                point=SnapshotPoint(offer.epoch, offer.cursors or {offer.scope: offer.sequence}),
                trust=self._trust,
                keys=self._keys,
                recovery_public_key=self._recovery_public_key,
            )
            return True
        return False

    def _offer(self, scope: str, until: float, keep_going: Callable[[], None]) -> SnapshotOffer | None:
        """Asked for until there is one, there is none, or the time is over. Raises SyncTrouble."""
        while True:
            try:
                offer = self._wire.get(f"/v1/snapshot?scope={quote(scope, safe='')}", SnapshotOffer)
            except ServerRefused as error:
                if error.status == 404:
                    return None
                if error.server_code != _BUILDING:
                    raise
                wait_s = _wait_of(error)
            else:
                self._check(offer, scope)
                return offer
            if self._monotonic() + wait_s > until:
                _log.warning("snapshot_not_in_time", scope=scope)
                return None
            ends = self._monotonic() + wait_s
            while self._monotonic() < ends:
                keep_going()
                self._pause(_LOOK_UP_S)

    def _downloaded(self, offer: SnapshotOffer, keep_going: Callable[[], None]) -> Path:
        """From the file servers that the offer names, then from head office; each goes on where it ended."""
        part = PartFile(
            self._replica.path,
            sha256=offer.sha256,
            length=offer.length,
            piece_bytes=offer.chunk_bytes,
            pieces=offer.chunks,
        )

        def take(chunk: bytes) -> None:
            keep_going()
            part.take(chunk)

        try:
            for url in offer.urls if offer.chunks else ():
                if part.length == offer.length:
                    break
                try:
                    fetch(url, take, length=offer.length, start=part.length, begin_anew=part.begin_anew)
                except (ServerAway, TooManyBytes, WrongPiece) as error:
                    _log.warning("file_server_failed", place=urlsplit(url).hostname, code=error.code)
            if part.length < offer.length:
                self._wire.download(
                    f"/v1/blobs/{offer.sha256}",
                    take,
                    length=offer.length,
                    start=part.length,
                    begin_anew=part.begin_anew,
                )
            return part.finish()
        except WrongPiece:
            part.drop()  # head office's own file: no other place has a better one
            raise
        finally:
            part.close()

    def _check(self, offer: SnapshotOffer, scope: str) -> None:
        fields = asdict(offer)
        signature = fields.pop("signature")
        for unsigned in ("urls", "chunk_bytes", "chunks"):  # they came in an answer that is signed
            fields.pop(unsigned)
        if not offer.cursors:  # head offices of before did not know it
            fields.pop("cursors")
        try:
            self._server_key.verify(base64.b64decode(signature, validate=True), canonical_bytes(fields))
        except (InvalidSignature, binascii.Error, ValueError):
            raise NotOurServer("the snapshot offer is not signed by our server") from None
        if offer.scope != scope or len(offer.sha256) != 64 or not 0 < offer.length <= SNAPSHOT_BYTES_MAX:
            raise BrokenAnswer("a snapshot offer that cannot be", scope=offer.scope, length=offer.length)
        if offer.chunks and not 0 < offer.length <= offer.chunk_bytes * len(offer.chunks):
            raise BrokenAnswer("a snapshot offer whose pieces do not make it up", length=offer.length)
        if (scope == "chain") != (not offer.cursors) or (
            offer.cursors and offer.cursors.get(scope) != offer.sequence
        ):
            raise BrokenAnswer("a snapshot offer whose scopes do not make it up", scope=offer.scope)

    def _unsealed(self, offer: SnapshotOffer) -> bytes:
        private = self._keys.get(SEALING_KEY)
        if private is None:
            raise BrokenAnswer("there is no key to open the snapshot's key with: enrol again")
        try:
            key = unseal(base64.b64decode(offer.file_key, validate=True), private)
        except (BadSealedBox, binascii.Error, ValueError):
            raise BrokenAnswer("the snapshot's key is not sealed to this workstation") from None
        if len(key) != 32:
            raise BrokenAnswer("the snapshot's key has another length")
        return key


def _wait_of(error: ServerRefused) -> float:
    """Seconds until it is worth while to ask again, as head office says, within our bounds."""
    said = error.server_facts.get("retry_after_ms")
    least, most = ASK_AGAIN_S
    return min(most, max(least, said / 1000)) if isinstance(said, int) else least
