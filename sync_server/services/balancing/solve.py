"""Which goods go where: a mixed-integer program for each group of places, solved in `program`.

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
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from sync_server.services.balancing.program import Flow, optimum
from sync_server.services.balancing.terms import TransferTerms

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


@dataclass(frozen=True, slots=True)
class Plan:
    """Trips, those that save most first. No plan saves more than `bound_minor`."""

    trips: list[Trip]
    bound_minor: int

    @property
    def saving_minor(self) -> int:
        """After transport and handling."""
        return sum(trip.saving_minor for trip in self.trips)


def gap_ppm(saving_minor: int, bound_minor: int) -> int:
    """How much of the most that could be saved is not, at worst."""
    return (bound_minor - saving_minor) * 1_000_000 // bound_minor if bound_minor > saving_minor else 0


def solve(
    needs: Mapping[Key, Need],
    surpluses: Mapping[Key, Surplus],
    distances: Mapping[tuple[str, str], int],
    terms: TransferTerms,
) -> Plan:
    """The best set of trips, or one within the gap. `distances` in metres, of the lanes there are."""
    flows = _flows(needs, surpluses, distances, terms)
    if not flows:
        return Plan([], 0)
    lanes = sorted({(source, target) for source, target, *_ in flows})
    costs = {lane: terms.trip_cost_minor(distances[lane]) for lane in lanes}
    amounts, bound = _optimum(flows, costs, needs, surpluses, terms.unit_minor)
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
    return Plan(sorted(found, key=lambda trip: (-trip.saving_minor, trip.from_store, trip.to_store)), bound)


Sent = tuple[str, str, str, int, int]
"""From, to, SKU, margin and freed of one unit in minor units."""


def _flows(
    needs: Mapping[Key, Need],
    surpluses: Mapping[Key, Surplus],
    distances: Mapping[tuple[str, str], int],
    terms: TransferTerms,
) -> list[Sent]:
    """What may be sent on which lane at a profit, before the trip itself."""
    sources: dict[str, list[str]] = defaultdict(list)
    for place, sku in sorted(surpluses):
        sources[sku].append(place)
    flows: list[Sent] = []
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
    flows: Sequence[Sent],
    costs: Mapping[tuple[str, str], int],
    needs: Mapping[Key, Need],
    surpluses: Mapping[Key, Surplus],
    unit_minor: int,
) -> tuple[list[int], int]:
    """Whole units of each flow, and the bound. `costs` of a trip on each lane."""
    at_lane = {lane: place for place, lane in enumerate(costs)}
    limits: dict[Hashable, int] = {("into", key): need.units for key, need in needs.items()}
    limits |= {("out", key): surplus.units for key, surplus in surpluses.items()}
    asked = [
        Flow(
            at_lane[source, target],
            margin + freed - unit_minor,
            min(needs[target, sku].units, surpluses[source, sku].units),
            ("into", (target, sku)),
            ("out", (source, sku)),
        )
        for source, target, sku, margin, freed in flows
    ]
    return optimum(asked, list(costs.values()), limits)
