"""The server itself: health, jobs, backups with a drill, and the signed audit file."""

from __future__ import annotations

from sync_server.console.ask import Ask, Download, Page, Redirect, Reply
from sync_server.console.forms import moment

_FOR_EVER_MS = 1 << 47


def health(ask: Ask) -> Reply:
    """Is head office well; jobs with their last and next run."""
    values = {
        "report": ask.desk.health.report(),
        "gauges": sorted(ask.desk.health.gauges().items()),
        "jobs": ask.desk.job_log.every(),
    }
    return Page("health.html", values)


def job(ask: Ask) -> Reply:
    """The last runs of a job."""
    name = ask.path["name"]
    return Page("job.html", {"name": name, "runs": ask.desk.job_log.last_runs(name)})


def backups(ask: Ask) -> Reply:
    """Those there are, and what is under way."""
    desk = ask.desk.backups
    return Page("backups.html", {"backups": desk.listing(), "doing": desk.doing, "trouble": desk.trouble})


def begin_backup(ask: Ask) -> Reply:
    """Starts one."""
    ask.desk.backups.begin(ask.act)
    return Redirect("/console/backups", "backup_begun")


def drill(ask: Ask) -> Reply:
    """Restores one elsewhere and verifies it."""
    ask.desk.backups.drill(ask.act, ask.path["name"])
    return Redirect("/console/backups", "drill_begun")


def export_audit(ask: Ask) -> Reply:
    """The audit rows of a time, sealed and signed."""
    start, end = (moment(ask, name) for name in ("from", "to"))
    lines = ask.desk.audit.export(ask.act, from_ms=start or 0, to_ms=end or _FOR_EVER_MS)
    return Download("audit.jsonl", "application/jsonl", lines)
