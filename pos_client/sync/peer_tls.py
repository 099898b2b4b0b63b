"""TLS between workstations of one store: both ends show a certificate of the chain's authority."""

from __future__ import annotations

import os
import secrets
import ssl
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat


def peer_context(
    certificate: bytes, key: Ed25519PrivateKey, authority: bytes, *, listening: bool
) -> ssl.SSLContext:
    """For the end that listens or the one that calls; `certificate` and `authority` are DER.

    Who the other end is says `check_peer` after the handshake: peers have no host names to compare.
    Raises ssl.SSLError when `certificate` is not for `key`, OSError when there is no place for a file.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if listening else ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=authority)
    if listening:
        # A resumed session would carry a revoked workstation past the certificate that it showed long ago.
        context.num_tickets = 0
    _load(context, certificate, key)
    return context


def _load(context: ssl.SSLContext, certificate: bytes, key: Ed25519PrivateKey) -> None:
    """`ssl` reads keys from files only: it is written under a password that nobody else has, and removed."""
    password = secrets.token_bytes(32).hex()
    sealed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password.encode()))
    descriptor, name = tempfile.mkstemp(prefix="tidemark-peer-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(ssl.DER_cert_to_PEM_cert(certificate).encode("ascii") + sealed)
        context.load_cert_chain(name, password=password)
    finally:
        Path(name).unlink(missing_ok=True)
