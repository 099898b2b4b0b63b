"""The console's sheet of 100,000 prices in headless Chromium: first paint, longest frame, rows that are late.

    python -m benchmarks.price_grid [--items 100000] [--frames 600]

A chain of so many items in two price lists is served over loopback to a Chromium of its own. First the page
is opened anew some times: how long until the browser paints, and until the first prices are in sight. Then
the sheet is scrolled, frame by frame: a steady roll of 20 rows a frame (some 1,200 a second), then leaps to
places far apart, each until its rows have come. A frame is what `requestAnimationFrame` says; the one to beat
is the same loop on a page that scrolls nothing, taken in the same run. Needs Chromium.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.head_office_process import found, running
from benchmarks.reference_chain import pages
from sync_server.head_office import HeadOffice
from sync_server.store import feed, masters
from sync_server.store.engine import Txn
from sync_server.store.masters import PriceRow

STALL_MS = 100
"""A frame longer than that is seen as a stall."""
OPENED = 5
LEAPS = 40
AT_ONCE = 10_000
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
LISTS = ("PL1", "PL2")
_FRAMES = """async ([frames, step]) => {
  const sheet = document.getElementById("grid"), took = [];
  let last = await new Promise(requestAnimationFrame);
  for (let n = 0; n < frames; n++) {
    sheet.scrollTop += step;
    const now = await new Promise(requestAnimationFrame);
    took.push(now - last);
    last = now;
  }
  return took;
}"""
_LEAP = """async (top) => {
  const sheet = document.getElementById("grid"), began = performance.now();
  sheet.scrollTop = top;
  let longest = 0, last = began;
  for (;;) {
    const now = await new Promise(requestAnimationFrame);
    longest = Math.max(longest, now - last);
    last = now;
    const rows = [...sheet.querySelectorAll(".sheet-row")];
    const box = sheet.getBoundingClientRect();
    const inside = rows.filter((row) => { const at = row.getBoundingClientRect();
      return at.bottom > box.top + 40 && at.top < box.bottom; });
    if (inside.length && inside.every((row) => row.children.length > 1)) return [now - began, longest];
    if (now - began > 20000) throw new Error("no rows came");
  }
}"""
_THERE = """async () => {
  const there = () => document.querySelector(".sheet-row")?.children.length > 1;
  while (!there()) await new Promise(requestAnimationFrame);
  return performance.now();
}"""
_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--items", type=int, default=100_000)
    arguments.add_argument("--frames", type=int, default=600)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "office"
        office = found(data)
        _fill(office, options.items)
        token = pages.session(office)
        office.close()
        print(f"{options.items} items in {len(LISTS)} price lists, load {os.getloadavg()[0]:.1f}")
        with running(data) as url:
            _look(url, token, options)


def _fill(office: HeadOffice, items: int) -> None:
    def write(txn: Txn) -> None:
        lists = [[name, name, "CNY"] for name in LISTS]
        feed.put_rows(txn, "price_list", "chain", lists)
        feed.put_rows(txn, "department", "chain", [["D1", None, "食品", "Food"]])
        feed.put_rows(txn, "tax_class", "chain", [["T13", "一般", 130_000]])
        stores = [
            [f"S{n}", f"店{n}", "east", "", None, None, "Asia/Shanghai", name, "[]"]
            for n, name in enumerate(LISTS, 1)
        ]
        feed.put_rows(txn, "store", "chain", stores)

    office.store.write(write)
    for start in range(0, items, AT_ONCE):
        part = range(start, min(items, start + AT_ONCE))
        office.store.write(lambda txn, part=part: _goods(txn, part))  # type: ignore[misc]
    office.publisher.publish(note="first")


def _goods(txn: Txn, part: range) -> None:
    rows = []
    for n in part:
        name = f"商品{n}"
        kept = ("潮牌", "D1", "T13", "piece", "件", None, None, None, "[]", "", "", n, 1)
        rows.append([f"A{n:06d}", name, f"Item {n}", name, *kept])
    feed.put_rows(txn, "item", "chain", rows)
    masters.put_costs(txn, [(f"A{n:06d}", 600 + n % 100) for n in part])
    masters.put_prices(
        txn, [PriceRow(name, f"A{n:06d}", 1, None, 1000 + n % 900) for n in part for name in LISTS]
    )


def _look(url: str, token: str, options: argparse.Namespace) -> None:
    where = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert where, "needs Chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=where, args=FLAGS)
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        context.add_cookies([{"name": "tidemark", "value": token, "url": url}])
        page = context.new_page()
        _open(page, f"{url}/console/prices")
        _scroll(page, options)
        browser.close()


def _open(page: Page, address: str) -> None:
    painted, there = [], []
    for _ in range(OPENED):
        page.goto(address)
        there.append(float(page.evaluate(_THERE)))
        painted.append(float(page.evaluate(_PAINTED)))
    print(f"first paint: {_spread(painted)}; first prices in sight: {_spread(there)}")


def _scroll(page: Page, options: argparse.Namespace) -> None:
    idle = page.evaluate(_FRAMES, [120, 0])
    rolled = page.evaluate(_FRAMES, [options.frames, 20 * 28])
    height = options.items * 28
    came, longest = [], []
    for leap in range(LEAPS):
        top = (leap * 0.618) % 1 * (height - 2000)  # far apart, and none twice
        took, worst = page.evaluate(_LEAP, int(top))
        came.append(float(took))
        longest.append(float(worst))
    print(f"a frame of a page that stands still: {_spread(idle)}")
    print(f"a frame while it rolls: {_spread(rolled)}")
    print(f"leaps, until all rows in sight are there: {_spread(came)}; longest frame {max(longest):.0f} ms")
    stalls = sum(each > STALL_MS for each in [*rolled, *longest])
    print(
        f"{stalls} frames longer than {STALL_MS} ms; rows in the page: {page.locator('.sheet-row').count()}"
    )


def _spread(took: Sequence[float]) -> str:
    ordered = sorted(took)
    p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
    return f"p50 {statistics.median(ordered):.0f} ms, p99 {p99:.0f}, longest {ordered[-1]:.0f}"


if __name__ == "__main__":
    main()
