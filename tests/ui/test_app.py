"""Starting: trouble is a screen with a way out, and the run without a screen sells for real."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

from pos_client.services.workstation import Workstation
from pos_client.storage.errors import SecondInstance
from pos_client.ui.app import WindowOptions, run_window
from pos_client.ui.keys.typist import post_keys
from pos_client.ui.offscreen import run_offscreen
from pos_client.ui.shell.main_window import MainWindow
from pos_client.ui.shell.trouble_screen import TroubleScreen
from tests.client.services.shop import PIN, Shop
from tests.fakes.services import fake_workstation

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # the offscreen plugin has no size hints
SMALL = WindowOptions(language="en", size=(1366, 768))


def in_front(kind: type[QWidget]) -> list[QWidget]:
    """The window that is shown, when it is one of these."""
    return [each for each in QApplication.topLevelWidgets() if each.isVisible() and isinstance(each, kind)]


def as_soon_as(condition: Callable[[], object], step: Callable[[], object]) -> None:
    """`step` from inside the event loop, however long it takes until `condition` holds."""

    def look() -> None:
        if condition():
            step()
        else:
            QTimer.singleShot(10, look)

    QTimer.singleShot(0, look)


def press_in(kind: type[QWidget], keys: str) -> None:
    """Keys for a window as soon as it is there."""
    as_soon_as(lambda: in_front(kind), lambda: post_keys(in_front(kind)[0], keys))


def close_when(condition: Callable[[], object]) -> None:
    """End the program as soon as `condition` holds and its window is there."""

    def close() -> None:
        in_front(MainWindow)[0].close()

    as_soon_as(lambda: condition() and in_front(MainWindow), close)


def test_trouble_is_shown_and_giving_up_ends_the_program(qapp: QApplication) -> None:
    def fail() -> Workstation:
        raise SecondInstance("another window works on this folder")

    press_in(TroubleScreen, "<Esc>")
    assert run_window(fail, SMALL) == 2


def test_retry_opens_the_window_when_the_trouble_is_gone(qapp: QApplication) -> None:
    attempts: list[int] = []

    def open_at_second_try() -> Workstation:
        attempts.append(1)
        if len(attempts) == 1:
            raise SecondInstance("another window works on this folder")
        return fake_workstation().as_workstation()

    press_in(TroubleScreen, "\n")
    close_when(lambda: True)
    assert run_window(open_at_second_try, SMALL) == 0
    assert len(attempts) == 2


def test_a_demo_sign_on_goes_straight_on(qapp: QApplication) -> None:
    fake = fake_workstation(signed_on=False)
    options = WindowOptions(size=(1366, 768), sign_on=("1001", "123456"))
    close_when(lambda: fake.shop.operator)
    assert run_window(fake.as_workstation, options) == 0
    assert fake.shop.operator is not None


def test_the_run_without_a_screen_sells_and_leaves_pictures(tmp_path: Path, qapp: QApplication) -> None:
    shop = Shop(tmp_path / "till")
    options = WindowOptions(sign_on=("1001", PIN))
    sold: list[int] = []
    workstation = shop.workstation

    def opened() -> Workstation:
        return workstation

    close = shop.journal.close
    shop.journal.close = lambda: (sold.append(len(shop.documents("sale"))), close())[1]  # type: ignore[method-assign]
    assert run_offscreen(opened, options, tmp_path / "shots") == 0
    assert sold == [1]
    pictures = sorted((tmp_path / "shots").glob("*.png"))
    assert len(pictures) == 9
    assert all(picture.stat().st_size > 5_000 for picture in pictures)


def test_the_run_without_a_screen_fails_when_nobody_can_sign_on(
    tmp_path: Path, qapp: QApplication, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = Shop(tmp_path / "till")
    options = WindowOptions(sign_on=("1001", "000000"))
    assert run_offscreen(lambda: shop.workstation, options, tmp_path / "shots") == 4
