"""What clashed and how it was ruled, and documents in quarantine."""

from __future__ import annotations

from urllib.parse import quote

from sync_server.console.ask import Ask, Page, Redirect, Reply


def listing(ask: Ask) -> Reply:
    """Standing rulings (`over=1`: superseded ones too), of one rule or all; the quarantine."""
    rule, over, state = ask.query.get("rule", ""), ask.query.get("over") == "1", ask.query.get("state", "")
    found = ask.desk.exceptions.view(ask.region, rule=rule, superseded=over, state=state)
    return Page("exceptions.html", {"found": found, "rule": rule, "over": over, "state": state})


def ruling(ask: Ask) -> Reply:
    """One ruling with both sides opened."""
    one = ask.desk.exception_acts.ruling(ask.path["ruling_id"], ask.region)
    return Page("exception.html", {"one": one})


def accept(ask: Ask) -> Reply:
    """It stays as ruled."""
    ask.desk.exception_acts.accept(ask.act, ask.path["ruling_id"], ask.region)
    return _to_ruling(ask)


def charge(ask: Ask) -> Reply:
    """Who bears it in the end."""
    ask.desk.exception_acts.charge(ask.act, ask.path["ruling_id"], ask.region, ask.text("to", "").strip())
    return _to_ruling(ask)


def contacted(ask: Ask) -> Reply:
    """Somebody spoke with the member."""
    ask.desk.exception_acts.contacted(ask.act, ask.path["ruling_id"], ask.region)
    return _to_ruling(ask)


def block_coupon(ask: Ask) -> Reply:
    """The coupon is void."""
    ask.desk.exception_acts.block_coupon(ask.act, ask.path["ruling_id"], ask.region)
    return _to_ruling(ask)


def kept(ask: Ask) -> Reply:
    """One quarantined document, and why it lies there."""
    row, lines = ask.desk.exception_acts.kept(_place(ask), ask.region)
    return Page("quarantined.html", {"row": row, "lines": lines})


def try_again(ask: Ask) -> Reply:
    """Applies a quarantined document now, if this version can."""
    applied = ask.desk.exception_acts.try_again(ask.act, _place(ask), ask.region)
    place = "/".join(quote(str(part), safe="") for part in _place(ask))
    return Redirect(
        f"/console/exceptions/quarantine/{place}", "document_applied" if applied else "document_stays"
    )


def _to_ruling(ask: Ask) -> Redirect:
    return Redirect(f"/console/exceptions/rulings/{ask.path['ruling_id']}", "saved")


def _place(ask: Ask) -> tuple[str, int, int, str]:
    numbers = ask.path_number("incarnation"), ask.path_number("number")
    return (ask.path["workstation_id"], *numbers, ask.path["hash"])
