"""The way to the sign-on screen loads nothing that this screen does not need."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from pos_client.ui import app

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
    "pos_core.sync.protocol": "the first word with the server",
    "pos_client.ui.manager.entries": "the manager menu, or a moment of rest",
    "pos_client.ui.manager.pages": "the manager menu, or a moment of rest",
    "pos_client.ui.manager.pdf": "the first report",
    "pos_client.ui.goods": "the stock menu, or a moment of rest",
}
SCRIPT = "import sys, pos_client.__main__, pos_client.bootstrap, pos_client.ui.app; print(*sys.modules)"


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    output = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    return set(output.stdout.split())


def test_what_the_sign_on_screen_needs_is_loaded(loaded: set[str]) -> None:
    assert {"PySide6.QtWidgets", "sqlcipher3", "pos_client.services.workstation"} <= loaded


def test_what_comes_in_a_moment_of_rest_can_be_loaded() -> None:
    for name in app.LATER:
        assert importlib.util.find_spec(name) is not None


@pytest.mark.parametrize("name", LATER)
def test_it_is_loaded_when_it_is_needed_and_not_before(loaded: set[str], name: str) -> None:
    assert name not in loaded, f"comes with {LATER[name]}"
