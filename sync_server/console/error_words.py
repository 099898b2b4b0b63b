"""An error in words: fields by the names that forms give them, reasons in the language of whoever reads."""

from __future__ import annotations

from pos_core.errors import TidemarkError
from sync_server.console.words import Words

FIELDS = {
    "again": "own.again",
    "birthday": "member.birthday",
    "channel": "notice.channel",
    "campaign": "plan_field.promotion",
    "codes": "campaign.lease_codes",
    "count": "campaign.count",
    "day_from": "replay.day_from",
    "day_to": "replay.day_to",
    "days": "replay.days",
    "effective_from": "prices.from",
    "effective_to": "prices.to",
    "from": "frame.from",
    "holdout": "plan_field.holdout",
    "operator_number": "fleet.number",
    "orders_before": "try.orders_before",
    "percents": "rollout.percents",
    "phone": "member.phone",
    "pin": "fleet.pin",
    "place": "receipt.place",
    "points_balance": "try.points_balance",
    "points_to_use": "try.points_to_use",
    "price": "prices.price",
    "quantity": "try.quantity",
    "role": "users.roles",
    "seconds": "poster.seconds",
    "sku": "prices.sku",
    "store_ids": "fleet.stores_hint",
    "switch_at": "rollout.switch_at",
    "text": "sending.text",
    "title": "sending.title",
    "body": "notice.body",
    "to": "frame.to",
    "units": "try.quantity",
    "value": "policy.json",
    "wait_minutes": "rollout.wait",
    "when": "try.when",
    "workstation": "campaign.lease_till",
}
"""Fields that people fill in → the words that stand before them; those of stores are `store_field.<name>`."""


def error_text(words: Words, error: TidemarkError) -> str:
    """The sentence of an error's code, with its facts."""
    key = f"error.{error.code}"
    facts: dict[str, object] = {"message": error.message, **error.facts}
    if "columns" in facts and words.has(f"{key}.columns"):
        key += ".columns"
        facts["columns"] = "、".join(_column(words, name) for name in str(facts["columns"]).split(", "))
    if not words.has(key):
        return words("error.unknown", code=error.code, message=error.message)
    wait_ms = facts.get("retry_after_ms")
    if isinstance(wait_ms, int):
        facts["minutes"] = -(-wait_ms // 60_000)
    for fact in ("field", "column"):
        if fact in facts:
            facts[fact] = field_name(words, str(facts[fact]))
    if words.has(fault := f"policy_fault.{facts.get('fault')}"):
        facts["fault"] = words(fault, **facts)
        facts["path"] = _policy_place(words, str(facts.get("path", "")))
    if words.has(state := f"change_state.{facts.get('state')}"):
        facts["state"] = words(state)
    if words.has(reason := f"row_reason.{facts.get('reason_code')}"):
        facts["reason"] = words(reason, reason=facts.get("reason", ""))
    try:
        return words(key, **facts)
    except KeyError:
        return words("error.unknown", code=error.code, message=error.message)


def field_name(words: Words, name: str) -> str:
    """As the form calls it; what no form calls anything (an id, a name of its own) stays."""
    first, _, rest = name.partition("_")
    for key in (FIELDS.get(name, ""), f"store_field.{name}", f"member.{name}"):
        if words.has(key):
            return words(key)
    if first in ("place", "units") and rest:  # one of many: place_header, units_A000001
        return f"{words(FIELDS[first])} {rest}"
    return name


def _policy_place(words: Words, path: str) -> str:
    """A place in a policy by its title and its form's field; what has none stays as it is."""
    key, _, rest = path.partition(".")
    title = words(f"policy_title.{key}") if words.has(f"policy_title.{key}") else key
    field = f"policy_field.{key}.{rest}"
    rest = words(field) if words.has(field) else rest
    return f"{title} · {rest}" if rest else title


def _column(words: Words, name: str) -> str:
    """A column of a file by both its names: a file may have either as its heading."""
    said = field_name(words, name)
    return name if said == name else f"{said} ({name})"
