"""A kept connection to our server, a second while batches follow each other: requests signed, answers checked

before anything of them is used.

An answer counts only when it carries the server's signature over our nonce, its status and its bytes: a
captive portal's page with status 200, a proxy's error, a garbled or cut body all fail there. Bodies are
read within bounds, compressed and unpacked.
"""

from __future__ import annotations

import base64
import binascii
import secrets
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import httpx
import msgspec
import zstandard
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pos_client.sync.errors import (
    BrokenAnswer,
    NotOurServer,
    ServerAway,
    ServerRefused,
    TooManyBytes,
    TooSlow,
)
from pos_client.sync.server_clock import ServerClock
from pos_core.sync import protocol
from pos_core.sync.protocol import ErrorBody, Hint, request_statement, response_statement

T = TypeVar("T")
Transport = httpx.BaseTransport
"""Another way to the server than the network."""
ANSWER_BYTES_MAX = 16 * 1024 * 1024
EVENT_BYTES_MAX = 4096
UNPACKED_BYTES_MAX = 64 * 1024 * 1024
SILENCE_MAX_S = 30.0
TRICKLE_AFTER_S = 20.0
TRICKLE_BYTES_A_SECOND = 1024
TIMEOUT = httpx.Timeout(SILENCE_MAX_S, connect=5.0)
_CLOCK_CODE = "clock_out_of_window"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who signs and whose signature we expect."""

    workstation_id: str
    signing_key: Ed25519PrivateKey
    server_public_key: bytes


def http_client(
    ca_certificate: str,
    *,
    transport: httpx.BaseTransport | None = None,
    silence_max_s: float = SILENCE_MAX_S,
) -> httpx.Client:
    """A client that trusts the chain's own CA and nobody else; without a CA (loopback HTTP) nobody at all."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_certificate:
        context.load_verify_locations(cadata=ca_certificate)
    return httpx.Client(
        verify=context,
        timeout=httpx.Timeout(silence_max_s, connect=5.0),
        trust_env=False,
        follow_redirects=False,
        transport=transport,
        limits=httpx.Limits(max_connections=2, max_keepalive_connections=2, keepalive_expiry=120.0),
    )


