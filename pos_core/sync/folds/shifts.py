"""A shift: what was taken, what should be in the till, and its settlement.

    {"opened": stamp | null, "tenders": {code: {"kind", "float", "sales", "returns", "movements"}},
     "totals": {name: int}, "settled": {document: {…}}, "marks": {series: …}}

The arithmetic is `pos_core.cash.settlement`; sums add up in any order. A document that arrives after the
settlement was written (a machine rescued, a clone) restates it: `restated` says by how much.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pos_core.cash.shift_totals import ShiftTotals, TenderTotal
from pos_core.sync.folds.facts import ShiftEntry
from pos_core.sync.folds.fold import Fold, State
from pos_core.sync.folds.stamp import only_new

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


_NO_SALE = ShiftTotals().add("no_sale", {})


def apply(state: State | None, fact: ShiftEntry) -> State:
    """With one more document of the shift."""
    return apply_all(state, (fact,))


def apply_all(state: State | None, facts: Sequence[ShiftEntry]) -> State:
    """With more of the shift's documents, in their order."""
    before = state or EMPTY
    marks: dict[str, list[int]] = dict(before["marks"])
    fresh = only_new(marks, facts)
    if not fresh:
        return before
    opened, settled, tenders = before["opened"], dict(before["settled"]), dict(before["tenders"])
    totals: dict[str, int] = before["totals"]
    if any(fact.type != "shift_settled" for fact in fresh):
        totals = {name: totals.get(name, 0) for name in _TOTALS}
    for fact in fresh:
        if fact.type == "shift_settled":
            settled[fact.stamp.document] = _settlement(fact)
            continue
        if fact.type == "shift_opened":
            stamp = fact.stamp.as_value()
            opened = stamp if opened is None else min(opened, stamp)
        delta = _delta(fact)
        _add_totals(totals, delta)
        if delta.tenders:
            _add_tenders(tenders, delta, known=fact.type != "tender_movement")
    return {"opened": opened, "tenders": tenders, "totals": totals, "settled": settled, "marks": marks}


def _delta(fact: ShiftEntry) -> ShiftTotals:
    """What one document adds."""
    if fact.type == "no_sale":
        return _NO_SALE
    if fact.type == "shift_opened":
        cash = fact.body.get("tender_code", "cash")
        return ShiftTotals.opened(fact.body["float_minor"], cash_tender_code=cash)
    return ShiftTotals().add(fact.type, fact.body)


def _add_totals(totals: dict[str, int], delta: ShiftTotals) -> None:
    if delta is _NO_SALE:
        totals["no_sale_count"] += 1
        return
    for name in _TOTALS:
        totals[name] += getattr(delta, name)


def _settlement(fact: ShiftEntry) -> dict[str, Any]:
    return {
        "stamp": fact.stamp.as_value(),
        "z_number": fact.body["z_number"],
        "tenders": {
            each["tender_code"]: [each["expected_minor"], each["counted_minor"]]
            for each in fact.body["tenders"]
        },
    }


def _add_tenders(tenders: dict[str, Any], delta: ShiftTotals, *, known: bool) -> None:
    """A tender movement does not say its tender's kind; "" gives way to whatever does."""
    for code, moved in delta.tenders.items():
        entry = tenders.get(code) or {"kind": "", "float": 0, "sales": 0, "returns": 0, "movements": 0}
        tenders[code] = {
            "kind": max(entry["kind"], moved.tender_kind if known else ""),
            "float": entry["float"] + moved.float_minor,
            "sales": entry["sales"] + moved.sales_minor,
            "returns": entry["returns"] + moved.returns_minor,
            "movements": entry["movements"] + moved.movements_minor,
        }


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


FOLD = Fold("shifts", (ShiftEntry,), lambda fact: str(fact.shift_id), apply, apply_all)
