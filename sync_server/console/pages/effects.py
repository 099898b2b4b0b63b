"""What campaigns did: all beside each other, one against those held out, the baskets behind each figure."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from sync_server.console.ask import Ask, BadForm, Page, Reply
from sync_server.console.charts import Chart, Series
from sync_server.console.pages.behind import links
from sync_server.console.pages.prices import as_file
from sync_server.console.words import Words, masked_id
from sync_server.services.console.campaign_overview import CampaignLine
from sync_server.services.console.effects import Effect, Effects
from sync_server.services.console.periods import Period, period
from sync_server.services.console.store_lift import IN, OUT, StoreLift
from sync_server.services.console.tables import Cells

CHARTED = 30
ARMS = ("issued", "held_out", "held_out_store")
COLUMNS = (
    "campaign_id", "name", "valid_from", "valid_to", "issued", "held_out", "redeemers", "redeemed_ppm",
    "uses", "given_minor", "baskets", "net_minor", "costed_net_minor", "cost_minor", "margin_minor",
    "roi_at_most_ppm",
)  # fmt: skip


def listing(ask: Ask) -> Reply:
    """Every campaign's reach, redemption, sales, margin and return."""
    rows = ask.desk.campaign_overview.listing(ask.region)
    sees_chain = ask.user.may("effects.view")
    chart = _beside(ask.words, rows, sees_chain=sees_chain)
    values = {"rows": rows, "chart": chart, "sees_chain": sees_chain}
    return Page("effects.html", values)


def export(ask: Ask) -> Reply:
    """The same as CSV or XLSX."""
    words = ask.words
    rows: list[Cells] = [
        [
            row.campaign_id, row.name if words.language == "zh" else row.name_en,
            words.time(row.valid_from_ms), words.time(row.valid_to_ms), took.issued, took.held_out,
            took.redeemers, took.redeemed_ppm, took.uses, took.given_minor, took.baskets, took.net_minor,
            took.costed_net_minor, took.cost_minor, took.margin_minor, took.roi_ppm,
        ]
        for row in ask.desk.campaign_overview.listing(ask.region)
        for took in (row.took,)
    ]  # fmt: skip
    return as_file(ask, "campaigns", COLUMNS, rows)


def one(ask: Ask) -> Reply:
    """One campaign: what was taken by day and store, and its lift with its interval."""
    found = _effect(ask)
    campaign_id = ask.path["campaign_id"]
    lift = ask.desk.store_lifts.of(campaign_id, found.one.plan, _counted(ask))
    days = ask.desk.campaign_overview.days(campaign_id)
    scale = 10**ask.words.facts.exponent
    links = [_baskets(campaign_id, day=str(row["business_day"])) for row in days]
    chart = Chart(
        [str(row["business_day"]) for row in days],
        [
            Series(ask.words("effect.net"), [row["net_minor"] / scale for row in days], links=links),
            Series(
                ask.words("campaign.given"), [row["given_minor"] / scale for row in days], "line", links=links
            ),
        ],
        unit=ask.words.facts.currency,
    )
    values = {
        "found": found,
        "campaign_id": campaign_id,
        "arm_behind": lambda arm, **said: f"{_of(campaign_id)}/effect/arms?{urlencode({'arm': arm, **said})}",
        "days": days,
        "lift": lift,
        "store_roi_ppm": found.took.roi_of(None if lift is None else lift.incremental_minor),
        "chart": chart,
        "stores": ask.desk.campaign_overview.stores(campaign_id, ask.region),
    }
    return Page("effect.html", values)


def export_one(ask: Ask) -> Reply:
    """The figures of one campaign as CSV or XLSX."""
    found = _effect(ask)
    took = found.took
    rows: list[Cells] = [
        ["issued", found.one.reach.get("issued", 0)],
        ["held_out", found.one.reach.get("held_out", 0)],
        ["redeemers", took.redeemers],
        ["redeemed", took.uses],
        ["given_minor", took.given_minor],
        ["baskets", took.baskets],
        ["net_minor", took.net_minor],
        ["costed_net_minor", took.costed_net_minor],
        ["cost_minor", took.cost_minor],
        ["margin_minor", took.margin_minor],
        ["roi_at_most_ppm", took.roi_ppm],
        ["treated_mean_minor", found.treated.mean_minor],
        ["control_mean_minor", found.control.mean_minor],
        ["lift_minor", found.lift_minor],
        ["lift_low_minor", found.low_minor],
        ["lift_high_minor", found.high_minor],
        ["incremental_minor", found.incremental_minor],
        ["roi_ppm", found.roi_ppm],
    ]
    lift = ask.desk.store_lifts.of(ask.path["campaign_id"], found.one.plan, _counted(ask))
    rows += [] if lift is None else _store_cells(lift)
    return as_file(ask, f"effect-{ask.path['campaign_id']}", ("figure", "value"), rows)


