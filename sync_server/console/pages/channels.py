"""By channel, members over time, prices that differ between channels, lots sold where none were shipped."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

from sync_server.console.ask import Ask, Page, Reply
from sync_server.console.charts import Chart, Series
from sync_server.console.forms import period_of
from sync_server.console.pages.behind import channel_named, link, links
from sync_server.console.pages.prices import as_file
from sync_server.console.words import Words
from sync_server.services.console.channel_figures import Channels
from sync_server.services.console.member_figures import MOVES_SHOWN, MemberFigures
from sync_server.services.console.periods import Period
from sync_server.services.console.tables import Cells
from sync_server.services.member_months import RECENT, later
from sync_server.store.schema.channel_sums import CHANNEL_FIGURES

_PLACE = ("business_day", "region", "sku")
_GAP = ("gap_ppm", "low_channel", "low_minor", "low_document", "high_channel", "high_minor", "high_document")
_LINE = ("business_day", "store_id", "region", "sku", "lot", "quantity_milli", "net_minor")


def listing(ask: Ask) -> Reply:
    """Sales, points and coupons by channel, down to a store's day."""
    asked, store_id, channel = period_of(ask), ask.query.get("store", ""), ask.query.get("channel", "")
    found = ask.desk.channels.channels(ask.region, asked, channel, store_id)
    values = {
        "period": asked,
        "store_id": store_id,
        "channel": channel,
        "found": found,
        "chart": _by_channel(ask.words, found, asked, store_id),
        "named": lambda name: channel_named(ask.words, name),
        "behind": links(asked, store=store_id, of="channels"),
    }
    return Page("channels.html", values)


def export(ask: Ask) -> Reply:
    """Home channel × channel as CSV or XLSX, with sales that are nobody's."""
    asked = period_of(ask)
    found = ask.desk.channels.channels(ask.region, asked, "", ask.query.get("store", ""))
    rows: list[Cells] = [
        ["", name, *(row[f] for f in CHANNEL_FIGURES)] for name, row in found.by_channel.items()
    ]
    rows += [[home, name, *(row[f] for f in CHANNEL_FIGURES)] for home, name, row in found.cross]
    headings = ("members_home_channel", "channel", *CHANNEL_FIGURES)
    return as_file(ask, f"channels-{asked.day_from}-{asked.day_to}", headings, rows)


def gaps(ask: Ask) -> Reply:
    """Items whose price on a day was not the same in every channel of a region."""
    asked = period_of(ask)
    rows, count = ask.desk.channels.gaps(ask.region, asked)
    values = {
        "period": asked,
        "rows": rows,
        "count": count,
        "named": lambda name: channel_named(ask.words, name),
        "behind": lambda row: f"/console/price-gaps/one?{urlencode(_place_of(row))}",
    }
    return Page("price_gaps.html", values)


def gap(ask: Ask) -> Reply:
    """One of them: each channel's prices with the sales at them, and what was in force in those stores."""
    day, region, sku = (ask.query.get(name, "") for name in ("day", "region", "sku"))
    said = {"since": day, "until": day, "region": region if ask.region is None else "", "sku": sku}
    values = {
        "day": day,
        "region": region,
        "sku": sku,
        "found": ask.desk.price_gap.of(ask.region, (day, region, sku)),
        "named": lambda name: channel_named(ask.words, name),
        "sales": lambda channel: link(**said, channel=channel, what="sales"),
        "back": f"/console/price-gaps?{urlencode({'from': day, 'to': day})}",
    }
    return Page("price_gap.html", values)


def export_gaps(ask: Ask) -> Reply:
    """The same as CSV or XLSX."""
    asked = period_of(ask)
    found, _ = ask.desk.channels.gaps(ask.region, asked)
    rows: list[Cells] = [
        [
            row["business_day"],
            row["region"],
            row["sku"],
            _name(ask.words, row["item"]),
            *(row[f] for f in _GAP),
        ]
        for row in found
    ]
    headings = (*_PLACE, "item", *_GAP)
    return as_file(ask, f"price-gaps-{asked.day_from}-{asked.day_to}", headings, rows)


def astray(ask: Ask) -> Reply:
    """Goods sold outside of the region that their lot was shipped to, with the documents of both."""
    asked = period_of(ask)
    rows, count, net = ask.desk.channels.astray(ask.region, asked)
    return Page("lots_astray.html", {"period": asked, "rows": rows, "count": count, "net": net})


def export_astray(ask: Ask) -> Reply:
    """The same as CSV or XLSX."""
    asked = period_of(ask)
    found, _, _ = ask.desk.channels.astray(ask.region, asked)
    rows: list[Cells] = [
        [
            *(each.line[f] for f in _LINE),
            _name(ask.words, each.item),
            "{workstation_id}/{incarnation}/{number}".format(**each.line),
            " ".join(each.regions),
            " ".join(str(receipt["document"]) for receipt in each.receipts),
        ]
        for each in found
    ]
    headings = (*_LINE, "item", "sale", "shipped_to", "goods_receipts")
    return as_file(ask, f"lots-astray-{asked.day_from}-{asked.day_to}", headings, rows)


