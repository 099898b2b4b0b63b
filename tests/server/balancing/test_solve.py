"""The solver against every possible plan of small cases, and what it may never do."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict

import pytest

from sync_server.services.balancing import program
from sync_server.services.balancing.program import GAP
from sync_server.services.balancing.solve import Key, Need, Plan, Surplus, Trip, gap_ppm, solve
from sync_server.services.balancing.terms import TransferTerms

TERMS = TransferTerms(trip_minor=500, trip_km_minor=10, unit_minor=20, freed_ppm=100_000)
FAR = {("A", "B"): 20_000, ("A", "C"): 90_000, ("B", "C"): 50_000, ("B", "A"): 20_000, ("C", "B"): 400_000}


def worth(needs: dict[Key, Need], surpluses: dict[Key, Surplus], lane: tuple[str, str], sku: str) -> int:
    """Of one unit, by hand."""
    source, target = lane
    need = needs[target, sku]
    left = need.supply_days - TERMS.lead_days(FAR[lane])
    if left <= 0:
        return -1
    freed = surpluses[source, sku].cost_minor * TERMS.freed_ppm // 1_000_000
    return need.worth_minor * left // need.supply_days + freed - TERMS.unit_minor


def best(needs: dict[Key, Need], surpluses: dict[Key, Surplus]) -> int:
    """Over every number of units on every lane."""
    flows = [
        (lane, sku)
        for lane in FAR
        for sku in ("x", "y")
        if (lane[1], sku) in needs and (lane[0], sku) in surpluses and FAR[lane] <= TERMS.distance_max_m
    ]
    tops = [min(needs[lane[1], sku].units, surpluses[lane[0], sku].units) for lane, sku in flows]
    found = 0
    for plan in itertools.product(*(range(top + 1) for top in tops)):
        into: dict[Key, int] = defaultdict(int)
        out: dict[Key, int] = defaultdict(int)
        value, lanes = 0, set()
        for (lane, sku), units in zip(flows, plan, strict=True):
            if units:
                into[lane[1], sku] += units
                out[lane[0], sku] += units
                value += units * worth(needs, surpluses, lane, sku)
                lanes.add(lane)
        if all(into[key] <= needs[key].units for key in into) and all(
            out[key] <= surpluses[key].units for key in out
        ):
            found = max(found, value - sum(TERMS.trip_cost_minor(FAR[lane]) for lane in lanes))
    return found


@pytest.mark.parametrize("seed", range(25))
def test_no_plan_is_better(seed: int) -> None:
    lot = random.Random(seed)
    needs = {
        (place, sku): Need(lot.randrange(1, 4), lot.randrange(100, 900), lot.randrange(1, 8))
        for place in "BC"
        for sku in "xy"
        if lot.random() < 0.8
    }
    surpluses = {
        (place, sku): Surplus(lot.randrange(1, 4), lot.randrange(50, 600))
        for place in "AB"
        for sku in "xy"
        if (place, sku) not in needs and lot.random() < 0.9
    }
    plan = solve(needs, surpluses, FAR, TERMS)
    assert plan.saving_minor == plan.bound_minor == best(needs, surpluses)
    within(plan.trips, needs, surpluses)


def within(trips: list[Trip], needs: dict[Key, Need], surpluses: dict[Key, Surplus]) -> None:
    """Nobody gives more than he has too much of, or gets more than he lacks."""
    into: dict[Key, int] = defaultdict(int)
    out: dict[Key, int] = defaultdict(int)
    for trip in trips:
        assert trip.saving_minor > 0 and trip.distance_m <= TERMS.distance_max_m
        for move in trip.moves:
            into[trip.to_store, move.sku] += move.units
            out[trip.from_store, move.sku] += move.units
    assert all(units <= needs[key].units for key, units in into.items())
    assert all(units <= surpluses[key].units for key, units in out.items())


def test_a_trip_that_costs_more_than_it_saves_is_not_made() -> None:
    needs, surpluses = {("B", "x"): Need(2, 200, 5)}, {("A", "x"): Surplus(9, 100)}
    assert solve(needs, surpluses, FAR, TERMS).trips == []
    assert len(solve({("B", "x"): Need(9, 200, 5)}, surpluses, FAR, TERMS).trips) == 1


def test_goods_that_come_after_the_places_own_supply_are_not_sent() -> None:
    needs, surpluses = {("B", "x"): Need(9, 900, 1)}, {("A", "x"): Surplus(9, 100)}
    assert solve(needs, surpluses, FAR, TERMS).trips == []
    assert solve({}, surpluses, FAR, TERMS) == solve(needs, {}, FAR, TERMS) == Plan([], 0)


Case = tuple[dict[Key, Need], dict[Key, Surplus], dict[tuple[str, str], int]]


def region(count: int) -> Case:
    lot = random.Random(1)
    places = [f"P{number:02d}" for number in range(count)]
    lanes = {(a, b): lot.randrange(5_000, 250_000) for a in places for b in places if a != b}
    needs, surpluses = {}, {}
    for number in range(60):
        for place in lot.sample(places, 10):
            needs[place, f"s{number}"] = Need(
                lot.randrange(1, 20), lot.randrange(100, 2000), lot.randrange(2, 9)
            )
        for place in lot.sample(places, 4):
            if (place, f"s{number}") not in needs:
                surpluses[place, f"s{number}"] = Surplus(lot.randrange(5, 60), lot.randrange(100, 2000))
    return needs, surpluses, lanes


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.2])
def test_where_the_seconds_are_over_the_plan_is_legal_and_its_bound_holds(
    monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    monkeypatch.setattr(program, "SECONDS_MAX", seconds)
    needs, surpluses, lanes = region(20)
    plan = solve(needs, surpluses, lanes, TERMS)
    within(plan.trips, needs, surpluses)
    assert plan.bound_minor >= sum(trip.saving_minor for trip in plan.trips) == plan.saving_minor


def test_of_a_region_of_fifty_places_the_plan_is_proven_near_the_best() -> None:
    needs, surpluses, lanes = region(50)
    plan = solve(needs, surpluses, lanes, TERMS)
    within(plan.trips, needs, surpluses)
    assert plan.bound_minor > 4_227_000, "a plan that saves so much is known"
    assert 0 < gap_ppm(plan.saving_minor, plan.bound_minor) <= GAP * 1_000_000
