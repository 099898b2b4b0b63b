"""What was sold."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from sync_server.console.ask import Ask, Page, Reply
from sync_server.console.charts import Chart, Series
from sync_server.console.forms import period_of
from sync_server.console.pages.behind import link, links
from sync_server.console.pages.prices import as_file
from sync_server.console.words import Words
from sync_server.services.console.periods import Period
from sync_server.services.console.sales_figures import Dashboard
from sync_server.services.console.tables import Cells

_ENDS = ("since", "until")
FIGURES = ("net_minor", "list_minor", "sales", "returns", "member_sales", "member_net_minor")


def dashboard(ask: Ask) -> Reply:
    """By day, hour, region and store."""
    asked, store_id = period_of(ask), ask.query.get("store", "")
    region = ask.region or ask.query.get("region") or None
    found = ask.desk.sales.dashboard(region, asked, store_id)
    behind = links(asked, store=store_id, region=region if ask.region is None else "")
    sees_chain = ask.user.may("effects.view")
    values = {
        "period": asked,
        "store_id": store_id,
        "region": region or "",
        "chosen": ask.region is None,
        "found": found,
        "days": _days(ask.words, found, asked, store_id, region or ""),
        "open": lambda bucket: _open(asked, bucket, store_id, region or ""),
        "hours": _hours(ask.words, found, [behind(hour=hour, what="sales") for hour in range(24)]),
        "behind": behind,
        "of_day": lambda bucket, **more: behind(
            **dict(zip(_ENDS, asked.days_of(bucket), strict=True)), **more
        ),
        "sees_chain": sees_chain and not region,
    }
    return Page("sales.html", values)


def items(ask: Ask) -> Reply:
    """What brought most in the whole chain; asked for by the page when it is there."""
    asked = period_of(ask)
    return Page("sales_items.html", {"items": ask.desk.sales.items(asked), "period": asked})


def members(ask: Ask) -> Reply:
    """Members of the whole chain by when they bought; counted beside the page, for they are many."""
    asked, store_id = period_of(ask), ask.query.get("store", "")
    values = {"members": ask.desk.sales.members(asked), "behind": links(asked, store=store_id, region="")}
    return Page("sales_members.html", values)


def item(ask: Ask) -> Reply:
    """One item day by day, and a day of it store by store, down to the documents."""
    asked, sku, day = period_of(ask), ask.query.get("sku", ""), ask.query.get("day", "")
    found = ask.desk.sales.item(asked, sku, day if day in asked.days() else "")
    return Page("sales_item.html", {"period": asked, "sku": sku, "day": day, "found": found})


def export(ask: Ask) -> Reply:
    """The stores' sums as CSV or XLSX."""
    asked = period_of(ask)
    region = ask.region or ask.query.get("region") or None
    found = ask.desk.sales.dashboard(region, asked, ask.query.get("store", ""))
    rows: list[Cells] = [
        [store_id, name, region, *(row[figure] for figure in FIGURES)]
        for store_id, name, region, row in found.by_store
    ]
    headings = ("store_id", "store", "region", *FIGURES)
    return as_file(ask, f"sales-{asked.day_from}-{asked.day_to}", headings, rows)


def _open(asked: Period, bucket: str, store_id: str, region: str) -> str:
    """What is behind a day or a week: its documents, or the same page for these days alone."""
    first, last = asked.days_of(bucket)
    if store_id and first == last:
        return link(store=store_id, day=first)
    said = {"from": first, "to": last, "store": store_id, "region": region}
    return f"/console/sales?{urlencode({name: text for name, text in said.items() if text})}"


def _days(words: Words, found: Dashboard, asked: Period, store_id: str, region: str) -> Chart:
    scale = 10**words.facts.exponent
    names = list(found.by_bucket)
    links = [_open(asked, name, store_id, region) for name in names]
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


def _hours(words: Words, found: Dashboard, links: Sequence[str]) -> Chart:
    counts = [found.by_hour[hour]["sales"] if hour in found.by_hour else 0 for hour in range(24)]
    return Chart([f"{hour:02d}" for hour in range(24)], [Series(words("sales.sales"), counts, links=links)])
