"""Runs in an environment with anki: one JSON question on standard input, one answer on its last line.

The question: {"records": [[id, text], …]}. Anki's own client pushes them to Anki's own server, a process of
its own on loopback: first as notes (a note and its card: two rows a record), then as rows of the review log
(one row a record). The collection is known on both sides before; adding the records is not in the figures.
Seconds by the clock, and processor seconds of both ends.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from anki.collection import AddNoteRequest, Collection

NAME, SECRET = "somebody", "something"
PENDING = -1
"""The update sequence number of a row that the server has not seen."""


def main() -> None:
    records = json.loads(sys.stdin.read())["records"]
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        settings = {"SYNC_USER1": f"{NAME}:{SECRET}", "SYNC_BASE": f"{folder}/server", "RUST_LOG": "error"}
        place = {"SYNC_HOST": "127.0.0.1", "SYNC_PORT": str(port)}
        server = subprocess.Popen(
            [sys.executable, "-m", "anki.syncserver"],
            env=os.environ | settings | place,
            stdout=subprocess.DEVNULL,
        )
        try:
            answer = run(Path(folder), f"http://127.0.0.1:{port}/", records, server)
        finally:
            server.terminate()
            server.wait()
        _check(Path(folder) / "server" / NAME / "collection.anki2", len(records))
    print(json.dumps(answer))


def run(
    folder: Path, url: str, records: list[list[str]], server: subprocess.Popen[bytes]
) -> dict[str, list[float]]:
    collection = Collection(str(folder / "client.anki2"))
    login = _logged_in(collection, url)
    first = collection.sync_collection(login, False)
    collection.close_for_full_sync()
    collection.full_upload_or_download(auth=login, server_usn=first.server_media_usn, upload=True)
    collection.reopen(after_full_sync=True)

    kind, deck = collection.models.by_name("Basic"), collection.decks.id("Default")
    asked = []
    for key, text in records:
        note = collection.new_note(kind)
        note["Front"], note["Back"] = key, text
        asked.append(AddNoteRequest(note=note, deck_id=deck))
    collection.add_notes(asked)
    notes = _timed(collection, login, server)

    began = time.time_ns() // 1_000_000 - len(records)
    collection.db.executemany(
        "INSERT INTO revlog VALUES (?, ?, ?, 3, 10, 5, 2500, 1000, 1)",
        [(began + number, number, PENDING) for number in range(len(records))],
    )
    collection.db.execute("UPDATE col SET mod = ?", time.time_ns() // 1_000_000)
    reviews = _timed(collection, login, server)
    collection.close()
    return {"notes": notes, "reviews": reviews}


def _logged_in(collection: Collection, url: str) -> Any:
    """The server listens a moment after its start."""
    until = time.monotonic() + 30
    while True:
        try:
            return collection.sync_login(NAME, SECRET, url)
        except Exception:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def _timed(collection: Collection, login: Any, server: subprocess.Popen[bytes]) -> list[float]:
    busy = time.process_time() + _cpu_s(server.pid)
    started = time.perf_counter()
    collection.sync_collection(login, False)
    taken = time.perf_counter() - started
    return [taken, time.process_time() + _cpu_s(server.pid) - busy]


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _check(server_file: Path, count: int) -> None:
    """Everything is there: a figure of half of it would be none."""
    there = Collection(str(server_file))
    for table in ("notes", "cards", "revlog"):
        found = there.db.scalar(f"SELECT count(*) FROM {table}")
        assert found == count, (table, found)
    there.close()


main()
