"""Starting the window: the QApplication, the looks, the desk, and trouble shown instead of a traceback."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

from pos_client.collector import settle, tidy
from pos_client.services.workstation import Workstation
from pos_client.ui.keys.choose import choose_keymap
from pos_client.ui.keys.key_desk import KeyDesk
from pos_client.ui.shell.desk import Desk
from pos_client.ui.shell.future_bridge import FutureBridge
from pos_client.ui.shell.main_window import MainWindow
from pos_client.ui.shell.messages import Messages
from pos_client.ui.shell.theme import BASE_HEIGHT, BASE_WIDTH, Theme
from pos_client.ui.shell.trouble_screen import TroubleScreen
from pos_client.ui.text.catalogue import Texts
from pos_core.errors import TidemarkError

SMALLEST = (1024, 700)
LIVE_AFTER_MS = 300
"""Sync and its libraries come when the first screen has been painted."""
LATER = ("pos_client.ui.manager.pages", "pos_client.ui.manager.entries")
"""Modules that the first screen does not need, loaded in this order while nobody waits."""
LATER_AFTER_MS = 1_000
TIDY_AFTER_MS = 300
"""The sign-on screen is painted first."""


@dataclass(frozen=True)
class WindowOptions:
    """`keymap` names a profile; None: `own_keymap`, the shop's file, else head office's default, else ours.

    `sign_on` is (operator number, PIN) for a demo; `size` of the window, None fills the screen."""

    language: str = "zh"
    keymap: str | None = None
    own_keymap: Path | None = None
    sign_on: tuple[str, str] | None = None
    size: tuple[int, int] | None = None


def application() -> QApplication:
    """The one QApplication of the process."""
    known = QApplication.instance()
    return known if isinstance(known, QApplication) else QApplication(sys.argv[:1])


def wall_ms() -> int:
    """Wall clock for ages on the screen only."""
    return time.time_ns() // 1_000_000


def build_window(
    workstation: Workstation,
    options: WindowOptions,
    *,
    now_ms: Callable[[], int] = wall_ms,
    beep: Callable[[], None] = QApplication.beep,
    theme: Theme | None = None,
    texts: Texts | None = None,
    switch: Callable[[Workstation | None], None] = lambda workstation: None,
) -> MainWindow:
    """The window on open services, not shown yet. `switch`: see `Desk`."""
    if theme is None:
        theme = Theme()
        theme.dress(application())
    keymap, wrong = choose_keymap(options.keymap, workstation.keymaps, options.own_keymap)
    desk = Desk(
        workstation=workstation,
        texts=texts or Texts(options.language),
        theme=theme,
        keys=KeyDesk(keymap),
        futures=FutureBridge(),
        messages=Messages(),
        beep=beep,
        now_ms=now_ms,
        switch=switch,
    )
    window = MainWindow(desk)
    if wrong is not None:
        desk.refuse(wrong)
    window.setMinimumSize(*SMALLEST)
    window.resize(*(options.size or (BASE_WIDTH, BASE_HEIGHT)))
    return window


def show(widget: QWidget, options: WindowOptions) -> None:
    """In its size, or filling the screen."""
    if options.size is None:
        widget.showMaximized()
    else:
        widget.resize(*options.size)
        widget.show()


class Front:
    """The window in front: on the real workstation, or on the training one until that ends.

    Each is built anew with words and looks of its own: nothing of a closed window is told anything any more.
    """

    def __init__(self, workstation: Workstation, options: WindowOptions) -> None:
        self._real = workstation
        self._options = options
        self._training: Workstation | None = None
        self.is_revoked = False
        self.window = self._build(workstation)
        workstation.status.on_change(self._look)
        self._look()

    def _look(self) -> None:
        """On any thread."""
        if self._real.sync.state.last_error == "revoked_here":
            self.window.desk.futures.call_soon(self._end_revoked)

    def _end_revoked(self) -> None:
        """The window goes, and with it everything that holds a key; as soon as no sale is being written."""
        self.is_revoked = True
        self.window.close()

    def switch(self, workstation: Workstation | None) -> None:
        """`workstation` is the training one; None closes it and goes back to the real one.

        As soon as the key that asked for it has been worked off: a window closes only then.
        """
        QTimer.singleShot(0, lambda: self._switch(workstation))

    def _switch(self, workstation: Workstation | None) -> None:
        old, ended = self.window, self._training
        self._training = workstation
        self.window = self._build(workstation or self._real, old.desk.texts.language)
        show(self.window, self._options)
        old.close()
        old.deleteLater()
        if ended is not None:
            ended.close()

    def close(self) -> None:
        """Both workstations."""
        if self._training is not None:
            self._training.close()
        self._real.close()

    def _build(self, workstation: Workstation, language: str | None = None) -> MainWindow:
        theme, texts = Theme(), Texts(language or self._options.language)
        theme.dress(application())
        if theme.family is None:
            texts.switch("en")
        window = build_window(workstation, self._options, theme=theme, texts=texts, switch=self.switch)
        window.screen_changed.connect(_tidy_behind)
        return window


def _tidy_behind(screen: str) -> None:
    """Nobody waits for anything while the sign-on screen is in front."""
    if screen == "sign_on":
        QTimer.singleShot(TIDY_AFTER_MS, tidy)


def load_later(names: Sequence[str]) -> None:
    """One module at a time, keys between them."""
    if names:
        importlib.import_module(names[0])
        QTimer.singleShot(0, lambda: load_later(names[1:]))


def run_window(open_workstation: Callable[[], Workstation], options: WindowOptions | None = None) -> int:
    """Open the services, show the window until it is closed, go live meanwhile; exit code 0.

    `open_workstation` is called again when the operator asks to retry after start-up trouble; exit code
    2 when he gives up.
    """
    options = options or WindowOptions()
    app = application()
    theme, texts = Theme(), Texts(options.language)
    theme.dress(app)
    if theme.family is None:
        texts.switch("en")
    while True:
        try:
            if not _run_once(app, open_workstation, options):
                return 0
        except TidemarkError as error:
            if not _ask_after_trouble(app, error, texts, theme, options):
                return 2


def _run_once(app: QApplication, open_workstation: Callable[[], Workstation], options: WindowOptions) -> bool:
    """Until the window is closed. True: head office has revoked this workstation meanwhile.

    Then nothing of it is open any more, and the next opening finishes the wipe and says so: a program that
    was running and one that is started show the same. Raises what `open_workstation` raises.
    """
    workstation = open_workstation()
    front = Front(workstation, options)
    show(front.window, options)
    settle()
    live = QTimer(front.window)  # a window that is closed before has nothing to go live with
    live.setSingleShot(True)
    live.timeout.connect(workstation.go_live)
    live.start(LIVE_AFTER_MS)
    QTimer.singleShot(LATER_AFTER_MS, lambda: load_later(LATER))
    if options.sign_on is not None and front.window.front == "sign_on":
        number, pin = options.sign_on
        QTimer.singleShot(0, lambda: front.window.sign_on.sign_on(number, pin))
    try:
        app.exec()
    finally:
        live.stop()
        front.close()
        front.window.deleteLater()
    return front.is_revoked


def _ask_after_trouble(
    app: QApplication, error: TidemarkError, texts: Texts, theme: Theme, options: WindowOptions
) -> bool:
    """True: try again."""
    screen = TroubleScreen(error, texts, theme)
    answer = [False]

    def retry() -> None:
        answer[0] = True
        screen.close()

    screen.retry.connect(retry)
    screen.quit_asked.connect(screen.close)
    show(screen, options)
    app.exec()
    return answer[0]
