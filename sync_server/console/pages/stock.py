"""The stock of the whole chain and suggested transfers."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from sync_server.console.ask import Ask, Download, Page, Redirect, Reply
from sync_server.console.charts import Points
from sync_server.services.console.stock_desk import ItemPlace
from sync_server.services.console.tables import CSV_TYPE, Cells, as_csv

FIGURES = ("items", "value_minor", "out_items", "lost_minor", "over_items", "over_minor", "coming_milli")


def places(ask: Ask) -> Reply:
    """Every store and warehouse, on a map and in a table."""
    rows, at_ms = ask.desk.stock.places(ask.region)
    tied = [
        (row.store_id, store["name"], store["longitude_e6"], store["latitude_e6"], row.over_minor, "")
        for row, store in rows
    ]
    text = ask.query.get("text", "").strip()
    values = {
        "rows": sorted(rows, key=lambda each: -each[0].over_minor),
        "at_ms": at_ms,
        "map": _map(ask, tied),
        "text": text,
        "found": ask.desk.stock.find(text) if text else None,
    }
    return Page("stock.html", values)


def export(ask: Ask) -> Reply:
    """The same table as CSV."""
    rows, _ = ask.desk.stock.places(ask.region)
    cells: list[Cells] = [
        [row.store_id, store["name"], store["region"], *(getattr(row, name) for name in FIGURES)]
        for row, store in rows
    ]
    return Download("stock.csv", CSV_TYPE, as_csv(["store_id", "store", "region", *FIGURES], cells))


def item(ask: Ask) -> Reply:
    """One item everywhere."""
    found = ask.desk.stock.item(ask.region, ask.path["sku"])
    tied = [
        (
            each.store_id,
            each.name,
            each.longitude_e6,
            each.latitude_e6,
            each.on_hand_milli / 1000,
            _state(each),
        )
        for each in found.places
    ]
    return Page("stock_item.html", {"found": found, "sku": ask.path["sku"], "map": _map(ask, tied)})


def transfers(ask: Ask) -> Reply:
    """Suggestions, those that save most first."""
    over = ask.query.get("over") == "1"
    return Page("transfers.html", {"rows": ask.desk.stock.suggestions(ask.region, over=over), "over": over})


def approve(ask: Ask) -> Reply:
    """As suggested, or less of it."""
    changed: dict[str, int | None] = {
        name.removeprefix("units_"): ask.number(name, low=0, high=10**9)
        for name in ask.form
        if name.startswith("units_")
    }
    ask.desk.stock.approve(ask.act, ask.path["suggestion_id"], ask.region, changed)
    return Redirect("/console/transfers", "transfer_made")


def refuse(ask: Ask) -> Reply:
    """Not worth it."""
    ask.desk.stock.refuse(ask.act, ask.path["suggestion_id"], ask.region)
    return Redirect("/console/transfers", "saved")


def _state(place: ItemPlace) -> str:
    return "out" if place.on_hand_milli <= 0 < place.daily_milli else ""


def _map(ask: Ask, tied: Sequence[tuple[str, str, int | None, int | None, float, str]]) -> Points:
    scale = 10**ask.words.facts.exponent if ask.route == "/stock" else 1
    return Points(
        [
            (f"{store_id} {name}", lon / 1e6, lat / 1e6, value / scale, state, _link(store_id))
            for store_id, name, lon, lat, value, state in tied
            if lon is not None and lat is not None
        ]
    )


def _link(store_id: str) -> str:
    return f"/console/sales?store={quote(store_id, safe='')}"
