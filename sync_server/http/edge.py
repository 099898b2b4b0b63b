"""The one path that every request takes: size, time and concurrency limits, signature, errors, signing.

Work runs on a small pool of threads, because the store is synchronous; the event loop only moves bytes.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from pos_core.clock import Clock
from pos_core.errors import InvalidInput, TidemarkError
from pos_core.sync import protocol, versions
from sync_server.http import wire
from sync_server.http.blob_response import BlobResponse
from sync_server.http.measures import Measures
from sync_server.http.signing import SignedRequest, Signing
from sync_server.services.errors import (
    BodyTooLarge,
    InternalError,
    MalformedRequest,
    Refused,
    TooManyAttempts,
    Unavailable,
    UpgradeRequired,
)
from sync_server.services.workstations import Workstations
from sync_server.store.workstation import WorkstationRow

BODY_TIMEOUT_S = 60.0
SMALL_BODY_BYTES_MAX = 256 * 1024
IN_FLIGHT_PER_WORKSTATION_MAX = 4
WORKERS = 8
WAITING_MAX = 256
_log = structlog.get_logger("sync_server.http")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a route's work returns.

    `zstd` holds the body already compressed, where it is cached so; `file` is sent instead of a body, with
    ranges and unsigned (its name is its hash).
    """

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    zstd: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    file: Path | None = None


SignedWork = Callable[[WorkstationRow, bytes], Answer]
OpenWork = Callable[[bytes], Answer]


