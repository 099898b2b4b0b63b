"""Certificates by which the workstations of a store know each other (docs/adr/0020)."""

from __future__ import annotations

import base64
import ssl

from cryptography import x509

from pos_core.clock import Clock
from pos_core.sync.peer_name import PeerName
from pos_core.sync.protocol import PeerCertificate
from sync_server.services.certificates import ca_pem, issue_peer_certificate
from sync_server.services.data_folder import DataFolder
from sync_server.store.workstation import WorkstationRow


class PeerCertificates:
    """Issues one to every active workstation that asks; nothing is kept: the key is the one it enrolled."""

    def __init__(self, folder: DataFolder, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def issue(self, caller: WorkstationRow) -> PeerCertificate:
        """For the caller's own store, id and key. A revoked workstation never comes this far."""
        name = PeerName(caller.store_id, caller.workstation_id)
        made = issue_peer_certificate(self._folder, name, base64.b64decode(caller.public_key), self._clock)
        shown = x509.load_der_x509_certificate(made)
        return PeerCertificate(
            certificate=base64.b64encode(made).decode(),
            authority=base64.b64encode(ssl.PEM_cert_to_DER_cert(ca_pem(self._folder))).decode(),
            not_before_ms=int(shown.not_valid_before_utc.timestamp()) * 1000,
            not_after_ms=int(shown.not_valid_after_utc.timestamp()) * 1000,
        )
