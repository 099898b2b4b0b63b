"""What an operator did on a business day that somebody should look at.

    {"counts": {name: [how often, amount]}, "voided_ms": {series: when a line was last taken off}, "marks": …}

The same code counts at the workstation, for the manager, and at head office. It accuses nobody: it counts.
Names: docs/cash.md, "Watch".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pos_core.cash.count import OPENED_TO_COUNT
from pos_core.sync.folds.facts import Acted
from pos_core.sync.folds.fold import Fold, State
from pos_core.sync.folds.stamp import hlc_ms, only_new

EMPTY: State = {"counts": {}, "voided_ms": {}, "marks": {}}
AFTER_VOID_MS = 60_000
NEAR_PERCENT = 90

NAMES = (
    "sales",
    "returns",
    "voids",
    "voids_after_total",
    "abandoned",
    "abandoned_after_total",
    "drawer_without_sale",
    "no_sale_after_void",
    "return_without_receipt",
    "overrides",
    "manual_discounts",
    "near_limit",
    "confirmed_by_eye",
    "reprints",
    "till_counts",
)
"""Every count, in the order that a report shows them."""

Counts = dict[str, tuple[int, int]]


def watch_key(store_id: str, business_day: str, operator_id: str) -> str:
    """`store_id/business_day/operator_id`."""
    return f"{store_id}/{business_day}/{operator_id}"


def counts_of(document_type: str, body: Mapping[str, Any]) -> Counts:
    """What one document adds; {} where there is nothing to watch."""
    counter = _COUNTERS.get(document_type)
    return {} if counter is None else counter(body)


def apply(state: State | None, fact: Acted) -> State:
    """With one more document of the operator."""
    return apply_all(state, (fact,))


def apply_all(state: State | None, facts: Sequence[Acted]) -> State:
    """With more of the operator's documents, in their order."""
    before = state or EMPTY
    counts: dict[str, list[int]] = {name: list(pair) for name, pair in before["counts"].items()}
    voided_ms: dict[str, int] = dict(before["voided_ms"])
    marks: dict[str, list[int]] = dict(before["marks"])
    fresh = only_new(marks, facts)
    for fact in fresh:
        for name, (count, amount_minor) in fact.counts.items():
            _add(counts, name, count, amount_minor)
        if voided_ms and "drawer_without_sale" in fact.counts:
            last_void_ms = voided_ms.get(fact.stamp.series)
            if last_void_ms is not None and hlc_ms(fact.stamp.hlc) - last_void_ms <= AFTER_VOID_MS:
                _add(counts, "no_sale_after_void", 1, 0)
        if fact.has_void:
            voided_ms[fact.stamp.series] = hlc_ms(fact.stamp.hlc)
    return {"counts": counts, "voided_ms": voided_ms, "marks": marks} if fresh else before


def _add(counts: dict[str, list[int]], name: str, count: int, amount_minor: int) -> None:
    known = counts.get(name)
    if known is None:
        known = counts[name] = [0, 0]
    known[0] += count
    known[1] += amount_minor


FOLD = Fold(
    "watch",
    (Acted,),
    lambda fact: watch_key(fact.store_id, fact.business_day, fact.operator_id),
    apply,
    apply_all,
)


def _sale(body: Mapping[str, Any]) -> Counts:
    voided = body["voided_lines"]
    late = [line for line in voided if line.get("after_total")]
    given = [each for line in body["lines"] for each in line["discounts"] if each["source"] == "manual"]
    by_eye = [
        tender
        for tender in body["tenders"]
        if tender["tender_kind"] == "mobile" and tender["confirmed"] == "operator" and body.get("offline")
    ]
    near = _near_limit(body)
    counts = {
        "sales": (1, body["total_minor"]),
        "voids": _pair(voided, "list_minor"),
        "voids_after_total": _pair(late, "list_minor"),
        "manual_discounts": _pair(given, "amount_minor"),
        "near_limit": (len(near), sum(near)),
        "confirmed_by_eye": _pair(by_eye, "amount_minor"),
    }
    return {name: pair for name, pair in counts.items() if pair[0]}


def _return(body: Mapping[str, Any]) -> Counts:
    # Money of a purse or a deposit comes back without a receipt as a matter of course.
    goods = any(not line.get("kind") for line in body["lines"])
    without = body.get("origin") is None and goods
    total = body["total_minor"]
    return {"returns": (1, total)} | ({"return_without_receipt": (1, total)} if without else {})


def _abandoned(body: Mapping[str, Any]) -> Counts:
    subtotal = body["subtotal_minor"]
    late = body.get("after_total") is True
    return {"abandoned": (1, subtotal)} | ({"abandoned_after_total": (1, subtotal)} if late else {})


def _no_sale(body: Mapping[str, Any]) -> Counts:
    return {} if body.get("reason_code") == OPENED_TO_COUNT else {"drawer_without_sale": (1, 0)}


def _override(body: Mapping[str, Any]) -> Counts:
    return {"overrides": (1, body.get("amount_minor") or 0)}


def _reprint(_: Mapping[str, Any]) -> Counts:
    return {"reprints": (1, 0)}


def _counted(_: Mapping[str, Any]) -> Counts:
    return {"till_counts": (1, 0)}


_COUNTERS = {
    "sale": _sale,
    "return": _return,
    "basket_abandoned": _abandoned,
    "no_sale": _no_sale,
    "override_approved": _override,
    "receipt_reprinted": _reprint,
    "till_counted": _counted,
}
WATCHED_TYPES = frozenset(_COUNTERS)


def has_void(document_type: str, body: Mapping[str, Any]) -> bool:
    """Whether the document tells of a line that was taken off."""
    return document_type == "basket_abandoned" or bool(document_type == "sale" and body["voided_lines"])


def _pair(rows: list[Mapping[str, Any]], name: str) -> tuple[int, int]:
    return len(rows), sum(row[name] for row in rows)


def _near_limit(body: Mapping[str, Any]) -> list[int]:
    """Amounts given by hand that came to 90 % or more of what the operator's role allows, and not above.

    `body["limits"]`: kind → the role's limit at that moment (docs/documents.md, "sale").
    """
    limits = body.get("limits") or {}
    given: list[tuple[str, int, int]] = []
    whole = 0
    for line in body["lines"]:
        for each in line["discounts"]:
            if each["source"] != "manual":
                continue
            if each["id"] == "basket_discount":
                whole += each["amount_minor"]
            else:
                given.append((each["id"], each["amount_minor"], line["list_minor"]))
    if whole:
        given.append(("basket_discount", whole, body["subtotal_minor"]))
    return [amount for kind, amount, base in given if _is_near(amount, base, limits.get(kind))]


def _is_near(amount_minor: int, base_minor: int, limit: Mapping[str, Any] | None) -> bool:
    if limit is None:
        return False
    rate, most = limit.get("rate_ppm"), limit.get("amount_minor")
    bounds: list[int] = [] if rate is None else [base_minor * rate // 1_000_000]
    bounds += [] if most is None else [most]
    if not bounds or min(bounds) <= 0:
        return False
    bound: int = min(bounds)
    return bound * NEAR_PERCENT <= amount_minor * 100 <= bound * 100