class Edge:
    """Limits, signatures and errors, the same for every route."""

    def __init__(
        self, signing: Signing, workstations: Workstations, clock: Clock, measures: Measures
    ) -> None:
        self._signing = signing
        self._workstations = workstations
        self._clock = clock
        self._measures = measures
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="request")
        self._waiting = 0
        self._in_flight: Counter[str] = Counter()
        self._lock = threading.Lock()

    async def signed(
        self,
        request: Request,
        route: str,
        work: SignedWork,
        *,
        body_max: int = SMALL_BODY_BYTES_MAX,
        any_version: bool = False,
    ) -> Response:
        """A route for workstations. `any_version`: what goes up is taken from the oldest program too."""

        def run(body: bytes) -> Answer:
            return self._signed(request, body, work, body_max, any_version=any_version)

        return await self._serve(request, route, body_max, run, sign=True)

    async def open(
        self, request: Request, route: str, work: OpenWork, *, body_max: int = SMALL_BODY_BYTES_MAX
    ) -> Response:
        """A route for anybody."""

        def run(body: bytes) -> Answer:
            return work(wire.unpacked(body, request.headers.get("content-encoding"), body_max))

        return await self._serve(request, route, body_max, run)

    def close(self) -> None:
        """Waits for work under way."""
        self._workers.shutdown(wait=True)

    async def _serve(
        self,
        request: Request,
        route: str,
        body_max: int,
        work: Callable[[bytes], Answer],
        *,
        sign: bool = False,
    ) -> Response:
        started = self._clock.monotonic_ms()
        try:
            body = await _read_body(request, body_max)
            if self._waiting >= WAITING_MAX:
                raise Unavailable("too many requests are waiting")
            self._waiting += 1
            try:
                response = await asyncio.get_running_loop().run_in_executor(
                    self._workers, self._finish, request, route, body, work, sign
                )
            finally:
                self._waiting -= 1
        except Refused as error:
            response = self._respond(request, self._refusal(error), sign)
        self._measures.request(route, response.status_code, self._clock.monotonic_ms() - started)
        return response

    def _finish(
        self, request: Request, route: str, body: bytes, work: Callable[[bytes], Answer], sign: bool
    ) -> Response:
        try:
            answer = work(body)
        except Refused as error:
            answer = self._refusal(error)
        except InvalidInput as error:
            answer = self._refusal(MalformedRequest(error.code))
        except TidemarkError as error:
            _log.warning("trouble", route=route, code=error.code)
            answer = self._refusal(Unavailable(error.code))
        except Exception as error:
            _log.exception("defect", route=route, nonce=request.headers.get(protocol.HEADER_NONCE, "")[:64])
            answer = self._refusal(InternalError(type(error).__name__))
        return self._respond(request, answer, sign)

    def _signed(
        self, request: Request, body: bytes, work: SignedWork, body_max: int, *, any_version: bool
    ) -> Answer:
        caller = self._signing.caller(_signed_request(request, body))
        if not any_version and not versions.is_served(version_of(request)):
            raise UpgradeRequired(
                "this program is too old to be told anything",
                oldest_served=versions.OLDEST_SERVED,
                newest=protocol.PROTOCOL_VERSION,
            )
        with self._lock:
            if self._in_flight[caller.workstation_id] >= IN_FLIGHT_PER_WORKSTATION_MAX:
                raise TooManyAttempts("too many requests at once", retry_after_ms=1000)
            self._in_flight[caller.workstation_id] += 1
        try:
            self._workstations.heard(caller.workstation_id)
            return work(caller, wire.unpacked(body, request.headers.get("content-encoding"), body_max))
        finally:
            with self._lock:
                self._in_flight[caller.workstation_id] -= 1
                if not self._in_flight[caller.workstation_id]:
                    del self._in_flight[caller.workstation_id]

    def _refusal(self, error: Refused) -> Answer:
        headers = {}
        wait_ms = error.facts.get("retry_after_ms")
        if isinstance(wait_ms, int):
            headers["Retry-After"] = str(-(-wait_ms // 1000))
        self._measures.error(error.code)
        return Answer(wire.error_bytes(error, self._clock.now_ms()), error.status, headers=headers)

    def _respond(self, request: Request, answer: Answer, sign: bool) -> Response:
        if answer.file is not None:
            return BlobResponse(answer.file, headers=answer.headers, media_type=answer.content_type)
        version = str(versions.spoken(version_of(request)))
        headers = {protocol.HEADER_PROTOCOL: version, "Cache-Control": "no-store"}
        headers |= answer.headers
        body = answer.body
        takes_zstd = "zstd" in request.headers.get("accept-encoding", "")
        if answer.zstd is not None and takes_zstd:
            body = answer.zstd
            headers["Content-Encoding"] = "zstd"
        elif takes_zstd and answer.status == 200 and len(body) > wire.COMPRESS_ABOVE_BYTES:
            body = wire.packed(body)
            headers["Content-Encoding"] = "zstd"
        nonce = request.headers.get(protocol.HEADER_NONCE)
        if sign and nonce and len(nonce) <= 64:
            headers[protocol.HEADER_SERVER_SIGNATURE] = self._signing.answer_signature(
                nonce=nonce, status=answer.status, body=body
            )
        return Response(body, answer.status, headers, answer.content_type)


def version_of(request: Request) -> int:
    """The version of the wire that the client says it speaks."""
    return versions.version_of(request.headers.get(protocol.HEADER_PROTOCOL))


def _signed_request(request: Request, body: bytes) -> SignedRequest:
    query: bytes = request.scope["query_string"]
    path: bytes = request.scope["raw_path"]
    target = path.split(b"?")[0] + (b"?" + query if query else b"")
    headers = request.headers
    return SignedRequest(
        method=request.method,
        target=target.decode("latin-1"),
        body=body,
        workstation_id=headers.get(protocol.HEADER_WORKSTATION, ""),
        created=headers.get(protocol.HEADER_CREATED, ""),
        nonce=headers.get(protocol.HEADER_NONCE, ""),
        signature=headers.get(protocol.HEADER_SIGNATURE, ""),
    )


async def _read_body(request: Request, bytes_max: int) -> bytes:
    announced = request.headers.get("content-length", "0")
    if not announced.isdigit() or int(announced[:18]) > bytes_max:
        raise BodyTooLarge("the body is too large", bytes_max=bytes_max)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > bytes_max:
                    raise BodyTooLarge("the body is too large", bytes_max=bytes_max)
    except TimeoutError:
        raise MalformedRequest("the body came too slowly") from None
    except ClientDisconnect:
        raise MalformedRequest("the client went away") from None
    return bytes(body)
