"""Keymaps: those that ship, head office's own, and the editor that shows a key with two meanings at once."""

from __future__ import annotations

from functools import cache
from json import loads
from urllib.parse import quote

from pos_core.keys import ACTIONS, SHIPPED
from resources import resource_path
from sync_server.console.ask import Ask, Page, Redirect, Reply

KEYMAPS = "/console/keymaps"


def listing(ask: Ask) -> Reply:
    """Every profile, and which one workstations use that say nothing of their own."""
    profiles, default = ask.desk.keymaps.listing()
    return Page("keymaps.html", {"profiles": profiles, "default": default, "shipped": SHIPPED})


def new(ask: Ask) -> Reply:
    """An empty one under a name, on one that ships: nothing is kept before it is saved."""
    name, based_on = ask.query.get("name", "").strip(), ask.query.get("based_on", "")
    if not name:
        return Redirect(KEYMAPS)
    return Redirect(f"{KEYMAPS}/{quote(name, safe='')}?based_on={quote(based_on, safe='')}")


def one(ask: Ask) -> Reply:
    """A profile's keys by context; of an own one to change."""
    profile = ask.desk.keymaps.one(ask.path["name"], ask.query.get("based_on", ""))
    values = {
        "profile": profile,
        "names": _names(ask.words.language),
    }
    return Page("keymap.html", values)


def check(ask: Ask) -> Reply:
    """What is wrong with the form as it is typed."""
    found = ask.desk.keymaps.check(ask.text("based_on"), _said(ask))
    return Page("keymap_faults.html", {"faults": found, "names": _names(ask.words.language)})


def save(ask: Ask) -> Reply:
    """Keeps and publishes it."""
    name = ask.path["name"].strip()
    ask.desk.keymaps.save(ask.act, name, ask.text("based_on"), _said(ask))
    return Redirect(f"{KEYMAPS}/{quote(name, safe='')}", "saved")


def make_default(ask: Ask) -> Reply:
    """For every workstation that says nothing of its own."""
    ask.desk.keymaps.make_default(ask.act, ask.path["name"])
    return Redirect(KEYMAPS, "saved")


def drop(ask: Ask) -> Reply:
    """Takes head office's own one away."""
    ask.desk.keymaps.drop(ask.act, ask.path["name"])
    return Redirect(KEYMAPS, "saved")


def _said(ask: Ask) -> dict[str, str]:
    return {name: values[0] for name, values in ask.form.items() if "." in name}


@cache
def _names(language: str) -> dict[str, str]:
    """What actions are called at the checkout."""
    texts = loads(resource_path(f"translations/ui.{language}.json").read_text(encoding="utf-8"))
    return {each: str(texts.get(f"action.{each}.what", each)) for each in ACTIONS}
