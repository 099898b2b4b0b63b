"""The Windows set-up file: built here and looked into; it cannot be run for want of a Windows machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from installers.windows.build import build

pytestmark = [
    pytest.mark.skipif(shutil.which("makensis") is None, reason="NSIS is a Debian package"),
]


def test_the_set_up_file_builds_and_is_a_windows_program(tmp_path: Path) -> None:
    target = build(tmp_path / "dist", tmp_path / "build", "3.12")
    head = target.read_bytes()[:2]
    assert head == b"MZ"
    wheels = {path.name.split("-")[0].lower() for path in (tmp_path / "build" / "wheels").iterdir()}
    assert {"pyside6_essentials", "sqlcipher3", "msgspec", "cryptography", "pywin32_ctypes"} <= wheels


def test_nothing_in_the_script_touches_the_data_folder() -> None:
    script = (Path(__file__).parents[2] / "installers/windows/setup.nsi").read_text(encoding="utf-8")
    removing = [line for line in script.splitlines() if line.strip().startswith(("RMDir", "Delete "))]
    assert removing
    assert all("$INSTDIR" in line or "$SMPROGRAMS" in line for line in removing)
