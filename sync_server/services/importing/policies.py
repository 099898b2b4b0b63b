"""Shapes of the policies that this version knows; others are kept as they are for a later one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pos_core.cash.policy import parse_cash_policy
from pos_core.catalog.in_store_code import parse_layouts
from pos_core.catalog.offer_list import parse_offer_lists
from pos_core.customer.top_up import parse_top_up_policy
from pos_core.errors import FactValue, InvalidInput
from pos_core.money import currency_exponent
from pos_core.sale.by_hand import parse_by_hand
from pos_core.sale.cash_rounding import parse_cash_rounding
from pos_core.sale.limits import parse_role_limits
from pos_core.sale.reasons import parse_reasons
from pos_core.sale.tender_rules import parse_tender_rules
from pos_core.stock.replenishment_policy import parse_replenishment_policy
from pos_core.sync.allowance_policy import TERM_HOURS_MAX, UNITS_MAX
from pos_core.sync.peers_policy import parse_peers_policy
from pos_core.sync.revocation import GRACE_HOURS_MAX
from pos_core.sync.snapshot_urls import parse_snapshot_urls
from sync_server.services.balancing.terms import parse_transfer_terms
from sync_server.services.console.personal_limits import checked_personal_limits
from sync_server.services.console.price_checks import checked_limits
from sync_server.services.importing.cells import zone_cell
from sync_server.services.keymap_policy import check_keymaps
from sync_server.services.notices.rules import checked_rules
from sync_server.services.rollout_guards import Guards

TEXT_CHARS_MAX = 2000


@dataclass(frozen=True, slots=True)
class PolicyFault:
    """Why a value is none of its policy.

    Attributes:
        reason: stable code; the console has a sentence `policy_fault.<reason>` for each.
        path: where in the value, beginning with the policy's key.
        message: the same in English, for files and logs.
        facts: what the sentence names: `names`, `least`, `most` …
    """

    reason: str
    path: str
    message: str
    facts: Mapping[str, FactValue]


def policy_fault(key: str, value: Any, exponent: int) -> PolicyFault | None:
    """What is wrong with `value` for the policy `key`; None: nothing, or the key is not known here."""
    if value is None:
        return PolicyFault("no_value", key, "needs a value", {})
    check = _CHECKS.get(key)
    try:
        if check is not None:
            check(value, exponent)
    except InvalidInput as error:
        facts = dict(error.facts)
        reason, path = str(facts.pop("reason", "shape")), str(facts.pop("path", ""))
        begins = path == key or path.startswith((f"{key}.", f"{key}["))
        return PolicyFault(reason, path if begins else f"{key}.{path}" if path else key, error.message, facts)
    return None


def _wrong(message: str, reason: str, path: str = "", **facts: FactValue) -> InvalidInput:
    return InvalidInput(message, reason=reason, path=path, **facts)


def known_policies() -> list[str]:
    """Keys whose shape is checked here."""
    return sorted(_CHECKS)


def _cash_rounding(value: Any, exponent: int) -> None:
    parse_cash_rounding(value, exponent=exponent)


def _in_store_codes(value: Any, exponent: int) -> None:
    parse_layouts(value, exponent=exponent)


def _price_offers(value: Any, _: int) -> None:
    parse_offer_lists(value)


def _currency(value: Any, _: int) -> None:
    if not isinstance(value, str):
        raise _wrong("must be a currency code", "text")
    try:
        currency_exponent(value)
    except InvalidInput:
        raise _wrong("must be a currency code", "currency") from None


def _time_zone(value: Any, _: int) -> None:
    if not isinstance(value, str):
        raise _wrong("must be a time zone name", "time_zone")
    try:
        zone_cell(value)
    except InvalidInput:
        raise _wrong(f"{value[:40]!r} is not a time zone", "time_zone") from None


def _keymaps(value: Any, _: int) -> None:
    wrong = _wrong(
        "must be an object of default (a profile's name) and profiles (name to keymap)",
        "object",
        names="default, profiles",
    )
    if not isinstance(value, dict) or not value.keys() <= {"default", "profiles"}:
        raise wrong
    profiles = value.get("profiles", {})
    if not isinstance(profiles, dict) or not all(isinstance(each, dict) for each in profiles.values()):
        raise wrong
    if not isinstance(value.get("default", ""), str):
        raise wrong
    check_keymaps(value)


def _member_scope(value: Any, _: int) -> None:
    if value not in ("home_store", "region", "chain"):
        raise _wrong("must be home_store, region or chain", "one_of", names="home_store, region, chain")


def _member_tiers(value: Any, _: int) -> None:
    if not isinstance(value, list) or not value:
        raise _wrong("must be a list of tiers", "tiers")
    for place, entry in enumerate(value):
        if not isinstance(entry, dict) or not all(isinstance(entry.get(k), str) for k in ("code", "name")):
            raise _wrong("a tier needs code and name", "tiers", f"member_tiers[{place}]")
    codes = [entry["code"] for entry in value]
    if len(set(codes)) != len(codes):
        raise _wrong("a tier code stands twice", "doubled")


def _whole(value: Any, _: int) -> None:
    if type(value) is not int or value < 0:
        raise _wrong("must be a whole number, zero or more", "whole_from", least=0)


def _at_least_one(value: Any, _: int) -> None:
    if type(value) is not int or value < 1:
        raise _wrong("must be a whole number, one or more", "whole_from", least=1)


def _flag(value: Any, _: int) -> None:
    if not isinstance(value, bool):
        raise _wrong("must be true or false", "flag")


def _text(value: Any, _: int) -> None:
    if not isinstance(value, str) or len(value) > TEXT_CHARS_MAX:
        raise _wrong("must be text, not too long", "text_up_to", most=TEXT_CHARS_MAX)


def _cash(value: Any, exponent: int) -> None:
    currency = {0: "JPY", 3: "KWD"}.get(exponent, "CNY")
    parse_cash_policy(value, currency=currency)


def _role_limits(value: Any, exponent: int) -> None:
    parse_role_limits(value, exponent=exponent)


def _reason_codes(value: Any, _: int) -> None:
    parse_reasons(value)


def _by_hand(value: Any, _: int) -> None:
    parse_by_hand(value)


def _stored_value(value: Any, _: int) -> None:
    parse_top_up_policy(value)


def _tender_rules(value: Any, _: int) -> None:
    parse_tender_rules(value)


def _price_change_checks(value: Any, _: int) -> None:
    checked_limits(value)


def _rollout_guards(value: Any, _: int) -> None:
    Guards.of_policy(value)


def _replenishment(value: Any, _: int) -> None:
    parse_replenishment_policy(value)


def _peers(value: Any, _: int) -> None:
    parse_peers_policy(value)


def _snapshot_urls(value: Any, _: int) -> None:
    parse_snapshot_urls(value)


def _revoked_grace(value: Any, _: int) -> None:
    if type(value) is not int or not 0 <= value <= GRACE_HOURS_MAX:
        said = f"must be a whole number of hours up to {GRACE_HOURS_MAX}"
        raise _wrong(said, "whole_within", least=0, most=GRACE_HOURS_MAX)


_ALLOWANCES = {
    "points",
    "stored_value_minor",
    "budget_ppm",
    "term_hours",
    "headroom_points",
    "survives_restart",
}


def _allowances(value: Any, _: int) -> None:
    """Workstations take a default for what they cannot read; here it is said."""
    if not isinstance(value, dict) or not value.keys() <= _ALLOWANCES:
        names = ", ".join(sorted(_ALLOWANCES))
        raise _wrong(f"must be an object of {names}", "object", names=names)
    points = value.get("points", {})
    if not isinstance(points, dict) or any(not tier or "/" in tier for tier in points):
        raise _wrong("points must be an object of tier and points", "points", "points")
    units = {
        name: value[name] for name in ("stored_value_minor", "budget_ppm", "headroom_points") if name in value
    }
    units |= {f"points.{tier}": each for tier, each in points.items()}
    bounds = {name: (each, 0, UNITS_MAX) for name, each in units.items()}
    bounds["term_hours"] = (value.get("term_hours", 1), 1, TERM_HOURS_MAX)
    for name, (each, least, most) in bounds.items():
        if type(each) is not int or not least <= each <= most:
            said = f"{name} must be a whole number from {least} to {most}"
            raise _wrong(said, "whole_within", name, least=least, most=most)
    if not isinstance(value.get("survives_restart", True), bool):
        raise _wrong("survives_restart is true or false", "flag", "survives_restart")


def _object(value: Any, _: int) -> None:
    if not isinstance(value, dict):
        raise _wrong("must be an object", "not_an_object")


def _personal_data(value: Any, _: int) -> None:
    checked_personal_limits(value)


def _transfers(value: Any, _: int) -> None:
    parse_transfer_terms(value)


def _notices(value: Any, _: int) -> None:
    checked_rules(value)


_CHECKS: dict[str, Callable[[Any, int], None]] = {
    "cash_rounding": _cash_rounding,
    "in_store_codes": _in_store_codes,
    "price_offers": _price_offers,
    "currency": _currency,
    "time_zone": _time_zone,
    "member_scope": _member_scope,
    "member_tiers": _member_tiers,
    "change_max_minor": _whole,
    "line_quantity_max": _at_least_one,
    "stock_quantity_max": _at_least_one,
    "visitor_days": _whole,
    "day_start_minutes": _whole,
    "zero_price_allowed": _flag,
    "receipt_footer": _text,
    "cash": _cash,
    "role_limits": _role_limits,
    "reason_codes": _reason_codes,
    "by_hand": _by_hand,
    "stored_value": _stored_value,
    "tender_rules": _tender_rules,
    "simulated_devices": _flag,
    "receipt_template": _object,
    "keymaps": _keymaps,
    "customer_display": _object,
    "allowances": _allowances,
    "rulings": _object,
    "price_change_checks": _price_change_checks,
    "rollout_guards": _rollout_guards,
    "personal_data": _personal_data,
    "transfers": _transfers,
    "notices": _notices,
    "replenishment": _replenishment,
    "peers": _peers,
    "snapshot_urls": _snapshot_urls,
    "revoked_grace": _revoked_grace,
}
