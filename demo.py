"""The main job on one machine: demo chain, server, and a checkout signed on to a demo store.

Called by `bootstrap.py`; every part is the real program started as its own process, for client and
server never import each other. Standard library only.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
STORE = "S001"
SERVER_START_SECONDS = 60


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "demo")
    parser.add_argument("--offscreen", action="store_true")
    arguments = parser.parse_args()
    folder: Path = arguments.data.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    chain = make_chain(folder)
    server, url = start_server(folder)
    try:
        enrol(folder, url, chain)
        show_console(url, chain)
        return open_checkout(folder, chain, offscreen=arguments.offscreen or not has_screen())
    finally:
        server.terminate()
        server.wait(timeout=20)


def say(text: str) -> None:
    print(time.strftime("[%H:%M:%S]"), text, flush=True)


def make_chain(folder: Path) -> dict[str, Any]:
    """The demo chain, made once; what it printed (operators, codes) is kept beside it."""
    notes = folder / "chain.json"
    if not notes.exists():
        say("Making the demo chain: stores, items, prices, members")
        output = subprocess.check_output(
            [sys.executable, "-m", "sync_server", "demo", "--data", str(folder / "server"), "--json"],
            cwd=ROOT,
        )
        json.loads(output)
        notes.write_bytes(output)
    chain: dict[str, Any] = json.loads(notes.read_text(encoding="utf-8"))
    return chain


def start_server(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """Starts the server on a free loopback port, TLS by the chain's own CA; returns it and its address."""
    say("Starting the server")
    log = (folder / "server.log").open("a", encoding="utf-8")
    command = [sys.executable, "-m", "sync_server", "serve", "--data", str(folder / "server"), "--port", "0"]
    server = subprocess.Popen([*command, "--json"], cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
    assert server.stdout is not None
    line = server.stdout.readline()
    if not line:
        raise SystemExit(f"The server did not start; see {folder / 'server.log'}")
    return server, json.loads(line)["url"]


def enrol(folder: Path, url: str, chain: dict[str, Any]) -> None:
    """Enrols this machine as a workstation of the demo store, once; a new address is noted each time."""
    if (folder / "workstation" / "workstation.json").exists():
        run_client(folder, "move-server", "--server", url)
        return
    say(f"Enrolling this machine as a workstation of {STORE}")
    output = subprocess.check_output(
        [sys.executable, "-m", "sync_server", "enrolment-code", "--data", str(folder / "server")]
        + ["--store", STORE, "--json"],
        cwd=ROOT,
    )
    code = json.loads(output)["code"]
    run_client(folder, "enrol", "--server", url, "--code", code, "--name", "1号收银台")


def show_console(url: str, chain: dict[str, Any]) -> None:
    """Head office's pages; the browser asks once, for the certificate is the chain's own."""
    for user in chain.get("console", []):
        say(f"Console: {url}/console/  login {user['login']}, password {user['password']} ({user['roles']})")


def open_checkout(folder: Path, chain: dict[str, Any], *, offscreen: bool) -> int:
    """The window, signed on; off screen it sells by key events and leaves screenshots."""
    operator = chain["operators"][STORE][0]
    sign_on = ["--sign-on", f"{operator['number']}:{operator['pin']}"]
    if not offscreen:
        say(f"Opening the checkout: operator {operator['number']}, PIN {operator['pin']}")
        return run_client(folder, *sign_on, check=False)
    shots = folder / "screenshots"
    say(f"Ringing up a sale off screen; screenshots go to {shots}")
    return run_client(folder, *sign_on, "--offscreen", "--screenshots", str(shots), check=False)


def run_client(folder: Path, *arguments: str, check: bool = True) -> int:
    """Runs the checkout program on the demo workstation's data."""
    where = ["--data", str(folder / "workstation"), "--key-dir", str(folder / "keys")]
    command = [sys.executable, "-m", "pos_client", *where, *arguments]
    code = subprocess.call(command, cwd=ROOT)
    if check and code != 0:
        raise SystemExit(code)
    return code


def has_screen() -> bool:
    """Windows and macOS have one; elsewhere a display server must be named."""
    return sys.platform in {"win32", "darwin"} or any(
        os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY")
    )


if __name__ == "__main__":
    sys.exit(main())
