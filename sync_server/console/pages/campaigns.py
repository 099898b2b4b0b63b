"""Coupon campaigns: planned, approved, issued, leased, stopped; the keys that sign QR coupons."""

from __future__ import annotations

import json
from urllib.parse import quote

from sync_server.console.ask import Ask, Download, Page, Redirect, Reply
from sync_server.console.forms import moment, seen_ms, words_of
from sync_server.services.campaigns.plan import TRIGGERS, BadPlan, Plan
from sync_server.services.console.tables import CSV_TYPE, as_csv
from sync_server.services.coupons import CLASSES, ISSUED_AT_ONCE_MAX
from sync_server.services.importing.cells import amount_cell, integer_cell
from sync_server.services.importing.problems import CellError

_DAY_MS = 86_400_000
KEYS = "/console/campaigns/keys"


def listing(ask: Ask) -> Reply:
    """Campaigns, the newest first, and those that were set by command."""
    rows, by_command = ask.desk.campaigns.listing()
    return Page("campaigns.html", {"rows": rows, "by_command": by_command, "triggers": TRIGGERS})


def new(ask: Ask) -> Reply:
    """An empty plan, or one begun for a trigger."""
    now = ask.desk.clock.now_ms()
    trigger = ask.query.get("trigger", "none")
    plan = Plan("", "", "", now, now + 30 * _DAY_MS, trigger=trigger if trigger in TRIGGERS else "none")
    taken = {row.change_id for row, _, _ in ask.desk.campaigns.listing()[0]}
    free = {name: rule for name, rule in ask.desk.campaigns.promotions().items() if name not in taken}
    return _form(ask, "", plan, free, None)


def create(ask: Ask) -> Reply:
    """A new draft."""
    campaign_id = ask.text("campaign")
    _planned(ask, campaign_id, new=True)
    return _to(campaign_id, "draft_begun")


def one(ask: Ask) -> Reply:
    """One campaign with what became of its coupons."""
    found = ask.desk.campaigns.one(ask.path["campaign_id"], ask.region)
    values = {
        "one": found,
        "findings": json.loads(found.row.findings or "[]"),
        "codes_max": ISSUED_AT_ONCE_MAX,
    }
    return Page("campaign.html", values)


def edit(ask: Ask) -> Reply:
    """A draft's plan to change."""
    found = ask.desk.campaigns.one(ask.path["campaign_id"], ask.region)
    promotions = ask.desk.campaigns.promotions()
    return _form(ask, found.row.change_id, found.plan, promotions, found.row.changed_at_ms)


def change(ask: Ask) -> Reply:
    """Another version of a draft."""
    campaign_id = ask.path["campaign_id"]
    _planned(ask, campaign_id, new=False)
    return _to(campaign_id, "saved")


def submit(ask: Ask) -> Reply:
    """To a second person."""
    ask.desk.campaigns.submit(ask.act, ask.path["campaign_id"])
    return _to(ask.path["campaign_id"], "change_waits")


def approve(ask: Ask) -> Reply:
    """By a second person; it is on its way to every workstation."""
    ask.desk.campaigns.approve(ask.act, ask.path["campaign_id"], seen_ms(ask))
    return _to(ask.path["campaign_id"], "campaign_runs")


def send_back(ask: Ask) -> Reply:
    """To be edited again."""
    ask.desk.campaigns.send_back(ask.act, ask.path["campaign_id"])
    return _to(ask.path["campaign_id"], "saved")


def drop(ask: Ask) -> Reply:
    """Gives it up."""
    ask.desk.campaigns.drop(ask.act, ask.path["campaign_id"])
    return Redirect("/console/campaigns", "saved")


def stop(ask: Ask) -> Reply:
    """Over from now on."""
    ask.desk.campaigns.stop(ask.act, ask.path["campaign_id"])
    return _to(ask.path["campaign_id"], "campaign_stopped")


def codes(ask: Ask) -> Reply:
    """Single-use coupons as a file; nothing keeps their texts."""
    campaign_id, kind = ask.path["campaign_id"], ask.text("kind")
    count = ask.number("count", low=1, high=ISSUED_AT_ONCE_MAX)
    issued = ask.desk.campaigns.codes(ask.act, campaign_id, kind, count)
    rows = [[each.coupon_id, each.text] for each in issued]
    return Download(f"{campaign_id}-{kind}-{count}.csv", CSV_TYPE, as_csv(["coupon_id", "code"], rows))


def issue(ask: Ask) -> Reply:
    """Into the wallets of everybody whom the plan means, in the background."""
    ask.desk.campaigns.runs.begin(ask.act, ask.path["campaign_id"])
    return _to(ask.path["campaign_id"], "issue_begun")


def count(ask: Ask) -> Reply:
    """Whom it would reach, counted in the background."""
    ask.desk.campaigns.runs.count(ask.act, ask.path["campaign_id"])
    return _to(ask.path["campaign_id"], "count_begun")


