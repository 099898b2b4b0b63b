"""The builder: one promotion of a draft as a form, or as JSON where the form cannot say all of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from pos_core.canonical import NotCanonical, parse_strict
from pos_core.pricing.codec import decode
from pos_core.pricing.rule import Promotion
from sync_server.console.ask import Ask, BadForm, Data, Page, Redirect, Reply
from sync_server.console.builder.codecs import NotShowable, quoted
from sync_server.console.builder.form import Errors, Understood, fields_said, problems_at, shown, understood
from sync_server.console.builder.kinds import KINDS, Kind
from sync_server.console.pages.try_basket import answer_to, basket_of
from sync_server.services.console.picks import Pick
from sync_server.services.console.promotion_changes import problems_of

JSON_CHARS_MAX = 200_000
PREVIEW_ROWS = 3


def new(ask: Ask) -> Reply:
    """An empty form of a kind."""
    kind = KINDS.get(ask.query.get("kind", ""))
    if kind is None:
        raise BadForm("no such kind", field="kind")
    return _form(ask, kind, {"phase": kind.phases[0], "stack": "one_promotion_per_item"}, {})


def edit(ask: Ask) -> Reply:
    """A promotion of the draft, or one that runs."""
    rule = ask.desk.promotion_changes.rule_of(ask.path["change_id"], ask.path["promotion_id"])
    values = None if ask.query.get("as") == "json" else shown(rule, ask.words.facts.exponent)
    if values is None:
        return _json(ask, json.dumps(rule, ensure_ascii=False, indent=2), {})
    return _form(ask, KINDS[rule["benefit"]["kind"]], values, {})


def check(ask: Ask) -> Reply:
    """What the form says so far: problems at their fields, or goods and overlaps."""
    kind = _kind(ask)
    found = understood(kind, fields_said(kind, ask.form), ask.words.facts.exponent)
    reach = None if found.errors else ask.desk.promotion_changes.reach([decode(Promotion, found.rule)])
    return Page("promotion_checked.html", {"found": found, "reach": reach, "kind": kind})


def preview(ask: Ask) -> Reply:
    """A basket under the next release with the draft and what the form says so far."""
    kind = _kind(ask)
    found = understood(kind, fields_said(kind, ask.form), ask.words.facts.exponent)
    if found.errors:
        return Page("preview_waits.html")
    rules = dict(ask.desk.promotion_changes.with_draft(ask.path["change_id"]))
    rules.pop(ask.text("before", ""), None)
    rules[found.rule["id"]] = found.rule
    return answer_to(ask, basket_of(ask), rules)


def picks(ask: Ask) -> Reply:
    """Codes with their names: [[code, name], …]; what no field can say is left out."""
    what = ask.query.get("what", "")
    return _picked(ask, ask.desk.picks.find(what, _text(ask)), as_it_is=what == "campaigns")


def store_picks(ask: Ask) -> Reply:
    """The same for stores, as forms that publish ask for them."""
    return _picked(ask, ask.desk.picks.find("stores", _text(ask), ask.region))


def _text(ask: Ask) -> str:
    return ask.query.get("text", "").strip()[:100]


def _picked(ask: Ask, found: Sequence[Pick], *, as_it_is: bool = False) -> Data:
    zh, said = ask.words.language == "zh", []
    for code, name, name_en in found:
        with suppress(NotShowable):
            said.append([code if as_it_is else quoted(code), name if zh else name_en])
    return Data(said)


def save(ask: Ask) -> Reply:
    """Into the draft; with problems the form again, each at its field."""
    kind = _kind(ask)
    said = fields_said(kind, ask.form)
    found = understood(kind, said, ask.words.facts.exponent)
    return _keep(ask, found) or _form(ask, kind, said, found.errors)


def save_json(ask: Ask) -> Reply:
    """The same from JSON."""
    text = ask.text("json")[:JSON_CHARS_MAX]
    try:
        rule: Any = parse_strict(text)
        errors = problems_at(problems_of(rule), KINDS["percent_each"])
    except NotCanonical as error:
        rule, errors = {}, {"": [("not_json", error.message)]}
    if not errors:
        return _keep(ask, Understood(rule, {})) or _json(ask, text, errors)
    return _json(ask, text, {"": [(code, f"{reason}") for each in errors.values() for code, reason in each]})


def _keep(ask: Ask, found: Understood) -> Redirect | None:
    """A draft is edited when there is nothing against it; a renamed promotion leaves its old name behind."""
    if found.errors:
        return None
    change_id = ask.path["change_id"]
    before, seen = ask.text("before", ""), ask.form.get("seen", [None])[0]
    name = ask.desk.promotion_changes.put_rule(ask.act, change_id, found.rule, before=before, seen=seen)
    if before and before != name:
        ask.desk.promotion_changes.take_out(ask.act, change_id, before)
    return Redirect(f"/console/promotion-changes/{change_id}", "saved")


def _kind(ask: Ask) -> Kind:
    kind = KINDS.get(ask.text("kind"))
    if kind is None:
        raise BadForm("no such kind", field="kind")
    return kind


def _form(ask: Ask, kind: Kind, values: dict[str, str], errors: Errors) -> Page:
    ask.act.noted += bool(errors)  # nothing is written, so there is nothing to note
    shown_values = {
        **_opened(ask),
        "kind": kind,
        "values": values,
        "errors": errors,
        "choices": ask.desk.try_basket.choices(ask.region),
        "rows": PREVIEW_ROWS,
        "sets": (),
    }
    return Page("promotion_form.html", shown_values, 422 if errors else 200)


def _json(ask: Ask, text: str, errors: Errors) -> Page:
    ask.act.noted += bool(errors)
    return Page(
        "promotion_json.html", {**_opened(ask), "json": text, "errors": errors}, 422 if errors else 200
    )


def _opened(ask: Ask) -> dict[str, Any]:
    """The draft, and which promotion was opened, in which version; a form with problems goes on saying so."""
    change_id = ask.path["change_id"]
    before = ask.text("before", ask.path.get("promotion_id", ""))
    changes = ask.desk.promotion_changes
    seen = ask.text("seen", changes.stamp_of(change_id, before) if before else "")
    return {"change": changes.get(change_id)[0], "before": before, "seen": seen}
