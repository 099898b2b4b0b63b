"""The server dies between commit and answer, or anywhere near: nothing is lost, nothing comes twice.

strace kills the real process at its K-th `sendto` (a wake-up of the event loop, or the answer itself), at
a write of the log or at its flush, and the workstation heals from the resume point alone.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import httpx
import pytest

from sync_server.bootstrap import open_head_office
from sync_server.services.clock import SystemClock
from sync_server.services.verify import Verify
from sync_server.store import document
from tests.server.support.office import Chain, TestWorkstation, found_office
from tests.server.support.process import server_process

DOCUMENTS = 5
FLUSHES = "fsync,fdatasync"
POINTS = [("sendto", 1), ("sendto", 2), ("pwrite64", 2), (FLUSHES, 1)]
"""Counted in each thread alone: the thread that takes the push writes, flushes, then wakes the loop."""


def enrolled(data: Path) -> tuple[str, TestWorkstation]:
    """A chain on disk with one workstation that has five sales to push."""
    clock = SystemClock()
    office = found_office(data, clock)
    try:
        from sync_server.bootstrap import make_server
        from sync_server.http.serving import serving

        with serving(make_server(office, tls=False, jobs=False)) as url, httpx.Client(base_url=url) as http:
            till = Chain(office, clock, http).enrol()  # type: ignore[arg-type]
    finally:
        office.close()
    for _ in range(DOCUMENTS):
        till.maker.sale()
    return url, till


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_killed_between_commit_and_answer(tmp_path: Path) -> None:
    data = tmp_path / "chain"
    _, till = enrolled(data)
    before = data.rename(tmp_path / "before")
    outcomes: list[tuple[bool, int]] = []
    for call, count in POINTS:
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(before, data)
        answered = push_and_die(data, till, call, count)
        outcomes.append((answered, acked_after_restart(data, till)))
    for answered, acked in outcomes:
        assert acked in (0, DOCUMENTS), "a batch is one transaction"
        assert acked == DOCUMENTS or not answered, "what was acknowledged is there"
    assert (False, DOCUMENTS) in outcomes, f"no run died between commit and answer: {outcomes}"
    assert (False, 0) in outcomes, f"no run died before the commit: {outcomes}"


def push_and_die(data: Path, till: TestWorkstation, call: str, count: int) -> bool:
    """Pushes to a server that will be killed; True when the answer came all the same."""
    wrap = ["strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", f"trace={call}"]
    wrap += ["-e", f"inject={call}:signal=SIGKILL:when={count}"]
    with server_process(data, wrap=wrap) as server:
        if not server.url:
            return False
        with httpx.Client(base_url=server.url, timeout=30) as http:
            till.http = http
            try:
                status, point = till.push()
            except httpx.HTTPError:
                return False
            assert status == 200 and point["acked_number"] == DOCUMENTS
            return True


def acked_after_restart(data: Path, till: TestWorkstation) -> int:
    """What the server had when it came back; then pushes again and checks that all is there once."""
    with server_process(data) as server, httpx.Client(base_url=server.url, timeout=30) as http:
        till.http = http
        acked = int(till.resume()["acked_number"])
        status, point = till.push()
        assert (status, point["acked_number"], point["head_hash"]) == (200, DOCUMENTS, till.maker.head)
        server.stop()
    office = open_head_office(data)
    try:
        assert office.store.read(document.count) == DOCUMENTS
        assert Verify(office.store, office.blobs, office.keys).run().ok
    finally:
        office.close()
    return acked
