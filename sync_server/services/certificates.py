"""The chain's own certificate authority and what it issues: to the server, to workstations as peers."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pos_core.clock import Clock
from pos_core.sync.enrolment_code import fingerprint_of
from pos_core.sync.peer_name import PEER_CERTIFICATE_DAYS, PeerName
from sync_server.services.data_folder import DataFolder, write_secret

_CA_YEARS = 20
_SERVER_DAYS = 397 * 2
_BACKDATE = datetime.timedelta(days=2)
"""Workstation clocks may lag; a certificate that is not valid yet would keep them out."""


def create_certificates(folder: DataFolder, *, chain_name: str, hosts: list[str], clock: Clock) -> str:
    """Makes the CA and a first server certificate; returns the CA's fingerprint (hex)."""
    now = _instant(clock)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{chain_name[:40]} Tidemark CA")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATE)
        .not_valid_after(now + datetime.timedelta(days=365 * _CA_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(ca=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    write_secret(folder.keys / "ca.pem", key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    folder.certificates.mkdir(parents=True, exist_ok=True)
    (folder.certificates / "ca.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    issue_server_certificate(folder, hosts=hosts, clock=clock)
    return ca_fingerprint(folder).hex()


def issue_server_certificate(folder: DataFolder, *, hosts: list[str], clock: Clock) -> None:
    """A server certificate for these host names and addresses, in place of the one before."""
    now = _instant(clock)
    authority, authority_key = _authority(folder)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0][:64])]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATE)
        .not_valid_after(now + datetime.timedelta(days=_SERVER_DAYS))
        .add_extension(x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(ca=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )
    key_path = folder.keys / "server_tls.pem"
    key_path.unlink(missing_ok=True)
    write_secret(key_path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder.certificates / "server.pem").write_bytes(certificate.public_bytes(Encoding.PEM))


def issue_peer_certificate(folder: DataFolder, name: PeerName, public_key: bytes, clock: Clock) -> bytes:
    """A certificate (DER) with which this workstation shows itself to the others of its store.

    `public_key` is the raw Ed25519 key that the workstation enrolled with; its private half never leaves it.
    Both ends of a connection between peers show one, so it is good for either end.
    """
    now = _instant(clock)
    authority, authority_key = _authority(folder)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(authority.subject)
        .public_key(Ed25519PublicKey.from_public_bytes(public_key))
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATE)
        .not_valid_after(now + datetime.timedelta(days=PEER_CERTIFICATE_DAYS))
        .add_extension(
            x509.SubjectAlternativeName([x509.UniformResourceIdentifier(name.as_uri())]), critical=True
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(ca=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
            critical=False,
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )


def ca_pem(folder: DataFolder) -> str:
    """The CA certificate as PEM text."""
    return (folder.certificates / "ca.pem").read_text(encoding="ascii")


def ca_fingerprint(folder: DataFolder) -> bytes:
    """What an enrolment code carries of the CA."""
    return fingerprint_of(ssl.PEM_cert_to_DER_cert(ca_pem(folder)))


def server_files(folder: DataFolder) -> tuple[Path, Path]:
    """`(certificate, private key)` for the TLS end."""
    return folder.certificates / "server.pem", folder.keys / "server_tls.pem"


def _authority(folder: DataFolder) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    authority = x509.load_pem_x509_certificate((folder.certificates / "ca.pem").read_bytes())
    key = load_pem_private_key((folder.keys / "ca.pem").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return authority, key


def _instant(clock: Clock) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(clock.now_ms() // 1000, datetime.UTC)


def _host(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _key_usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
