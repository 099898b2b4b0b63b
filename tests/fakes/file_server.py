"""A file server as anybody runs one: files of a folder by range, plain HTTP on loopback; and its bad days."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class FileServer:
    """`bad` changes a file's bytes; `cut_after` ends an answer after so many; `ranges` False ignores them."""

    folder: Path
    url: str = ""
    bad: Callable[[bytes], bytes] = bytes
    cut_after: int | None = None
    ranges: bool = True
    status: int | None = None
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    sent: int = 0


@contextmanager
def file_server(folder: Path) -> Iterator[FileServer]:
    """Serves until the block ends."""
    facts = FileServer(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            facts.asked.append((self.path, self.headers["Range"]))
            path = folder / self.path.rpartition("/")[2]
            if facts.status or not path.is_file():
                self.send_response(facts.status or 404)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            data, start, status = facts.bad(path.read_bytes()), 0, 200
            if facts.ranges and self.headers["Range"]:
                start, status = int(self.headers["Range"].removeprefix("bytes=").rstrip("-")), 206
            self.send_response(status)
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            body = data[start:][: facts.cut_after]
            facts.sent += len(body)
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    facts.url = f"http://127.0.0.1:{server.server_address[1]}/snapshots"
    try:
        yield facts
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
