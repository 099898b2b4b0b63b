"""Releases: who has which, and the road of the newest one to the stores."""

from __future__ import annotations

from sync_server.console.ask import Ask, Download, Page, Redirect, Reply
from sync_server.services.console.tables import CSV_TYPE, as_csv

ROWS_SHOWN = 300
_ORDER = {"silent": 0, "offered": 1, "staged": 2, "on": 3, "not_offered": 4}


def listing(ask: Ask) -> Reply:
    """Newest first."""
    return Page("releases.html", {"releases": ask.desk.rollout_status.listing()})


def one(ask: Ask) -> Reply:
    """Every workstation, those that are behind first; refreshes itself while a roll-out is under way."""
    version = ask.path_number("version")
    view = ask.desk.rollout_status.view(version, ask.region)
    rows = sorted(view.standings, key=lambda s: (_ORDER[s.place], s.store_id, s.name))
    values = {"view": view, "rows": rows[:ROWS_SHOWN], "hidden": max(0, len(rows) - ROWS_SHOWN)}
    return Page("release_live.html" if ask.by_htmx else "release.html", values)


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


def _back(ask: Ask, done: str) -> Redirect:
    return Redirect(f"/console/releases/{ask.path_number('version')}", done)
