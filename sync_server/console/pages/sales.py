"""What was sold."""

from __future__ import annotations

from urllib.parse import urlencode

from sync_server.console.ask import Ask, Page, Reply
from sync_server.console.charts import Chart, Series
from sync_server.console.forms import period_of
from sync_server.console.pages.prices import as_file
from sync_server.console.words import Words
from sync_server.services.console.periods import Period
from sync_server.services.console.sales_figures import Dashboard
from sync_server.services.console.tables import Cells

FIGURES = ("net_minor", "list_minor", "sales", "returns", "member_sales", "member_net_minor")


def dashboard(ask: Ask) -> Reply:
    """By day, hour, region and store."""
    asked, store_id = period_of(ask), ask.query.get("store", "")
    found = ask.desk.sales.dashboard(ask.region, asked, store_id)
    sees_chain = ask.user.may("effects.view")
    values = {
        "period": asked,
        "store_id": store_id,
        "found": found,
        "days": _days(ask.words, found, asked, store_id),
        "hours": _hours(ask.words, found),
        "members": ask.desk.sales.members(asked) if sees_chain else None,
        "sees_chain": sees_chain,
    }
    return Page("sales.html", values)


def items(ask: Ask) -> Reply:
    """What brought most in the whole chain; asked for by the page when it is there."""
    return Page("sales_items.html", {"items": ask.desk.sales.items(period_of(ask))})


def documents(ask: Ask) -> Reply:
    """The documents behind a store's day."""
    store_id, day, sku = (ask.query.get(name, "") for name in ("store", "day", "sku"))
    rows = ask.desk.sales.documents(ask.region, store_id, day, sku)
    return Page("sales_documents.html", {"rows": rows, "store_id": store_id, "day": day, "sku": sku})


def export(ask: Ask) -> Reply:
    """The stores' sums as CSV or XLSX."""
    asked = period_of(ask)
    found = ask.desk.sales.dashboard(ask.region, asked, ask.query.get("store", ""))
    rows: list[Cells] = [
        [store_id, name, region, *(row[figure] for figure in FIGURES)]
        for store_id, name, region, row in found.by_store
    ]
    headings = ("store_id", "store", "region", *FIGURES)
    return as_file(ask, f"sales-{asked.day_from}-{asked.day_to}", headings, rows)


def _days(words: Words, found: Dashboard, asked: Period, store_id: str) -> Chart:
    scale = 10**words.facts.exponent
    names = list(found.by_bucket)
    links = []
    for name in names:
        first, last = asked.days_of(name)
        if store_id and first == last:
            links.append(f"/console/sales/documents?{urlencode({'store': store_id, 'day': first})}")
        else:
            links.append(f"/console/sales?{urlencode({'from': first, 'to': last, 'store': store_id})}")
    net = [row["net_minor"] / scale for row in found.by_bucket.values()]
    mine = [row["member_net_minor"] / scale for row in found.by_bucket.values()]
    return Chart(
        names,
        [
            Series(words("sales.net"), net, links=links),
            Series(words("sales.member_net"), mine, kind="line", links=links),
        ],
        unit=words.facts.currency,
    )


def _hours(words: Words, found: Dashboard) -> Chart:
    counts = [found.by_hour[hour]["sales"] if hour in found.by_hour else 0 for hour in range(24)]
    return Chart([f"{hour:02d}" for hour in range(24)], [Series(words("sales.sales"), counts)])
