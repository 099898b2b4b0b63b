"""The way to the sign-on screen loads nothing that this screen does not need."""

from __future__ import annotations

import subprocess
import sys

import pytest

LATER = {
    "httpx": "the first exchange",
    "apscheduler": "sync's start, once the window stands",
    "structlog": "the first line of the log",
    "rich": "never: other libraries look for it",
    "keyring": "a key store, where keys are not files",
    "PIL": "a receipt printed as a picture",
    "escpos": "the first print",
    "biip": "the first GS1 code",
    "sqlite_utils": "commands",
    "pos_core.pricing": "the first promotion",
}
SCRIPT = "import sys, pos_client.__main__, pos_client.bootstrap, pos_client.ui.app; print(*sys.modules)"


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    output = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    return set(output.stdout.split())


def test_what_the_sign_on_screen_needs_is_loaded(loaded: set[str]) -> None:
    assert {"PySide6.QtWidgets", "sqlcipher3", "pos_client.services.workstation"} <= loaded


@pytest.mark.parametrize("name", LATER)
def test_it_is_loaded_when_it_is_needed_and_not_before(loaded: set[str], name: str) -> None:
    assert name not in loaded, f"comes with {LATER[name]}"
