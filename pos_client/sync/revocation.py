"""Head office revoked this workstation: selling stops, and what others must not read is destroyed.

The order is kept first (`revoked.json`), so that a wipe that was cut is finished by the next start. Gone are
the replica's keys, the store's secrets, the signing key, and the keys of members in documents. The journal
stays: its key leaves the key store once it is known to lie sealed to the recovery key beside it, and then the
keys of members whom head office does not have yet stay inside for the rescue. Where nothing was sealed, the
journal's key stays and every member's key goes.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlcipher3 import dbapi2 as sqlcipher

from pos_client.journal import opening
from pos_client.journal.journal import Journal
from pos_client.journal.member_keys import give_up_keys
from pos_client.journal.signing import SIGNING_KEY
from pos_client.journal.start import JOURNAL_KEY
from pos_client.keys.key_store import KeyStore
from pos_client.keys.sealing import BadSealedBox, key_check, read_sealed_key, sealed_path
from pos_client.log import get_logger
from pos_client.peers.store import FILE_NAME as PEERS_FILE
from pos_client.peers.store import PEERS_KEY
from pos_client.replica import file_key
from pos_client.storage.database import open_database
from pos_client.storage.durable import replace_durably
from pos_client.storage.errors import StorageTrouble
from pos_client.sync.errors import RevokedHere, ServerRefused
from pos_client.sync.workstation_file import WorkstationFile
from pos_core.sync.revocation import RevocationOrder

FILE_NAME = "revoked.json"
SERVER_CODE = "workstation_revoked"
DESTROYED: Final = (
    file_key.KEY,
    file_key.NEXT_KEY,
    "blind_index_key",
    PEERS_KEY,
    "pin_pepper",
    "sealing_key",
    SIGNING_KEY,
)
_log = get_logger("pos_client.sync")


class Revocation:
    """Used by the sync worker: what a refusal means for this workstation."""

    def __init__(
        self,
        identity: WorkstationFile,
        keys: KeyStore,
        journal: Journal,
        replica_path: Path,
        stop_selling: Callable[[], None],
    ) -> None:
        self._identity = identity
        self._keys = keys
        self._journal = journal
        self._replica_path = replica_path
        self._stop_selling = stop_selling

    def obey(self, refusal: ServerRefused, *, deliver: Callable[[], None] = lambda: None) -> None:
        """Raises RevokedHere once all is destroyed; returns when the refusal orders nothing of the kind.

        `refusal` was signed for a request of ours (`Wire`). Where it says that head office still takes our
        documents, `deliver` hands them in first: the order is on the disk before, and whatever comes of it,
        the wipe follows. Storage troubles leave the rest for later.
        """
        if refusal.server_code != SERVER_CODE:
            return
        order = proven(refusal.server_facts, self._identity)
        if order is None or order.incarnation < self._newest_acknowledged():
            _log.error("revoked_without_order")
            return
        self._stop_selling()
        try:
            keep(self._journal.path.parent, order)
            if type(refusal.server_facts.get("deliver_until_ms")) is int:
                deliver()
        finally:  # a full disk saves nobody's data
            self._wipe()
        _log.error("revoked", at_ms=order.revoked_at_ms)
        raise _revoked(order)

    def _wipe(self) -> None:
        sealed = is_sealed(self._journal.path, self._keys)
        try:
            self._journal.give_up_member_keys(keep_unsent=sealed).result()
        finally:
            destroy_keys(self._keys, self._replica_path, with_journal=sealed)

    def _newest_acknowledged(self) -> int:
        """An order that knows less of our series than head office told us is older than they are."""
        known = [each.incarnation for each in self._journal.series_status() if each.acked_number]
        return max([self._identity.incarnation, *known])


def proven(value: object, identity: WorkstationFile) -> RevocationOrder | None:
    """The order in `value` when it names this workstation and our head office signed it."""
    try:
        order = msgspec.convert(value, RevocationOrder)
        key = Ed25519PublicKey.from_public_bytes(identity.server_key_bytes())
        key.verify(base64.b64decode(order.signature, validate=True), order.statement)
    except (msgspec.ValidationError, InvalidSignature, binascii.Error, ValueError):
        return None
    return order if order.workstation_id == identity.workstation_id else None


def keep(folder: Path, order: RevocationOrder) -> None:
    """The order on the disk, whole or not at all. Raises OSError."""
    replace_durably(folder / FILE_NAME, msgspec.json.encode(order) + b"\n")


def finish(data: Path, replica_path: Path, journal_path: Path, keys: KeyStore) -> None:
    """At each start, before a file is opened: destroys what is left and raises RevokedHere; without a

    good order nothing happens. Raises KeyStoreTrouble and storage troubles.
    """
    if not (data / FILE_NAME).exists():
        return
    order = proven(_kept(data), WorkstationFile.load(data))
    if order is None:
        _log.error("revocation_not_signed")
        return
    sealed = is_sealed(journal_path, keys)
    key = keys.get(JOURNAL_KEY)
    if key is not None and journal_path.exists():
        with contextlib.suppress(*((StorageTrouble, sqlcipher.Error) if sealed else ())):
            connection = open_database(journal_path, key, application_id=opening.APPLICATION_ID)
            try:
                give_up_keys(connection, keep_unsent=sealed)
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                connection.close()
    destroy_keys(keys, replica_path, with_journal=sealed)
    for name in (replica_path.name, PEERS_FILE):
        for file in replica_path.parent.glob(f"{name}*"):
            file.unlink(missing_ok=True)
    shutil.rmtree(data / "training", ignore_errors=True)
    raise _revoked(order)


def is_sealed(journal_path: Path, keys: KeyStore) -> bool:
    """True when the journal's key lies beside it, sealed to the recovery key."""
    try:
        sealed = read_sealed_key(journal_path)
    except BadSealedBox:
        return False
    key = keys.get(JOURNAL_KEY)
    return sealed is not None and bool(sealed.box) and (key is None or sealed.key_check == key_check(key))


def destroy_keys(keys: KeyStore, replica_path: Path, *, with_journal: bool) -> None:
    """The replica's first; the journal's last. Fine to repeat."""
    for name in DESTROYED:
        keys.delete(name)
    sealed_path(replica_path).unlink(missing_ok=True)
    if with_journal:
        keys.delete(JOURNAL_KEY)


def _kept(folder: Path) -> Mapping[str, Any] | None:
    try:
        return msgspec.json.decode((folder / FILE_NAME).read_bytes(), type=dict[str, Any])
    except (OSError, ValueError, msgspec.MsgspecError):
        return None


def _revoked(order: RevocationOrder) -> RevokedHere:
    return RevokedHere("head office has revoked this workstation", revoked_at_ms=order.revoked_at_ms)
