"""The mixed-integer program of `solve`, for HiGHS: a first plan by diving, then proof of how good it is.

Left alone, HiGHS looks for a first good plan with costly searches: a minute for a region of fifty places. A
dive over the relaxed program finds one in a second. HiGHS goes on from there until the gap is the asked one.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

SECONDS_MAX = 30.0
"""A guard alone; what ends a run is its gap."""
GAP = 0.015
"""Shown, beside the bound, by whoever reports a plan; the plan found is nearer to the best than that."""
GAP_SMALL = 1e-4
LANES_SMALL = 200
"""Up to so many lanes are solved to the last cent."""
DIVE_PART = 20
WHOLE = 1e-6


@dataclass(frozen=True, slots=True)
class Flow:
    """What may go on a lane: at most `most` units, each worth `worth`; `into` and `out_of` are shared."""

    lane: int
    worth: int
    most: int
    into: Hashable
    out_of: Hashable


def optimum(
    flows: Sequence[Flow], costs: Sequence[int], limits: dict[Hashable, int]
) -> tuple[list[int], int]:
    """Whole units of each flow, and what no plan can exceed, minor units.

    `costs` of a trip by lane; `limits` of each `into` and `out_of`.
    """
    solver = _built(flows, costs, limits)
    best = sum(flow.worth * flow.most for flow in flows)
    if _run(solver):
        best = min(best, int(solver.getInfo().objective_function_value + 0.5))
    first = _dive(solver, len(flows), len(costs))
    for lane in range(len(costs)):
        solver.changeColIntegrality(len(flows) + lane, highspy.HighsVarType.kInteger)
    start = highspy.HighsSolution()
    start.col_value = first
    solver.setSolution(start)
    _run(solver)
    bound = solver.getInfo().mip_dual_bound
    if math.isfinite(bound):
        best = min(best, int(bound + 0.5))
    return _whole(solver, len(flows), _values(solver) or first), best


def _built(flows: Sequence[Flow], costs: Sequence[int], limits: dict[Hashable, int]) -> Any:
    """Columns: units of each flow, then whether a lane is driven; that is not yet held to be whole."""
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("mip_rel_gap", GAP if len(costs) > LANES_SMALL else GAP_SMALL)
    solver.setOptionValue("threads", 1)
    solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
    shared: dict[Hashable, list[int]] = defaultdict(list)
    for column, flow in enumerate(flows):
        solver.addVar(0.0, float(flow.most))
        solver.changeColCost(column, float(flow.worth))
        shared[flow.into].append(column)
        shared[flow.out_of].append(column)
    for lane, cost in enumerate(costs):
        solver.addVar(0.0, 1.0)
        solver.changeColCost(len(flows) + lane, -float(cost))
    for column, flow in enumerate(flows):
        _row(solver, 0.0, [column, len(flows) + flow.lane], [1.0, -float(flow.most)])
    for key, columns in shared.items():
        _row(solver, float(limits[key]), columns, [1.0] * len(columns))
    return solver


def _run(solver: Any) -> bool:
    """Whether it came to its end; the solver's clock counts all runs, the guard's seconds one."""
    solver.setOptionValue("time_limit", solver.getRunTime() + SECONDS_MAX)
    solver.run()
    return bool(solver.getModelStatus() == highspy.HighsModelStatus.kOptimal)


def _values(solver: Any) -> list[float]:
    """What the last run found, also where its seconds were over; empty: nothing that may be done."""
    info = solver.getInfo()
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    return list(solver.getSolution().col_value) if feasible else []


def _dive(solver: Any, flows: int, lanes: int) -> list[float]:
    """Lanes of the relaxed program half driven are settled, the surest first, a twentieth at once."""
    while True:
        values = _values(solver)
        if not values:  # no time to find any: no lane is driven
            values = [0.0] * (flows + lanes)
            break
        half = sorted((values[flows + lane], lane) for lane in range(lanes))
        half = [(value, lane) for value, lane in half if WHOLE < value < 1 - WHOLE]
        if not half:
            break
        some = max(1, len(half) // DIVE_PART)
        for value, lane in half[:some]:
            if value < 0.3:
                solver.changeColBounds(flows + lane, 0.0, 0.0)
        for _, lane in half[-some:]:
            solver.changeColBounds(flows + lane, 1.0, 1.0)
        _run(solver)
    for lane in range(lanes):
        solver.changeColBounds(flows + lane, 0.0, 1.0)
    return values


def _whole(solver: Any, flows: int, found: Sequence[float]) -> list[int]:
    """The best units on the lanes that are driven. A search may end between vertices, with parts of units."""
    for column, value in enumerate(found[flows:], flows):
        is_driven = float(value > 0.5)
        solver.changeColIntegrality(column, highspy.HighsVarType.kContinuous)
        solver.changeColBounds(column, is_driven, is_driven)
    if _run(solver):
        return [round(value) for value in solver.getSolution().col_value[:flows]]
    return [int(value + WHOLE) for value in found[:flows]]


def _row(solver: Any, most: float, columns: Sequence[int], factors: Sequence[float]) -> None:
    indexes, values = np.array(columns, dtype=np.int32), np.array(factors, dtype=np.float64)
    solver.addRow(-highspy.kHighsInf, most, len(columns), indexes, values)
