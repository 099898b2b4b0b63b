"""A new workstation's start: a prebuilt file for the chain's scope, instead of a hundred thousand rows."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

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
    ) -> None:
        self._wire = wire
        self._replica = replica
        self._trust = trust
        self._keys = keys
        self._server_key = Ed25519PublicKey.from_public_bytes(server_public_key)
        self._recovery_public_key = recovery_public_key

    def fetch(self, *, keep_going: Callable[[], None]) -> bool:
        """Install the chain's snapshot; False when the server has none that this program can read.

        Raises SyncTrouble; WrongSnapshot when the file that came cannot be used. A cut download is gone
        on with at the next try.
        """
        try:
            offer = self._wire.get("/v1/snapshot?scope=chain", SnapshotOffer)
        except ServerRefused as error:
            if error.status == 404:
                return False
            raise
        self._check(offer)
        if offer.schema_version > schema_version():
            return False
        key = self._unsealed(offer)
        path = self._downloaded(offer, keep_going)
        install_snapshot(
            self._replica,
            path,
            key,
            point=SnapshotPoint(offer.scope, offer.epoch, offer.sequence),
            trust=self._trust,
            keys=self._keys,
            recovery_public_key=self._recovery_public_key,
        )
        return True

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

    def _check(self, offer: SnapshotOffer) -> None:
        fields = asdict(offer)
        signature = fields.pop("signature")
        for unsigned in ("urls", "chunk_bytes", "chunks"):  # they came in an answer that is signed
            fields.pop(unsigned)
        try:
            self._server_key.verify(base64.b64decode(signature, validate=True), canonical_bytes(fields))
        except (InvalidSignature, binascii.Error, ValueError):
            raise NotOurServer("the snapshot offer is not signed by our server") from None
        if offer.scope != "chain" or len(offer.sha256) != 64 or not 0 < offer.length <= SNAPSHOT_BYTES_MAX:
            raise BrokenAnswer("a snapshot offer that cannot be", scope=offer.scope, length=offer.length)
        if offer.chunks and not 0 < offer.length <= offer.chunk_bytes * len(offer.chunks):
            raise BrokenAnswer("a snapshot offer whose pieces do not make it up", length=offer.length)

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
