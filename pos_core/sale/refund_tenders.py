"""Which tenders a refund goes to: those that paid, what is not cash first, each at most what it took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pos_core.sale.cash_rounding import CashRounding
from pos_core.sale.earlier_returns import EarlierReturn

EXCHANGE_KIND = "exchange"


@dataclass(frozen=True, slots=True)
class BackTender:
    """What goes back by one tender of the sale."""

    tender_code: str
    tender_kind: str
    amount_minor: int
    reference: str | None = None


def tenders_left(body: Mapping[str, Any], earlier: Sequence[EarlierReturn]) -> list[BackTender]:
    """What each tender of the sale took and has not given back, in the order of the sale."""
    left: dict[tuple[str, str | None], BackTender] = {}
    for tender in body["tenders"]:
        key = _purse_of(tender)
        before = left[key].amount_minor if key in left else 0
        amount = before + tender["amount_minor"] - tender["change_minor"]
        left[key] = BackTender(tender["tender_code"], tender["tender_kind"], amount, tender["reference"])
    for each in earlier:
        _take_off(left, each.tenders)
    return list(left.values())


def _purse_of(tender: Mapping[str, Any]) -> tuple[str, str | None]:
    """One tender code is one purse, but for stored value: there each account is."""
    own = tender["reference"] if tender["tender_kind"] == "stored_value" else None
    return tender["tender_code"], own


def _take_off(left: dict[tuple[str, str | None], BackTender], tenders: Sequence[Mapping[str, Any]]) -> None:
    """Given back already; what went into an exchange or another tender comes off whatever has room."""
    for tender in tenders:
        amount = tender["amount_minor"]
        own = _purse_of(tender)
        others = [key for key in reversed(left) if key != own]
        keys = [own, *others] if own in left else others
        for key in keys:
            there = left[key]
            taken = min(amount, max(there.amount_minor, 0))
            left[key] = BackTender(
                there.tender_code, there.tender_kind, there.amount_minor - taken, there.reference
            )
            amount -= taken


def all_that_is_left(left: Sequence[BackTender], exchange_minor: int) -> tuple[tuple[BackTender, ...], int]:
    """(tenders, total) where the last unit comes back: whatever was paid and not given back yet."""
    total = sum(each.amount_minor for each in left)
    points = sum(each.amount_minor for each in left if each.tender_kind == "points")
    exchanged = min(exchange_minor, total - points)
    found = [BackTender(EXCHANGE_KIND, EXCHANGE_KIND, exchanged)] if exchanged else []
    rest = exchanged
    for each in _cash_first(left):
        off = 0 if each.tender_kind == "points" else min(rest, each.amount_minor)
        rest -= off
        if each.amount_minor - off or each.tender_kind == "cash":
            found.append(
                BackTender(each.tender_code, each.tender_kind, each.amount_minor - off, each.reference)
            )
    return tuple(found), total


def by_tender(
    left: Sequence[BackTender],
    money_minor: int,
    points_minor: int,
    rounding: CashRounding,
    exchange_minor: int,
) -> tuple[tuple[BackTender, ...], int]:
    """(tenders, total): an exchange first, then what is no cash, the rest in cash, rounded down to a coin."""
    found: list[BackTender] = []
    owed = money_minor + points_minor
    room = sum(each.amount_minor for each in left if each.tender_kind != "points")
    due = min(money_minor, room)
    exchanged = min(exchange_minor, due)
    due -= exchanged
    if exchanged:
        found.append(BackTender(EXCHANGE_KIND, EXCHANGE_KIND, exchanged))
    for each in left:
        if each.tender_kind in ("cash", "points"):
            continue
        amount = min(due, each.amount_minor)
        due -= amount
        if amount:
            found.append(BackTender(each.tender_code, each.tender_kind, amount, each.reference))
    for each in sorted(left, key=lambda one: one.tender_kind == "cash"):
        if each.tender_kind == "points" and points_minor:
            found.append(BackTender(each.tender_code, each.tender_kind, points_minor, each.reference))
        if each.tender_kind == "cash" and owed > sum(one.amount_minor for one in found):
            coins = due - due % rounding.step_minor
            found.append(BackTender(each.tender_code, "cash", min(coins, each.amount_minor)))
            break
    return tuple(found), sum(each.amount_minor for each in found)


def _cash_first(left: Sequence[BackTender]) -> list[BackTender]:
    return sorted(left, key=lambda each: each.tender_kind != "cash")
