"""Running the application: TLS 1.2 or newer, plain HTTP on loopback alone, guarded connections."""

from __future__ import annotations

import asyncio
import ipaddress
import signal
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from h11 import IDLE, SEND_BODY
from uvicorn.protocols.http.h11_impl import H11Protocol

from pos_core.errors import Refusal, Trouble

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
HEADERS_TIMEOUT_S = 15
KEEP_ALIVE_S = 75
CONNECTIONS_MAX = 12_000
WRITE_TIMEOUT_S = 30
"""A client that takes nothing for this long while its buffer is full is cut off."""
STREAMS = frozenset({"/v1/hints"})
"""Answers without end: closed at once when the server stops."""
HEADER_BYTES_MAX = 32 * 1024


class PlainHttpRefused(Refusal):
    """Plain HTTP was asked for on an address that others can reach."""

    code = "plain_http_refused"


class CannotListen(Trouble):
    """The port is taken or the address is not ours."""

    code = "cannot_listen"


class GuardedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, with a limit on connections and on how long headers may take to arrive."""

    open_connections = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Closes at once above the limit; starts the clock for the first request's headers."""
        super().connection_made(transport)
        type(self).open_connections += 1
        self._headers_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None
        if type(self).open_connections > CONNECTIONS_MAX:
            transport.abort()
            return
        self._await_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Counts down."""
        type(self).open_connections -= 1
        self._stop_timer()
        self._stop_write_timer()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The buffer is full: the client has to take something within the limit."""
        super().pause_writing()
        self._write_timer = self.loop.call_later(WRITE_TIMEOUT_S, self.transport.abort)

    def resume_writing(self) -> None:
        """It did."""
        self._stop_write_timer()
        super().resume_writing()

    def shutdown(self) -> None:
        """The server stops: a stream would keep it waiting."""
        super().shutdown()
        if self.cycle is not None and not self.cycle.response_complete and self.scope["path"] in STREAMS:
            self.transport.close()

    def _stop_write_timer(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def data_received(self, data: bytes) -> None:
        """Headers that began must end within the limit, whatever trickles in."""
        super().data_received(data)
        self._watch_headers()

    def on_response_complete(self) -> None:
        """The next request's headers may be half here already."""
        super().on_response_complete()
        self._watch_headers()

    def _watch_headers(self) -> None:
        if self.conn.their_state is IDLE and self.conn.trailing_data[0]:
            if self._headers_timer is None:
                self._await_headers()
        elif self.conn.their_state is not IDLE:
            self._stop_timer()

    def _await_headers(self) -> None:
        self._headers_timer = self.loop.call_later(HEADERS_TIMEOUT_S, self._too_slow)

    def _stop_timer(self) -> None:
        if self._headers_timer is not None:
            self._headers_timer.cancel()
            self._headers_timer = None

    def _too_slow(self) -> None:
        self._headers_timer = None
        if self.transport is not None and self.conn.their_state in (IDLE, SEND_BODY):
            self.transport.abort()


def refuse_plain_http(host: str) -> None:
    """Raises PlainHttpRefused unless `host` is loopback."""
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    if not loopback:
        raise PlainHttpRefused("plain HTTP only on loopback; use TLS", host=host)


class _Server(uvicorn.Server):
    """Tells when it listens, and where."""

    def __init__(self, config: uvicorn.Config, on_listening: Callable[[str, int], None]) -> None:
        super().__init__(config)
        self._on_listening = on_listening

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stops on SIGTERM and SIGINT and then lets the caller close what it opened.

        uvicorn's own raises the signal again afterwards, which would end the process on the spot.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in _STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._on_listening(host, port)


def _config(app: FastAPI, host: str, port: int, tls: tuple[Path, Path] | None) -> uvicorn.Config:
    if tls is None:
        refuse_plain_http(host)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=GuardedProtocol,
        ws="none",
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=20,
        h11_max_incomplete_event_size=HEADER_BYTES_MAX,
        ssl_certfile=None if tls is None else str(tls[0]),
        ssl_keyfile=None if tls is None else str(tls[1]),
    )
    config.load()
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
    return config


def serve(
    app: FastAPI,
    *,
    host: str,
    port: int,
    tls: tuple[Path, Path] | None,
    on_listening: Callable[[str, int], None],
) -> None:
    """Serves until SIGTERM or SIGINT. Raises PlainHttpRefused, CannotListen."""
    server = _Server(_config(app, host, port, tls), on_listening)
    try:
        server.run()
    except SystemExit:
        raise CannotListen(f"cannot listen on {host} port {port}", host=host, port=port) from None


@contextmanager
def serving(
    app: FastAPI, *, host: str = "127.0.0.1", port: int = 0, tls: tuple[Path, Path] | None = None
) -> Iterator[str]:
    """Serves on a thread for the length of a block; yields the URL."""
    listening = threading.Event()
    place: list[tuple[str, int]] = []

    def told(found_host: str, found_port: int) -> None:
        place.append((found_host, found_port))
        listening.set()

    server = _Server(_config(app, host, port, tls), told)

    def run() -> None:
        try:
            asyncio.run(server.serve())
        except SystemExit:
            pass
        finally:
            listening.set()

    thread = threading.Thread(target=run, name="server", daemon=True)
    thread.start()
    listening.wait(30)
    if not place:
        raise CannotListen(f"cannot listen on {host} port {port}", host=host, port=port)
    try:
        yield f"{'https' if tls else 'http'}://{place[0][0]}:{place[0][1]}"
    finally:
        server.should_exit = True
        thread.join(30)
