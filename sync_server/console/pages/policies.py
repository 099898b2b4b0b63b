"""Policies: a form where its fields are known, JSON for the others; two people where it is dangerous."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from sync_server.console.ask import Ask, BadForm, Page, Redirect, Reply
from sync_server.services.console.policy_changes import DANGEROUS
from sync_server.services.console.policy_defaults import defaults_of
from sync_server.services.console.policy_forms import FORMS, BadPolicyField, fields_of, read, shown


def listing(ask: Ask) -> Reply:
    """What is set, what could be, and what waits for a second person."""
    waiting = {row.policy_key for row in ask.desk.policy_changes.waiting()}
    return Page("policies.html", {"policies": ask.desk.policies.every(), "waiting": waiting})


def one(ask: Ask) -> Reply:
    """The editor of one, with its history."""
    policy = ask.desk.policies.one(ask.path["policy_key"])
    fields = fields_of(policy.key, _tiers(ask))
    history = ask.desk.policy_changes.history(policy.key)
    exponent = ask.words.facts.exponent
    values = {
        "policy": policy,
        "fields": fields,
        "said": shown(fields, json.loads(policy.value) if policy.value else None, exponent),
        "defaults": defaults_of(policy.key, fields, exponent),
        "dangerous": policy.key in DANGEROUS,
        "history": history,
        "waiting": [row for row in history if row.state == "waiting"],
        "tiers": _tiers(ask),
    }
    return Page("policy.html", values)


def _read(ask: Ask, key: str, said: dict[str, str], old: Any) -> Any:
    """What the form says. Raises BadPolicyField with the field as people read it."""
    try:
        return read(fields_of(key, _tiers(ask)), said, old, ask.words.facts.exponent)
    except BadPolicyField as error:
        first, *rest = str(error.facts["field"]).split(".")
        names = [f"policy_field.{key}.{[first, *rest][-1]}", f"shop_role.{first}", f"policy_title.{key}"]
        said_as = next((ask.words(name) for name in names if ask.words.has(name)), first)
        kind = next((ask.words(k) for k in [f"approval.{each}" for each in rest] if ask.words.has(k)), "")
        raise BadPolicyField(error.message, field=f"{said_as} {kind}".strip()) from None


def put(ask: Ask) -> Reply:
    """Checked by the same rules as an import; "" takes it away, and the documented default holds."""
    key = ask.path["policy_key"]
    if key == "currency":
        raise BadForm("the currency is the chain's for good", field="currency")
    text = ask.text("value", "").strip()
    if ask.text("form", "") == "fields" and key in FORMS:
        policy = ask.desk.policies.one(key)
        said = {name: values[0] for name, values in ask.form.items()}
        old: Any = json.loads(policy.value) if policy.value else None
        value = _read(ask, key, said, old)
        text = "" if value is None else json.dumps(value, ensure_ascii=False)
    row = ask.desk.policy_changes.ask(ask.act, key, text)
    return _to(key, "waits_second" if row.state == "waiting" else "saved")


def approve(ask: Ask) -> Reply:
    """By a second person: it goes out."""
    row = ask.desk.policy_changes.approve(ask.act, ask.path["change_id"])
    return _to(row.policy_key, "saved")


def refuse(ask: Ask) -> Reply:
    """It stays as it was."""
    row = ask.desk.policy_changes.refuse(ask.act, ask.path["change_id"])
    return _to(row.policy_key, "saved")


def _tiers(ask: Ask) -> list[str]:
    tiers, _ = ask.desk.campaigns.tiers_and_regions()
    return [str(each["code"]) for each in tiers]


def _to(policy_key: str, done: str) -> Redirect:
    return Redirect(f"/console/policies/{quote(policy_key, safe='')}", done)
