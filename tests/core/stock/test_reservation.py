"""A reservation means the same whatever order its steps become known in, and ends by itself."""

from __future__ import annotations

from itertools import permutations

import pytest

from pos_core.stock.reservation import Reservation, ReservationState, next_steps, reservation_of
from pos_core.sync.folds import FOLDS, Fact
from pos_core.sync.folds.facts import ReservationMoved
from tests.fakes.facts import document, facts

UNTIL_MS = 5_000_000
ENDS = {"reservation_id": "RS1-0102-ABCDEF", "at_store_id": "S2", "for_store_id": "S1"}


def made() -> list[Fact]:
    line = {"line_no": 1, "sku": "1001", "quantity_milli": 2000}
    body = {**ENDS, "until_ms": UNTIL_MS, "lines": [line]}
    return list(facts(document("reservation_made", body, at=1000)))


def reported(step: str, number: int, *, ws: str = "ws-2", store: str = "S2") -> list[Fact]:
    body = {**ENDS, "step": step}
    one = document(
        "reservation_reported", body, at=number * 1000, workstation_id=ws, number=number, store_id=store
    )
    return list(facts(one))


def seen(known: list[Fact]) -> Reservation:
    state = FOLDS["reservation"].refold([each for each in known if isinstance(each, ReservationMoved)])
    assert state is not None
    return reservation_of(ENDS["reservation_id"], state["steps"])


@pytest.mark.parametrize(
    ("steps", "now_ms", "state", "held"),
    [
        ((), 0, "asked", 2000),
        ((), UNTIL_MS - 1, "asked", 2000),
        ((), UNTIL_MS, "expired", 0),
        (("kept",), UNTIL_MS - 1, "kept", 2000),
        (("kept",), UNTIL_MS, "expired", 0),
        (("refused",), 0, "refused", 0),
        (("kept", "released"), 0, "released", 0),
        (("kept", "picked_up"), 0, "picked_up", 0),
        (("kept", "picked_up"), UNTIL_MS, "picked_up", 0),
        (("released", "picked_up"), 0, "picked_up", 0),
        (("refused", "kept"), 0, "refused", 0),
    ],
)
def test_its_state_follows_from_the_set_of_steps_and_the_moment(
    steps: tuple[str, ...], now_ms: int, state: ReservationState, held: int
) -> None:
    parts = [made(), *(reported(step, number) for number, step in enumerate(steps, start=2))]
    for order in permutations(parts):
        found = seen([fact for part in order for fact in part])
        assert found.state_at(now_ms) == state
        assert sum(found.held_at(now_ms).values()) == held
    assert seen([fact for part in [*parts, *parts] for fact in part]) == seen(
        [fact for part in parts for fact in part]
    )


def test_a_step_without_its_beginning_holds_nothing_and_is_still_named() -> None:
    found = seen(reported("kept", 2))
    assert (found.at_store, found.for_store, found.held_at(0)) == ("S2", "S1", {})


def test_only_where_goods_lie_are_they_kept_refused_and_fetched() -> None:
    asked = seen(made())
    assert next_steps(asked, "S2", 0) == ("kept", "picked_up", "refused", "released")
    assert next_steps(asked, "S1", 0) == ("released",)
    assert next_steps(asked, "S3", 0) == ()
    assert next_steps(asked, "S2", UNTIL_MS) == ("picked_up", "released")
    gone = seen([*made(), *reported("picked_up", 2)])
    assert next_steps(gone, "S2", 0) == next_steps(gone, "S1", 0) == ()


def test_a_store_that_asks_itself_has_put_them_aside() -> None:
    line = {"line_no": 1, "sku": "1001", "quantity_milli": 1000}
    ends = {"reservation_id": "RS1-0102-ABCDEF", "at_store_id": "S1", "for_store_id": "S1"}
    own = seen(list(facts(document("reservation_made", {**ends, "until_ms": UNTIL_MS, "lines": [line]}))))
    assert own.state_at(0) == "kept" and next_steps(own, "S1", 0) == ("picked_up", "released")
