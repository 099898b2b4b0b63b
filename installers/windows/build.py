"""Builds the Windows set-up file on Linux: `python -m installers.windows.build [--output DIR]`.

There is no Windows Python among the registries that we build from, so the set-up file carries the
programs and every wheel, and makes a virtual environment with the machine's own Python 3.11 or newer
(python.org or the Microsoft Store) without touching the network. Built here with NSIS; it has not been
run, for want of a Windows machine.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
PACKAGES = ("pos_core", "pos_client", "sync_server", "resources")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--output", type=Path, default=ROOT / "dist")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "windows")
    parser.add_argument("--python", default="3.12", help="which Python the wheels are for")
    arguments = parser.parse_args()
    print(build(arguments.output, arguments.work, arguments.python))
    return 0


def build(output: Path, work: Path, python: str) -> Path:
    """Builds and returns the path of the set-up file."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    shutil.rmtree(work / "app", ignore_errors=True)
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__", "*.pyc", "*.ts")
        shutil.copytree(ROOT / package, work / "app" / package, ignore=ignored)
    shutil.copy(ROOT / "requirements.lock", work / "app")
    download_wheels(work / "wheels", python)
    output.mkdir(parents=True, exist_ok=True)
    target = output / f"tidemark-{version}-setup.exe"
    print("packing with NSIS", file=sys.stderr, flush=True)
    defines = {"VERSION": version, "SOURCE": work, "TARGET": target, "PYTHON": python}
    subprocess.check_call(
        ["makensis", "-V2", *[f"-D{name}={value}" for name, value in defines.items()]]
        + [str(HERE / "setup.nsi")],
        stdout=sys.stderr,
    )
    return target


def download_wheels(folder: Path, python: str) -> None:
    """Every wheel that the lock file names, for 64-bit Windows, checked by hash."""
    print("downloading the Windows wheels", file=sys.stderr, flush=True)
    subprocess.check_call(
        [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check"]
        + ["--platform", "win_amd64", "--python-version", python, "--only-binary", ":all:"]
        + ["--no-deps", "--require-hashes", "-r", str(windows_lock(folder)), "-d", str(folder)],
        stdout=sys.stderr,
    )


def windows_lock(folder: Path) -> Path:
    """The lock file with its markers settled for Windows: pip judges markers by the machine it runs on."""
    from packaging.markers import Marker, default_environment

    environment = {str(key): str(value) for key, value in default_environment().items()}
    environment |= {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"}
    environment |= {"platform_machine": "AMD64"}
    kept: list[str] = []
    keep = True
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            requirement, _, marker = line.rstrip("\\").partition(" ; ")
            keep = not marker or Marker(marker.strip()).evaluate(environment)
            if keep:
                kept.append(f"{requirement.strip()} \\")
        elif keep and not line.strip().startswith("#"):
            kept.append(line)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder.parent / "requirements-windows.lock"
    target.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return target


if __name__ == "__main__":
    sys.exit(main())
