from __future__ import annotations

from typing import Any

import pytest

from pos_core.sync.allowance import Grant, Instant, Slice, use
from pos_core.sync.allowance_json import slice_from, slice_text
from pos_core.sync.allowance_policy import (
    HOUR_MS,
    AllowancePolicy,
    allowance_policy,
    budget_part,
    points_id,
    renewal_is_due,
)

DEFAULT = AllowancePolicy()
DAY = AllowancePolicy(term_ms=24 * HOUR_MS, survives_restart=False)


@pytest.mark.parametrize(
    "value,expected",
    [
        (None, DEFAULT),
        ([], DEFAULT),
        ({"points": {"*": -1}, "term_hours": 0, "headroom_points": "9"}, AllowancePolicy(points={})),
        ({"points": {"gold": 9, "a/b": 1, "": 2}}, AllowancePolicy(points={"gold": 9})),
        ({"term_hours": 24, "survives_restart": False}, DAY),
        ({"stored_value_minor": True, "budget_ppm": 1.5, "unknown": 1}, DEFAULT),
    ],
)  # fmt: skip
def test_what_is_wrong_has_its_default(value: Any, expected: AllowancePolicy) -> None:
    assert allowance_policy(value) == expected


def test_a_tier_that_is_not_named_draws_from_the_slice_for_all() -> None:
    policy = AllowancePolicy(points={"*": 10, "gold": 50}, stored_value_minor=0)
    wanted = policy.wanted("1:ws-1", {"K": 100_000})
    assert wanted[points_id("1:ws-1", policy.tier_of("gold"))] == ("points", 50)
    assert wanted[points_id("1:ws-1", policy.tier_of("silver"))] == ("points", 10)
    assert wanted["budget/K/1:ws-1"] == ("budget", 2000)
    assert "stored_value/1:ws-1" not in wanted


@pytest.mark.parametrize(
    "left,elapsed,due", [(100, 0, False), (50, 0, False), (49, 0, True), (100, 50, True), (100, 49, False)]
)
def test_it_is_renewed_when_half_of_it_or_of_its_term_is_gone(left: int, elapsed: int, due: bool) -> None:
    assert renewal_is_due(left=left, ceiling=100, elapsed_ms=elapsed, term_ms=100) == due


def test_a_slice_comes_back_from_disk_as_it_was() -> None:
    grant = Grant("coupon/1:ws-1", "coupon", "1:ws-1", 2, 1, 99, "e", frozenset({"c1", "c2"}))
    held = use(
        Slice(grant, Instant(1, 2, "b"), Instant(3, 4, "b"), transfers=frozenset({"t"})), 1, coupon="c2"
    )
    assert slice_from(slice_text(held)) == held
    assert slice_text(slice_from(slice_text(held))) == slice_text(held)


@pytest.mark.parametrize("workstations", [0, 1, 15, 17, 50, 51, 999, 1000, 1025, 40_000])
@pytest.mark.parametrize("ppm", [1, 20_000, 1_000_000])
def test_each_of_many_workstations_has_a_part_of_a_budget(workstations: int, ppm: int) -> None:
    part = budget_part(10_000_000, ppm, workstations)
    assert part * workstations <= 10_000_000
    fair = min(10_000_000 * ppm // 1_000_000, 10_000_000 // max(1, workstations))
    assert fair * 8 // 9 - 1 <= part <= fair


@pytest.mark.parametrize("minor,ppm,part", [(49, 20_000, 1), (1, 1, 1), (100_000, 0, 0), (0, 20_000, 0)])
def test_a_small_budget_is_handed_out_too(minor: int, ppm: int, part: int) -> None:
    assert budget_part(minor, ppm, 1000) == part


def test_of_uses_a_workstation_holds_some_where_there_are_so_many() -> None:
    def part(uses: int) -> int:
        return allowance_policy({}).wanted("1:ws-1", {"uses:U": uses}, 3)["budget/uses:U/1:ws-1"][1]

    assert [part(uses) for uses in (1, 9, 100, 1000)] == [1, 3, 5, 20]
