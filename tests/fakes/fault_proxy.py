"""A TCP proxy that does to HTTP exchanges what bad networks do, by seeded dice.

Between a workstation and head office it loses requests and answers, doubles and delays requests, cuts
answers short, resets connections, flips bits, answers 502 itself and shows a captive portal with status 200.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

FAULTS = (
    "drop_request",
    "drop_answer",
    "double",
    "delay",
    "truncate",
    "reset",
    "half_request",
    "garble_request",
    "garble_answer",
    "bad_gateway",
    "portal",
)
_PORTAL = b"<html><title>Free Wi-Fi</title><body>Please accept our terms.</body></html>"
_DELAY_S = 0.002


@dataclass
class FaultProxy:
    """`rate` of all requests suffer one of `faults`; `counts` says how often what happened."""

    upstream_port: int
    seed: int = 1
    rate: float = 0.5
    faults: tuple[str, ...] = FAULTS
    counts: Counter[str] = field(default_factory=Counter)
    port: int = 0

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def faulted(self) -> int:
        return sum(count for fault, count in self.counts.items() if fault != "none")

    async def serve(self, client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, OSError):
            while head := await _head(client_in):
                body = await client_in.readexactly(_length(head))
                fault = self._dice.choice(self.faults) if self._dice.random() < self.rate else "none"
                self.counts[fault] += 1
                if not await self._exchange(fault, head + body, client_out):
                    break
        with suppress(ConnectionError, OSError):
            client_out.close()

    async def _exchange(self, fault: str, request: bytes, out: asyncio.StreamWriter) -> bool:
        """Play one request; True when the connection goes on."""
        if fault == "drop_request":
            return False
        if fault == "bad_gateway":
            out.write(_answer("502 Bad Gateway", b"upstream is away"))
        elif fault == "portal":
            out.write(_answer("200 OK", _PORTAL))
        elif fault == "reset":
            _reset(out)
            return False
        elif fault == "half_request":
            await self._send(request[: len(request) * 2 // 3], whole=False)
            return False
        else:
            return await self._forward(fault, request, out)
        await out.drain()
        return True

    async def _forward(self, fault: str, request: bytes, out: asyncio.StreamWriter) -> bool:
        if fault == "delay":
            await asyncio.sleep(_DELAY_S)
        if fault == "garble_request":
            request = self._garbled(request)
        if fault == "double":
            await self._send(request)
        answer = await self._send(request)
        if fault == "drop_answer" or not answer:
            return False
        if fault == "truncate":
            out.write(answer[: max(1, len(answer) - self._dice.randint(1, len(answer)))])
            await out.drain()
            return False
        if fault == "garble_answer":
            answer = self._garbled(answer)
        out.write(answer)
        await out.drain()
        return fault not in ("garble_answer", "garble_request")

    async def _send(self, request: bytes, *, whole: bool = True) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.upstream_port)
        try:
            writer.write(request)
            await writer.drain()
            if not whole:
                return b""
            head = await _head(reader)
            return head + await reader.readexactly(_length(head)) if head else b""
        except (ConnectionError, asyncio.IncompleteReadError, OSError):
            return b""
        finally:
            writer.close()

    def _garbled(self, message: bytes) -> bytes:
        """One byte of the body flipped; of the head when there is no body."""
        start = message.index(b"\r\n\r\n") + 4
        if start == len(message):
            start = message.index(b"\r\n")
        place = self._dice.randrange(start, len(message))
        return message[:place] + bytes([message[place] ^ 0x41]) + message[place + 1 :]


@contextmanager
def fault_proxy(
    upstream_port: int, *, seed: int = 1, rate: float = 0.5, faults: tuple[str, ...] = FAULTS
) -> Iterator[FaultProxy]:
    """A proxy on a thread of its own, on a free loopback port."""
    proxy = FaultProxy(upstream_port, seed, rate, faults)
    loop, ready = asyncio.new_event_loop(), threading.Event()

    async def run() -> None:
        server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
        proxy.port = server.sockets[0].getsockname()[1]
        ready.set()

    def work() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(run())
        loop.run_forever()

    thread = threading.Thread(target=work, name="fault-proxy", daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(_end_tasks(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end_tasks() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def _answer(status: str, body: bytes) -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    )


def _reset(out: asyncio.StreamWriter) -> None:
    """RST instead of FIN."""
    sock = out.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    out.transport.abort()
