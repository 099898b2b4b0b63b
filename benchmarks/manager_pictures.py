"""The pictures of the store managers' guide, taken of the product: `python -m benchmarks.manager_pictures`.

A day is sold on the demo chain, head office works out its forecast, and a manager's keys do the rest; written
to docs/guides/pictures.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication

from benchmarks.day.__main__ import STORE, day_in, thrown
from benchmarks.day.story import Clerk
from benchmarks.guide_pictures import INTO, Camera
from pos_client.ui.app import application
from pos_client.ui.goods.order_mode import OrderMode
from pos_client.ui.manager.menu_mode import MenuMode
from pos_core.quantity import PIECE_MILLI
from pos_core.stock.goods_receipt import ReceivedLine
from sync_server.demo.catalog import demo_catalog
from sync_server.head_office import HeadOffice
from sync_server.services.forecasting.run import Forecasts
from sync_server.services.importing import ImportOptions, ImportTarget, import_file

BASKETS = 150
SHEET, BOARD = QRect(0, 126, 964, 368), QRect(0, 126, 964, 532)
"""Of the window: the page alone, and of a list its first five rows."""
MISSING = (0, -1, 0, 2, -6, 0, -2)
NIGHT_MS = 14 * 3_600_000
ITEMS = 80
SUPPLIERS = "supplier_id,名称,到货天数,订货周期,起订金额\nS01,华东食品批发,2,5,300\nS02,晨光乳业,1,2,\n"


def supplied(office: HeadOffice, folder: Path, skus: list[str]) -> None:
    """Two suppliers, and a forecast of what was sold today."""
    rows = [
        f"{sku},供应商,{'S02' if place % 4 == 0 else 'S01'},{(1, 6, 12)[place % 3]},{(2, 3, 5)[place % 3]}.50"
        for place, sku in enumerate(skus)
    ]
    files = {"suppliers": SUPPLIERS, "supplies": "\n".join(["sku,来源,来源编码,包装数,进价", *rows, ""])}
    for kind, text in files.items():
        path = folder / f"{kind}.csv"
        path.write_text(text, encoding="utf-8")
        target = ImportTarget(office.store, office.keys, office.clock.now_ms())
        report = import_file(target, kind, path, ImportOptions())
        if report.rejected:
            raise SystemExit(f"{kind}: {report.problems[:3]}")
    Forecasts(office.store, office.clock).run(STORE)


def opened(camera: Camera, name: str) -> None:
    """An entry of the stock menu."""
    chosen(camera, "manager.goods", name)


def chosen(camera: Camera, *names: str) -> None:
    """An entry of the manager menu, or of one below, by its number."""
    camera.press("<Shift+F11>")
    for wanted in names:
        menu = camera.window.checkout.stack.top
        if not isinstance(menu, MenuMode):
            raise SystemExit(f"no menu before {wanted}")
        camera.press(f"{[entry.name for entry in menu.entries].index(wanted) + 1}\n")


def take(app: QApplication, clerk: Clerk, goods: list[tuple[str, str]], language: str) -> None:
    """A count, its review, an order, and the board of the day before."""
    camera = Camera(app, clerk, language)
    number, pin = clerk.operator
    camera.press(f"{number}\n", f"{pin}\n")
    if clerk.workstation.shift.current is None:
        camera.press("200\n")
    opened(camera, "count.title")
    camera.press("\n" if language == "zh" else "2\n", "1\n", "1\n", "\n", "2\n")
    for (sku, gtin), more in zip(goods, MISSING, strict=False):
        books = clerk.workstation.shared.on_hand(sku).on_hand_milli // PIECE_MILLI
        camera.press(f"{gtin}\n", f"{books + more}\n")
    camera.shoot("stock-count", SHEET)
    camera.press("<F12>", "\n", "<Esc>", "<Esc>")
    opened(camera, "count.review")
    camera.press("\n", "<Down>", "<F4>", "1\n")
    camera.shoot("stock-review", SHEET)
    camera.press("<Esc>", "<Esc>", "<Esc>", "<Esc>")
    opened(camera, "replenish.title")
    camera.press("\n")
    if not isinstance(camera.window.checkout.stack.top, OrderMode):
        raise SystemExit("nothing is suggested")
    camera.shoot("stock-order", SHEET)
    camera.press("<Esc>", "<Esc>", "<Esc>", "<Esc>")
    chosen(camera, "manager.day")
    camera.press("<PgUp>")
    camera.shoot("stock-day", BOARD)
    camera.press("<Esc>", "<Esc>", "<Esc>")
    clerk.workstation.session.sign_off().result(30)
    camera.window.close()


def main() -> int:
    """Both languages; a minute for the day that is sold first."""
    app = application()
    INTO.mkdir(parents=True, exist_ok=True)
    catalog = demo_catalog()
    plain = {row["sku"] for row in catalog.items if row.get("sale_kind", "piece") in {"", "piece"}}
    goods = [(row["sku"], row["gtin"]) for row in catalog.gtins if row["pack_quantity"] == "1"]
    goods = [each for each in goods if each[0] in plain][:ITEMS]
    with (
        tempfile.TemporaryDirectory(prefix="tidemark-guide-") as folder,
        day_in(Path(folder), seed=1, say=print) as (day, office),
    ):
        day.play(thrown(BASKETS, 1))
        first = day.clerks[0]
        lines = [ReceivedLine(n, sku, 20_000) for n, (sku, _) in enumerate(goods[: ITEMS // 2], start=1)]
        first.workstation.stock_room.receive(lines).result(30)
        for clerk in day.clerks:
            clerk.workstation.session.sign_off().result(30)
        first.sync()
        day.clock.move_to(day.clock.now_ms() + NIGHT_MS)
        supplied(office, Path(folder), [sku for sku, _ in goods])
        for clerk in day.clerks:
            clerk.sync()
        office.workstations.flush_contacts()
        office.store_days.refresh()
        for clerk, language in zip(day.clerks, ("zh", "en"), strict=False):
            clerk.sync()
            take(app, clerk, goods, language)
    return 0


if __name__ == "__main__":
    sys.exit(main())
