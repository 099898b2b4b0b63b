"""A holder's slice: terms, doubts, coupons, hand-overs; and head office's count of what is out."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import reduce

import pytest

from pos_core.sync.allowance import (
    AllowanceRefused,
    Grant,
    Instant,
    Rules,
    Slice,
    accept,
    give_up,
    hand_over,
    look,
    take_over,
    use,
)
from pos_core.sync.allowance_ledger import (
    Freeze,
    GrantRefused,
    budget_room,
    exposure,
    taken_and_kept,
    top_up,
    worst_case,
)
from pos_core.sync.folds import state_bytes
from pos_core.sync.folds.allowance_use import FOLD
from pos_core.sync.folds.facts import AllowanceSpent, AllowanceStep
from tests.fakes.facts import stamp

HOUR = 3_600_000
START = Instant(1_000 * HOUR, 5 * HOUR, "boot-1")
GRANT = Grant("points/ws-1/gold", "points", "1:ws-1", 100, 0, 24 * HOUR, "E1")
RULES = Rules()


def at(wall: int = 0, monotonic: int | None = None, boot_id: str = "boot-1") -> Instant:
    """Hours after the start by either clock."""
    ticked = wall if monotonic is None else monotonic
    return Instant(START.wall_ms + wall * HOUR, START.monotonic_ms + ticked * HOUR, boot_id)


def a_slice(grant: Grant = GRANT) -> Slice:
    return accept(None, grant, series=grant.series, epoch="E1", asked=START)


@pytest.mark.parametrize(
    ("now", "lost"),
    [
        (at(23), ""),
        (at(24), "expired"),
        (at(1, 24), "expired"),  # somebody set the wall clock back: the monotonic one knows better
        (at(25, 1), "expired"),  # the machine slept: the monotonic clock may have stood still
        (at(-1, 1), "clock_went_back"),
        (at(1, -1), "clock_went_back"),
        (at(23, -4, "boot-2"), ""),
        (at(24, -4, "boot-2"), "expired"),
    ],
)
def test_the_term_counts_on_the_later_clock_and_any_doubt_loses_it(now: Instant, lost: str) -> None:
    held = look(a_slice(), now, RULES)
    assert held.lost == lost and held.left == (0 if lost else 100)


def test_a_restart_does_not_forget_what_the_monotonic_clock_had_counted() -> None:
    held = look(a_slice(), at(10, 20), RULES)
    held = look(held, at(11, 0, "boot-2"), RULES)
    assert held.lost == "" and held.elapsed_ms == 20 * HOUR
    assert look(held, at(12, 4, "boot-2"), RULES).lost == "expired"


def test_going_back_in_small_steps_is_seen() -> None:
    held = a_slice()
    for _ in range(3):
        held = look(held, replace(held.seen, wall_ms=held.seen.wall_ms - 900), RULES)
    assert held.lost == ""
    assert look(held, replace(START, wall_ms=START.wall_ms - 2_700), RULES).lost == "clock_went_back"


def test_a_chain_may_say_that_a_restart_is_doubt_enough() -> None:
    assert look(a_slice(), at(1, 0, "boot-2"), Rules(survives_restart=False)).lost == "restarted"


def test_a_lost_slice_gives_nothing_until_the_server_renews_it() -> None:
    held = look(use(a_slice(), 30), at(99), RULES)
    with pytest.raises(AllowanceRefused) as refused:
        use(held, 1)
    assert refused.value.facts["reason"] == "lost" and refused.value.facts["why"] == "expired"
    held, freed = give_up(held, "expired")
    assert freed == 70 and give_up(held, "expired")[1] == 0
    renewed = replace(GRANT, renewal=1, amount=200)
    assert accept(held, renewed, series="1:ws-1", epoch="E1", asked=at(99)).left == 100


def test_the_same_answer_again_lengthens_nothing() -> None:
    held = look(a_slice(), at(20), RULES)
    again = accept(held, GRANT, series="1:ws-1", epoch="E1", asked=at(20))
    assert again is held and look(again, at(24), RULES).lost == "expired"


@pytest.mark.parametrize(
    ("grant", "reason"),
    [(replace(GRANT, series="2:ws-1"), "wrong_holder"), (replace(GRANT, epoch="E0"), "old_epoch")],
)
def test_a_grant_for_another_or_from_before_a_restore_is_refused(grant: Grant, reason: str) -> None:
    with pytest.raises(AllowanceRefused) as refused:
        accept(None, grant, series="1:ws-1", epoch="E1", asked=START)
    assert refused.value.facts["reason"] == reason


def test_never_more_than_is_left() -> None:
    held = use(use(a_slice(), 60), 40)
    with pytest.raises(AllowanceRefused) as refused:
        use(held, 1)
    assert refused.value.facts == {"reason": "used_up", "left": 0}


COUPONS = Grant("coupon/ws-1/K", "coupon", "1:ws-1", 2, 0, 24 * HOUR, "E1", frozenset({"h1", "h2"}))


def test_a_leased_coupon_is_used_once_and_by_its_holder_only() -> None:
    held = use(a_slice(COUPONS), 1, coupon="h1")
    for coupon, reason in (("h1", "coupon_used"), ("h9", "coupon_not_leased"), (None, "coupon_not_leased")):
        with pytest.raises(AllowanceRefused) as refused:
            use(held, 1, coupon=coupon)
        assert refused.value.facts["reason"] == reason
    held, moved = hand_over(
        held, 1, to_series="1:ws-2", transfer_id="T1", now=at(1), coupons=frozenset({"h2"})
    )
    assert held.coupons_left == frozenset()
    taker = take_over(None, moved, series="1:ws-2", now=at(1))
    assert taker.coupons_left == {"h2"} and use(taker, 1, coupon="h2").left == 0
    back, again = hand_over(
        taker, 1, to_series="1:ws-1", transfer_id="T2", now=at(1), coupons=frozenset({"h2"})
    )
    assert take_over(held, again, series="1:ws-1", now=at(1)).coupons_left == {"h2"}
    assert back.coupons_left == frozenset()


def test_a_hand_over_taken_twice_counts_once_and_never_lengthens_the_term() -> None:
    held, moved = hand_over(a_slice(), 40, to_series="1:ws-2", transfer_id="T1", now=at(20))
    taker = take_over(None, moved, series="1:ws-2", now=at(21))
    assert (held.left, taker.left) == (60, 40)
    assert take_over(taker, moved, series="1:ws-2", now=at(22)) is taker
    assert look(taker, at(23), RULES).lost == "" and look(taker, at(24), RULES).lost == "expired"
    behind = take_over(None, moved, series="1:ws-2", now=at(0, 0, "other"))
    assert look(behind, at(3, 3, "other"), RULES).lost == ""
    assert look(behind, at(4, 4, "other"), RULES).lost == "expired"
    with pytest.raises(AllowanceRefused):
        take_over(None, moved, series="1:ws-3", now=at(20))
    with pytest.raises(AllowanceRefused):
        hand_over(held, 61, to_series="1:ws-2", transfer_id="T2", now=at(20))


def step(
    number: int, what: object, amount: int, ws: str = "ws-1", allowance: str = GRANT.allowance_id
) -> object:
    return AllowanceStep(stamp(number, ws, number), "S1", allowance, what, amount)  # type: ignore[arg-type]


def spent(number: int, units: int, ws: str = "ws-1") -> object:
    return AllowanceSpent(stamp(number, ws, number, 1), "S1", GRANT.allowance_id, units)


def test_an_unreported_lease_counts_in_full_until_reported_or_revoked() -> None:
    facts = [step(1, "granted", 100, "hq")]
    for more, out in (
        (step(1, "accepted", 100), 100),
        (spent(2, 30), 70),
        (step(3, "expired", 50), 20),
        (step(2, "revoked", 0, "hq"), 0),
    ):
        facts.append(more)
        state = FOLD.refold(facts)  # type: ignore[arg-type]
        assert state is not None and exposure(state) == out


def test_what_was_written_off_with_a_revoked_one_and_then_handed_in_as_used_counts_once() -> None:
    off = AllowanceStep(stamp(2, "hq", 2), "S1", GRANT.allowance_id, "lost", 40, other="ws-2")
    facts = [step(1, "granted", 100, "hq"), step(2, "handed_over", 40), step(2, "taken_over", 40, "ws-2")]
    for more, out in ((off, 60), (spent(3, 15, "ws-2"), 60), (step(4, "expired", 25, "ws-2"), 60)):
        facts.append(more)
        state = FOLD.refold(facts)  # type: ignore[arg-type]
        assert state is not None and exposure(state) == out
    claimed = replace(off, stamp=stamp(5, "ws-3", 5))
    state = FOLD.refold([*facts, claimed])  # type: ignore[list-item]
    assert state is not None and exposure(state) == 20, "of a holder's own document it is what it gave up"


def _moved(number: int, what: object, between: str, transfer: int, amount: int = 1) -> AllowanceStep:
    ws, _, other = between.partition(" ")
    return replace(
        step(number, what, amount, ws),  # type: ignore[type-var]
        other=other,
        transfer_id=f"T{transfer:04}",
    )


@pytest.mark.parametrize("taken", [(), (7,)])
def test_a_part_written_off_stays_so_however_many_hand_overs_follow(taken: tuple[int, ...]) -> None:
    """ws-2 was let have 10 (and took the 1 of hand-over 7); ws-3 takes over each of 90 more."""
    off = AllowanceStep(stamp(2, "hq", 2), "S1", GRANT.allowance_id, "lost", 10, other="ws-2")
    given = [_moved(1, "handed_over", "ws-1 ws-2", 0, 10 - len(taken))]
    given += [_moved(1 + n, "handed_over", "ws-1 ws-2", n) for n in taken]
    took = [_moved(1, "taken_over", "ws-2 ws-1", n) for n in taken]
    given += [_moved(n, "handed_over", "ws-1 ws-3", n) for n in range(10, 100)]
    took_later = [_moved(n, "taken_over", "ws-3 ws-1", n) for n in range(10, 100)]
    hq = [step(1, "granted", 200, "hq"), off]
    series: list[list[object]] = [hq, given, took, took_later]
    orders = [[*hq, *given, *took, *took_later], [*took_later, *took, *given, *hq]]
    dice = random.Random(7)
    for _ in range(10):
        left, mixed = [list(each) for each in series if each], []
        while left:
            mixed.append(dice.choice(left).pop(0))
            left = [each for each in left if each]
        orders.append(mixed)
    states = [reduce(FOLD.apply, order, None) for order in orders]  # type: ignore[arg-type]
    assert len({state_bytes(state) for state in states if state is not None}) == 1
    assert states[0] is not None and taken_and_kept(states[0], "ws-2") == 10
    assert exposure(states[0]) == 190
    assert len(states[0]["handed"]) == 64 and taken_and_kept(states[0], "ws-3") == 90


def test_a_restored_server_learns_a_forgotten_grant_from_its_holder() -> None:
    state = FOLD.refold([step(1, "accepted", 100), spent(2, 30)])  # type: ignore[list-item]
    assert state is not None and exposure(state) == 70


def test_the_worst_case_is_what_is_out_and_what_managers_may() -> None:
    points = FOLD.refold([step(1, "granted", 100, "hq"), spent(2, 30)])  # type: ignore[list-item]
    coupons = FOLD.refold([step(1, "granted", 3, "hq", "coupon/ws-2/K")])  # type: ignore[list-item]
    assert points is not None and coupons is not None
    found = worst_case({GRANT.allowance_id: points, "coupon/ws-2/K": coupons}, {"S1": 500, "S2": 500})
    assert found.by_kind == {"points": 70, "coupon": 3}
    assert found.by_store == {("points", "S1"): 70, ("coupon", "S1"): 3}
    assert found.points == 1070


def test_after_a_restore_nothing_is_granted_until_all_reported_or_the_longest_term_ended() -> None:
    freeze = Freeze("E2", 0, 24 * HOUR, frozenset({"ws-1", "ws-2"}))
    with pytest.raises(GrantRefused) as refused:
        top_up(None, ceiling=100, room=None, freeze=freeze, now_ms=HOUR)
    assert refused.value.facts == {"reason": "frozen", "waiting": 2}
    assert top_up(None, ceiling=100, room=None, freeze=freeze, now_ms=24 * HOUR) == 100
    reported = freeze.reported("ws-1")
    assert reported.holds(HOUR) and not reported.reported("ws-2").holds(HOUR)


def test_a_top_up_fills_to_the_ceiling_within_the_room() -> None:
    state = FOLD.refold([step(1, "granted", 100, "hq"), spent(2, 30), step(3, "expired", 20)])  # type: ignore[list-item]
    assert state is not None
    assert top_up(state, ceiling=100, room=None, freeze=None, now_ms=0) == 150
    assert top_up(state, ceiling=100, room=10, freeze=None, now_ms=0) == 110
    assert top_up(state, ceiling=10, room=None, freeze=None, now_ms=0) == 100
    assert budget_room(200, [state]) == 120
    with pytest.raises(GrantRefused) as refused:
        top_up(None, ceiling=100, room=0, freeze=None, now_ms=0)
    assert refused.value.facts["reason"] == "nothing_left"
    revoked = FOLD.refold([step(1, "revoked", 0, "hq")])  # type: ignore[list-item]
    with pytest.raises(GrantRefused):
        top_up(revoked, ceiling=100, room=None, freeze=None, now_ms=0)
