"""The grid of prices, and files of them."""

from __future__ import annotations

from sync_server.console.ask import Ask, BadForm, Data, Download, Page, Reply
from sync_server.services.console import tables
from sync_server.services.console.price_diff import COLUMNS
from sync_server.store.catalog import ItemFilter

COSTS = "prices.edit"
"""Who may see costs: a region's manager may not."""


def grid(ask: Ask) -> Reply:
    """The frame of the grid; its rows come as JSON while one scrolls."""
    wanted = item_filter(ask)
    frame = ask.desk.price_grid.frame(wanted, ask.region)
    drafts = [row for row, _ in ask.desk.price_changes.newest(over=False) if row.state == "draft"]
    change_id = ask.query.get("change", "")
    change = next((row for row in drafts if row.change_id == change_id), None)
    may_edit = ask.user.may("prices.edit")
    values = {
        "wanted": wanted,
        "frame": frame,
        "drafts": drafts if may_edit else [],
        "change": change if may_edit else None,
        "waiting": ask.desk.price_changes.waiting_elsewhere() if may_edit else 0,
        "costs": ask.user.may(COSTS),
        "now_ms": ask.desk.clock.now_ms(),
    }
    return Page("prices.html", values)


def rows(ask: Ask) -> Reply:
    """One page of rows."""
    offset = ask.number("offset", low=0, high=100_000_000, default=0)
    change_id = ask.query.get("change") or None
    found = ask.desk.price_grid.rows(
        item_filter(ask),
        offset=offset,
        change_id=change_id if ask.user.may("prices.edit") else None,
        region=ask.region,
        costs=ask.user.may(COSTS),
    )
    return Data({"offset": offset, "rows": found})


def export(ask: Ask) -> Reply:
    """What the filter leaves, as CSV or XLSX; an import takes it back."""
    found = ask.desk.price_diff.prices_as_rows(item_filter(ask), ask.region)
    return as_file(ask, "prices", COLUMNS, found)


def as_file(ask: Ask, name: str, headings: tuple[str, ...], found: tables.Rows) -> Download:
    """The file in the form that `form` asks for."""
    if ask.query.get("form", "csv") == "xlsx":
        return Download(f"{name}.xlsx", tables.XLSX_TYPE, tables.as_xlsx(headings, found))
    return Download(f"{name}.csv", tables.CSV_TYPE, tables.as_csv(headings, found))


def item_filter(ask: Ask) -> ItemFilter:
    """From the query. Raises BadForm."""
    text = ask.query.get("text", "").strip()
    if len(text) > 100:
        raise BadForm("too long", field="text")
    return ItemFilter(text, ask.query.get("department", ""))
