"""The server issues, workstations check: who gets into a store's own network, and who does not."""

from __future__ import annotations

import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pos_client.sync.errors import PeerRefused
from pos_client.sync.peer_certificate import check_peer
from pos_client.sync.peer_tls import peer_context
from pos_core.sync.peer_name import PEER_CERTIFICATE_DAYS, PeerName, peer_name
from sync_server.services.certificates import (
    ca_pem,
    create_certificates,
    issue_peer_certificate,
    server_files,
)
from sync_server.services.clock import SystemClock
from sync_server.services.data_folder import DataFolder

_DAY_MS = 24 * 3600 * 1000
_ONE, _TWO = PeerName("S001", "W-1"), PeerName("S001", "W-2")


class _Chain:
    def __init__(self, root: Path) -> None:
        self.folder = DataFolder(root)
        self.folder.keys.mkdir(parents=True)
        create_certificates(self.folder, chain_name="Chain", hosts=["localhost"], clock=SystemClock())
        self.authority = ssl.PEM_cert_to_DER_cert(ca_pem(self.folder))

    def issue(self, name: PeerName, key: Ed25519PrivateKey) -> bytes:
        raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return issue_peer_certificate(self.folder, name, raw, SystemClock())


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> _Chain:
    return _Chain(tmp_path_factory.mktemp("chain"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> _Chain:
    return _Chain(tmp_path_factory.mktemp("stranger"))


def _reason(chain: _Chain, certificate: bytes, *, later_ms: int = 0, revoked: tuple[str, ...] = ()) -> object:
    now = SystemClock().now_ms() + later_ms
    with pytest.raises(PeerRefused) as caught:
        check_peer(certificate, chain.authority, own=_ONE, now_ms=now, revoked=revoked)
    return caught.value.facts["reason"]


def test_a_workstation_of_the_store_is_known_by_its_own_key(chain: _Chain) -> None:
    key = Ed25519PrivateKey.generate()
    certificate = chain.issue(_TWO, key)
    now = SystemClock().now_ms()
    assert check_peer(certificate, chain.authority, own=_ONE, now_ms=now, revoked=("W-3",)) == _TWO
    assert x509.load_der_x509_certificate(certificate).public_key() == key.public_key()


def test_each_wrong_certificate_has_its_reason(chain: _Chain, stranger: _Chain) -> None:
    key = Ed25519PrivateKey.generate()
    good = chain.issue(_TWO, key)
    assert _reason(chain, stranger.issue(_TWO, key)) == "not_our_chain"
    assert _reason(chain, chain.issue(PeerName("S002", "W-2"), key)) == "other_store"
    assert _reason(chain, chain.issue(_ONE, key)) == "ourselves"
    assert _reason(chain, good, revoked=("W-2",)) == "revoked"
    assert _reason(chain, good, later_ms=PEER_CERTIFICATE_DAYS * _DAY_MS) == "expired"
    assert _reason(chain, good, later_ms=-3 * _DAY_MS) == "not_yet_valid"
    assert _reason(chain, good[:-9]) == "unreadable"
    server = server_files(chain.folder)[0].read_text(encoding="ascii")
    assert _reason(chain, ssl.PEM_cert_to_DER_cert(server)) == "no_workstation"


def test_a_workstation_cannot_issue_for_another(chain: _Chain) -> None:
    """Its certificate says that it is no authority; what it signs is neither TLS's nor ours to believe."""
    key = Ed25519PrivateKey.generate()
    own = x509.load_der_x509_certificate(chain.issue(_TWO, key))
    now = datetime.datetime.now(datetime.UTC)
    forged = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(own.issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=900))
        .add_extension(
            x509.SubjectAlternativeName([x509.UniformResourceIdentifier(PeerName("S001", "W-9").as_uri())]),
            True,
        )
    )
    assert _reason(chain, forged.sign(key, None).public_bytes(Encoding.DER)) == "not_our_chain"
    other = ec.generate_private_key(ec.SECP256R1())
    assert _reason(chain, forged.sign(other, hashes.SHA256()).public_bytes(Encoding.DER)) == "not_our_chain"


@pytest.mark.parametrize("name", [_ONE, PeerName("店/一", "W%2F2"), PeerName("a b", "?#")])
def test_a_name_is_spelled_one_way_and_read_back(name: PeerName) -> None:
    assert name.as_uri().isascii() and peer_name(name.as_uri()) == name


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "https://S001/W",
        "tidemark://peer/S1",
        "tidemark://peer/S1/",
        "tidemark://peer//W",
        "tidemark://peer/S1/W/x",
        "tidemark://peer/%531/W",
        "tidemark://peer/S1/%FF",
        "tidemark://peer/S1/%e5%ba%97",
        "tidemark://peer/S1/店",
        "tidemark://peer/S1/%2",
    ],
)
def test_another_spelling_is_no_name(uri: str) -> None:
    assert peer_name(uri) is None


