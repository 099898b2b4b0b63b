"""The real server as a process of its own: started, killed, started again."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class ServerProcess:
    """`url` once it listens; `process` is ours to end."""

    url: str
    process: subprocess.Popen[str]

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@contextmanager
def server_process(
    data: Path, *, wrap: Sequence[str] = (), args: Sequence[str] = ("--no-tls",)
) -> Iterator[ServerProcess]:
    """Serves `data` on a free loopback port; `wrap` is put before the command (strace …)."""
    command = [
        *wrap,
        sys.executable,
        "-m",
        "sync_server",
        "serve",
        "--data",
        str(data),
        "--port",
        "0",
        "--json",
        *args,
    ]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        said = json.loads(line) if line else {"url": ""}
        assert "url" in said, said
        yield ServerProcess(said["url"], process)
    finally:
        _end(process)
        process.stdout.close()


def _end(process: subprocess.Popen[str]) -> None:
    """Ends the process and what it wraps: a tracer alone would leave the server running."""
    if os.name == "posix":
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                continue
            break
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.terminate()
        process.wait(20)
