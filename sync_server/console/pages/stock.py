"""The stock of the whole chain and suggested transfers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple, fields
from urllib.parse import quote, urlencode

from pos_core.cash.store_day import DAYS_KEPT
from pos_core.sync.stock_messages import MovementPlace
from sync_server.console.ask import Ask, BadForm, Download, Page, Redirect, Reply
from sync_server.console.charts import Points
from sync_server.services.console.stock_desk import ItemPlace
from sync_server.services.console.stock_parts import WHAT
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


def shelves(ask: Ask) -> Reply:
    """Shelf prices that hung wrong, store by store."""
    return Page("shelves.html", {"rows": ask.desk.stock.shelf_prices(ask.region), "days": DAYS_KEPT})


def export_shelves(ask: Ask) -> Reply:
    """The same table as CSV."""
    names = ["store_id", "store", "region", "checked", "wrong", "last_day"]
    cells: list[Cells] = [list(astuple(row)) for row in ask.desk.stock.shelf_prices(ask.region)]
    return Download("shelf-prices.csv", CSV_TYPE, as_csv(names, cells))


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


def parts(ask: Ask) -> Reply:
    """What a figure is made of, in one store or all."""
    what, store_id = ask.query.get("what", "value"), ask.query.get("store", "")
    if what not in WHAT:
        raise BadForm("no such figure", field="what")
    found = ask.desk.stock_parts.of(ask.region, what, store_id)
    return Page("stock_parts.html", {"found": found, "what": what, "store_id": store_id, "every": WHAT})


def movements(ask: Ask) -> Reply:
    """An item at a store: every movement and count, down to its document."""
    sku, store_id = ask.path["sku"], ask.path["store_id"]
    found = ask.desk.stock_parts.card(ask.region, sku, store_id, _before(ask))
    older = found.older and f"/console{_card(sku, store_id)}?{urlencode(asdict(found.older))}"
    return Page("stock_movements.html", {"found": found, "sku": sku, "store_id": store_id, "older": older})


def _before(ask: Ask) -> MovementPlace | None:
    said = [ask.query.get(field.name, "") for field in fields(MovementPlace)]
    numbers = [int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1 for text in said[2:]]
    return MovementPlace(said[0], said[1], *numbers) if said[0] and min(numbers) >= 0 else None


def _card(sku: str, store_id: str) -> str:
    return f"/stock/items/{quote(sku, safe='')}/{quote(store_id, safe='')}"


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
    sku = ask.path.get("sku", "")
    scale = 1 if sku else 10**ask.words.facts.exponent

    def link(store_id: str) -> str:
        return f"/console{_card(sku, store_id)}" if sku else _over(store_id)

    return Points(
        [
            (f"{store_id} {name}", lon / 1e6, lat / 1e6, value / scale, state, link(store_id))
            for store_id, name, lon, lat, value, state in tied
            if lon is not None and lat is not None
        ]
    )


def _over(store_id: str) -> str:
    return f"/console/stock/parts?what=over&store={quote(store_id, safe='')}"
