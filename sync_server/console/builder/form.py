"""From the form to a promotion's JSON and back. What the form cannot say is edited as JSON instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pos_core.pricing.codec import decode
from pos_core.pricing.rule import Promotion
from pos_core.pricing.validate import Problem
from sync_server.console.builder.codecs import NotReadable, NotShowable
from sync_server.console.builder.fields import Field, Path
from sync_server.console.builder.kinds import KINDS, Kind
from sync_server.services.console.promotion_changes import problems_of

Rule = dict[str, Any]
Errors = dict[str, list[tuple[str, str]]]
"""Field name ("" is the whole) → (code, reason in English)."""


@dataclass(frozen=True, slots=True)
class Understood:
    """`rule` as far as the form could be read; `errors` empty when it is a promotion."""

    rule: Rule
    errors: Errors


def understood(kind: Kind, said: Mapping[str, str], exponent: int) -> Understood:
    """What the form says, read, then checked by the engine's own loader."""
    rule: Rule = {"benefit": {"kind": kind.kind}, "select": {}}
    errors: Errors = {}
    own = said.get("stack") == "own"
    for field in kind.fields:
        text = said.get(field.name, "").strip()
        if not text or text == "own" or (field.path[0] == "stack" and own != (len(field.path) > 1)):
            continue
        if (
            field.name.startswith("reward_")
            and field.name != f"reward_{_REWARDS.get(said.get('reward', ''))}"
        ):
            continue
        try:
            _put(rule, field.path, field.codec.read(text, exponent))
        except NotReadable as error:
            errors.setdefault(field.name, []).append((error.code, ""))
    if not rule["select"]:
        del rule["select"]
    unread = set(errors)
    for problem in problems_of(rule):
        name = field_of(kind, problem.path)
        if name not in unread:
            errors.setdefault(name, []).append((problem.code, problem.reason))
    return Understood(rule, errors)


def shown(rule: Rule, exponent: int) -> dict[str, str] | None:
    """The form's texts for a promotion; None when the form cannot say all of it."""
    kind = KINDS[rule["benefit"]["kind"]]
    values: dict[str, str] = {}
    try:
        for field in kind.fields:
            value = _get(rule, field.path)
            if field.name == "stack" and isinstance(value, dict):
                values["stack"] = "own"
            elif (value is not None and value != [] and value is not False) or field.name == "mandatory":
                values[field.name] = field.codec.show(value, exponent) if value is not None else ""
    except (NotShowable, KeyError, TypeError):
        return None
    again = understood(kind, values, exponent)
    same = not again.errors and decode(Promotion, again.rule) == decode(Promotion, rule)
    return values if same else None


def field_of(kind: Kind, path: str) -> str:
    """The field where a problem is shown: the one with the longest path in common, else ""."""
    parts = [part for part in path.split("/") if part]
    best, name = 0, ""
    for field in kind.fields:
        own = [str(part) for part in field.path]
        common = _common(own, parts)
        if common in (len(own), len(parts)) and common > best:
            best, name = common, field.name
    return name


def problems_at(problems: Sequence[Problem], kind: Kind) -> Errors:
    """Problems by field."""
    errors: Errors = {}
    for problem in problems:
        errors.setdefault(field_of(kind, problem.path), []).append((problem.code, problem.reason))
    return errors


_REWARDS = {"percent": "rate", "amount": "amount", "price": "price"}


def fields_said(kind: Kind, form: Mapping[str, list[str]]) -> dict[str, str]:
    """The form's fields of this kind; a kind has no two fields of one name."""
    return {field.name: (form.get(f"f_{field.name}") or [""])[0] for field in kind.fields}


def named(kind: Kind, name: str) -> Field:
    """A field of a kind."""
    return next(field for field in kind.fields if field.name == name)


def _common(some: list[str], others: list[str]) -> int:
    count = 0
    for one, other in zip(some, others, strict=False):
        if one != other:
            break
        count += 1
    return count


def _put(rule: Any, path: Path, value: Any) -> None:
    """Sets a value, making objects and one-entry lists on the way."""
    at = rule
    for step, following in pairwise(path):
        empty: Any = [] if isinstance(following, int) else {}
        if isinstance(step, int):
            while len(at) <= step:
                at.append({} if not isinstance(following, int) else [])
            at = at[step]
        else:
            at = at.setdefault(step, empty)
    at[path[-1]] = value


def _get(rule: Any, path: Path) -> Any:
    at = rule
    for step in path:
        if isinstance(step, int):
            at = at[step] if isinstance(at, list) and len(at) > step else None
        else:
            at = at.get(step) if isinstance(at, dict) else None
        if at is None:
            return None
    return at
