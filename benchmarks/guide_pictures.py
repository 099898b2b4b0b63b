"""The pictures of the cashiers' guide, taken of the product itself: `python -m benchmarks.guide_pictures`.

The real window on a real workstation of the demo chain, driven by keys; written to docs/guides/pictures.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from benchmarks.day.__main__ import day_in
from benchmarks.day.story import Clerk
from pos_client.ui.app import WindowOptions, application, build_window
from pos_client.ui.keys.typist import post_keys
from pos_client.ui.manager.menu_mode import MenuMode
from pos_client.ui.shell.main_window import MainWindow
from sync_server.demo import chain
from sync_server.demo.catalog import demo_catalog

INTO = Path(__file__).parents[1] / "docs" / "guides" / "pictures"
WIDTH = 1000
BYTES_MAX = 150_000
WAIT_S = 20


class Camera:
    """One window in one language."""

    def __init__(self, app: QApplication, clerk: Clerk, language: str) -> None:
        self._app = app
        self._language = language
        options = WindowOptions(language=language, size=(1366, 768))
        self.window: MainWindow = build_window(
            clerk.workstation, options, now_ms=clerk.clock.now_ms, beep=lambda: None
        )
        self.window.show()
        self._settle()

    def press(self, *keys: str) -> None:
        """Keys as a cashier presses them, and all that follows."""
        post_keys(self.window, *keys)
        self._settle()

    def shoot(self, name: str, part: QRect | None = None) -> None:
        """Small: a page of a guide, not a poster. `part` of the window, so that it is larger on paper."""
        self._settle()
        picture = self.window.grab().toImage()
        if part is not None:
            picture = picture.copy(part)
        smooth = Qt.TransformationMode.SmoothTransformation
        width = min(WIDTH, picture.width())
        small = picture.scaledToWidth(width, smooth).convertToFormat(QImage.Format.Format_RGB888)
        path = INTO / f"{name}.{self._language}.png"
        if not small.save(str(path), None, 0) or path.stat().st_size > BYTES_MAX:
            raise SystemExit(f"{path} was not saved, or is larger than {BYTES_MAX} bytes")
        print(path, path.stat().st_size)

    def _settle(self) -> None:
        end = time.monotonic() + WAIT_S
        self._app.processEvents()
        while self.window.desk.keys.holding and time.monotonic() < end:
            self._app.processEvents()
        for _ in range(60):
            self._app.processEvents()
            time.sleep(0.005)


def take(app: QApplication, clerk: Clerk, language: str) -> None:
    """A basket with a member, its payment by two tenders, goods that come back, and the count at the end."""
    catalog = demo_catalog()
    gtin = {row["sku"]: row["gtin"] for row in catalog.gtins if row["pack_quantity"] == "1"}
    deposits = [row["sku"] for row in catalog.items if row.get("deposit_sku") and row["sku"] in gtin]
    plain = [row["sku"] for row in catalog.items if row["sku"] in gtin and row["sku"] not in deposits]
    phone = next(row["phone"] for row in chain.members() if row["home_store_id"] == "S001")
    camera = Camera(app, clerk, language)
    number, pin = clerk.operator
    camera.press(f"{number}\n", f"{pin}\n")
    if clerk.workstation.shift.current is None:
        camera.press("200\n")
    camera.press(f"2*{gtin[plain[3]]}\n", f"{gtin[plain[60]]}\n", f"3*{gtin[plain[120]]}\n", "0.75*1001\n")
    camera.press(f"{gtin[deposits[0]]}\n", "<F9>", f"+86{phone}\n")
    camera.shoot("sale")
    camera.press("<F12>")
    if type(camera.window.checkout.stack.top).__name__ == "AskMode":
        camera.press("\n")
    camera.press("20", "<F12>", "2", "\n", "4")
    camera.shoot("pay")
    camera.press("<Esc>", "\n", "\n")
    camera.press("<F7>")
    camera.press("\n", "1\n", "\n")
    camera.shoot("return")
    camera.press("<Esc>", "<Esc>", "<Esc>", "<Esc>", "<Shift+F11>")
    menu = camera.window.checkout.stack.top
    if not isinstance(menu, MenuMode):
        raise SystemExit("no menu to settle from")
    camera.press(f"{[entry.name for entry in menu.entries].index('manager.settle') + 1}\n")
    camera.press("2\n", "1\n", "4\n")
    camera.shoot("count")
    camera.press(*["<Esc>"] * 6)
    clerk.workstation.session.sign_off().result(30)
    camera.window.close()


def main() -> int:
    """Both languages; a few seconds each."""
    app = application()
    INTO.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="tidemark-guide-") as folder,
        day_in(Path(folder), seed=1, say=print) as (day, _),
    ):
        for clerk, language in zip(day.clerks, ("zh", "en"), strict=False):
            clerk.sync()
            take(app, clerk, language)
    return 0


if __name__ == "__main__":
    sys.exit(main())
