"""Stock on hand is the newest count plus the movements outside its cut."""

from __future__ import annotations

import pytest

from pos_core.sync.folds.counts import FOLD as COUNTS
from pos_core.sync.folds.counts import variances
from pos_core.sync.folds.facts import Counted, Fact, StockMoved
from pos_core.sync.folds.fold import NeedsHistory, State
from pos_core.sync.folds.stock import DOUBTFUL_MS, FOLD, OPEN_KEPT, doubtful, on_hand
from tests.fakes.facts import stamp

FAR = 10 * DOUBTFUL_MS


def moved(ms: int, workstation_id: str, number: int, quantity_milli: int = -1000) -> StockMoved:
    return StockMoved(stamp(ms, workstation_id, number, 1), "S1", "1001", quantity_milli, "sale")


def counted(ms: int, counted_milli: int, number: int = 1, **cut: int) -> Counted:
    known = {f"1:ws-{name[1:]}": last for name, last in cut.items()} | {"1:ws-9": number}
    return Counted(stamp(ms, "ws-9", number, 1), "S1", "1001", counted_milli, 0, known)


def folded(*facts: Fact) -> State | None:
    state: State | None = None
    for fact in facts:
        state = FOLD.apply(state, fact)
    return state


def test_without_a_count_it_is_the_sum() -> None:
    assert on_hand(None) == 0
    assert on_hand(folded(moved(1, "ws-1", 1, 5000), moved(2, "ws-2", 1))) == 4000


def test_what_the_counter_had_heard_is_inside_whatever_its_clock() -> None:
    slow, fast = moved(-FAR, "ws-1", 4), moved(FAR, "ws-1", 3)
    count = counted(0, 10_000, w1=3)
    assert on_hand(folded(fast, slow, count)) == 9000
    assert on_hand(folded(count, fast, slow)) == 9000


def test_a_late_sale_from_before_the_cut_changes_the_variance_and_not_on_hand() -> None:
    count = counted(0, 10_000, w1=3)
    early, late = moved(-FAR, "ws-1", 1, 12_000), moved(-FAR + 1, "ws-1", 3, -1500)
    assert on_hand(folded(early, count)) == on_hand(folded(early, count, late)) == 10_000
    state = COUNTS.refold([count])
    assert [each.variance_milli for each in variances(state, [early])] == [-2000]
    assert [each.variance_milli for each in variances(state, [early, late])] == [-500]


def test_a_series_out_of_reach_is_cut_by_clock_and_doubtful_near_it() -> None:
    count = counted(0, 10_000)
    near, before, after = moved(-1000, "ws-2", 1), moved(-FAR, "ws-3", 1), moved(FAR, "ws-4", 1)
    for state in (folded(count, near, before, after), folded(after, before, near, count)):
        assert on_hand(state) == 9000
        assert doubtful(state) == [("1:ws-2", 1, 1, -1000)]


def test_an_older_count_that_comes_late_changes_nothing_on_hand() -> None:
    newer, older = counted(0, 10_000, number=2, w1=5), counted(-FAR, 3000, w1=1)
    assert on_hand(folded(newer, older)) == 10_000
    assert [each.counted_milli for each in variances(COUNTS.refold([newer, older]), [])] == [3000, 10_000]


def test_the_variance_of_a_second_count_takes_what_moved_between_the_two() -> None:
    first, second = counted(0, 10_000, w1=2), counted(FAR, 6000, number=2, w1=5)
    movements = [moved(n, "ws-1", n) for n in range(1, 8)]
    found = variances(COUNTS.refold([second, first]), movements)
    assert [(each.expected_milli, each.variance_milli) for each in found] == [(-2000, 12_000), (7000, -1000)]


def test_a_count_among_movements_that_were_summed_up_needs_history_and_gets_the_same_bytes() -> None:
    movements = [moved(n, "ws-1", n) for n in range(1, OPEN_KEPT + 5)]
    count = counted(100, 50_000, w1=2)
    before = folded(*movements)
    with pytest.raises(NeedsHistory):
        FOLD.apply(before, count)
    assert before is not None
    after = FOLD.step(before, count, lambda: movements)
    assert after == folded(count, *movements)
    assert on_hand(after) == 50_000 - 1000 * (OPEN_KEPT + 2)


def test_summed_up_movements_near_the_clock_stay_listed_as_doubtful() -> None:
    movements = [moved(n, "ws-2", n) for n in range(1, OPEN_KEPT + 3)]
    count = counted(1000, 50_000)
    state = folded(count, *movements)
    assert len(doubtful(state)) == len(movements)
    assert FOLD.step(folded(*movements), count, lambda: movements) == state


def test_the_hot_state_stays_small() -> None:
    state = folded(*(moved(n, "ws-1", n) for n in range(1, 2000)))
    assert state is not None and len(state["series"]["1:ws-1"]["open"]) == OPEN_KEPT
    assert on_hand(state) == -1_999_000
