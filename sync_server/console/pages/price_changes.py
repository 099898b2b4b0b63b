"""Price changes: drafts, files, checks, approval, publishing."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from sync_server.console.ask import Ask, BadForm, Data, Download, Page, Redirect, Reply
from sync_server.console.forms import moment, seen_ms
from sync_server.console.pages.prices import as_file
from sync_server.console.pages.releases import release_as_asked
from sync_server.services.console.price_changes import CELLS_MAX
from sync_server.services.console.price_checks import DANGEROUS
from sync_server.services.console.price_decisions import checked_from
from sync_server.services.console.price_diff import COLUMNS, PAGE_ROWS
from sync_server.services.console.tables import CSV_TYPE

PROBLEMS_SHOWN = 50


def listing(ask: Ask) -> Reply:
    """Those under way, or (`over=1`) those that are published or dropped."""
    over = ask.query.get("over") == "1"
    changes = ask.desk.price_changes.newest(over=over)
    return Page("price_changes.html", {"changes": changes, "over": over})


def one(ask: Ask) -> Reply:
    """A change side by side with what it replaces."""
    row = ask.desk.price_changes.get(ask.path["change_id"])
    offset = ask.number("offset", low=0, high=100_000_000, default=0)
    checked = checked_from(row.findings)
    values = {
        "change": row,
        "rows": ask.desk.price_diff.page(row.change_id, offset=offset, region=ask.region),
        "offset": offset,
        "page_rows": PAGE_ROWS,
        "checked": checked,
        "dangerous": DANGEROUS,
        "costs": ask.user.may("prices.edit") or ask.user.may("prices.approve"),
    }
    if ask.by_htmx:
        return Page("price_change_rows.html", values)
    values["extent"] = ask.desk.price_diff.extent(row.change_id, ask.region)
    values["waiting"] = ask.desk.price_changes.waiting_elsewhere(row.change_id)
    return Page("price_change.html", values)


def begin(ask: Ask) -> Reply:
    """A new draft, shown in the grid."""
    start, end = _period(ask)
    title = ask.text("title")
    change_id = ask.desk.price_changes.begin(
        ask.act, title=title, effective_from_ms=start, effective_to_ms=end
    )
    return Redirect(f"/console/prices?change={change_id}", "change_begun")


def period(ask: Ask) -> Reply:
    """Another period."""
    change_id = ask.path["change_id"]
    ask.desk.price_changes.set_period(ask.act, change_id, *_period(ask))
    return _back(change_id, "saved")


def cells(ask: Ask) -> Reply:
    """Cells typed or pasted into the grid: `cells` is JSON [[price list, SKU, text], …]."""
    try:
        sent = json.loads(ask.text("cells"))
        found = [(str(list_id), str(sku), str(text)) for list_id, sku, text in sent]
    except (ValueError, TypeError):
        raise BadForm("not cells", field="cells") from None
    if not 1 <= len(found) <= CELLS_MAX:
        raise BadForm("too many cells", field="cells")
    taken, refused = ask.desk.price_changes.set_cells(ask.act, ask.path["change_id"], found)
    for fault in refused:
        fault["reason"] = ask.words(f"cell.{fault['code']}")
    return Data({"taken": taken, "refused": refused})


def upload(ask: Ask) -> Reply:
    """CSV or XLSX; what is wrong with rejected rows is shown and can be downloaded."""
    change_id = ask.path["change_id"]
    sent = ask.files.get("file")
    if sent is None or not sent.filename:
        raise BadForm("no file", field="file")
    with tempfile.TemporaryDirectory(prefix="tidemark-upload-") as folder:
        path = Path(folder) / "upload"
        with path.open("wb") as file:
            shutil.copyfileobj(sent.file, file)
        report = ask.desk.price_changes.take_file(ask.act, change_id, path, _rejects(ask, change_id))
    values = {"report": report, "shown": report.problems[:PROBLEMS_SHOWN], "change_id": change_id}
    return Page("price_change_upload.html", values)


def rejects(ask: Ask) -> Reply:
    """The rows that the last file's import has refused, with reasons, to be corrected and sent again."""
    change_id = ask.desk.price_changes.get(ask.path["change_id"]).change_id
    path = _rejects(ask, change_id)
    content = path.read_bytes() if path.exists() else b""
    return Download("rejected.csv", CSV_TYPE, content)


def take_waiting(ask: Ask) -> Reply:
    """Imported prices that wait for a release come into this change."""
    change_id = ask.path["change_id"]
    ask.desk.price_changes.take_waiting(ask.act, change_id)
    return _back(change_id, "saved")


def submit(ask: Ask) -> Reply:
    """Checks."""
    change_id = ask.path["change_id"]
    checked = ask.desk.price_decisions.submit(ask.act, change_id)
    return _back(change_id, "change_waits" if checked.dangerous else "change_harmless")


def approve(ask: Ask) -> Reply:
    """By a second person."""
    ask.desk.price_decisions.approve(ask.act, ask.path["change_id"], seen_ms(ask))
    return _back(ask.path["change_id"], "change_approved")


def send_back(ask: Ask) -> Reply:
    """To be edited again."""
    ask.desk.price_decisions.send_back(ask.act, ask.path["change_id"])
    return _back(ask.path["change_id"], "saved")


def drop(ask: Ask) -> Reply:
    """Gives it up."""
    ask.desk.price_decisions.drop(ask.act, ask.path["change_id"])
    return Redirect("/console/price-changes", "saved")


def publish(ask: Ask) -> Reply:
    """As a signed release, for all at once or to some stores first."""
    made = ask.desk.price_decisions.publish(ask.act, ask.path["change_id"], release_as_asked(ask))
    return Redirect(f"/console/releases/{made.release.version}", "change_published")


def export(ask: Ask) -> Reply:
    """The change as a file."""
    row = ask.desk.price_changes.get(ask.path["change_id"])
    found = ask.desk.price_diff.change_as_rows(row.change_id, ask.region)
    return as_file(ask, "price-change", COLUMNS, found)


def _back(change_id: str, done: str) -> Redirect:
    return Redirect(f"/console/price-changes/{change_id}", done)


def _rejects(ask: Ask, change_id: str) -> Path:
    assert change_id.replace("-", "").isalnum()
    folder = ask.desk.work_folder / "console"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"rejects-{change_id}.csv"


def _period(ask: Ask) -> tuple[int, int | None]:
    """An empty start is now."""
    start, end = moment(ask, "effective_from"), moment(ask, "effective_to")
    return (ask.desk.clock.now_ms() if start is None else start), end
