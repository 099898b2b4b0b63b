"""A document that is let out of quarantine ends in the state that it would have had in its place."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from pos_core.sync.folds import Fact, State, StateKey, facts_of, folds_of, states_bytes
from pos_core.sync.folds.fold import Fold
from pos_core.sync.folds.late import step_late
from tests.fakes.facts import count, coupon, document, points, sale

Step = Callable[[Fold, State | None, Fact, Callable[[], Iterable[Fact]]], State]


def _body(dice: random.Random, place: int) -> tuple[str, dict[str, Any]]:
    spent = points("M1", -dice.randrange(1, 40), authority="allowance", allowance_id="points/A")
    purse = {"account_id": "member:M1", "amount_minor": -50, "reason": "spent", "allowance_id": "s/A"}
    origin = {"workstation_id": "ws-2", "incarnation": 1, "number": 1 + dice.randrange(5)}
    consents = {"sms": place % 2 == 0}
    step = {"allowance_id": "points/A", "step": "expired", "amount": 5, "used": 0, "other": None}
    return dice.choice(
        [
            ("count", count(dice.randrange(9) * 1000, cut={"ws-2": dice.randrange(10)})),
            ("sale", sale(points=(spent,), coupons=(coupon("C1"),))),
            ("sale", sale(stored_value_movements=[purse], manual_minor=20)),
            ("return", sale(origin=origin, points=(points("M1", -2),), coupons=(coupon("C1"),))),
            ("member_edited", {"member_id": "M1", "fields": {"nick": str(place)}, "consents": consents}),
            ("allowance_reported", step),
            ("sale", sale(quantity_milli=1000 * dice.randrange(1, 4), points=(points("M1", 3),))),
        ]
    )


def _fold(states: dict[StateKey, State], facts: Iterable[Fact], known: list[Fact], step: Step) -> None:
    for fact in facts:
        for fold, key in folds_of(fact):

            def history(fold: Fold = fold, key: str = key) -> list[Fact]:
                return [each for each in known if isinstance(each, fold.takes) and fold.key(each) == key]

            states[fold.name, key] = step(fold, states.get((fold.name, key)), fact, history)


@pytest.mark.parametrize("seed", range(40))
def test_it_ends_in_the_state_that_it_would_have_had_in_its_place(seed: int) -> None:
    dice = random.Random(seed)
    ledger: list[tuple[Fact, ...]] = []
    numbers = dict.fromkeys(("ws-1", "ws-2"), 0)
    for place in range(40):
        name = dice.choice(sorted(numbers))
        numbers[name] += 1
        kind, body = _body(dice, place)
        made = document(kind, body, at=place * 30_000, workstation_id=name, number=numbers[name])
        ledger.append(facts_of(*made))
    late = dice.randrange(len(ledger))
    in_place: dict[StateKey, State] = {}
    released: dict[StateKey, State] = {}
    every = [fact for facts in ledger for fact in facts]
    for facts in ledger:
        _fold(in_place, facts, every, Fold.step)
    for place, facts in enumerate(ledger):
        if place != late:
            _fold(released, facts, [each for each in every if each not in ledger[late]], Fold.step)
    _fold(released, ledger[late], every, step_late)
    assert states_bytes(released) == states_bytes(in_place)
