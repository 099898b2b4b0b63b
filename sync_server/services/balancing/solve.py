"""Which goods go where: a mixed-integer program for each group of places, solved by HiGHS.

    maximise   Σ worth[i,j,s] · q[i,j,s]  −  Σ trip[i,j] · y[i,j]
    subject to Σ_i q[i,j,s] ≤ need[j,s]          what a place would lose until its own supply comes
               Σ_j q[i,j,s] ≤ surplus[i,s]       what a place has beyond its cover
               q[i,j,s] ≤ min(need, surplus) · y[i,j],  y binary, q ≥ 0

`worth` of a unit is the margin that the place would lose without it, for the share of the time until its
supply that the goods are there, and what it frees where it lies too long, less its handling. With the trips
fixed the rest is a transportation problem, whose vertices are whole numbers: `q` needs no integrality.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from sync_server.services.balancing.terms import TransferTerms

SECONDS_MAX = 60.0
GAP = 1e-4
Key = tuple[str, str]
"""Place, SKU."""


@dataclass(frozen=True, slots=True)
class Need:
    """Whole units that a place would lose of an item; worth of one in minor units; days until its supply."""

    units: int
    worth_minor: int
    supply_days: int


@dataclass(frozen=True, slots=True)
class Surplus:
    """Whole units that a place has too many of, and what one costs."""

    units: int
    cost_minor: int


@dataclass(frozen=True, slots=True)
class Move:
    """Units of an item on a trip: `margin_minor` that is saved, `freed_minor`, `handling_minor`."""

    sku: str
    units: int
    margin_minor: int
    freed_minor: int
    handling_minor: int


@dataclass(frozen=True, slots=True)
class Trip:
    """From one place to another. `saving_minor` is after transport and handling."""

    from_store: str
    to_store: str
    distance_m: int
    lead_days: int
    transport_minor: int
    saving_minor: int
    moves: tuple[Move, ...]


def solve(
    needs: Mapping[Key, Need],
    surpluses: Mapping[Key, Surplus],
    distances: Mapping[tuple[str, str], int],
    terms: TransferTerms,
) -> list[Trip]:
    """The best set of trips, those that save most first. `distances` in metres, of the lanes there are."""
    flows = _flows(needs, surpluses, distances, terms)
    if not flows:
        return []
    lanes = sorted({(source, target) for source, target, *_ in flows})
    costs = {lane: terms.trip_cost_minor(distances[lane]) for lane in lanes}
    amounts = _optimum(flows, costs, needs, surpluses, terms.unit_minor)
    trips: dict[tuple[str, str], list[Move]] = defaultdict(list)
    for (source, target, sku, margin, freed), units in zip(flows, amounts, strict=True):
        if units > 0:
            trips[source, target].append(
                Move(sku, units, margin * units, freed * units, terms.unit_minor * units)
            )
    found = []
    for lane, moves in trips.items():
        cost = terms.trip_cost_minor(distances[lane])
        saving = sum(each.margin_minor + each.freed_minor - each.handling_minor for each in moves) - cost
        if saving > 0:
            moves.sort(key=lambda each: (-each.margin_minor, each.sku))
            lead = terms.lead_days(distances[lane])
            found.append(Trip(*lane, distances[lane], lead, cost, saving, tuple(moves)))
    return sorted(found, key=lambda trip: (-trip.saving_minor, trip.from_store, trip.to_store))


Flow = tuple[str, str, str, int, int]
"""From, to, SKU, margin and freed of one unit in minor units."""


def _flows(
    needs: Mapping[Key, Need],
    surpluses: Mapping[Key, Surplus],
    distances: Mapping[tuple[str, str], int],
    terms: TransferTerms,
) -> list[Flow]:
    """What may be sent on which lane at a profit, before the trip itself."""
    sources: dict[str, list[str]] = defaultdict(list)
    for place, sku in sorted(surpluses):
        sources[sku].append(place)
    flows: list[Flow] = []
    for (target, sku), need in sorted(needs.items()):
        for source in sources[sku]:
            distance = distances.get((source, target))
            if source == target or distance is None or distance > terms.distance_max_m:
                continue
            left = need.supply_days - terms.lead_days(distance)
            if left <= 0:
                continue
            margin = need.worth_minor * left // need.supply_days
            freed = surpluses[source, sku].cost_minor * terms.freed_ppm // 1_000_000
            if margin + freed > terms.unit_minor:
                flows.append((source, target, sku, margin, freed))
    return flows


def _optimum(
    flows: Sequence[Flow],
    costs: Mapping[tuple[str, str], int],
    needs: Mapping[Key, Need],
    surpluses: Mapping[Key, Surplus],
    unit_minor: int,
) -> list[int]:
    """Whole units of each flow. `costs` of a trip on each lane."""
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("time_limit", SECONDS_MAX)
    solver.setOptionValue("mip_rel_gap", GAP)
    solver.setOptionValue("threads", 1)
    at_lane = {lane: len(flows) + place for place, lane in enumerate(costs)}
    most = [
        float(min(needs[target, sku].units, surpluses[source, sku].units))
        for source, target, sku, *_ in flows
    ]
    for (_, _, _, margin, freed), top in zip(flows, most, strict=True):
        solver.addVar(0.0, top)
        solver.changeColCost(solver.getNumCol() - 1, float(margin + freed - unit_minor))
    for cost in costs.values():
        solver.addVar(0.0, 1.0)
        column = solver.getNumCol() - 1
        solver.changeColCost(column, -float(cost))
        solver.changeColIntegrality(column, highspy.HighsVarType.kInteger)
    solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
    into: dict[Key, list[int]] = defaultdict(list)
    out_of: dict[Key, list[int]] = defaultdict(list)
    for column, (source, target, sku, *_) in enumerate(flows):
        into[target, sku].append(column)
        out_of[source, sku].append(column)
        _row(solver, 0.0, [column, at_lane[source, target]], [1.0, -most[column]])
    for key, columns in into.items():
        _row(solver, float(needs[key].units), columns, [1.0] * len(columns))
    for key, columns in out_of.items():
        _row(solver, float(surpluses[key].units), columns, [1.0] * len(columns))
    solver.run()
    values: Any = solver.getSolution().col_value
    if len(values) < len(flows):
        return [0] * len(flows)  # nothing found in time
    return [round(value) for value in values[: len(flows)]]


def _row(solver: Any, most: float, columns: Sequence[int], factors: Sequence[float]) -> None:
    indexes, values = np.array(columns, dtype=np.int32), np.array(factors, dtype=np.float64)
    solver.addRow(-highspy.kHighsInf, most, len(columns), indexes, values)
