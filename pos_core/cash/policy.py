"""The policy `cash`: what head office decides about tills. Fields and defaults: docs/cash.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, get_args

from pos_core.cash.denominations import denominations_of
from pos_core.catalog.store import Role
from pos_core.errors import InvalidInput
from pos_core.sale.reasons import Reason

ReasonUse = str
USES: tuple[ReasonUse, ...] = ("no_sale", "paid_in", "paid_out", "pickup", "loan", "over_short")
ROLES: Mapping[str, Role] = MappingProxyType(
    {
        "no_sale": "cashier",
        "paid_in": "cashier",
        "paid_out": "cashier",
        "pickup": "cashier",
        "loan": "cashier",
        "settle_shift": "cashier",
        "hand_over": "cashier",
        "x_report": "supervisor",
        "z_report": "supervisor",
        "watch": "supervisor",
        "training": "manager",
        "devices": "supervisor",
        "staff": "manager",
        "margin": "manager",
    }
)
"""The least role for each act where the policy says nothing."""

_RANKS = {role: rank for rank, role in enumerate(get_args(Role))}
REASONS_MAX = 50


class BadCashPolicy(InvalidInput):
    """A policy `cash` that cannot be understood; `facts["path"]` says where."""

    code = "bad_cash_policy"


_DEFAULT_REASONS: Mapping[ReasonUse, tuple[Reason, ...]] = MappingProxyType(
    {
        "no_sale": (
            Reason("change", "换零钱", "Changing money"),
            Reason("check", "检查钱箱", "Checking the drawer"),
        ),
        "paid_in": (Reason("deposit", "收押金", "Deposit taken"), Reason("found", "拾得现金", "Cash found")),
        "paid_out": (
            Reason("expense", "门店开支", "Store expense"),
            Reason("deposit_back", "退押金", "Deposit given back"),
        ),
        "pickup": (Reason("safe", "存入保险柜", "To the safe"), Reason("bank", "送存银行", "To the bank")),
        "loan": (Reason("change", "补充零钱", "Change"),),
        "over_short": (
            Reason("miscount", "找零差错", "Wrong change"),
            Reason("counterfeit", "收到假币", "Counterfeit money"),
            Reason("unrecorded", "漏记收支", "Movement not recorded"),
            Reason("unknown", "原因不明", "Unknown"),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class CashPolicy:
    """What is asked, who may, and for what reasons.

    Attributes:
        difference_free_minor: over or short up to this needs no reason.
        held_at_settlement: False refuses to settle while baskets are on hold; True lists them.
    """

    denominations_minor: tuple[int, ...]
    difference_free_minor: int = 0
    held_at_settlement: bool = True
    reasons: Mapping[ReasonUse, tuple[Reason, ...]] = field(default_factory=lambda: _DEFAULT_REASONS)
    roles: Mapping[str, Role] = field(default_factory=lambda: ROLES)

    def may(self, role: str, act: str) -> bool:
        """Whether a role is enough for an act."""
        return _RANKS.get(role, -1) >= _RANKS[self.roles[act]]

    def reason(self, use: ReasonUse, code: str) -> Reason | None:
        """A reason by its code."""
        return next((reason for reason in self.reasons.get(use, ()) if reason.code == code), None)


def parse_cash_policy(value: object, *, currency: str) -> CashPolicy:
    """From the decoded policy; None is the default. Unknown fields do no harm. Raises BadCashPolicy."""
    if value is None:
        return CashPolicy(denominations_of(currency))
    if not isinstance(value, dict):
        raise BadCashPolicy("not an object", path="cash")
    denominations = value.get("denominations_minor", list(denominations_of(currency)))
    _require(
        isinstance(denominations, list) and all(_is_amount(each) and each > 0 for each in denominations),
        "denominations_minor",
    )
    free = value.get("difference_free_minor", 0)
    held = value.get("held_at_settlement", True)
    _require(_is_amount(free), "difference_free_minor")
    _require(isinstance(held, bool), "held_at_settlement")
    return CashPolicy(
        denominations_minor=tuple(sorted(set(denominations), reverse=True)),
        difference_free_minor=free,
        held_at_settlement=held,
        reasons=_reasons(value.get("reasons", {})),
        roles=_roles(value.get("roles", {})),
    )


def _reasons(value: object) -> Mapping[ReasonUse, tuple[Reason, ...]]:
    _require(isinstance(value, dict), "reasons")
    assert isinstance(value, dict)
    found = dict(_DEFAULT_REASONS)
    for use, rows in value.items():
        _require(use in USES and isinstance(rows, list) and 0 < len(rows) <= REASONS_MAX, f"reasons.{use}")
        found[use] = tuple(_reason(row, f"reasons.{use}") for row in rows)
    return found


def _reason(row: Any, path: str) -> Reason:
    _require(isinstance(row, dict), path)
    code, name = row.get("code"), row.get("name")
    name_en = row.get("name_en", name)
    texts = (code, name, name_en)
    _require(all(isinstance(text, str) and 0 < len(text) <= 100 for text in texts), path)
    return Reason(code, name, name_en)


def _roles(value: object) -> Mapping[str, Role]:
    _require(isinstance(value, dict), "roles")
    assert isinstance(value, dict)
    for act, role in value.items():
        _require(act in ROLES and role in _RANKS, f"roles.{act}")
    return {**ROLES, **value}


def _is_amount(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 53


def _require(right: bool, path: str) -> None:
    if not right:
        raise BadCashPolicy(f"{path} is wrong", path=path)
