"""The network between workstations and head office: a function call that dice may lose, double or garble."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

FAULTS = (
    "drop_request",
    "drop_answer",
    "double",
    "late_copy",
    "cut",
    "garble_answer",
    "garble_request",
    "portal",
)
_PORTAL = b"<html><title>Free Wi-Fi</title><body>Please accept our terms.</body></html>"


class Killed(BaseException):
    """The program dies here. No `except Exception` of the product may see it."""


class Caller:
    """Runs an ASGI application, one request at a time, while the caller waits.

    The loop has a thread of its own: a thread where another loop runs (a browser that tests drive) has no
    room for a second one.
    """

    def __init__(self, app: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._app = app
        self._thread = threading.Thread(target=self._loop.run_forever, name="head-office", daemon=True)
        self._thread.start()

    def answer(self, request: httpx.Request) -> httpx.Response:
        """The whole answer, its body as sent."""
        return asyncio.run_coroutine_threadsafe(self._answer(request), self._loop).result()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "scheme": url.scheme,
            "path": url.path,
            "raw_path": url.raw_path.split(b"?")[0],
            "query_string": url.query,
            "server": (url.host, url.port),
            "client": ("127.0.0.1", 1),
            "root_path": "",
        }
        incoming = [{"type": "http.request", "body": request.content, "more_body": False}]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            if incoming:
                return incoming.pop()
            await asyncio.Event().wait()  # who asked stays on the line until the answer is whole
            raise AssertionError

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return httpx.Response(sent[0]["status"], headers=sent[0]["headers"], stream=httpx.ByteStream(body))

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@dataclass
class Line(httpx.BaseTransport):
    """One workstation's line. `rate` of its requests suffer a fault.

    Attributes:
        office: who answers now; None while head office is down.
        before_answer: called when head office has done its work and nobody here has heard; may raise Killed.
    """

    office: Callable[[], Caller | None]
    dice: random.Random
    up: bool = True
    rate: float = 0.0
    before_answer: Callable[[], None] = lambda: None
    counts: Counter[str] = field(default_factory=Counter)
    _late: list[httpx.Request] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        caller = self.office()
        if not self.up or caller is None:
            self.counts["away"] += 1
            raise httpx.ConnectError("no network")
        fault = self.dice.choice(FAULTS) if self.dice.random() < self.rate else "none"
        self.counts[fault] += 1
        return self._deliver(caller, request, fault)

    def _deliver(self, caller: Caller, request: httpx.Request, fault: str) -> httpx.Response:
        if fault == "drop_request":
            raise httpx.ReadTimeout("lost")
        if fault == "portal":
            return httpx.Response(200, stream=httpx.ByteStream(_PORTAL))
        if fault == "garble_request":
            request = httpx.Request(
                request.method, request.url, headers=request.headers, content=self._garbled(request.content)
            )
        while self._late and self.dice.random() < 0.7:
            caller.answer(self._late.pop())
        answer = caller.answer(request)
        if fault == "double":
            answer = caller.answer(request)
        if fault == "late_copy":
            self._late.append(request)
        self.before_answer()
        if fault == "drop_answer":
            raise httpx.ReadTimeout("lost")
        if fault in ("cut", "garble_answer"):
            body = b"".join(answer.stream)  # type: ignore[arg-type]
            body = body[: len(body) // 2] if fault == "cut" else self._garbled(body)
            headers = [(k, v) for k, v in answer.headers.items() if k != "content-length"]
            return httpx.Response(answer.status_code, headers=headers, stream=httpx.ByteStream(body))
        return answer

    def _garbled(self, body: bytes) -> bytes:
        if not body:
            return b"\x00"
        place = self.dice.randrange(len(body))
        return body[:place] + bytes([body[place] ^ (1 << self.dice.randrange(8))]) + body[place + 1 :]
