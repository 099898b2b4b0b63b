"""An allowance as head office sees it: granted, accepted, handed over, used, ended.

    {"granted": units, "grants": how many, "revoked": bool, "store": [stamp, store_id] | null,
     "holders": {series: {"accepted": [first stamp, units] | null, "taken": stamp | null,
                          "taken_over", "handed_over", "given_up": units}},
     "spent": {series: {"units", "newest": [[stamp, units, store_id], …], "mark": [number, place]}},
     "marks": {series: [number, place]},
     "transfers": {transfer id: {series: [stamp, units]}},
     "handed": {transfer id: [workstation_id, units]},
     "transfers_before": {workstation_id: units}, "handed_before": {workstation_id: units},
     "written_off": {workstation_id: units}}

`transfers`: who took over which part, `handed`: for whom it was let go, of the newest TRANSFERS_KEPT (ids
rise with time), and `…_before` the sums of older ones; absent where no document named one. `written_off`:
parts that a workstation had taken over when head office revoked it; absent where there were none.
As small as its holders are few, however often it is renewed. What follows from it (what is out, the worst
case) is `pos_core.sync.allowance_ledger`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pos_core.sync.folds.facts import AllowanceSpent, AllowanceStep
from pos_core.sync.folds.fold import Fold, State
from pos_core.sync.folds.stamp import HQ, already, marked

NEWEST_KEPT = 32
TRANSFERS_KEPT = 64

EMPTY: State = {
    "granted": 0,
    "grants": 0,
    "revoked": False,
    "store": None,
    "holders": {},
    "spent": {},
    "marks": {},
}
_HOLDER: Mapping[str, Any] = {
    "accepted": None,
    "taken": None,
    "taken_over": 0,
    "handed_over": 0,
    "given_up": 0,
}


def apply(state: State | None, fact: AllowanceStep | AllowanceSpent) -> State:
    """With one more step or use."""
    before = state or EMPTY
    if isinstance(fact, AllowanceSpent):
        return _spend(before, fact)
    if already(before["marks"], fact.stamp):
        return before
    after = {**before, "marks": marked(before["marks"], fact.stamp)}
    stamp = fact.stamp.as_value()
    if fact.step in ("granted", "accepted"):
        after["granted"] = max(before["granted"], fact.amount)
        after["store"] = max(filter(None, (before["store"], [stamp, fact.store_id])))
    if fact.step == "granted":
        after["grants"] = before["grants"] + 1
    elif fact.step == "revoked":
        after["revoked"] = True
    elif fact.step == "lost" and fact.other and fact.stamp.workstation_id == HQ:
        off = before.get("written_off") or {}
        after["written_off"] = {**off, fact.other: off.get(fact.other, 0) + fact.amount}
    else:
        series = fact.stamp.series
        if fact.step == "taken_over" and fact.transfer_id:
            takers = (before.get("transfers") or {}).get(fact.transfer_id, {})
            takers = {**takers, series: [stamp, fact.amount]}
            _with_newest(after, "transfers", fact.transfer_id, takers)
        if fact.step == "handed_over" and fact.transfer_id:
            _with_newest(after, "handed", fact.transfer_id, [fact.other, fact.amount])
        holder = before["holders"].get(series, _HOLDER)
        after["holders"] = {**before["holders"], series: _held(holder, fact, stamp)}
    return after


def _with_newest(after: dict[str, Any], name: str, transfer_id: str, entry: Any) -> None:
    """One more of `name`. What falls out goes into its sum: the same ids fall out in any interleaving."""
    every = sorted({**(after.get(name) or {}), transfer_id: entry}.items())
    after[name] = dict(every[-TRANSFERS_KEPT:])
    gone = [part for _, entry in every[:-TRANSFERS_KEPT] for part in _parts(entry)]
    if gone:
        sums = dict(after.get(f"{name}_before") or {})
        for workstation_id, units in gone:
            sums[workstation_id] = sums.get(workstation_id, 0) + units
        after[f"{name}_before"] = sums


def _parts(entry: Any) -> list[tuple[str, int]]:
    """Workstation and units of an entry of `handed` or `transfers`."""
    if isinstance(entry, Mapping):
        return [(workstation_of(series), int(taken[1])) for series, taken in entry.items()]
    return [(entry[0], int(entry[1]))]


def workstation_of(series: str) -> str:
    """The workstation of a series' text key."""
    return series.partition(":")[2]


def not_taken(state: State, workstation_id: str) -> int:
    """Units that were let go for a workstation, and that no document says it took over."""
    handed, taken = state.get("handed") or {}, state.get("transfers") or {}
    found = sum(
        int(units) for key, (to, units) in handed.items() if to == workstation_id and key not in taken
    )
    older = [part for key, entry in taken.items() if key not in handed for part in _parts(entry)]
    older_taken = int((state.get("transfers_before") or {}).get(workstation_id, 0))
    older_taken += sum(units for who, units in older if who == workstation_id)
    return found + max(0, int((state.get("handed_before") or {}).get(workstation_id, 0)) - older_taken)


def _held(holder: Mapping[str, Any], fact: AllowanceStep, stamp: list[Any]) -> dict[str, Any]:
    after = dict(holder)
    if fact.step == "accepted":
        first, units = holder["accepted"] or (stamp, 0)
        after["accepted"] = [min(first, stamp), max(units, fact.amount)]
    elif fact.step == "taken_over":
        after["taken"] = stamp if holder["taken"] is None else min(holder["taken"], stamp)
        after["taken_over"] = holder["taken_over"] + fact.amount
    elif fact.step == "handed_over":
        after["handed_over"] = holder["handed_over"] + fact.amount
    else:  # returned, expired, lost
        after["given_up"] = holder["given_up"] + fact.amount
    return after


def _spend(before: State, fact: AllowanceSpent) -> State:
    series = fact.stamp.series
    known: dict[str, Any] = before["spent"].get(series) or {"units": 0, "newest": [], "mark": [0, 0]}
    mark = [fact.stamp.number, fact.stamp.place]
    if mark <= known["mark"]:
        return before
    after = {
        "units": known["units"] + fact.units,
        "newest": sorted([*known["newest"], [fact.stamp.as_value(), fact.units, fact.store_id]])[
            -NEWEST_KEPT:
        ],
        "mark": mark,
    }
    return {**before, "spent": {**before["spent"], series: after}}


def spent_units(state: State | None) -> int:
    """All that documents say was used."""
    return sum(entry["units"] for entry in state["spent"].values()) if state else 0


FOLD = Fold("allowance_use", (AllowanceStep, AllowanceSpent), lambda fact: str(fact.allowance_id), apply)
