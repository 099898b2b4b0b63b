"""Who the neighbours of a store are, and what lies there in two bits."""

from __future__ import annotations

import random

import pytest

from pos_core.catalog.store import Store
from pos_core.stock.nearby import (
    NEIGHBOURS_MAX,
    STEPS,
    distance_m,
    neighbours_of,
    pack_steps,
    packed_step,
    step_of,
)

HANGZHOU, NANJING, SHANGHAI, CHENGDU = (
    (30.255, 120.164),
    (32.022, 118.783),
    (31.2304, 121.4737),
    (30.63, 104.141),
)


def place(store_id: str, at: tuple[float, float] | None, region: str = "east") -> Store:
    lat, lon = (None, None) if at is None else (round(at[0] * 1e6), round(at[1] * 1e6))
    return Store(store_id, store_id, region, "", lat, lon, "Asia/Shanghai", "PL1", ())


@pytest.mark.parametrize(
    ("one", "other", "km"), [(HANGZHOU, NANJING, 236), (HANGZHOU, SHANGHAI, 165), (HANGZHOU, CHENGDU, 1540)]
)
def test_distances_are_those_of_the_map(
    one: tuple[float, float], other: tuple[float, float], km: int
) -> None:
    found = distance_m(place("A", one), place("B", other))
    assert found is not None and abs(found / 1000 - km) < km * 0.01
    assert found == distance_m(place("B", other), place("A", one))


def test_opposite_ends_of_the_earth_are_half_its_girth_apart() -> None:
    assert abs((distance_m(place("A", (0, 0)), place("B", (0, 180))) or 0) / 1000 - 20_015) < 10


def test_the_region_and_what_is_near_come_nearest_first() -> None:
    here = place("S1", HANGZHOU)
    others = [
        place("far, our region", CHENGDU),
        place("near, not ours", SHANGHAI, "coast"),
        place("far, not ours", CHENGDU, "west"),
        place("nowhere, ours", None),
        place("nowhere, not ours", None, "west"),
        place("nearer, ours", (30.3, 120.2)),
    ]
    names = [each.store.store_id for each in neighbours_of(here, [here, *others])]
    assert names == ["nearer, ours", "near, not ours", "far, our region", "nowhere, ours"]


def test_there_are_at_most_forty_and_the_farthest_fall_away() -> None:
    here = place("S0", HANGZHOU)
    others = [place(f"S{n}", (30.255 + n / 1000, 120.164)) for n in range(1, 60)]
    found = neighbours_of(here, others)
    assert [each.store.store_id for each in found] == [f"S{n}" for n in range(1, NEIGHBOURS_MAX + 1)]


@pytest.mark.parametrize(
    ("milli", "step"),
    [
        (-5000, "0"),
        (0, "0"),
        (999, "0"),
        (1000, "1"),
        (1999, "1"),
        (2000, "2-5"),
        (5999, "2-5"),
        (6000, "6+"),
    ],
)
def test_a_step_never_promises_more_than_there_is(milli: int, step: str) -> None:
    assert STEPS[step_of(milli)] == step


def test_what_was_packed_is_read_back_at_every_position() -> None:
    seed = random.randrange(1 << 30)
    dice = random.Random(seed)
    for _ in range(200):
        steps = {at: dice.randrange(4) for at in dice.sample(range(130), dice.randrange(1, 60))}
        text = pack_steps(steps)
        assert [packed_step(text, at) for at in range(140)] == [steps.get(at, 0) for at in range(140)], seed


def test_forty_places_are_fourteen_signs_and_nothing_anywhere_is_none() -> None:
    assert len(pack_steps(dict.fromkeys(range(40), 3))) == 14
    assert pack_steps({39: 0, 3: 0}) == ""
    assert packed_step("?", 0) == 0
