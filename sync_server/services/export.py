"""`export`: the c_* views as CSV or JSON lines, one consistent view of the ledger over all of them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from pos_core.clock import Clock
from pos_core.errors import Refusal
from sync_server.store import audit, export
from sync_server.store.engine import Store, Txn
from sync_server.store.views import view_names

Format = Literal["csv", "jsonl"]
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class NoSuchView(Refusal):
    """A name that is no c_* view of this program."""

    code = "no_such_view"


def export_views(
    store: Store,
    target: Path,
    *,
    views: Sequence[str],
    form: Format,
    clock: Clock,
    on_view: Callable[[str, int], None] = lambda *_: None,
) -> dict[str, int]:
    """Writes `<view>.<form>` for each view (all when none is named); returns rows by view."""
    wanted = list(views) or view_names()
    for view in wanted:
        if view not in view_names():
            raise NoSuchView(f"there is no view {view}", view=view)
    target.mkdir(parents=True, exist_ok=True)

    def read(txn: Txn) -> dict[str, int]:
        counts: dict[str, int] = {}
        for view in wanted:
            columns, rows = export.rows(txn, view)
            write = _write_csv if form == "csv" else _write_lines
            counts[view] = write(target / f"{view}.{form}", columns, rows)
            on_view(view, counts[view])
        return counts

    counts = store.read(read)
    now = clock.now_ms()
    store.write(
        lambda txn: audit.add(
            txn, now_ms=now, actor="command line", action="exported", subject=form, rows=sum(counts.values())
        )
    )
    return counts


def _write_csv(path: Path, columns: list[str], rows: Any) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_cell(value) for value in row])
            count += 1
    return count


def _write_lines(path: Path, columns: list[str], rows: Any) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) + "\n")
            count += 1
    return count


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value
