"""The peer certificate that this workstation keeps beside its identity: what it shows to its store's others.

Nothing about it is secret: without the signing key it shows nobody anything.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pos_client.replica.replica import Replica
from pos_client.sync.peer_certificate import name_of
from pos_core.sync.peer_name import PeerName
from pos_core.sync.peers_policy import BadPeersPolicy, PeersPolicy, parse_peers_policy
from pos_core.sync.protocol import PeerCertificate

FILE_NAME = "peer_certificate.json"


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
        return checked_card(found, own, public_key)
    except (OSError, ValueError, msgspec.MsgspecError, NotOurs):
        return None


def peers_policy(replica: Replica) -> PeersPolicy:
    """The chain's; one that cannot be understood is as if nothing were set."""
    try:
        return parse_peers_policy(replica.policy("peers"))
    except BadPeersPolicy:
        return PeersPolicy()


class NotOurs(Exception):
    """A certificate that does not say who we are."""


def checked_card(answer: PeerCertificate, own: PeerName, public_key: bytes) -> PeerCard:
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