def arms(ask: Ask) -> Reply:
    """Members of one of the two groups whose means the lift compares, with what each spent."""
    query, campaign_id = ask.query, ask.path["campaign_id"]
    arm, bought = query.get("arm", "issued"), bool(query.get("bought"))
    if arm not in ARMS:
        raise BadForm("issued, held_out or held_out_store", field="arm")
    counted = _counted(ask)
    rows, more = ask.desk.effects.arm(campaign_id, counted, arm, query.get("after", ""), bought=bought)
    said = {"arm": arm, **({"bought": "1"} if bought else {})}
    values = {
        "campaign_id": campaign_id,
        "arm": arm,
        "bought": bought,
        "rows": rows,
        "until": counted.day_to,
        "more": f"{_of(campaign_id)}/effect/arms?{urlencode({**said, 'after': more})}" if more else "",
        "member": lambda member_id: (
            f"{_of(campaign_id)}/effect/member?{urlencode({'member': member_id, 'arm': arm})}"
        ),
    }
    return Page("effect_arm.html", values)


def stores(ask: Ask) -> Reply:
    """The stores of one of the two groups that a hold-out by store compares, with what each sold a day."""
    campaign_id, group = ask.path["campaign_id"], ask.query.get("group", IN)
    if group not in (IN, OUT):
        raise BadForm("in or out", field="group")
    plan = ask.desk.campaigns.plan_of(campaign_id)
    lift = ask.desk.store_lifts.of(campaign_id, plan, _counted(ask))
    if lift is None:
        raise BadForm("no store is held out", field="group")
    values = {
        "campaign_id": campaign_id,
        "group": group,
        "lift": lift,
        "rows": [row for row in lift.stores if row.group == group],
        "behind": lambda days, **said: links(days, **said)(),
    }
    return Page("effect_stores.html", values)


def member(ask: Ask) -> Reply:
    """The sales and returns that the lift counts of one member; he is not named."""
    campaign_id, member_id = ask.path["campaign_id"], ask.query.get("member", "")
    counted = _counted(ask)
    arm = ask.query.get("arm", "")
    values = {
        "rows": ask.desk.effects.purchases(campaign_id, counted, member_id),
        "older": "",
        "said": [masked_id(member_id)],
        "period": counted,
        "back": f"{_of(campaign_id)}/effect/arms?{urlencode({'arm': arm if arm in ARMS else ARMS[0]})}",
    }
    return Page("sales_documents.html", values)


def baskets(ask: Ask) -> Reply:
    """The sales behind a figure: of a day, of a store, or the newest."""
    campaign_id = ask.path["campaign_id"]
    day, store_id = ask.query.get("day", ""), ask.query.get("store", "")
    if day:
        period(day, day, zone=ask.words.facts.zone, now_ms=ask.desk.clock.now_ms())  # raises BadPeriod
    rows = ask.desk.effects.baskets(campaign_id, ask.region, day=day, store_id=store_id)
    values = {"rows": rows, "campaign_id": campaign_id, "day": day, "store_id": store_id}
    return Page("effect_baskets.html", values)


def _beside(words: Words, rows: Sequence[CampaignLine], *, sees_chain: bool) -> Chart:
    """Sales and margin beside what was given, of those in which anything was taken.

    A bar opens to the campaign's own figures, or to its baskets for whoever may not see those.
    """
    scale = 10**words.facts.exponent
    shown = [row for row in rows if row.took.baskets][:CHARTED]
    names = [row.name if words.language == "zh" else row.name_en for row in shown]
    links = [
        f"/console/campaigns/{quote(row.campaign_id, safe='')}/effect"
        if row.has_page and sees_chain
        else _baskets(row.campaign_id)
        for row in shown
    ]
    series = [
        Series(words("effect.net"), [row.took.net_minor / scale for row in shown], links=links),
        Series(words("campaign.given"), [row.took.given_minor / scale for row in shown], links=links),
    ]
    if any(row.took.margin_minor is not None for row in shown):
        margins = [None if row.took.margin_minor is None else row.took.margin_minor / scale for row in shown]
        series.insert(1, Series(words("effect.margin"), margins, links=links))
    return Chart(names, series, unit=words.facts.currency)


def _baskets(campaign_id: str, **said: str) -> str:
    return f"{_of(campaign_id)}/baskets?{urlencode(said)}"


def _of(campaign_id: str) -> str:
    return f"/console/campaigns/{quote(campaign_id, safe='')}"


def _store_cells(lift: StoreLift) -> list[Cells]:
    return [
        ["stores_before", f"{lift.before.day_from}/{lift.before.day_to}"],
        ["stores_since", f"{lift.after.day_from}/{lift.after.day_to}"],
        ["stores_treated", lift.treated.stores],
        ["stores_held_out", lift.control.stores],
        ["stores_treated_change_minor", lift.treated.change],
        ["stores_held_out_change_minor", lift.control.change],
        ["stores_lift_minor", lift.lift_minor],
        ["stores_lift_low_minor", lift.low_minor],
        ["stores_lift_high_minor", lift.high_minor],
        ["stores_incremental_minor", lift.incremental_minor],
    ]


def _effect(ask: Ask) -> Effect:
    return ask.desk.effects.of(ask.path["campaign_id"], ask.region, _counted(ask))


def _counted(ask: Ask) -> Period:
    """Its last day is the one up to which an effect is counted. Raises NoSuchPlan."""
    plan = ask.desk.campaigns.plan_of(ask.path["campaign_id"])
    last = Effects.last_day(plan, ask.desk.clock.now_ms())
    return period("", "", zone=ask.words.facts.zone, now_ms=last)
