"""A file on its way out: in large pieces, and no further once head office has removed it."""

from __future__ import annotations

import os

import structlog
from starlette.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

_log = structlog.get_logger("sync_server.http")


class _Removed(Exception):
    """The file went while it was sent."""


class BlobResponse(FileResponse):
    """A file in pieces of 256 KiB.

    Each piece is a hop to a thread and back, which for 64 KiB costs more than the bytes do; a thousand
    workstations that download at once hold two pieces each in memory, so no more than this.

    A file that holds an erased member is removed at once; whoever is reading it would still get it to its
    end. So each piece is sent only while the file is there; else the connection ends short of the announced
    length, and the client, asking again, is told what there is now.
    """

    chunk_size = 256 * 1024

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See Starlette's."""

        async def send_while_there(message: Message) -> None:
            if message["type"] == "http.response.body" and not os.path.exists(self.path):
                raise _Removed
            await send(message)

        try:
            await super().__call__(scope, receive, send_while_there)
        except _Removed:
            _log.info("download_ended", reason="the file was removed")
