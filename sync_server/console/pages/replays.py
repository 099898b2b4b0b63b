"""Replays: begun from a draft, watched while they run, with what they found."""

from __future__ import annotations

import json

from pos_core.pricing.engine import price_basket
from sync_server.console.ask import Ask, Page, Redirect, Reply
from sync_server.services.importing.cells import list_cell

ROWS_SHOWN = 15


def listing(ask: Ask) -> Reply:
    """The newest first."""
    return Page("replays.html", {"replays": ask.desk.replays.newest()})


def one(ask: Ask) -> Reply:
    """Figures so far; asks again by itself while it runs."""
    row = ask.desk.replays.get(ask.path["replay_id"])
    view = ask.desk.replay_view
    values = {
        "row": row,
        "stores": json.loads(row.store_ids),
        "found": view.found(row.replay_id, ROWS_SHOWN),
        "costs": row.costed_before_minor > 0,
    }
    return Page("replay_live.html" if ask.by_htmx else "replay.html", values)


def basket(ask: Ask) -> Reply:
    """One past basket, priced both ways."""
    row = ask.desk.replays.get(ask.path["replay_id"])
    number, incarnation = ask.path_number("number"), ask.path_number("incarnation")
    prices = json.loads(row.question)["prices"]
    sale, found = ask.desk.replay_view.basket(ask.path["workstation_id"], incarnation, number, prices)
    ways = ask.desk.replays.ways_of(row)
    before, after = ways.before, ways.after
    then, now = price_basket(found.before, before), price_basket(found.after, after)
    values = {
        "row": row,
        "sale": sale,
        "lines": list(zip(found.before.lines, then.lines, now.lines, strict=True)),
        "then": then,
        "now": now,
        "names": {p.rule.id: p.rule for p in (*before.promotions, *after.promotions)},
    }
    return Page("replay_basket.html", values)


def begin(ask: Ask) -> Reply:
    """In the background."""
    stores = [part for each in list_cell(ask.text("stores", "")) for part in each.split()]
    replay_id = ask.desk.replays.begin(
        ask.act, ask.text("change"), stores, ask.text("day_from"), ask.text("day_to")
    )
    return Redirect(f"/console/replays/{replay_id}", "replay_begun")


def stop(ask: Ask) -> Reply:
    """No further basket."""
    ask.desk.replays.stop(ask.act, ask.path["replay_id"])
    return Redirect(f"/console/replays/{ask.path['replay_id']}", "saved")
