"""One connection to a peer: mutual TLS, then frames. Either end proves who it is before a byte counts."""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import TypeVar

import msgspec
import zstandard

from pos_client.sync.errors import BrokenAnswer, PeerAway
from pos_core.sync.peer_messages import FRAME_BYTES_MAX, UNPACKED_BYTES_MAX

T = TypeVar("T")
CONNECT_S = 2.0
HANDSHAKE_S = 4.0
ANSWER_S = 4.0


class Link:
    """Used by one thread. Raises PeerAway (the connection is of no more use) and BrokenAnswer."""

    def __init__(self, plug: ssl.SSLSocket) -> None:
        self._plug = plug

    @classmethod
    def call(cls, address: tuple[str, int], context: ssl.SSLContext) -> Link:
        """Connects and shakes hands."""
        try:
            plain = socket.create_connection(address, timeout=CONNECT_S)
        except OSError as error:
            raise PeerAway(f"{type(error).__name__}: {error}") from error
        return cls._shaken(plain, context, listening=False)

    @classmethod
    def answer(cls, plain: socket.socket, context: ssl.SSLContext) -> Link:
        """Shakes hands with a caller."""
        return cls._shaken(plain, context, listening=True)

    @classmethod
    def _shaken(cls, plain: socket.socket, context: ssl.SSLContext, *, listening: bool) -> Link:
        try:
            plain.settimeout(HANDSHAKE_S)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plug = context.wrap_socket(plain, server_side=listening)
            plug.settimeout(ANSWER_S)
        except (OSError, ValueError) as error:
            plain.close()
            raise PeerAway(f"{type(error).__name__}: {error}") from error
        return cls(plug)

    @property
    def shown(self) -> bytes:
        """The certificate of the other end (DER)."""
        found = self._plug.getpeercert(binary_form=True)
        if not found:
            raise PeerAway("it showed no certificate")
        return found

    def wait_up_to(self, seconds: float) -> None:
        """How long the other end may be silent."""
        self._plug.settimeout(seconds)

    def send(self, message: object) -> None:
        """One frame."""
        packed = zstandard.ZstdCompressor(level=1).compress(msgspec.json.encode(message))
        if len(packed) > FRAME_BYTES_MAX:
            raise BrokenAnswer("a message too large to send", bytes_max=FRAME_BYTES_MAX)
        try:
            self._plug.sendall(len(packed).to_bytes(4, "big") + packed)
        except (OSError, ValueError) as error:
            raise PeerAway(f"{type(error).__name__}: {error}") from error

    def receive(self, kind: type[T]) -> T:
        """One frame as `kind`."""
        length = int.from_bytes(self._exactly(4), "big")
        if not 0 < length <= FRAME_BYTES_MAX:
            raise BrokenAnswer("a frame too large", bytes_max=FRAME_BYTES_MAX)
        packed = self._exactly(length)
        try:
            reader = zstandard.ZstdDecompressor(max_window_size=1 << 26).stream_reader(packed)
            data = bytes(reader.read(UNPACKED_BYTES_MAX + 1))
            if len(data) > UNPACKED_BYTES_MAX:
                raise BrokenAnswer("a frame too large unpacked", bytes_max=UNPACKED_BYTES_MAX)
            return msgspec.json.decode(data, type=kind)
        except (zstandard.ZstdError, msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise BrokenAnswer(f"no {kind.__name__}: {error}"[:200]) from error

    def close(self) -> None:
        """Hangs up, also from another thread."""
        with contextlib.suppress(OSError):
            self._plug.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            self._plug.close()

    def _exactly(self, length: int) -> bytes:
        data = bytearray()
        while len(data) < length:
            try:
                chunk = self._plug.recv(min(65536, length - len(data)))
            except (OSError, ValueError) as error:
                raise PeerAway(f"{type(error).__name__}: {error}") from error
            if not chunk:
                raise PeerAway("it hung up")
            data += chunk
        return bytes(data)
