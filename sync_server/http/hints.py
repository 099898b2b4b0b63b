"""Hints: one open stream per workstation, told when a scope's head has moved (GET /v1/hints).

A hub per process looks at the scopes' heads four times a second, so that several processes on one database
need nothing between them; what this process wrote itself wakes it at once. A stream holds at most the newest
head of each of its scopes: whoever reads slowly misses heads in between, never holds up anybody, and is cut
off by the connection's own limit (`serving.WRITE_TIMEOUT_S`). At rest a stream costs its connection and one
waiting call; what is sent to it is a short task of its own.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import structlog
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from pos_core.sync.protocol import Hint
from sync_server.http import wire
from sync_server.http.edge import Answer, Edge
from sync_server.services.errors import MethodNotAllowed, Unavailable
from sync_server.services.feed import Feed
from sync_server.store.workstation import WorkstationRow

PATH = "/v1/hints"
POLL_S = 0.25
GAP_S = 0.02
"""Between two looks, however often it is woken: changes of one moment are told together."""
HEARTBEAT_S = 20
"""Below the minute after which proxies cut an idle answer."""
LIFE_S = 1800.0
"""A stream ends after about this long and is opened anew: signature, revocation and scopes are seen again."""
STREAMS_MAX = 20_000
PER_WORKSTATION_MAX = 2
_HEARTBEAT = b":\n\n"
_log = structlog.get_logger("sync_server.http")

Heads = tuple[str, dict[str, int]]
"""The epoch, and each scope's head."""


class Stream:
    """One workstation's open stream. Lives on the event loop alone."""

    __slots__ = ("_pending", "_send", "_sending", "_term", "scopes", "workstation_id")

    def __init__(self, workstation_id: str, scopes: tuple[str, ...]) -> None:
        self.workstation_id = workstation_id
        self.scopes = scopes
        self._pending: dict[str, bytes] | None = None
        self._send: Send | None = None
        self._sending: asyncio.Task[None] | None = None
        self._term: asyncio.Timeout | None = None

    def begin(self, send: Send, term: asyncio.Timeout) -> None:
        """The headers are out: from now on what is offered is sent, until `term` is over."""
        self._send, self._term = send, term
        self._kick()

    def offer(self, name: str, event: bytes) -> None:
        """Send `event`, or the newest of its name once the one under way is out."""
        if self._pending is None:
            self._pending = {}
        self._pending[name] = event
        self._kick()

    def heartbeat(self) -> None:
        """Something must pass now and then; not when something is under way."""
        if self._pending is None and self._sending is None:
            self.offer("", _HEARTBEAT)

    def end(self) -> None:
        """Nothing more; the answer ends."""
        self._send = None
        if self._term is not None and not self._term.expired():
            self._term.reschedule(asyncio.get_running_loop().time())
            self._term = None
        if self._sending is not None:
            self._sending.cancel()

    def forget_term(self) -> None:
        """The answer is over: there is nothing left to end."""
        self._term = None

    def _kick(self) -> None:
        if self._send is not None and self._sending is None and self._pending:
            self._sending = asyncio.ensure_future(self._flush(self._send))

    async def _flush(self, send: Send) -> None:
        try:
            while self._pending:
                data, self._pending = b"".join(self._pending.values()), None
                await send({"type": "http.response.body", "body": data, "more_body": True})
        finally:
            self._sending = None


