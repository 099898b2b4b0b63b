"""This workstation's own peer certificate: asked of head office at an exchange, kept beside its identity.

Nothing about it is secret: without the signing key it shows nobody anything.
"""

from __future__ import annotations

import base64
import binascii
import ssl
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pos_client.log import get_logger
from pos_client.replica.replica import Replica
from pos_client.storage.durable import replace_durably
from pos_client.sync.errors import ServerRefused
from pos_client.sync.peer_certificate import name_of
from pos_client.sync.wire import Wire
from pos_client.sync.workstation_file import WorkstationFile
from pos_core.clock import Clock
from pos_core.sync.peer_name import PeerName
from pos_core.sync.peers_policy import BadPeersPolicy, PeersPolicy, parse_peers_policy
from pos_core.sync.protocol import PeerCertificate

FILE_NAME = "peer_certificate.json"
SINCE_VERSION = 3
"""Of the wire."""
REFUSED_WAIT_MS = 30 * 60_000
"""Head office said no, or does not know the route, or gave what is not ours: it is asked again after this."""
_log = get_logger("pos_client.sync")


@dataclass(frozen=True, slots=True)
class PeerCard:
    """What this workstation shows: DER of its certificate and of the authority that it believes itself."""

    certificate: bytes
    authority: bytes
    not_before_ms: int
    not_after_ms: int

    def is_due(self, now_ms: int) -> bool:
        """Half of its time is over, or the clock was put back to before it."""
        return not self.not_before_ms <= now_ms < (self.not_before_ms + self.not_after_ms) // 2


def kept_card(folder: Path, own: PeerName, public_key: bytes) -> PeerCard | None:
    """The certificate in `folder`; None when there is none, or it is another's."""
    try:
        found = msgspec.json.decode((folder / FILE_NAME).read_bytes(), type=PeerCertificate)
        return _checked(found, own, public_key)
    except (OSError, msgspec.MsgspecError, NotOurs):
        return None


def peers_policy(replica: Replica) -> PeersPolicy:
    """The chain's; one that cannot be understood is as if nothing were set."""
    try:
        return parse_peers_policy(replica.policy("peers"))
    except BadPeersPolicy:
        return PeersPolicy()


class NotOurs(Exception):
    """A certificate that does not say who we are."""


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
    ) -> None:
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
            self._not_before_ms = self._clock.monotonic_ms() + REFUSED_WAIT_MS
            return False
        return True

    def _keep(self, answer: PeerCertificate) -> None:
        card = _checked(answer, self._own, self._public_key)
        if self._pinned and ssl.PEM_cert_to_DER_cert(self._pinned) != card.authority:
            raise NotOurs("another authority than the pinned one")
        replace_durably(self._folder / FILE_NAME, msgspec.json.encode(answer) + b"\n")


def _checked(answer: PeerCertificate, own: PeerName, public_key: bytes) -> PeerCard:
    """Raises NotOurs unless the authority issued it for our name and our key."""
    try:
        certificate = base64.b64decode(answer.certificate, validate=True)
        authority = base64.b64decode(answer.authority, validate=True)
        shown = x509.load_der_x509_certificate(certificate)
        shown.verify_directly_issued_by(x509.load_der_x509_certificate(authority))
        key = shown.public_key()
    except (binascii.Error, ValueError, TypeError, InvalidSignature) as error:
        raise NotOurs("unreadable, or not issued by its authority") from error
    if name_of(shown) != own:
        raise NotOurs("another's name")
    if not isinstance(key, Ed25519PublicKey) or key.public_bytes_raw() != public_key:
        raise NotOurs("another's key")
    return PeerCard(
        certificate,
        authority,
        int(shown.not_valid_before_utc.timestamp()) * 1000,
        int(shown.not_valid_after_utc.timestamp()) * 1000,
    )
