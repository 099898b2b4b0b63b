"""Programs and head offices of earlier versions of the wire, out of `tests/golden/protocol`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "protocol"
VERSIONS = sorted(path.name for path in GOLDEN.iterdir() if (path / "trace.json").exists())


def unpacked_program(version: str, folder: Path) -> Path:
    """The programs of that time, ready to run."""
    with tarfile.open(GOLDEN / version / "program.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


def unpacked_office(version: str, folder: Path) -> Path:
    """The data folder of that time."""
    with zipfile.ZipFile(GOLDEN / version / "office.zip") as archive:
        archive.extractall(folder)
    return folder


def trace_of(version: str) -> dict[str, Any]:
    """`now_ms`, `code`, `requests`."""
    return dict(json.loads((GOLDEN / version / "trace.json").read_text("utf-8")))


@dataclass
class OldWorkstation:
    """The old program in a process of its own."""

    process: subprocess.Popen[str]

    def __call__(self, op: str, **facts: Any) -> dict[str, Any]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps({"op": op, **facts}) + "\n")
        self.process.stdin.flush()
        return dict(json.loads(self.process.stdout.readline()))


@contextmanager
def old_workstation(program: Path, folder: Path, now_ms: int) -> Iterator[OldWorkstation]:
    """Runs until the block ends; its files are closed then."""
    folder.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "old_program.py", str(folder), str(now_ms)],
        cwd=program,
        env={**os.environ, "PYTHONPATH": str(program)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    try:
        yield OldWorkstation(process)
    finally:
        process.stdin.close()
        process.wait(30)


@contextmanager
def old_server(program: Path, data: Path) -> Iterator[str]:
    """The old server over `data`, plain HTTP on loopback; yields its URL."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "sync_server",
            "serve",
            "--data",
            str(data),
            "--port",
            "0",
            "--json",
            "--no-tls",
        ],
        cwd=program,
        env={**os.environ, "PYTHONPATH": str(program)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield str(json.loads(process.stdout.readline())["url"])
    finally:
        process.terminate()
        process.wait(30)


def old_command(program: Path, *words: str) -> dict[str, Any]:
    """A command of the old server; its JSON answer."""
    done = subprocess.run(
        [sys.executable, "-m", "sync_server", *words, "--json"],
        cwd=program,
        env={**os.environ, "PYTHONPATH": str(program)},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))
