"""Bytes in, bytes out: capped decompression, JSON through msgspec, error bodies."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
import zstandard

from pos_core.sync.protocol import ErrorBody
from sync_server.services.errors import BodyTooLarge, MalformedRequest, Refused

T = TypeVar("T")

COMPRESS_ABOVE_BYTES = 512
WINDOW_BYTES_MAX = 8 * 1024 * 1024
"""A frame may ask for no more memory than this to unpack."""


def unpacked(body: bytes, encoding: str | None, bytes_max: int) -> bytes:
    """The body after its Content-Encoding. Raises BodyTooLarge (bombs too), MalformedRequest."""
    if encoding in (None, "", "identity"):
        return body
    if encoding != "zstd":
        raise MalformedRequest(f"Content-Encoding {encoding[:20]!r} is not taken")
    try:
        unpacker = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES_MAX)
        if 0 < zstandard.get_frame_parameters(body).content_size <= bytes_max:
            return unpacker.decompress(body)  # says how long it is, and does not become longer
        data: bytes = unpacker.stream_reader(body, read_across_frames=False).read(bytes_max + 1)
    except zstandard.ZstdError:
        raise MalformedRequest("the body is not zstd") from None
    if len(data) > bytes_max:
        raise BodyTooLarge("too many bytes after decompression", bytes_max=bytes_max)
    return data


def decoded(body: bytes, kind: type[T]) -> T:
    """A message of the protocol. Raises MalformedRequest."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise MalformedRequest(str(error)[:200]) from None


def encoded(value: Any) -> bytes:
    """A message of the protocol as JSON."""
    return msgspec.json.encode(value)


def error_bytes(error: Refused, server_time_ms: int) -> bytes:
    """The body of every answer that is not 2xx."""
    return encoded(
        ErrorBody(
            code=error.code, message=error.message, facts=dict(error.facts), server_time_ms=server_time_ms
        )
    )


def packed(data: bytes) -> bytes:
    """zstd, quick."""
    return zstandard.ZstdCompressor(level=1).compress(data)
