"""The window off screen, with keys that arrive as the platform sends them: raw, in one batch, unpaused."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from pos_client.ui.app import WindowOptions, build_window
from pos_client.ui.keys.typist import post_keys
from pos_client.ui.shell.main_window import MainWindow
from tests.fakes.services import NOW_MS, FakeWorkstation, fake_workstation

COLA, MILK, OIL, NOODLES = "6901234567892", "6907992500010", "6948195800019", "6900873000012"


@dataclass
class Till:
    """A window and what stands behind it."""

    window: MainWindow
    fake: FakeWorkstation
    beeps: list[int] = field(default_factory=list)

    def post(self, *keys: str) -> None:
        """Put keys into the event queue and process nothing: `"690\\n"` is text, `<F12>` a named key."""
        post_keys(self.window, *keys)

    def press(self, *keys: str) -> None:
        """Post and let the window work them off."""
        self.post(*keys)
        settle()

    @property
    def code_box(self) -> str:
        return self.window.checkout.entry.text()

    @property
    def message(self) -> str:
        return self.window.checkout.messages.sentence

    @property
    def mode(self) -> str:
        return type(self.window.checkout.stack.top).__name__

    @property
    def codes(self) -> list[str]:
        return self.fake.ring_up.seen


def settle() -> None:
    """Work off everything that is queued; bounded, so a loop of our own shows as a failure."""
    for _ in range(20):
        QCoreApplication.processEvents()


def make_till(language: str = "zh", *, signed_on: bool = True) -> Till:
    fake = fake_workstation(signed_on=signed_on)
    beeps: list[int] = []
    options = WindowOptions(language=language, size=(1366, 768))
    window = build_window(fake.as_workstation(), options, now_ms=lambda: NOW_MS, beep=lambda: beeps.append(1))
    window.show()
    settle()
    return Till(window, fake, beeps)


def put_away(till: Till) -> None:
    """Close it and really delete it: without a running event loop nobody does, and each further window
    would style all the old ones again.
    """
    till.window.close()
    till.window.deleteLater()
    settle()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def till(qapp: QApplication) -> Iterator[Till]:
    """Signed on, shift open, nothing rung up."""
    made = make_till()
    yield made
    put_away(made)


@pytest.fixture
def closed_till(qapp: QApplication) -> Iterator[Till]:
    """At the sign-on screen."""
    made = make_till("en", signed_on=False)
    yield made
    put_away(made)
