"""Releases: who has which, and the road of the newest one to the stores."""

from __future__ import annotations

from typing import get_args

from sync_server.console.ask import Ask, BadForm, Download, Page, Redirect, Reply
from sync_server.console.forms import moment, words_of
from sync_server.services.console.tables import CSV_TYPE, as_csv
from sync_server.services.rollouts import WAIT_MINUTES_MAX, Publishing
from sync_server.store.rollout_behind import What

ROWS_SHOWN = 300
AHEAD_MAX_MS = 60 * 86_400_000
_ORDER = {"silent": 0, "offered": 1, "staged": 2, "on": 3, "not_offered": 4}


def listing(ask: Ask) -> Reply:
    """Newest first."""
    status = ask.desk.rollout_status
    return Page("releases.html", {"releases": status.listing(), "held_up": status.held_up()})


def one(ask: Ask) -> Reply:
    """Every workstation, those that are behind first; refreshes itself while a roll-out is under way."""
    version = ask.path_number("version")
    view = ask.desk.rollout_status.view(version, ask.region)
    rows = sorted(view.standings, key=lambda s: (_ORDER[s.place], s.store_id, s.name))
    values = {"view": view, "rows": rows[:ROWS_SHOWN], "hidden": max(0, len(rows) - ROWS_SHOWN)}
    return Page("release_live.html" if ask.by_htmx else "release.html", values)


def behind(ask: Ask) -> Reply:
    """The documents that a figure of the guards counts."""
    version, when, what = ask.path_number("version"), ask.query.get("when", ""), ask.query.get("what", "")
    if when not in ("before", "since"):
        raise BadForm("before or since", field="when")
    if what not in get_args(What):
        raise BadForm("no such figure", field="what")
    rows = ask.desk.rollout_status.behind(version, ask.region, when, what)  # type: ignore[arg-type]
    return Page("release_behind.html", {"rows": rows, "version": version, "when": when, "what": what})


def export(ask: Ask) -> Reply:
    """Every workstation as CSV."""
    view = ask.desk.rollout_status.view(ask.path_number("version"), ask.region)
    headings = ("store_id", "store", "workstation_id", "workstation", "place", "release", "waiting", "app")
    rows = [
        (s.store_id, s.store_name, s.workstation_id, s.name, s.place, s.release_version, s.documents_waiting,
         s.app_version)
        for s in view.standings
    ]  # fmt: skip
    return Download(f"release-{view.release.version}.csv", CSV_TYPE, as_csv(headings, rows))


def widen(ask: Ask) -> Reply:
    """The next wave."""
    ask.desk.rollouts.widen(ask.act, ask.path_number("version"))
    return _back(ask, "saved")


def to_all(ask: Ask) -> Reply:
    """Every store."""
    ask.desk.rollouts.to_all(ask.act, ask.path_number("version"))
    return _back(ask, "saved")


def pause(ask: Ask) -> Reply:
    """No further wave."""
    ask.desk.rollouts.pause(ask.act, ask.path_number("version"))
    return _back(ask, "saved")


def resume(ask: Ask) -> Reply:
    """On with the waves."""
    ask.desk.rollouts.resume(ask.act, ask.path_number("version"))
    return _back(ask, "saved")


def take_back(ask: Ask) -> Reply:
    """A new, higher release with the prices of before."""
    made = ask.desk.rollouts.take_back(ask.act, ask.path_number("version"))
    return Redirect(f"/console/releases/{made.release.version}", "rollout_taken_back")


def release_as_asked(ask: Ask) -> Publishing:
    """What `rollout_plan.html` asks for: all at once or some first, now or at a moment.

    Raises BadForm, BadPlan.
    """
    at_ms = moment(ask, "switch_at")
    if at_ms is not None and not ask.desk.clock.now_ms() <= at_ms < ask.desk.clock.now_ms() + AHEAD_MAX_MS:
        raise BadForm("a moment from now on, within 60 days", field="switch_at")
    if ask.text("mode", "all") != "staged":
        return ask.desk.rollouts.at_once(ask.act, at_ms)
    percents = words_of(ask, "percents")
    shares = [text.removesuffix("%") for text in percents]
    if any(not text.isascii() or not text.isdigit() or len(text) > 3 for text in shares):
        raise BadForm("percentages", field="percents")
    wait = ask.number("wait_minutes", low=0, high=WAIT_MINUTES_MAX, default=0)
    plan = ask.desk.rollouts.plan(words_of(ask, "canaries"), [int(text) for text in shares], wait)
    return ask.desk.rollouts.beginning(ask.act, plan, at_ms)


def _back(ask: Ask, done: str) -> Redirect:
    return Redirect(f"/console/releases/{ask.path_number('version')}", done)
