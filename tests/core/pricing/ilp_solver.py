"""Set packing with a ladder, solved by an integer program in a process of its own (tests only).

Reads problems as JSON lines, writes one optimum a line. Run by `test_ilp.py`: the solver's library stays
out of the process of the tests.

A problem: `counts` (units of each class), `columns` (saving, members by class, how
often at most), `total` (what all units cost), `tiers` (threshold on what is left, amount).
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import highspy


def optimum(problem: dict[str, Any]) -> int:
    """The most that columns and at most one reached tier save together."""
    model = highspy.Highs()
    model.silent()
    model.setOptionValue("mip_rel_gap", 0.0)
    model.setOptionValue("mip_abs_gap", 0.5)
    columns = [model.addIntegral(lb=0, ub=most, obj=-saving) for saving, _, most in problem["columns"]]
    for unit, count in enumerate(problem["counts"]):
        using = [
            (x, m.count(unit)) for x, (_, m, _) in zip(columns, problem["columns"], strict=True) if unit in m
        ]
        if using:
            model.addConstr(sum(x * n for x, n in using) <= count)
    tiers = [model.addIntegral(lb=0, ub=1, obj=-amount) for _, amount in problem["tiers"]]
    if tiers:
        model.addConstr(sum(1 * t for t in tiers) <= 1)
        saved = sum(x * c[0] for x, c in zip(columns, problem["columns"], strict=True))
        for tier, (threshold, _) in zip(tiers, problem["tiers"], strict=True):
            # What is left after the item promotions must reach the step that is taken.
            model.addConstr(saved + tier * threshold <= problem["total"])
    model.run()
    assert model.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return -round(model.getObjectiveValue())


# The library prints its banner on descriptor 1 whatever `silent` says: answers go out by a copy of it.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
for line in sys.stdin:
    answers.write(f"{optimum(json.loads(line))}\n")
    answers.flush()
