"""Asking head office for this workstation's peer certificate, at an exchange in which it is due."""

from __future__ import annotations

import ssl
from pathlib import Path

import msgspec

from pos_client.journal.refused import Note
from pos_client.log import get_logger
from pos_client.replica.replica import Replica
from pos_client.storage.durable import replace_durably
from pos_client.sync.errors import ServerRefused
from pos_client.sync.peer_card import FILE_NAME, NotOurs, checked_card, kept_card, peers_policy
from pos_client.sync.wire import Wire
from pos_client.sync.workstation_file import WorkstationFile
from pos_core.clock import Clock
from pos_core.sync.peer_name import PeerName
from pos_core.sync.protocol import PeerCertificate

SINCE_VERSION = 3
"""Of the wire."""
REFUSED_WAIT_MS = 30 * 60_000
"""Head office said no, or does not know the route, or gave what is not ours: it is asked again after this."""
_log = get_logger("pos_client.sync")


class PeerRenewal:
    """Used by the sync worker only."""

    def __init__(
        self,
        wire: Wire,
        replica: Replica,
        identity: WorkstationFile,
        *,
        public_key: bytes,
        folder: Path,
        clock: Clock,
        note: Note = lambda kind, code, subject: None,
    ) -> None:
        self._note = note
        self._wire = wire
        self._replica = replica
        self._own = PeerName(identity.store_id, identity.workstation_id)
        self._pinned = identity.ca_certificate
        self._public_key = public_key
        self._folder = folder
        self._clock = clock
        self._not_before_ms: int | None = None

    def renew(self) -> bool:
        """Asks when it is due; True when a new one is kept. Raises SyncTrouble, never for what it got."""
        if self._wire.server_version < SINCE_VERSION or not peers_policy(self._replica).enabled:
            return False
        if self._not_before_ms is not None and self._clock.monotonic_ms() < self._not_before_ms:
            return False
        card = kept_card(self._folder, self._own, self._public_key)
        if card is not None and not card.is_due(self._wire.clock.now_ms()):
            return False
        try:
            answer = self._wire.get("/v1/peer-certificate", PeerCertificate)
            self._keep(answer)
        except (ServerRefused, NotOurs, OSError) as error:
            _log.warning("peer_certificate_not_kept", reason=str(error)[:200])
            if isinstance(error, NotOurs):
                self._note("certificate", "not_ours", self._own.workstation_id)
            self._not_before_ms = self._clock.monotonic_ms() + REFUSED_WAIT_MS
            return False
        return True

    def _keep(self, answer: PeerCertificate) -> None:
        card = checked_card(answer, self._own, self._public_key)
        if self._pinned and ssl.PEM_cert_to_DER_cert(self._pinned) != card.authority:
            raise NotOurs("another authority than the pinned one")
        replace_durably(self._folder / FILE_NAME, msgspec.json.encode(answer) + b"\n")
