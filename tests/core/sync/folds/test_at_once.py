"""Facts of one key taken at once: the state that they give one by one, and nothing changed in place."""

from __future__ import annotations

import copy
import random
from functools import reduce
from itertools import pairwise
from typing import Any

import pytest

from pos_core.cash.shift_totals import ShiftTotals
from pos_core.sync.folds import FOLDS, Fact, Fold, State, facts_of, folds_of, state_bytes
from pos_core.sync.folds.shifts import totals
from tests.core.sync.test_envelope import EXAMPLES
from tests.fakes.facts import document, sale

KINDS = sorted(EXAMPLES)
OFTEN = ["no_sale", "sale", "basket_abandoned", "shift_opened", "shift_settled", "tender_movement"]
Document = tuple[dict[str, Any], dict[str, Any]]


def a_day(dice: random.Random, tills: int = 3) -> list[Document]:
    """Documents of some series in some order, each series in its own, now and then one again."""
    numbers = dict.fromkeys([f"ws-{number}" for number in range(1, tills + 1)], 0)
    made: list[Document] = []
    for at in range(60):
        name = dice.choice(sorted(numbers))
        numbers[name] += 1
        kind = dice.choice([*OFTEN, *OFTEN, *KINDS])
        body = sale(quantity_milli=1000 * dice.randrange(1, 5)) if kind == "sale" else EXAMPLES[kind]
        if kind == "tender_movement":
            body = {**body, "tender_code": dice.choice(("cash", "card", "gift"))}
        made.append(
            document(
                kind,
                body,
                at=dice.randrange(at * 20_000, at * 20_000 + 50_000),
                workstation_id=name,
                number=numbers[name],
            )
        )
        if dice.random() < 0.1:
            made.append(dice.choice(made))
    return made


def by_key(documents: list[Document]) -> dict[tuple[str, str], tuple[Fold, list[Fact]]]:
    found: dict[tuple[str, str], tuple[Fold, list[Fact]]] = {}
    for made in documents:
        for fact in facts_of(*made):
            for fold, key in folds_of(fact):
                found.setdefault((fold.name, key), (fold, []))[1].append(fact)
    return found


@pytest.mark.parametrize("tills", [1, 3])
@pytest.mark.parametrize("seed", range(30))
def test_it_is_the_same_state_however_the_facts_are_parted(seed: int, tills: int) -> None:
    dice = random.Random(seed)
    for fold, facts in by_key(a_day(dice, tills)).values():
        one_by_one: State | None = None
        for fact in facts:
            one_by_one = fold.step(one_by_one, fact, list)
        assert one_by_one is not None
        cuts = sorted({0, len(facts), *(dice.randrange(len(facts)) for _ in range(3))})
        state: State | None = None
        for first, last in pairwise(cuts):
            kept = copy.deepcopy(state)
            after = fold.steps(state, facts[first:last], list)
            assert state == kept, "a state is never changed in place"
            state = after
        assert state is not None
        assert state_bytes(state) == state_bytes(one_by_one), fold.name
        again = fold.steps(state, facts[-1:], list)
        assert again == state
        assert again is state or fold.apply_all is None, "what comes again is not written again"


@pytest.mark.parametrize("fold", [fold for fold in FOLDS.values() if fold.apply_all is not None])
def test_a_batch_that_begins_with_what_is_there_adds_only_the_rest(fold: Fold) -> None:
    made = [document("no_sale", EXAMPLES["no_sale"], at=number, number=number) for number in range(1, 6)]
    facts = next(found for each, found in by_key(made).values() if each is fold)
    whole = fold.steps(None, facts, list)
    assert whole is not None
    for there in range(1, 5):
        assert fold.steps(fold.steps(None, facts[:there], list), facts, list) == whole
    assert fold.steps(whole, facts, list) is whole


@pytest.mark.parametrize("seed", range(10))
def test_a_shift_s_sums_are_those_of_its_documents_added_one_after_the_other(seed: int) -> None:
    dice = random.Random(seed)
    made, known = [], set()
    for header, body in a_day(dice):
        place = header["workstation_id"], header["number"]
        if place not in known and header["type"] not in ("shift_opened", "shift_settled"):
            known.add(place)
            made.append((header, body))
    found = by_key(made)["shifts", "SH1"]
    state = found[0].steps(None, found[1], list)
    assert state is not None
    added = reduce(lambda sums, each: sums.add(each[0]["type"], each[1]), made, ShiftTotals())
    assert totals(state) == added


def test_which_folds_take_many_at_once_is_known() -> None:
    assert {fold.name for fold in FOLDS.values() if fold.apply_all is not None} == {"shifts", "watch"}
