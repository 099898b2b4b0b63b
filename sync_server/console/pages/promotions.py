"""Promotions: what runs, drafts of changes, and the way of a draft into a release."""

from __future__ import annotations

import json

from pos_core.pricing.local_time import parse_local_second
from sync_server.console.ask import Ask, Page, Redirect, Reply
from sync_server.console.builder.kinds import GROUPS, KINDS
from sync_server.console.forms import seen_ms
from sync_server.console.pages.releases import release_as_asked
from sync_server.services.console.promotion_checks import DANGEROUS
from sync_server.services.console.rule_sets import Rule


def listing(ask: Ask) -> Reply:
    """What the next release carries, and drafts under way or (`over=1`) over."""
    over = ask.query.get("over") == "1"
    now = ask.desk.promotion_changes.now_second()
    running = ask.desk.rule_sets.running()
    rules = [
        (_shown(rule), _standing(rule, rule["id"] in running, now))
        for rule in ask.desk.rule_sets.prepared().values()
    ]
    values = {
        "drafts": ask.desk.promotion_changes.newest(over=over),
        "over": over,
        "rules": rules,
        "waiting": ask.desk.promotion_changes.waiting_elsewhere(),
    }
    return Page("promotions.html", values)


def _shown(rule: Rule) -> dict[str, str]:
    """What tables show of a promotion."""
    window = (rule.get("scope") or {}).get("window") or {}
    return {
        "id": rule["id"],
        "name": rule["name"],
        "name_en": rule.get("name_en") or rule["name"],
        "kind": rule["benefit"]["kind"],
        "starts": (window.get("starts") or "…").replace("T", " "),
        "ends": (window.get("ends") or "…").replace("T", " "),
    }


def _standing(rule: Rule, published: bool, now: int) -> str:
    window = (rule.get("scope") or {}).get("window") or {}
    if window.get("ends") and parse_local_second(window["ends"]) < now:
        return "ended"
    if not published:
        return "waits"
    return "later" if window.get("starts") and parse_local_second(window["starts"]) > now else "on"


def one(ask: Ask) -> Reply:
    """A draft: each promotion beside what it replaces."""
    head, rows = ask.desk.promotion_changes.get(ask.path["change_id"])
    values = {
        "change": head,
        "rows": [(row, _shown(json.loads(row.data or row.base or "{}"))) for row in rows],
        "findings": json.loads(head.findings) if head.findings else None,
        "dangerous": DANGEROUS,
        "kinds": KINDS,
        "groups": GROUPS,
        "stores": len(ask.desk.try_basket.choices(None).stores),
        "waiting": ask.desk.promotion_changes.waiting_elsewhere(head.change_id)
        if head.state != "published"
        else [],
        "prepared": {name: _shown(rule) for name, rule in ask.desk.rule_sets.prepared().items()},
    }
    return Page("promotion_change.html", values)


def overlaps(ask: Ask) -> Reply:
    """Where the promotions of a draft meet others; asked for by the page when it is there."""
    reach = ask.desk.promotion_changes.reach_of_draft(ask.path["change_id"])
    return Page("promotion_overlaps.html", {"reach": reach})


def begin(ask: Ask) -> Reply:
    """A new draft."""
    return _back(ask.desk.promotion_changes.begin(ask.act, ask.text("title")), "draft_begun")


def end_rule(ask: Ask) -> Reply:
    """A promotion shall end with the next release."""
    change_id = ask.path["change_id"]
    ask.desk.promotion_changes.end_rule(ask.act, change_id, ask.text("promotion"))
    return _back(change_id, "saved")


def take_out(ask: Ask) -> Reply:
    """Out of the draft."""
    change_id = ask.path["change_id"]
    ask.desk.promotion_changes.take_out(ask.act, change_id, ask.text("promotion"))
    return _back(change_id, "saved")


def take_waiting(ask: Ask) -> Reply:
    """Imported promotions come into this draft."""
    ask.desk.promotion_changes.take_waiting(ask.act, ask.path["change_id"])
    return _back(ask.path["change_id"], "saved")


def submit(ask: Ask) -> Reply:
    """Checks."""
    dangerous = ask.desk.promotion_decisions.submit(ask.act, ask.path["change_id"])
    return _back(ask.path["change_id"], "change_waits" if dangerous else "change_harmless")


def approve(ask: Ask) -> Reply:
    """By a second person."""
    ask.desk.promotion_decisions.approve(ask.act, ask.path["change_id"], seen_ms(ask))
    return _back(ask.path["change_id"], "change_approved")


def send_back(ask: Ask) -> Reply:
    """To be edited again."""
    ask.desk.promotion_decisions.send_back(ask.act, ask.path["change_id"])
    return _back(ask.path["change_id"], "saved")


def drop(ask: Ask) -> Reply:
    """Gives it up."""
    ask.desk.promotion_decisions.drop(ask.act, ask.path["change_id"])
    return Redirect("/console/promotions", "saved")


def publish(ask: Ask) -> Reply:
    """As a signed release, for all at once or to some stores first."""
    made = ask.desk.promotion_decisions.publish(ask.act, ask.path["change_id"], release_as_asked(ask))
    return Redirect(f"/console/releases/{made.release.version}", "change_published")


def _back(change_id: str, done: str) -> Redirect:
    return Redirect(f"/console/promotion-changes/{change_id}", done)