class HintHub:
    """The streams of one process. `read` is called on a thread; everything else on the event loop."""

    def __init__(self, read: Callable[[], Heads]) -> None:
        self._read = read
        self._streams: set[Stream] = set()
        self._by_scope: dict[str, set[Stream]] = {}
        self._by_workstation: dict[str, list[Stream]] = {}
        self._known: Heads = ("", {})
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def count(self) -> int:
        """Open streams."""
        return len(self._streams)

    def start(self) -> None:
        """Begins, on the loop that serves."""
        self._loop = asyncio.get_running_loop()
        self._tasks = [asyncio.create_task(self._watch()), asyncio.create_task(self._beat())]

    async def stop(self) -> None:
        """Ends every stream and the watch."""
        loop, self._loop = self._loop, None
        for stream in list(self._streams):
            stream.end()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        assert loop is not None

    def wake(self) -> None:
        """Something changed in this process; from any thread."""
        loop = self._loop
        if loop is not None and self._streams:
            try:
                loop.call_soon_threadsafe(self._woken.set)
            except RuntimeError:  # the loop has just ended
                return

    @property
    def full(self) -> bool:
        """True when this process holds enough of them."""
        return len(self._streams) >= STREAMS_MAX

    def open(self, workstation_id: str, scopes: tuple[str, ...]) -> Stream:
        """A new stream, told the present heads first.

        A workstation's oldest stream makes way: it is one that the workstation has lost.
        """
        own = self._by_workstation.setdefault(workstation_id, [])
        while len(own) >= PER_WORKSTATION_MAX:
            self.close(own[0])
        stream = Stream(workstation_id, scopes)
        self._streams.add(stream)
        self._by_workstation.setdefault(workstation_id, []).append(stream)
        for scope in scopes:
            self._by_scope.setdefault(scope, set()).add(stream)
            if scope in self._known[1]:
                stream.offer(scope, _event(self._known[0], scope, self._known[1][scope]))
        self._woken.set()
        return stream

    def close(self, stream: Stream) -> None:
        """Forgets a stream."""
        stream.end()
        if stream not in self._streams:
            return
        self._streams.remove(stream)
        for scope in stream.scopes:
            listeners = self._by_scope[scope]
            listeners.discard(stream)
            if not listeners:
                del self._by_scope[scope]
        own = self._by_workstation[stream.workstation_id]
        own.remove(stream)
        if not own:
            del self._by_workstation[stream.workstation_id]

    async def _watch(self) -> None:
        while True:
            self._woken.clear()
            if self._streams:
                try:
                    self._tell(await asyncio.to_thread(self._read))
                except Exception as error:
                    # The database may be away for a while: streams stay, workstations poll.
                    _log.warning("heads_not_read", error=type(error).__name__)
                    await asyncio.sleep(1)
            await asyncio.sleep(GAP_S)
            try:
                async with asyncio.timeout(POLL_S):
                    await self._woken.wait()
            except TimeoutError:
                continue

    def _tell(self, heads: Heads) -> None:
        epoch, known = self._known
        self._known = heads
        for scope, sequence in heads[1].items():
            if heads[0] == epoch and known.get(scope) == sequence:
                continue
            listeners = self._by_scope.get(scope)
            if listeners:
                event = _event(heads[0], scope, sequence)
                for stream in listeners:
                    stream.offer(scope, event)

    async def _beat(self) -> None:
        """A part of the streams each second, so that ten thousand are not written to at once."""
        turn = 0
        while True:
            await asyncio.sleep(1)
            turn = (turn + 1) % HEARTBEAT_S
            for stream in [one for one in self._streams if (id(one) >> 6) % HEARTBEAT_S == turn]:
                stream.heartbeat()


class HintStreams:
    """The route: a signed GET, then signed headers and events until either side ends it."""

    def __init__(self, hub: HintHub, edge: Edge, feed: Feed) -> None:
        self._hub = hub
        self._edge = edge
        self._feed = feed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application by itself."""
        opened = await self._open(scope, receive, send)
        if opened is not None:
            await self._stream(*opened, receive, send)

    async def _open(
        self, scope: Scope, receive: Receive, send: Send
    ) -> tuple[Stream, list[tuple[bytes, bytes]]] | None:
        """Who may listen to what, and the signed headers; None when it was refused and answered."""
        request = Request(scope, receive)
        caller: list[tuple[str, tuple[str, ...]]] = []

        def work(row: WorkstationRow, _: bytes) -> Answer:
            if scope["method"] != "GET":
                raise MethodNotAllowed("not with this method")
            if self._hub.full:
                raise Unavailable("enough streams are open")
            caller.append((row.workstation_id, self._feed.scopes(row)))
            return Answer(content_type="text/event-stream")

        answer = await self._edge.signed(request, "hints", work)
        if not caller:
            await answer(scope, receive, send)
            return None
        del answer.headers["content-length"]
        return self._hub.open(*caller[0]), answer.raw_headers

    async def _stream(
        self, stream: Stream, headers: list[tuple[bytes, bytes]], receive: Receive, send: Send
    ) -> None:
        over = random.uniform(0.8, 1.0) * LIFE_S  # noqa: S311 - only spreads the reconnects
        try:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": _HEARTBEAT, "more_body": True})
            async with asyncio.timeout(over) as term:
                stream.begin(send, term)
                while (await receive())["type"] != "http.disconnect":
                    continue
        except TimeoutError:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            stream.forget_term()
            self._hub.close(stream)


def _event(epoch: str, scope: str, sequence: int) -> bytes:
    return b"data: " + wire.encoded(Hint(epoch, scope, sequence)) + b"\n\n"
