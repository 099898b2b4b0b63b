"""Orders of the stores to their suppliers: the list, one to print or to send on, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from pos_core.money import format_minor
from pos_core.quantity import format_quantity
from sync_server.console.ask import Ask, Download, Page, Redirect, Reply
from sync_server.services.console.tables import CSV_TYPE, Cells, as_csv
from sync_server.store.purchase import Key

_PATH = "/console/orders"
_CURSOR = ("at", "at_store", "at_order")


def listed(ask: Ask) -> Reply:
    """Open ones, or those that are over; of one store where it is named; a page at a time."""
    over, store_id = ask.query.get("over") == "1", ask.query.get("store", "").strip()
    rows, following = ask.desk.orders.orders(
        ask.region, over=over, store_id=store_id, beyond=_beyond(ask.query)
    )
    said = {"over": "1" if over else "", "store": store_id}
    kept = {name: each for name, each in said.items() if each}
    older = following and f"{_PATH}?{urlencode({**kept, **dict(zip(_CURSOR, following, strict=True))})}"
    return Page("orders.html", {"rows": rows, "over": over, "store": store_id, "older": older})


def _beyond(query: Mapping[str, str]) -> Key | None:
    at, store_id, order_id = (query.get(name, "") for name in _CURSOR)
    return (int(at), store_id, order_id) if at.isascii() and at.isdigit() and len(at) < 16 else None


def one(ask: Ask) -> Reply:
    """As it goes to the supplier."""
    found, items = ask.desk.orders.one(ask.region, ask.path["store_id"], ask.path["order_id"])
    return Page("order.html", {"found": found, "items": items})


def export(ask: Ask) -> Reply:
    """The same as CSV, for the supplier's own program."""
    found, items = ask.desk.orders.one(ask.region, ask.path["store_id"], ask.path["order_id"])
    exponent = ask.words.facts.exponent
    cells: list[Cells] = [
        [
            line.sku,
            items[line.sku].name if line.sku in items else "",
            format_quantity(line.ordered_milli),
            "" if line.unit_cost_minor is None else format_minor(line.unit_cost_minor, exponent),
        ]
        for line in found.purchase.order.lines
    ]
    return Download(
        f"{ask.path['order_id']}.csv", CSV_TYPE, as_csv(["sku", "name", "quantity", "unit_cost"], cells)
    )


def sent(ask: Ask) -> Reply:
    """It was passed on to the supplier."""
    ask.desk.orders.mark(ask.act, ask.region, ask.path["store_id"], ask.path["order_id"], "sent")
    return _back(ask)


def confirmed(ask: Ask) -> Reply:
    """The supplier has said yes."""
    ask.desk.orders.mark(ask.act, ask.region, ask.path["store_id"], ask.path["order_id"], "confirmed")
    return _back(ask)


def _back(ask: Ask) -> Reply:
    store_id, order_id = (quote(ask.path[name], safe="") for name in ("store_id", "order_id"))
    return Redirect(f"/console/orders/{store_id}/{order_id}", "saved")