def stop_run(ask: Ask) -> Reply:
    """No further member."""
    ask.desk.campaigns.runs.stop(ask.act, ask.path["run_id"])
    return _to(ask.path["campaign_id"], "saved")


def lease(ask: Ask) -> Reply:
    """Codes that a store may take with no network."""
    days = ask.number("days", low=1, high=365)
    store_id, till = ask.text("store").strip(), ask.text("workstation", "").strip()
    typed = words_of(ask, "codes")
    ask.desk.campaigns.lease(ask.act, ask.path["campaign_id"], store_id, typed, days=days, till=till)
    return _to(ask.path["campaign_id"], "codes_leased")


def recall(ask: Ask) -> Reply:
    """A store's leases come back."""
    ask.desk.campaigns.recall(ask.act, ask.path["campaign_id"], ask.text("store"))
    return _to(ask.path["campaign_id"], "saved")


def keys(ask: Ask) -> Reply:
    """The keys that sign QR coupons."""
    return Page("coupon_keys.html", {"keys": ask.desk.campaigns.coupon_keys()})


def new_key(ask: Ask) -> Reply:
    """Signs from now on; coupons of the ones before stay good."""
    ask.desk.campaigns.new_key(ask.act)
    return Redirect(KEYS, "saved")


def revoke_key(ask: Ask) -> Reply:
    """Every coupon that it signed is refused."""
    ask.desk.campaigns.revoke_key(ask.act, ask.path["key_id"])
    return Redirect(KEYS, "saved")


def _form(
    ask: Ask, campaign_id: str, plan: Plan, promotions: dict[str, dict[str, object]], changed: int | None
) -> Page:
    tiers, regions = ask.desk.campaigns.tiers_and_regions()
    values = {
        "campaign_id": campaign_id,
        "plan": plan,
        "promotions": promotions,
        "tiers": tiers,
        "regions": regions,
        "classes": CLASSES,
        "changed_at_ms": changed,
        "triggers": TRIGGERS,
    }
    return Page("campaign_form.html", values)


def _planned(ask: Ask, campaign_id: str, *, new: bool) -> None:
    """Keeps what the form says. Raises BadPlan with the field as people read it."""
    try:
        plan, seen = _plan(ask, campaign_id), None if new else seen_ms(ask)
        ask.desk.campaigns.plan(ask.act, campaign_id, plan, new=new, seen_ms=seen)
    except BadPlan as error:
        field = str(error.facts["field"])
        raise BadPlan(error.message, field=ask.words(f"plan_field.{field}")) from None


def _plan(ask: Ask, campaign_id: str) -> Plan:
    """What the form says. Raises BadForm, BadPlan."""
    rule = ask.desk.campaigns.promotions().get(campaign_id)
    begin, end = moment(ask, "valid_from"), moment(ask, "valid_to")
    if rule is None:
        raise BadPlan("no promotion names this campaign", field="promotion")
    if begin is None or end is None:
        raise BadPlan("from when to when", field="valid_to")
    return Plan(
        name=ask.text("name").strip(),
        name_en=ask.text("name_en", "").strip() or ask.text("name").strip(),
        promotion_id=str(rule["id"]),
        valid_from_ms=begin,
        valid_to_ms=end,
        offline_class=ask.text("offline_class"),
        uses_max=_number(ask, "uses_max") or 0,
        per_member_max=_number(ask, "per_member_max"),
        budget_minor=_amount(ask, "budget"),
        shared_code=ask.text("shared_code", "").strip().upper() or None,
        issued_max=_number(ask, "issued_max"),
        valid_days=_number(ask, "valid_days"),
        trigger=ask.text("trigger"),
        trigger_days=_number(ask, "trigger_days") or 30,
        trigger_hours=_number(ask, "trigger_hours") or 24,
        tiers=tuple(sorted(ask.every("tiers"))),
        regions=tuple(sorted(ask.every("regions"))),
        consent=ask.text("consent", "").strip(),
        notify=ask.text("notify", "") == "1",
        holdout_ppm=(_number(ask, "holdout") or 0) * 10_000,
        holdout_stores_ppm=(_number(ask, "holdout_stores_share") or 0) * 10_000,
        holdout_stores=tuple(sorted(words_of(ask, "holdout_stores"))),
    )


def _number(ask: Ask, name: str) -> int | None:
    text = ask.text(name, "").strip()
    try:
        return integer_cell(text) if text else None
    except CellError:
        raise BadPlan("not a whole number", field=name) from None


def _amount(ask: Ask, name: str) -> int | None:
    text = ask.text(name, "").strip()
    try:
        return amount_cell(text, ask.words.facts.exponent) if text else None
    except CellError:
        raise BadPlan("not an amount", field=name) from None


def _to(campaign_id: str, done: str) -> Redirect:
    return Redirect(f"/console/campaigns/{quote(campaign_id, safe='')}", done)
