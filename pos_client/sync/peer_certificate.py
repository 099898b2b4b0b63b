"""What a workstation asks of another one's certificate before it says or hears anything.

TLS proves that the chain's authority issued it and that the other end holds its key. It does not know which
store it is of, whether the workstation was revoked since, or that our wall clock lies: that is asked here.
"""

from __future__ import annotations

from collections.abc import Collection

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pos_client.sync.errors import PeerRefused
from pos_core.sync.peer_name import PeerName, peer_name


def check_peer(
    certificate: bytes, authority: bytes, *, own: PeerName, now_ms: int, revoked: Collection[str]
) -> PeerName:
    """Who the other end is.

    Args:
        certificate: what it showed (DER).
        authority: the chain's CA certificate, as pinned at enrolment (DER).
        own: who we are.
        now_ms: the instant used for validity, never below the last server time (Unix milliseconds).
        revoked: workstation ids that head office revoked, as far as this workstation has heard.

    Raises PeerRefused; `facts["reason"]` is one of "unreadable", "not_our_chain", "no_workstation",
    "other_store", "ourselves", "revoked", "not_yet_valid", "expired".
    """
    try:
        shown = x509.load_der_x509_certificate(certificate)
        name = name_of(shown)
        key = shown.public_key()
    except (ValueError, x509.DuplicateExtension) as error:
        raise PeerRefused(str(error), reason="unreadable") from error
    try:
        shown.verify_directly_issued_by(x509.load_der_x509_certificate(authority))
    except (ValueError, TypeError, InvalidSignature) as error:
        raise PeerRefused("the chain's authority did not issue it", reason="not_our_chain") from error
    if name is None or not isinstance(key, Ed25519PublicKey):
        raise PeerRefused("it names no workstation", reason="no_workstation")
    _refuse_if(name.store_id != own.store_id, "other_store", name)
    _refuse_if(name.workstation_id == own.workstation_id, "ourselves", name)
    _refuse_if(name.workstation_id in revoked, "revoked", name)
    _refuse_if(now_ms < shown.not_valid_before_utc.timestamp() * 1000, "not_yet_valid", name)
    _refuse_if(now_ms >= shown.not_valid_after_utc.timestamp() * 1000, "expired", name)
    return name


def _refuse_if(wrong: bool, reason: str, name: PeerName) -> None:
    if wrong:
        raise PeerRefused(
            f"the certificate is refused: {reason}", reason=reason, workstation_id=name.workstation_id
        )


def name_of(certificate: x509.Certificate) -> PeerName | None:
    """The one name that it carries; None when there is another or more than one."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None
    uris = [entry.value for entry in names if isinstance(entry, x509.UniformResourceIdentifier)]
    return peer_name(uris[0]) if len(uris) == len(list(names)) == 1 else None
