"""A shift: what was taken, what should be in the till, and its settlement.

    {"opened": stamp | null, "tenders": {code: {"kind", "float", "sales", "returns", "movements"}},
     "totals": {name: int}, "settled": {document: {…}}, "marks": {series: …}}

The arithmetic is `pos_core.cash.settlement`; sums add up in any order. A document that arrives after the
settlement was written (a machine rescued, a clone) restates it: `restated` says by how much.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pos_core.cash.shift_totals import ShiftTotals, TenderTotal
from pos_core.sync.folds.facts import ShiftEntry
from pos_core.sync.folds.fold import Fold, State
from pos_core.sync.folds.stamp import already, marked

EMPTY: State = {"opened": None, "tenders": {}, "totals": {}, "settled": {}, "marks": {}}
_TOTALS = (
    "sale_count",
    "return_count",
    "sales_minor",
    "returns_minor",
    "discount_minor",
    "tax_minor",
    "cash_rounding_minor",
    "no_sale_count",
)


def apply(state: State | None, fact: ShiftEntry) -> State:
    """With one more document of the shift."""
    before = state or EMPTY
    if already(before["marks"], fact.stamp):
        return before
    after = {**before, "marks": marked(before["marks"], fact.stamp)}
    if fact.type == "shift_settled":
        after["settled"] = {**before["settled"], fact.stamp.document: _settlement(fact)}
        return after
    if fact.type == "shift_opened":
        stamp = fact.stamp.as_value()
        after["opened"] = stamp if before["opened"] is None else min(before["opened"], stamp)
        delta = ShiftTotals.opened(
            fact.body["float_minor"], cash_tender_code=fact.body.get("tender_code", "cash")
        )
    else:
        delta = ShiftTotals().add(fact.type, fact.body)
    after["totals"] = {name: before["totals"].get(name, 0) + getattr(delta, name) for name in _TOTALS}
    after["tenders"] = _tenders(before["tenders"], delta, known=fact.type != "tender_movement")
    return after


def _settlement(fact: ShiftEntry) -> dict[str, Any]:
    return {
        "stamp": fact.stamp.as_value(),
        "z_number": fact.body["z_number"],
        "tenders": {
            each["tender_code"]: [each["expected_minor"], each["counted_minor"]]
            for each in fact.body["tenders"]
        },
    }


def _tenders(before: Mapping[str, Any], delta: ShiftTotals, *, known: bool) -> dict[str, Any]:
    """A tender movement does not say its tender's kind; "" gives way to whatever does."""
    after = dict(before)
    for code, moved in delta.tenders.items():
        entry = after.get(code) or {"kind": "", "float": 0, "sales": 0, "returns": 0, "movements": 0}
        after[code] = {
            "kind": max(entry["kind"], moved.tender_kind if known else ""),
            "float": entry["float"] + moved.float_minor,
            "sales": entry["sales"] + moved.sales_minor,
            "returns": entry["returns"] + moved.returns_minor,
            "movements": entry["movements"] + moved.movements_minor,
        }
    return after


def totals(state: State) -> ShiftTotals:
    """The sums as the value that an X report shows."""
    tenders = {
        code: TenderTotal(
            code,
            entry["kind"] or "cash",
            float_minor=entry["float"],
            sales_minor=entry["sales"],
            returns_minor=entry["returns"],
            movements_minor=entry["movements"],
        )
        for code, entry in state["tenders"].items()
    }
    return ShiftTotals(tenders, **state["totals"])


def restated(state: State) -> dict[str, int]:
    """tender_code → expected now − expected in the newest settlement; empty while they agree."""
    if not state["settled"]:
        return {}
    newest = max(state["settled"].values(), key=lambda settled: settled["stamp"])
    now = {code: tender.expected_minor for code, tender in totals(state).tenders.items()}
    then = {code: expected for code, (expected, _) in newest["tenders"].items()}
    differences = {code: now.get(code, 0) - then.get(code, 0) for code in now.keys() | then.keys()}
    return {code: amount for code, amount in sorted(differences.items()) if amount}


FOLD = Fold("shifts", (ShiftEntry,), lambda fact: str(fact.shift_id), apply)
