"""Members, masked; in clear for a purpose; exports and erasures by two people; who looked at what."""

from __future__ import annotations

from urllib.parse import quote

from sync_server.console.ask import Ask, BadForm, Download, Page, Redirect, Reply
from sync_server.services.console.personal_jobs import CODE_RESET, ERASE, FIELDS, Question
from sync_server.services.console.tables import CSV_TYPE, as_csv
from sync_server.services.importing.cells import phone_cell
from sync_server.services.importing.problems import CellError

CORRECTABLE = ("phone", "name", "birthday", "email", "tier", "home_store_id")
EXPORTS = "/console/personal-exports"


def search(ask: Ask) -> Reply:
    """By phone, or straight to an id."""
    wanted = ask.query.get("id", "").strip()
    if wanted:
        return Redirect(f"/console/members/{quote(wanted, safe='')}")
    return Page("members.html", {"found": None})


def found(ask: Ask) -> Reply:
    """Whose number it is; the number is in no address and no log."""
    act = ask.act
    act.why = ask.text("why", "").strip()[:500]
    return Page("members.html", {"found": ask.desk.members.find(act, _phone(ask))})


def one(ask: Ask) -> Reply:
    """The dossier, masked."""
    member = ask.desk.members.dossier(ask.act, ask.path["member_id"])
    tiers, _ = ask.desk.campaigns.tiers_and_regions()
    return Page("member.html", {"member": member, "tiers": tiers, "clear": None, "fields": CORRECTABLE})


def clear(ask: Ask) -> Reply:
    """Phone, name and birthday, shown this once."""
    said = ask.desk.members.in_clear(ask.act, ask.path["member_id"])
    return Page("member_clear.html", {"clear": said, "member_id": ask.path["member_id"]})


def dossier(ask: Ask) -> Reply:
    """All that is known, in clear, as a file."""
    whole = ask.desk.members.whole(ask.act, ask.path["member_id"])
    return Download(f"member-{ask.path['member_id']}.json", "application/json", whole)


def correct(ask: Ask) -> Reply:
    """What a member says is wrong."""
    cells = {name: ask.text(name, "").strip() for name in CORRECTABLE}
    ask.desk.members.correct(ask.act, ask.path["member_id"], cells)
    return _to(ask, "saved")


def freeze(ask: Ask) -> Reply:
    """Nothing of the account is spent, or it is let go again."""
    ask.desk.freezing.freeze(ask.act, ask.path["member_id"], frozen=ask.text("frozen") == "1")
    return _to(ask, "saved")


def ask_erasure(ask: Ask) -> Reply:
    """For a second person to decide."""
    ask.desk.personal_jobs.ask_erasure(ask.act, ask.path["member_id"])
    return Redirect("/console/erasures", "erasure_asked")


def ask_code_reset(ask: Ask) -> Reply:
    """For a second person to decide."""
    ask.desk.personal_jobs.ask_code_reset(ask.act, ask.path["member_id"])
    return Redirect("/console/erasures", "erasure_asked")


def exports(ask: Ask) -> Reply:
    """Exports, asked for and decided."""
    tiers, regions = ask.desk.campaigns.tiers_and_regions()
    values = {"jobs": ask.desk.personal_jobs.listing("export"), "tiers": tiers, "regions": regions}
    return Page("personal_exports.html", {**values, "fields": FIELDS, "traced": None, "asked": False})


def ask_export(ask: Ask) -> Reply:
    """A small one is ready at once."""
    question = Question(
        tuple(name for name in FIELDS if name in ask.every("fields")),
        tuple(ask.every("tiers")),
        tuple(ask.every("regions")),
        ask.text("consent", "").strip(),
    )
    made = ask.desk.personal_jobs.ask_export(ask.act, question)
    return Redirect(EXPORTS, "export_ready" if made.state == "approved" else "export_waits")


def take(ask: Ask) -> Reply:
    """The file of an approved export."""
    job_id = ask.path["job_id"]
    rows = ask.desk.personal_jobs.take(ask.act, job_id)
    job = next(each for each in ask.desk.personal_jobs.listing("export") if each.job_id == job_id)
    return Download(f"members-{job_id}.csv", CSV_TYPE, as_csv(ask.desk.personal_jobs.headings(job), rows))


def trace(ask: Ask) -> Reply:
    """Whose export a leaked file was."""
    traced = ask.desk.personal_jobs.traced(ask.act, _phone(ask))
    tiers, regions = ask.desk.campaigns.tiers_and_regions()
    values = {"jobs": ask.desk.personal_jobs.listing("export"), "tiers": tiers, "regions": regions}
    return Page("personal_exports.html", {**values, "fields": FIELDS, "traced": traced, "asked": True})


def approve(ask: Ask) -> Reply:
    """By another than who asked."""
    job = ask.desk.personal_jobs.approve(ask.act, ask.path["job_id"])
    return Redirect(EXPORTS if job.kind == "export" else "/console/erasures", "change_approved")


def refuse(ask: Ask) -> Reply:
    """Neither handed out nor carried out."""
    ask.desk.personal_jobs.refuse(ask.act, ask.path["job_id"])
    carried_out = ask.text("kind", "") in {ERASE, CODE_RESET}
    return Redirect("/console/erasures" if carried_out else EXPORTS, "saved")


def erasures(ask: Ask) -> Reply:
    """Asked for, carried out, and which workstations have not heard of them; codes to be reset too."""
    desk = ask.desk.personal_jobs
    asked = {"jobs": desk.listing(ERASE), "codes": desk.listing(CODE_RESET)}
    return Page("erasures.html", {**asked, "erased": desk.erased()})


def looks(ask: Ask) -> Reply:
    """Who looked at whom, when and what for."""
    login, subject = ask.query.get("login", "").strip(), ask.query.get("subject", "").strip()
    watch = ask.desk.personal_watch
    values = {"looks": watch.looks(subject=subject, login=login), "frozen": watch.frozen_users()}
    return Page("personal_access.html", {**values, "login": login, "subject": subject})


def _phone(ask: Ask) -> str:
    try:
        return phone_cell(ask.text("phone").strip())
    except CellError:
        raise BadForm("not a phone number", field="phone") from None


def _to(ask: Ask, done: str) -> Redirect:
    return Redirect(f"/console/members/{quote(ask.path['member_id'], safe='')}", done)
