"""An allowance that was used by a series that never held it: two clones of one machine, or an old image.

A series holds an allowance once it journaled `accepted` or `taken_over`. When several accepted the same
grant, the first by hybrid clock is the holder. One ruling for each use of the others.
"""

from __future__ import annotations

from pos_core.sync.folds.fold import State
from pos_core.sync.folds.stamp import stamp_from
from pos_core.sync.rulings.ruling import Ruling, borne_by, stores_of
from pos_core.sync.rulings.terms import Terms

RULE = "allowance_cloned"


def holders(state: State) -> frozenset[str]:
    """Series keys that hold, or held, the allowance by right."""
    accepted = [each["accepted"][0] for each in state["holders"].values() if each["accepted"]]
    taken = {series for series, each in state["holders"].items() if each["taken"]}
    first = {stamp_from(min(accepted)).series} if accepted else set()
    return frozenset(first | taken)


def rule(key: str, state: State, terms: Terms) -> tuple[Ruling, ...]:
    """`key` is the allowance id; it begins with its kind: `points/`, `coupon/` or `budget/`."""
    rightful, kind = holders(state), key.partition("/")[0]
    if not rightful:
        return ()  # nobody's acceptance has arrived yet: there is nobody to take sides with
    right_documents = [
        stamp_from(each[0]).document
        for series, spent in sorted(state["spent"].items())
        if series in rightful
        for each in spent["newest"]
    ]
    found = []
    for series, spent in sorted(state["spent"].items()):
        if series in rightful:
            continue
        for stamp_value, units, store_id in spent["newest"]:
            stamp = stamp_from(stamp_value)
            found.append(
                Ruling(
                    RULE,
                    key,
                    "allowance_used_by_two",
                    stands=tuple(dict.fromkeys(right_documents)),
                    against=(stamp.document,),
                    place=stamp.place,
                    cost_minor=units if kind == "budget" else 0,
                    points=units if kind == "points" else 0,
                    bearer=borne_by(terms.bearer(RULE), store_id),
                    reaches=stores_of(store_id),
                    detail=(("units", units),),
                )
            )
    return tuple(found)
