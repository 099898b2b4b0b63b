"""Policies as forms: which fields a value has, how each is written, and back to JSON.

What a form does not know stays as it is in the value; an empty field is left out, and its default holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from pos_core.errors import InvalidInput
from pos_core.sale.by_hand import FIGURES, REASON_ASKED
from pos_core.sale.limits import KINDS as APPROVALS
from pos_core.sale.limits import ROLES
from sync_server.services.notices.kinds import LANGUAGES

Kind = Literal["count", "money", "percent", "flag", "text", "choice", "words", "limit"]
PPM = 1_000_000
_MONEY_MAX = 10**13


class BadPolicyField(InvalidInput):
    """A field that says something else than it should; `field` names it."""

    code = "policy_bad_field"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `path`: where it stands in the value, () the whole value."""

    path: tuple[str, ...]
    kind: Kind
    choices: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As the form calls it."""
        return ".".join(self.path) or "value"


def _of(kind: Kind, *names: str) -> tuple[Field, ...]:
    return tuple(Field((name,), kind) for name in names)


def _whole(kind: Kind, *choices: str) -> tuple[Field, ...]:
    return (Field((), kind, choices),)


FORMS: Mapping[str, tuple[Field, ...]] = {
    "change_max_minor": _whole("money"),
    "line_quantity_max": _whole("count"),
    "stock_quantity_max": _whole("count"),
    "visitor_days": _whole("count"),
    "revoked_grace": _whole("count"),
    "day_start_minutes": _whole("count"),
    "zero_price_allowed": _whole("flag"),
    "simulated_devices": _whole("flag"),
    "receipt_footer": _whole("text"),
    "time_zone": _whole("text"),
    "member_scope": _whole("choice", "home_store", "region", "chain"),
    "price_change_checks": (
        *_of("percent", "change_max_ppm"),
        *_of("count", "scale_ratio", "items_max"),
    ),
    "rollout_guards": (
        *_of("count", "sales_min"),
        *_of("percent", "margin_drop_max_ppm", "overrides_max_ppm", "errors_max_ppm"),
    ),
    "personal_data": _of(
        "count", "unmask_per_hour", "opened_per_hour", "night_from", "night_to", "night_max",
        "export_rows_max", "second_person_above", "exports_per_day", "backup_keys_days",
    ),
    "transfers": (
        *_of("count", "distance_max_m", "trip_km_per_day", "cover_days_max"),
        *_of("money", "trip_minor", "trip_km_minor", "unit_minor"),
        *_of("percent", "freed_ppm"),
    ),
    "notices": (
        Field(("language",), "choice", LANGUAGES),
        *_of("words", "order"),
        *_of("count", "quiet_from", "quiet_to", "per_member_per_day", "attempts_max"),
        *_of("count", "coupon_ending_days", "keep_days", "second_person_above"),
    ),
    "allowances": (
        *_of("money", "stored_value_minor"),
        *_of("percent", "budget_ppm"),
        *_of("count", "headroom_points", "term_hours"),
        *_of("flag", "survives_restart"),
    ),
    "by_hand": (Field(("figure",), "choice", FIGURES), Field(("reason",), "choice", REASON_ASKED)),
    "role_limits": tuple(Field((role, kind), "limit") for role in ROLES for kind in APPROVALS),
}  # fmt: skip
"""Policies that are not here are written as JSON, checked all the same."""


def fields_of(policy_key: str, tiers: Sequence[str]) -> tuple[Field, ...]:
    """The form's fields; allowances have one for each tier's points. () : none."""
    fields = FORMS.get(policy_key, ())
    if policy_key == "allowances":
        return (*(Field(("points", tier), "count") for tier in (*tiers, "*")), *fields)
    return fields


def shown(fields: Sequence[Field], value: Any, exponent: int) -> dict[str, str]:
    """What each field says of a value; a limit has `.rate` and `.amount` beside it."""
    found: dict[str, str] = {}
    for field in fields:
        part = _at(value, field.path)
        if field.kind == "limit":
            found |= _limit_shown(field.name, part, exponent)
        elif part is None:
            found[field.name] = ""
        else:
            found[field.name] = _written(field, part, exponent)
    return found


def read(fields: Sequence[Field], said: Mapping[str, str], old: Any, exponent: int) -> Any:
    """The value that a form says; None: nothing at all. Raises BadPolicyField."""
    if len(fields) == 1 and not fields[0].path:
        return _read(fields[0], said.get("value", "").strip(), exponent)
    value: dict[str, Any] = _copied(old)
    for field in fields:
        text = said.get(field.name, "").strip()
        part = (
            _limit_read(field.name, said, exponent) if field.kind == "limit" else _read(field, text, exponent)
        )
        _put(value, field.path, part)
    return value or None


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _copied(old: Any) -> dict[str, Any]:
    if not isinstance(old, Mapping):
        return {}
    return {name: _copied(part) if isinstance(part, Mapping) else part for name, part in old.items()}


def _put(value: dict[str, Any], path: tuple[str, ...], part: Any) -> None:
    for name in path[:-1]:
        inner = value.get(name)
        if not isinstance(inner, dict):
            if part is None:
                return
            inner = value[name] = {}
        value = inner
    if part is None:
        value.pop(path[-1], None)
    else:
        value[path[-1]] = part


def _written(field: Field, part: Any, exponent: int) -> str:
    if field.kind == "flag":
        return "1" if part is True else "0"
    if field.kind == "words":
        return " ".join(map(str, part)) if isinstance(part, list) else str(part)
    if field.kind == "percent" and isinstance(part, int):
        return _plain(Decimal(part) * 100 / PPM)
    if field.kind == "money" and isinstance(part, int):
        return _plain(Decimal(part).scaleb(-exponent))
    return str(part)


def _read(field: Field, text: str, exponent: int) -> Any:
    if not text:
        return None
    if field.kind == "choice" and text not in field.choices:
        raise BadPolicyField("not one of the choices", field=field.name)
    if field.kind in ("choice", "text"):
        return text
    if field.kind == "flag":
        return text == "1"
    if field.kind == "words":
        return text.replace(",", " ").replace("，", " ").split()
    return _scaled(text, {"count": 0, "money": exponent}.get(field.kind, 4), field.name)


def _scaled(text: str, places: int, name: str) -> int:
    """A decimal as a whole number of its smallest units: a percent has four places of a million."""
    try:
        number = Decimal(text.replace(",", "").removesuffix("%")).scaleb(places)
    except InvalidOperation:
        raise BadPolicyField("not a number", field=name) from None
    if not number.is_finite() or number != number.to_integral_value() or not 0 <= number <= _MONEY_MAX:
        raise BadPolicyField("not a number that can stand here", field=name)
    return int(number)


def _limit_shown(name: str, part: Any, exponent: int) -> dict[str, str]:
    if part is None or isinstance(part, bool):
        word = "" if part is None else ("free" if part else "ask")
        return {name: word, f"{name}.rate": "", f"{name}.amount": ""}
    rate, amount = part.get("rate_ppm"), part.get("amount_minor")
    return {
        name: "up_to",
        f"{name}.rate": "" if rate is None else _plain(Decimal(rate) * 100 / PPM),
        f"{name}.amount": "" if amount is None else _plain(Decimal(amount).scaleb(-exponent)),
    }


def _limit_read(name: str, said: Mapping[str, str], exponent: int) -> Any:
    word = said.get(name, "")
    if word in ("", "free", "ask"):
        return {"": None, "free": True, "ask": False}[word]
    rate, amount = (said.get(f"{name}.{part}", "").strip() for part in ("rate", "amount"))
    if word != "up_to" or not (rate or amount):
        raise BadPolicyField("up to what", field=name)
    found = {}
    if rate:
        found["rate_ppm"] = _scaled(rate, 4, name)
    if amount:
        found["amount_minor"] = _scaled(amount, exponent, name)
    return found


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