def _shake(
    listening: ssl.SSLContext, calling: ssl.SSLContext, host: str | None = None
) -> tuple[bytes, bytes]:
    """A handshake and one byte each way, without a socket; what either end was shown (DER)."""
    to_listener, to_caller = ssl.MemoryBIO(), ssl.MemoryBIO()
    listener = listening.wrap_bio(to_listener, to_caller, server_side=True)
    caller = calling.wrap_bio(to_caller, to_listener, server_hostname=host)
    waiting = [caller, listener]
    for _ in range(8):
        for end in list(waiting):
            try:
                end.do_handshake()
                waiting.remove(end)
            except ssl.SSLWantReadError:
                pass
    assert not waiting
    caller.write(b"?")
    assert listener.read(1) == b"?"
    shown = listener.getpeercert(True), caller.getpeercert(True)
    assert shown[0] is not None and shown[1] is not None
    return shown[0], shown[1]


def test_two_workstations_show_each_other_who_they_are(chain: _Chain) -> None:
    one, two = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    first, second = chain.issue(_ONE, one), chain.issue(_TWO, two)
    caller, listener = _shake(
        peer_context(first, one, chain.authority, listening=True),
        peer_context(second, two, chain.authority, listening=False),
    )
    assert (caller, listener) == (second, first)


def test_neither_end_takes_another_chain_s_workstation(chain: _Chain, stranger: _Chain) -> None:
    key, theirs = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    ours, foreign = chain.issue(_ONE, key), stranger.issue(_TWO, theirs)
    for listens, calls in (
        (
            peer_context(ours, key, chain.authority, listening=True),
            peer_context(foreign, theirs, chain.authority, listening=False),
        ),
        (
            peer_context(foreign, theirs, chain.authority, listening=True),
            peer_context(ours, key, chain.authority, listening=False),
        ),
    ):
        with pytest.raises(ssl.SSLCertVerificationError):
            _shake(listens, calls)


def test_a_caller_without_a_certificate_is_not_let_in(chain: _Chain) -> None:
    key = Ed25519PrivateKey.generate()
    bare = ssl.create_default_context(cadata=ssl.DER_cert_to_PEM_cert(chain.authority))
    bare.check_hostname = False
    with pytest.raises(ssl.SSLError, match=r"(?i)certificate"):
        _shake(peer_context(chain.issue(_ONE, key), key, chain.authority, listening=True), bare)


def test_a_workstation_is_never_taken_for_head_office(chain: _Chain) -> None:
    """The same authority issued both: who looks for the server's name must not find a workstation."""
    key = Ed25519PrivateKey.generate()
    shop = peer_context(
        chain.issue(PeerName("localhost", "localhost"), key), key, chain.authority, listening=True
    )
    looking = ssl.create_default_context(cadata=ssl.DER_cert_to_PEM_cert(chain.authority))
    with pytest.raises(ssl.SSLCertVerificationError, match=r"(?i)hostname"):
        _shake(shop, looking, "localhost")


def test_the_key_needs_its_own_certificate_and_leaves_no_file(
    chain: _Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    certificate = chain.issue(_ONE, key)
    peer_context(certificate, key, chain.authority, listening=True)
    with pytest.raises(ssl.SSLError):
        peer_context(certificate, other, chain.authority, listening=True)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_given_to_resume_with(chain: _Chain) -> None:
    """Else a workstation revoked since would come back without showing its certificate."""
    one, two = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    listening = peer_context(chain.issue(_ONE, one), one, chain.authority, listening=True)
    calling = peer_context(chain.issue(_TWO, two), two, chain.authority, listening=False)
    to_listener, to_caller = ssl.MemoryBIO(), ssl.MemoryBIO()
    listener = listening.wrap_bio(to_listener, to_caller, server_side=True)
    caller = calling.wrap_bio(to_caller, to_listener)
    with pytest.raises(ssl.SSLWantReadError):
        caller.do_handshake()
    with pytest.raises(ssl.SSLWantReadError):
        listener.do_handshake()
    caller.do_handshake()
    listener.do_handshake()
    listener.write(b"!")
    assert caller.read(1) == b"!"  # tickets would have come before it
    assert caller.session is None or not caller.session.has_ticket