def members(ask: Ask) -> Reply:
    """Month by month: new, active, again, kept, dormant; moves between tiers."""
    found = ask.desk.members_over_time.figures()
    values = {
        "found": found,
        "chart": _by_month(ask.words, found),
        "tier": _tier_named(ask.words, found.names),
        "moved": lambda row: _moved_path(row["month"], row["from_tier"], row["to_tier"]),
        "sales_of": _sales_of,
        "behind": _behind,
        "months": [each.month for each in found.months],
    }
    return Page("member_figures.html", values)


def moved(ask: Ask) -> Reply:
    """Who moved from one tier to another in a month, when, and what said so."""
    query = ask.query
    month, had, tier = move = (query.get("month", ""), query.get("from", ""), query.get("to", ""))
    at = query.get("at", "")
    after = (query.get("after", ""), int(at)) if at.isascii() and at.isdigit() and len(at) < 16 else None
    rows, (count, kept), names = ask.desk.members_over_time.moved(move, after)
    shown = rows[:MOVES_SHOWN]
    more = shown[-1] if len(rows) > MOVES_SHOWN else None
    values = {
        "rows": shown,
        "month": month,
        "had": had,
        "to": tier,
        "count": count,
        "not_kept": count - kept,
        "first": after is None,
        "tier": _tier_named(ask.words, names),
        "more": _moved_path(*move, after=more["member_id"], at=more["at_ms"]) if more else "",
    }
    return Page("tier_moves.html", values)


def export_members(ask: Ask) -> Reply:
    """The months as CSV or XLSX."""
    months = ask.desk.members_over_time.figures().months
    rows: list[Cells] = [
        [m.month, m.sales, m.active, m.fresh, m.again_ppm, m.kept_ppm, m.dormant, m.ever] for m in months
    ]
    headings = ("month", "sales", "active", "new", "again_ppm", "kept_ppm", "dormant", "ever")
    return as_file(ask, "members-by-month", headings, rows)


def _by_channel(words: Words, found: Channels, asked: Period, store_id: str) -> Chart:
    scale, buckets = 10**words.facts.exponent, asked.buckets()
    series = []
    for channel in found.channels:
        links = []
        for bucket in buckets:
            first, last = asked.days_of(bucket)
            said = {"from": first, "to": last, "channel": channel, "store": store_id}
            links.append(f"/console/channels?{urlencode(said)}")
        values = [found.by_bucket.get((bucket, channel), 0) / scale for bucket in buckets]
        series.append(Series(channel_named(words, channel), values, links=links))
    return Chart(buckets, series, stack=True, unit=words.facts.currency)


def _by_month(words: Words, found: MemberFigures) -> Chart:
    months = found.months

    def behind(what: str) -> list[str]:
        return [_behind(each.month, what) for each in months]

    series: Sequence[Series] = [
        Series(words("sales.active"), [each.active for each in months], links=behind("member")),
        Series(words("members.fresh"), [each.fresh for each in months], links=behind("first")),
        Series(words("sales.dormant"), [each.dormant for each in months], "line", links=behind("last")),
    ]
    return Chart([each.month for each in months], series)


def _tier_named(words: Words, names: Mapping[str, Mapping[str, object]]) -> Callable[[str], str]:
    def named(code: str) -> str:
        about = names.get(code, {})
        zh = about.get("name", code)
        return str(zh if words.language == "zh" else about.get("name_en") or zh)

    return named


def _moved_path(month: str, had: str, tier: str, **more: object) -> str:
    return f"/console/member-figures/moves?{urlencode({'month': month, 'from': had, 'to': tier, **more})}"


def _sales_of(month: str) -> str:
    """The page of a month's sales."""
    said = {"from": f"{month}-01", "to": _last_day(month)}
    return f"/console/sales?{urlencode(said)}"


def _behind(month: str, what: str, *, tier: str = "", since: str = "") -> str:
    """The sales that a figure of a month counts; dormant are those of no sale in it and the two before."""
    first = later(month, 1 - RECENT) if what == "last" else since or month
    before = f"{later(month, -1)}-01" if what == "kept" else ""
    return link(
        since=f"{first}-01", until=_last_day(month), what=what, tier=tier, kept_from=before, of="members"
    )


def _last_day(month: str) -> str:
    return f"{month}-{calendar.monthrange(int(month[:4]), int(month[5:7]))[1]:02d}"


def _place_of(row: Mapping[str, object]) -> dict[str, object]:
    return {"day": row["business_day"], "region": row["region"], "sku": row["sku"]}


def _name(words: Words, item: object) -> str:
    zh = getattr(item, "name", "")
    return zh if words.language == "zh" else getattr(item, "name_en", "") or zh
