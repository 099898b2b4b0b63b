"""Enrolment: a one-time code turns this machine into a workstation of one store.

The code carries the fingerprint of the chain's CA. The certificate is fetched over a connection that is
not trusted yet, held against the fingerprint, and only then, over a connection pinned to it, the secret
part of the code is sent. The private keys are made here and never leave the key store.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from pos_client.journal.signing import load_signing_key, public_key_text
from pos_client.keys.key_store import KeyStore, get_or_make
from pos_client.replica.release_rules import verifies
from pos_client.sync.errors import BrokenAnswer, EnrolmentRefused, ServerAway, WrongFingerprint
from pos_client.sync.snapshot_fetch import SEALING_KEY
from pos_client.sync.wire import TIMEOUT, http_client
from pos_client.sync.workstation_file import WorkstationFile
from pos_core.errors import InvalidInput
from pos_core.sync.enrolment_code import EnrolmentCode, fingerprint_of, parse_code
from pos_core.sync.protocol import HEADER_PROTOCOL, PROTOCOL_VERSION, EnrolRequest, EnrolResponse, ErrorBody
from pos_core.sync.trust_root import RootRefused, SignedRoot, check_root

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_ANSWER_BYTES_MAX = 1024 * 1024


class BadServerAddress(InvalidInput):
    """No http(s) address, or plain HTTP to another machine."""

    code = "bad_server_address"


def enrol(
    url: str,
    code: str,
    *,
    name: str,
    keys: KeyStore,
    folder: Path,
    app_version: str,
    transport: httpx.BaseTransport | None = None,
) -> WorkstationFile:
    """Enrol and write `workstation.json` into `folder`. Blocking; two or three requests.

    Raises NotAnEnrolmentCode, BadServerAddress, WrongFingerprint, ServerAway, EnrolmentRefused (with the
    server's code: `code_refused`, `too_many_attempts`), BrokenAnswer, KeyStoreTrouble, storage troubles.
    """
    parsed = parse_code(code)
    base_url = _checked_url(url, parsed)
    ca_certificate = (
        "" if parsed.ca_fingerprint is None else _fetch_ca(base_url, parsed.ca_fingerprint, transport)
    )
    sealing_key = X25519PrivateKey.from_private_bytes(get_or_make(keys, SEALING_KEY))
    request = EnrolRequest(
        code=parsed.secret,
        public_key=public_key_text(load_signing_key(keys)),
        sealing_key=base64.b64encode(sealing_key.public_key().public_bytes_raw()).decode(),
        workstation_name=name,
        app_version=app_version,
    )
    with http_client(ca_certificate, transport=transport) as http:
        answer = _post(http, base_url + "/v1/enrol", msgspec.json.encode(request))
    response = _decoded(answer)
    keys.put("blind_index_key", _key(response.blind_index_key))
    keys.put("pin_pepper", _key(response.pin_pepper))
    made = WorkstationFile(
        workstation_id=response.workstation_id,
        workstation_name=response.workstation_name,
        incarnation=response.incarnation,
        store_id=response.store_id,
        region=response.region,
        chain_id=response.chain_id,
        epoch=response.epoch,
        server_url=base_url,
        server_public_key=response.server_public_key,
        pricing_keys=response.pricing_keys,
        recovery_public_key=response.recovery_public_key,
        sealing_public_key=response.sealing_public_key,
        ca_certificate=ca_certificate,
        root_document=response.root_document,
        root_signatures=response.root_signatures,
    )
    made.save(folder)
    return made


def _checked_url(url: str, code: EnrolmentCode) -> str:
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadServerAddress("give the server's address as https://…", url=url[:200])
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise BadServerAddress("plain HTTP is for this machine alone", url=url[:200])
    if parts.scheme == "https" and code.ca_fingerprint is None:
        raise BadServerAddress("this code carries no fingerprint: it is for plain HTTP on this machine")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _fetch_ca(base_url: str, fingerprint: bytes, transport: httpx.BaseTransport | None) -> str:
    """The chain's CA as PEM, known by its fingerprint: who hands it over does not matter."""
    if base_url.startswith("http://"):
        return ""
    untrusted = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    untrusted.check_hostname = False
    untrusted.verify_mode = ssl.CERT_NONE
    with httpx.Client(verify=untrusted, timeout=TIMEOUT, trust_env=False, transport=transport) as http:
        try:
            answer = http.get(base_url + "/v1/ca")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise ServerAway(f"{type(error).__name__}: {error}") from error
    try:
        certificate = x509.load_pem_x509_certificate(answer.content[:_ANSWER_BYTES_MAX])
    except ValueError:
        raise WrongFingerprint("what answered is not a server of ours") from None
    der = certificate.public_bytes(Encoding.DER)
    if not hmac.compare_digest(fingerprint_of(der), fingerprint):
        raise WrongFingerprint("the server's certificate is not the one that the code names")
    return certificate.public_bytes(Encoding.PEM).decode()


def _post(http: httpx.Client, url: str, body: bytes) -> bytes:
    headers = {"Content-Type": "application/json", HEADER_PROTOCOL: str(PROTOCOL_VERSION)}
    try:
        answer = http.post(url, content=body, headers=headers)
    except (httpx.HTTPError, OSError) as error:
        raise ServerAway(f"{type(error).__name__}: {error}") from error
    if answer.status_code == 200:
        return answer.content
    try:
        refusal = msgspec.json.decode(answer.content, type=ErrorBody)
    except (msgspec.DecodeError, ValueError):
        raise ServerAway(f"a gateway answered {answer.status_code}", status=answer.status_code) from None
    raise EnrolmentRefused(refusal.code, answer.status_code, refusal.message, refusal.facts)


def _decoded(answer: bytes) -> EnrolResponse:
    try:
        response = msgspec.json.decode(answer, type=EnrolResponse)
        for key in (
            response.server_public_key,
            response.recovery_public_key,
            *response.pricing_keys.values(),
        ):
            _key(key)
        if response.root_document:
            signed = SignedRoot(response.root_document, response.root_signatures)
            check_root(signed, verifies, chain_id=response.chain_id)
    except (msgspec.DecodeError, ValueError, RootRefused) as error:
        raise BrokenAnswer(f"no enrolment: {error}") from None
    return response


def _key(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if len(data) != 32:
        raise BrokenAnswer("a key in the answer has another length")
    return data
