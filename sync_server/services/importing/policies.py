"""Shapes of the policies that this version knows; others are kept as they are for a later one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pos_core.cash.policy import parse_cash_policy
from pos_core.catalog.in_store_code import parse_layouts
from pos_core.catalog.offer_list import parse_offer_lists
from pos_core.customer.top_up import parse_top_up_policy
from pos_core.errors import InvalidInput
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
from sync_server.services.keymap_policy import keymap_fault
from sync_server.services.notices.rules import checked_rules
from sync_server.services.rollout_guards import Guards

TEXT_CHARS_MAX = 2000


def policy_fault(key: str, value: Any, exponent: int) -> str | None:
    """Why `value` is no value for the policy `key`; None when it is one, or the key is not known here."""
    check = _CHECKS.get(key)
    if value is None:
        return "needs a value"
    if check is None:
        return None
    try:
        return check(value, exponent)
    except InvalidInput as error:
        return error.message


def known_policies() -> list[str]:
    """Keys whose shape is checked here."""
    return sorted(_CHECKS)


def _cash_rounding(value: Any, exponent: int) -> str | None:
    parse_cash_rounding(value, exponent=exponent)
    return None


def _in_store_codes(value: Any, exponent: int) -> str | None:
    parse_layouts(value, exponent=exponent)
    return None


def _price_offers(value: Any, _: int) -> str | None:
    parse_offer_lists(value)
    return None


def _currency(value: Any, _: int) -> str | None:
    if not isinstance(value, str):
        return "must be a currency code"
    currency_exponent(value)
    return None


def _time_zone(value: Any, _: int) -> str | None:
    if not isinstance(value, str):
        return "must be a time zone name"
    zone_cell(value)
    return None


def _keymaps(value: Any, _: int) -> str | None:
    wrong = "must be an object of default (a profile's name) and profiles (name to keymap)"
    if not isinstance(value, dict) or not value.keys() <= {"default", "profiles"}:
        return wrong
    profiles = value.get("profiles", {})
    if not isinstance(profiles, dict) or not all(isinstance(each, dict) for each in profiles.values()):
        return wrong
    return keymap_fault(value) if isinstance(value.get("default", ""), str) else wrong


def _member_scope(value: Any, _: int) -> str | None:
    return None if value in ("home_store", "region", "chain") else "must be home_store, region or chain"


def _member_tiers(value: Any, _: int) -> str | None:
    if not isinstance(value, list) or not value:
        return "must be a list of tiers"
    for entry in value:
        if not isinstance(entry, dict) or not all(isinstance(entry.get(k), str) for k in ("code", "name")):
            return "a tier needs code and name"
    codes = [entry["code"] for entry in value]
    return None if len(set(codes)) == len(codes) else "a tier code stands twice"


def _whole(value: Any, _: int) -> str | None:
    right = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return None if right else "must be a whole number, zero or more"


def _at_least_one(value: Any, _: int) -> str | None:
    right = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    return None if right else "must be a whole number, one or more"


def _flag(value: Any, _: int) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _text(value: Any, _: int) -> str | None:
    return None if isinstance(value, str) and len(value) <= TEXT_CHARS_MAX else "must be text, not too long"


def _cash(value: Any, exponent: int) -> str | None:
    currency = {0: "JPY", 3: "KWD"}.get(exponent, "CNY")
    parse_cash_policy(value, currency=currency)
    return None


def _role_limits(value: Any, exponent: int) -> str | None:
    parse_role_limits(value, exponent=exponent)
    return None


def _reason_codes(value: Any, _: int) -> str | None:
    parse_reasons(value)
    return None


def _by_hand(value: Any, _: int) -> str | None:
    parse_by_hand(value)
    return None


def _stored_value(value: Any, _: int) -> str | None:
    parse_top_up_policy(value)
    return None


def _tender_rules(value: Any, _: int) -> str | None:
    parse_tender_rules(value)
    return None


def _price_change_checks(value: Any, _: int) -> str | None:
    checked_limits(value)
    return None


def _rollout_guards(value: Any, _: int) -> str | None:
    Guards.of_policy(value)
    return None


def _replenishment(value: Any, _: int) -> str | None:
    parse_replenishment_policy(value)
    return None


def _peers(value: Any, _: int) -> str | None:
    parse_peers_policy(value)
    return None


def _snapshot_urls(value: Any, _: int) -> str | None:
    parse_snapshot_urls(value)
    return None


def _revoked_grace(value: Any, _: int) -> str | None:
    right = type(value) is int and 0 <= value <= GRACE_HOURS_MAX
    return None if right else f"must be a whole number of hours up to {GRACE_HOURS_MAX}"


_ALLOWANCES = {
    "points",
    "stored_value_minor",
    "budget_ppm",
    "term_hours",
    "headroom_points",
    "survives_restart",
}


def _allowances(value: Any, _: int) -> str | None:
    """Workstations take a default for what they cannot read; here it is said."""
    if not isinstance(value, dict) or not value.keys() <= _ALLOWANCES:
        return f"must be an object of {', '.join(sorted(_ALLOWANCES))}"
    units = [value[name] for name in ("stored_value_minor", "budget_ppm", "headroom_points") if name in value]
    points = value.get("points", {})
    if not isinstance(points, dict) or any(not tier or "/" in tier for tier in points):
        return "points must be an object of tier and points"
    if not all(type(each) is int and 0 <= each <= UNITS_MAX for each in (*units, *points.values())):
        return f"must be whole numbers from 0 to {UNITS_MAX}"
    hours = value.get("term_hours", 1)
    if type(hours) is not int or not 1 <= hours <= TERM_HOURS_MAX:
        return f"term_hours must be a whole number from 1 to {TERM_HOURS_MAX}"
    return (
        None if isinstance(value.get("survives_restart", True), bool) else "survives_restart is true or false"
    )


def _object(value: Any, _: int) -> str | None:
    return None if isinstance(value, dict) else "must be an object"


def _personal_data(value: Any, _: int) -> str | None:
    checked_personal_limits(value)
    return None


def _transfers(value: Any, _: int) -> str | None:
    parse_transfer_terms(value)
    return None


def _notices(value: Any, _: int) -> str | None:
    checked_rules(value)
    return None


_CHECKS: dict[str, Callable[[Any, int], str | None]] = {
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