class Wire:
    """Used by one thread, the sync worker's or the hint listener's; `post` also by a push's own threads.

    Raises only SyncTrouble.

    Attributes:
        server_version: of the wire, as the last answer said; 1 before any.
    """

    def __init__(
        self, http: httpx.Client, base_url: str, credentials: Credentials, clock: ServerClock
    ) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._credentials = credentials
        self._server_key = Ed25519PublicKey.from_public_bytes(credentials.server_public_key)
        self.clock = clock
        self.requests = 0
        self.server_version = 1
        self._socket: socket.socket | None = None

    def get(self, target: str, kind: type[T]) -> T:
        """GET `target` (path with query); the answer as `kind`."""
        return _decoded(self._healed("GET", target, b"", {}), kind)

    def post(self, target: str, body: bytes, kind: type[T], *, zstd: bool = False) -> T:
        """POST a JSON body; the answer as `kind`. `zstd`: the body is already compressed."""
        headers = {"Content-Type": "application/json"}
        if zstd:
            headers["Content-Encoding"] = "zstd"
        return _decoded(self._healed("POST", target, body, headers), kind)

    def post_status(self, target: str, body: bytes) -> None:
        """POST where the answer's body does not matter."""
        self._healed("POST", target, body, {"Content-Type": "application/json"})

    def download(
        self,
        target: str,
        take: Callable[[bytes], Any],
        *,
        length: int,
        start: int = 0,
        begin_anew: Callable[[], None] | None = None,
    ) -> None:
        """GET a blob from byte `start` on, handing chunks to `take`; at most `length` bytes in all.

        The answer is not signed: the caller knows the blob's SHA-256. When the server ignores the range,
        `begin_anew` is called before the first chunk. Raises TooManyBytes, TooSlow.
        """
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
        request, _ = self._signed("GET", target, b"", headers)
        with self._streamed(request) as response:
            take_file(response, take, length=length, start=start, begin_anew=begin_anew)

    @contextmanager
    def events(self, target: str) -> Iterator[Iterator[Hint]]:
        """GET a stream of server-sent hints; its headers are signed, its events only nudge.

        Raises SyncTrouble. Ends when either side ends the stream; `hang_up` ends it from another thread.
        """
        request, nonce = self._signed("GET", target, b"", {"Accept": "text/event-stream"})
        with self._streamed(request) as response:
            if response.status_code != 200:
                self._refused(response, nonce, _read(response))
            self._check_signature(response, nonce, b"")
            self._socket = response.extensions["network_stream"].get_extra_info("socket")
            try:
                yield _hints(response)
            finally:
                self._socket = None

    def hang_up(self) -> None:
        """End the stream that is being read."""
        plug = self._socket
        if plug is not None:
            with suppress(OSError):
                plug.shutdown(socket.SHUT_RDWR)

    def _healed(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> bytes:
        """Once more with the server's time when ours was too far off."""
        try:
            return self._ask(method, target, body, headers)
        except ServerRefused as error:
            if error.server_code != _CLOCK_CODE:
                raise
        return self._ask(method, target, body, headers)

    def _ask(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> bytes:
        request, nonce = self._signed(method, target, body, headers | {"Accept-Encoding": "zstd"})
        with self._streamed(request) as response:
            raw = _read(response)
        if not 200 <= response.status_code < 300:
            self._refused(response, nonce, raw)
        self._check_signature(response, nonce, raw)
        said = response.headers.get(protocol.HEADER_PROTOCOL, "")
        self.server_version = int(said) if said.isascii() and said.isdigit() and len(said) < 4 else 1
        return _unpacked(raw, response.headers.get("content-encoding"))

    def _refused(self, response: httpx.Response, nonce: str, raw: bytes) -> NoReturn:
        """Raises ServerRefused for a signed refusal, else what an unsigned one is."""
        self._check_signature(response, nonce, raw)
        data = _unpacked(raw, response.headers.get("content-encoding"))
        refusal = _decoded(data, ErrorBody)
        if refusal.server_time_ms > 0:
            self.clock.hear(refusal.server_time_ms)
        raise ServerRefused(refusal.code, response.status_code, refusal.message, refusal.facts)

    def _signed(
        self, method: str, target: str, body: bytes, headers: dict[str, str]
    ) -> tuple[httpx.Request, str]:
        request = self._http.build_request(method, self._base_url + target, content=body, headers=headers)
        nonce = secrets.token_urlsafe(18)
        created_ms = self.clock.now_ms()
        statement = request_statement(
            method=method,
            target=request.url.raw_path.decode("ascii"),
            body=body,
            workstation_id=self._credentials.workstation_id,
            created_ms=created_ms,
            nonce=nonce,
        )
        request.headers[protocol.HEADER_PROTOCOL] = str(protocol.PROTOCOL_VERSION)
        request.headers[protocol.HEADER_WORKSTATION] = self._credentials.workstation_id
        request.headers[protocol.HEADER_CREATED] = str(created_ms)
        request.headers[protocol.HEADER_NONCE] = nonce
        request.headers[protocol.HEADER_SIGNATURE] = base64.b64encode(
            self._credentials.signing_key.sign(statement)
        ).decode()
        return request, nonce

    @contextmanager
    def _streamed(self, request: httpx.Request) -> Iterator[httpx.Response]:
        self.requests += 1
        try:
            response = self._http.send(request, stream=True)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, RuntimeError, OSError) as error:
            raise ServerAway(f"{type(error).__name__}: {error}") from error
        try:
            yield response
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            raise ServerAway(f"{type(error).__name__}: {error}") from error
        finally:
            _close(response)

    def _check_signature(self, response: httpx.Response, nonce: str, raw: bytes) -> None:
        try:
            signature = base64.b64decode(
                response.headers.get(protocol.HEADER_SERVER_SIGNATURE, ""), validate=True
            )
            self._server_key.verify(
                signature, response_statement(nonce=nonce, status=response.status_code, body=raw)
            )
        except (InvalidSignature, binascii.Error, ValueError):
            status = response.status_code
            if status >= 500:
                raise ServerAway(f"a gateway answered {status}", status=status) from None
            raise NotOurServer(f"the answer ({status}) is not signed by our server", status=status) from None


def take_file(
    response: httpx.Response,
    take: Callable[[bytes], Any],
    *,
    length: int,
    start: int,
    begin_anew: Callable[[], None] | None,
) -> None:
    """The bytes of an answer to a file's (part's) request. Raises ServerAway, TooManyBytes, TooSlow."""
    if response.status_code not in (200, 206):
        raise ServerAway(f"no blob: status {response.status_code}", status=response.status_code)
    got = start
    if start and response.status_code == 200:
        assert begin_anew is not None
        begin_anew()
        got = 0
    began, first = time.monotonic(), got
    for chunk in response.iter_raw():
        got += len(chunk)
        if got > length:
            raise TooManyBytes("more bytes than were announced", length=length)
        take(chunk)
        refuse_a_trickle(got - first, time.monotonic() - began)


def refuse_a_trickle(got: int, seconds: float) -> None:
    """Raises TooSlow for `got` bytes in so many seconds: below a kilobyte a second a file never ends."""
    if seconds > TRICKLE_AFTER_S and got < seconds * TRICKLE_BYTES_A_SECOND:
        raise TooSlow("a file comes too slowly", bytes=got, seconds=round(seconds))


def _hints(response: httpx.Response) -> Iterator[Hint]:
    """Events out of the bytes: lines `data: {…}`; comments keep the line alive. Raises BrokenAnswer."""
    rest = b""
    for chunk in response.iter_raw():
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > EVENT_BYTES_MAX:
            raise BrokenAnswer("an event without end", bytes_max=EVENT_BYTES_MAX)
        for line in lines:
            if line.startswith(b"data:"):
                yield _decoded(line[5:].strip(), Hint)


def _close(response: httpx.Response) -> None:
    try:
        response.close()
    except (httpx.HTTPError, OSError):
        return


def _read(response: httpx.Response) -> bytes:
    data = bytearray()
    for chunk in response.iter_raw():
        data += chunk
        if len(data) > ANSWER_BYTES_MAX:
            raise BrokenAnswer("the answer is too large", bytes_max=ANSWER_BYTES_MAX)
    return bytes(data)


def _unpacked(raw: bytes, encoding: str | None) -> bytes:
    if encoding in (None, "", "identity"):
        return raw
    if encoding != "zstd":
        raise BrokenAnswer("the answer is packed in a way we did not ask for")
    try:
        reader = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(raw)
        data = bytes(reader.read(UNPACKED_BYTES_MAX + 1))
    except zstandard.ZstdError as error:
        raise BrokenAnswer(f"not zstd: {error}") from None
    if len(data) > UNPACKED_BYTES_MAX:
        raise BrokenAnswer("the answer is too large unpacked", bytes_max=UNPACKED_BYTES_MAX)
    return data


def _decoded(data: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BrokenAnswer(f"no {kind.__name__}: {error}") from None
