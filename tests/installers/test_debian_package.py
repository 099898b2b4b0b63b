"""The Debian package as a shop meets it: built, installed, sold with, removed; the journal stays.

Needs root and dpkg for the real installation; run by `bootstrap.py test` on Debian.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QImage

from installers.debian.build import build

ROOT = Path(__file__).resolve().parents[2]
IS_DEBIAN_ROOT = shutil.which("dpkg-deb") is not None and hasattr(os, "geteuid") and os.geteuid() == 0
pytestmark = [
    pytest.mark.skipif(not IS_DEBIAN_ROOT, reason="installing a package needs Debian and root"),
]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built here, or the one that `TIDEMARK_DEB` names, for the builder takes a minute and more."""
    if built := os.environ.get("TIDEMARK_DEB"):
        return Path(built)
    work = tmp_path_factory.mktemp("debian")
    return build(work / "dist", work / "build")


@pytest.fixture(scope="module")
def installed(package: Path) -> Iterator[Path]:
    """The package installed; removed at the end even when a test fails."""
    subprocess.run(["dpkg", "-i", "--force-depends", str(package)], check=True, capture_output=True)
    yield Path("/usr/bin/tidemark")
    subprocess.run(["dpkg", "-r", "tidemark"], check=False, capture_output=True)


def test_the_package_has_no_maintainer_scripts(package: Path, tmp_path: Path) -> None:
    """What has no script cannot touch a journal on install, upgrade or removal."""
    subprocess.run(["dpkg-deb", "-e", str(package), str(tmp_path / "control")], check=True)
    assert sorted(path.name for path in (tmp_path / "control").iterdir()) == ["control"]


def test_install_sell_upgrade_remove_keeps_the_journal(
    package: Path, installed: Path, tmp_path: Path
) -> None:
    office, workstation, keys = tmp_path / "office", tmp_path / "workstation", tmp_path / "keys"
    chain = json.loads(_output("tidemark-server", "demo", "--data", office, "--json"))
    server = subprocess.Popen(
        ["tidemark-server", "serve", "--data", str(office), "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        text=True,
        env=_environment(),
    )
    try:
        assert server.stdout is not None
        url = json.loads(server.stdout.readline())["url"]
        code = _output("tidemark-server", "enrolment-code", "--data", office, "--store", "S001", "--json")
        where = ["--data", str(workstation), "--key-dir", str(keys)]
        _output("tidemark", *where, "enrol", "--server", url, "--code", json.loads(code)["code"])
        sold = _sell(installed, where, chain["operators"]["S001"][0])
        assert sold["ok"] is True
        _sell_in_the_window(installed, where, chain["operators"]["S001"][0], tmp_path / "pictures")
    finally:
        server.terminate()
        server.wait(timeout=30)
    subprocess.run(["dpkg", "-i", "--force-depends", str(package)], check=True, capture_output=True)
    subprocess.run(["dpkg", "-r", "tidemark"], check=True, capture_output=True)
    assert not Path("/opt/tidemark/tidemark").exists()
    # the sources still open what the package left behind
    command = [sys.executable, "-m", "pos_client", *where, "verify", "--json"]
    report = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, env=_environment())
    assert json.loads(report.stdout)["ok"] is True


def _environment() -> dict[str, str]:
    return {**os.environ, "QT_QPA_PLATFORM": "offscreen"}


def _output(*command: object) -> str:
    run = subprocess.run(
        [str(part) for part in command], check=False, capture_output=True, text=True, env=_environment()
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def _sell(program: Path, where: list[str], operator: dict[str, Any]) -> dict[str, Any]:
    """One sale by the packaged program's headless driver; the answer to `sell`."""
    requests = [
        {"id": 1, "op": "sign_on", "operator_number": operator["number"], "pin": operator["pin"]},
        {"id": 2, "op": "open_shift", "float_minor": 20000},
        {"id": 3, "op": "find", "text": "水"},
        {"id": 9, "op": "quit"},
    ]
    command = [str(program), *where, "--headless"]
    talk = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_environment()
    )
    assert talk.stdin is not None
    assert talk.stdout is not None
    answers: dict[int, dict[str, Any]] = {}
    for request in requests[:3]:
        answers[request["id"]] = _ask(talk, request)  # type: ignore[index]
        assert answers[request["id"]]["ok"], answers  # type: ignore[index]
    sku = answers[3]["items"][0]["sku"]
    sale = {"id": 4, "op": "sell", "lines": [{"sku": sku}], "tenders": [{"tender_code": "cash"}]}
    sold = _ask(talk, sale)
    _ask(talk, requests[3])
    talk.wait(timeout=30)
    return sold


def _sell_in_the_window(program: Path, where: list[str], operator: dict[str, Any], pictures: Path) -> None:
    """The packaged window with its fonts, plug-ins and translations: sells by key events and is seen."""
    sign_on = f"{operator['number']}:{operator['pin']}"
    said = _output(program, *where, "--sign-on", sign_on, "--offscreen", "--screenshots", pictures)
    assert "is in the journal" in said
    taken = {path.stem.split("-", 1)[1]: path for path in pictures.iterdir()}
    assert {"sale", "payment", "change", "change-other-language"} <= taken.keys()
    assert _colours(taken["sale"]) > 50, "a window without text or theme"
    assert taken["change"].read_bytes() != taken["change-other-language"].read_bytes()


def _colours(picture: Path) -> int:
    """How many colours a picture has: smooth letters alone make dozens."""
    image = QImage(str(picture))
    return len({image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)})


def _ask(talk: subprocess.Popen[str], request: dict[str, Any]) -> dict[str, Any]:
    assert talk.stdin is not None
    assert talk.stdout is not None
    talk.stdin.write(json.dumps(request) + "\n")
    talk.stdin.flush()
    answer: dict[str, Any] = json.loads(talk.stdout.readline())
    return answer
