"""The policy `stock`: who may do what with goods, for what reasons, and when a count is looked at again.

Fields and defaults: docs/stock.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, get_args

from pos_core.catalog.store import Role
from pos_core.errors import InvalidInput
from pos_core.sale.reasons import REASONS_MAX, BadReasonCodes, Reason, read_reason

ROLES: Mapping[str, Role] = MappingProxyType(
    {
        "stock_look_up": "cashier",
        "stock_card": "supervisor",
        "count": "cashier",
        "count_approve": "manager",
        "receive": "supervisor",
        "waste": "supervisor",
        "own_use": "supervisor",
        "correction": "manager",
        "markdown": "supervisor",
        "labels": "cashier",
        "price_check": "cashier",
        "replenish": "supervisor",
        "order": "manager",
        "reserve": "cashier",
        "reservation_answer": "cashier",
        "transfer_request": "supervisor",
        "transfer_approve": "manager",
        "transfer_pick": "supervisor",
        "transfer_ship": "supervisor",
        "transfer_receive": "supervisor",
        "transfer_close": "manager",
    }
)
"""The least role for each act where the policy says nothing."""

_DAMAGED = Reason("damaged", "破损", "Damaged")
_EXPIRED = Reason("expired", "过期", "Past its date")
_UNKNOWN = Reason("unknown", "原因不明", "Unknown")
_DEFAULT_REASONS: Mapping[str, tuple[Reason, ...]] = MappingProxyType(
    {
        "waste": (_EXPIRED, _DAMAGED, Reason("spoilt", "变质", "Spoilt"), Reason("theft", "偷盗", "Theft")),
        "own_use": (
            Reason("store_use", "门店自用", "Used in the store"),
            Reason("tasting", "试吃", "Tasting"),
            Reason("display", "样品陈列", "Display"),
        ),
        "correction": (
            Reason("wrong_receipt", "收货录错", "Receipt entered wrongly"),
            Reason("found", "找到", "Found"),
            Reason("repacked", "拆分组合", "Repacked"),
        ),
        "count_variance": (
            _UNKNOWN,
            Reason("theft", "偷盗", "Theft"),
            Reason("not_recorded", "漏记", "Not recorded"),
            Reason("wrong_item", "串货", "Mixed up with another item"),
            _DAMAGED,
        ),
        "transfer_difference": (
            Reason("lost", "途中丢失", "Lost on the way"),
            Reason("damaged", "途中破损", "Damaged on the way"),
            Reason("not_loaded", "漏装", "Not loaded"),
            Reason("miscounted", "点错", "Miscounted"),
        ),
        "goods_difference": (_DAMAGED, Reason("refused", "拒收", "Refused"), _UNKNOWN),
    }
)
RESERVE_HOURS_MAX = 24 * 30
USES = tuple(_DEFAULT_REASONS)
_RANKS = {role: rank for rank, role in enumerate(get_args(Role))}


class BadStockPolicy(InvalidInput):
    """A policy `stock` that cannot be understood; `facts["path"]` says where."""

    code = "bad_stock_policy"


@dataclass(frozen=True, slots=True)
class StockPolicy:
    """What is asked, who may, and for what reasons.

    Attributes:
        recount_over_minor: a variance worth more than this is counted again before it is approved.
        lot_tags, expiry_tags: items with one of these tags are received with their lot, their date.
        short_life_days: goods that arrive with fewer days left are pointed out.
        cost_tolerance_ppm: a supplier's price further from the order's is pointed out.
        recount_by_another: whoever counted an item does not count it again.
        reserve_hours: goods are put aside for a shopper for so long.
        blind: counters do not see what the books say, unless whoever opens a count says otherwise.
    """

    recount_over_minor: int = 5000
    lot_tags: frozenset[str] = frozenset({"lot"})
    expiry_tags: frozenset[str] = frozenset({"expiry"})
    short_life_days: int = 7
    cost_tolerance_ppm: int = 0
    blind: bool = True
    reserve_hours: int = 24
    recount_by_another: bool = True
    reasons: Mapping[str, tuple[Reason, ...]] = field(default_factory=lambda: _DEFAULT_REASONS)
    roles: Mapping[str, Role] = field(default_factory=lambda: ROLES)

    def may(self, role: str, act: str) -> bool:
        """Whether a role is enough for an act."""
        return _RANKS.get(role, -1) >= _RANKS[self.roles[act]]

    def reason(self, use: str, code: str) -> Reason | None:
        """A reason by its code."""
        return next((reason for reason in self.reasons.get(use, ()) if reason.code == code), None)


DEFAULT_STOCK_POLICY = StockPolicy()


def parse_stock_policy(value: object) -> StockPolicy:
    """From the decoded policy; None is the default. Unknown fields do no harm. Raises BadStockPolicy."""
    if value is None:
        return DEFAULT_STOCK_POLICY
    if not isinstance(value, dict):
        raise BadStockPolicy("not an object", path="stock")
    default = DEFAULT_STOCK_POLICY
    return StockPolicy(
        recount_over_minor=_whole(value, "recount_over_minor", default.recount_over_minor),
        lot_tags=_tags(value, "lot_tags", default.lot_tags),
        expiry_tags=_tags(value, "expiry_tags", default.expiry_tags),
        short_life_days=_whole(value, "short_life_days", default.short_life_days),
        cost_tolerance_ppm=_whole(value, "cost_tolerance_ppm", default.cost_tolerance_ppm),
        blind=_flag(value, "blind"),
        recount_by_another=_flag(value, "recount_by_another"),
        reserve_hours=_hours(value, default.reserve_hours),
        reasons=_reasons(value.get("reasons", {})),
        roles=_roles(value.get("roles", {})),
    )


def _reasons(value: object) -> Mapping[str, tuple[Reason, ...]]:
    _require(isinstance(value, dict), "reasons")
    assert isinstance(value, dict)
    found = dict(_DEFAULT_REASONS)
    for use, rows in value.items():
        path = f"reasons.{use}"
        _require(use in USES and isinstance(rows, list) and 0 < len(rows) <= REASONS_MAX, path)
        try:
            found[use] = tuple(read_reason(row, path) for row in rows)
        except BadReasonCodes as error:
            raise BadStockPolicy(error.message, **error.facts) from None
    return found


def _roles(value: object) -> Mapping[str, Role]:
    _require(isinstance(value, dict), "roles")
    assert isinstance(value, dict)
    for act, role in value.items():
        _require(act in ROLES and role in _RANKS, f"roles.{act}")
    return {**ROLES, **value}


def _tags(value: Mapping[str, Any], name: str, default: frozenset[str]) -> frozenset[str]:
    given = value.get(name)
    if given is None:
        return default
    _require(isinstance(given, list) and all(isinstance(tag, str) for tag in given), name)
    return frozenset(given)


def _whole(value: Mapping[str, Any], name: str, default: int) -> int:
    given = value.get(name, default)
    _require(type(given) is int and 0 <= given < 1 << 53, name)
    assert isinstance(given, int)
    return given


def _flag(value: Mapping[str, Any], name: str) -> bool:
    """True where nothing is said."""
    given = value.get(name, True)
    _require(isinstance(given, bool), name)
    return bool(given)


def _hours(value: Mapping[str, Any], default: int) -> int:
    hours = _whole(value, "reserve_hours", default)
    _require(1 <= hours <= RESERVE_HOURS_MAX, "reserve_hours")
    return hours


def _require(right: bool, path: str) -> None:
    if not right:
        raise BadStockPolicy(f"{path} is wrong", path=path)
