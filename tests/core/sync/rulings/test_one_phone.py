"""Two members with one phone: merged, confirmed, split, and numbers with a new owner."""

from __future__ import annotations

from itertools import permutations
from typing import Any

from pos_core.sync.folds.facts import Fact, MembersLinked, ProfileEdited
from pos_core.sync.folds.stamp import HQ, StampValue
from pos_core.sync.rulings import Ruling, Terms
from pos_core.sync.rulings.one_phone import aliases, confirmed_ids
from tests.fakes.facts import stamp
from tests.fakes.folding import Folding

PHONE, OTHER = "p" * 32, "q" * 32


def joins(ms: int, member_id: str, phone: str | None = PHONE, *, joined: bool = True, ws: str = "") -> Fact:
    at = stamp(ms, ws or f"ws-{member_id}", ms)
    return ProfileEdited(at, f"S-{member_id}", member_id, joined=joined, claims_phone=True, phone_index=phone)


def links(ms: int, first: str, second: str, verdict: Any) -> Fact:
    return MembersLinked(stamp(ms, HQ, ms), "", first, second, verdict)


def office(*facts: Fact, terms: Terms | None = None) -> Folding:
    """Folded in this order, each series in order."""
    made = Folding(terms)
    for fact in facts:
        made.take([fact])
    return made


def phone_rulings(made: Folding) -> dict[str, Ruling]:
    return {str(dict(each.detail)["alias"]): each for each in made.rulings("one_phone")}


def alias_map(made: Folding) -> dict[str, str]:
    profiles = {key: state for (fold, key), state in made.states.items() if fold == "member_profile"}
    joined: dict[str, StampValue] = {key: state["joined"] for key, state in profiles.items()}
    link = {key: state for (fold, key), state in made.states.items() if fold == "member_links"}
    return aliases(made.standing.values(), joined, link)


def test_the_first_to_join_survives_whoever_is_heard_of_first() -> None:
    for order in permutations((joins(1, "A"), joins(2, "B"), joins(3, "C"))):
        made = office(*order)
        found = phone_rulings(made)
        assert {alias: dict(ruling.detail)["survivor"] for alias, ruling in found.items()} == {
            "B": "A",
            "C": "A",
        }
        assert {ruling.cause for ruling in found.values()} == {"one_phone_merged"}
        assert found["B"].reaches == ("S-A", "S-B")
        assert alias_map(made) == {"B": "A", "C": "A"}


def test_points_are_one_only_after_a_confirmation() -> None:
    made = office(joins(1, "A"), joins(2, "B"))
    link = {}
    assert confirmed_ids("A", alias_map(made), link) == ["A"]
    (before,) = made.rulings("one_phone")
    made.take([links(3, "B", "A", "confirmed")])
    (after,) = made.rulings("one_phone")
    assert after.cause == "one_phone_confirmed" and made.superseded == [(before.ruling_id, after.ruling_id)]
    link = {key: state for (fold, key), state in made.states.items() if fold == "member_links"}
    assert confirmed_ids("A", alias_map(made), link) == ["A", "B"]


def test_a_split_stands_for_good_and_ends_the_alias() -> None:
    for order in permutations((links(3, "A", "B", "split"), links(4, "A", "B", "confirmed"))):
        made = office(joins(1, "A"), joins(2, "B"), *sorted(order, key=lambda fact: fact.stamp))
        assert [each.cause for each in made.rulings("one_phone")] == ["one_phone_split"]
        assert alias_map(made) == {}


def test_who_gave_the_number_up_before_is_somebody_else() -> None:
    left = joins(2, "A", None, joined=False)
    assert office(joins(1, "A"), left, joins(3, "B")).rulings("one_phone") == []
    moved_on = joins(2, "A", OTHER, joined=False)
    assert office(joins(1, "A"), moved_on, joins(3, "B")).rulings("one_phone") == []


def test_a_merge_lasts_when_the_survivor_changes_the_number_later() -> None:
    made = office(joins(1, "A"), joins(2, "B"), joins(3, "A", OTHER, joined=False))
    assert alias_map(made) == {"B": "A"}


def test_a_late_giving_up_supersedes_the_merge() -> None:
    made = office(joins(1, "A"), joins(3, "B"))
    (before,) = made.rulings("one_phone")
    made.take([joins(2, "A", None, joined=False)])
    assert made.rulings("one_phone") == [] and made.superseded == [(before.ruling_id, "")]


def test_a_number_claimed_again_long_after_is_shown_and_not_merged() -> None:
    terms = Terms(recycled_after_ms=1000)
    made = office(joins(1, "A"), joins(2000, "B"), terms=terms)
    assert [each.cause for each in made.rulings("one_phone")] == ["phone_may_be_recycled"]
    assert alias_map(made) == {}
    made.take([links(2001, "A", "B", "confirmed")])
    assert alias_map(made) == {"B": "A"}


def test_chains_of_aliases_end_at_one_survivor_and_never_join_two_who_were_split() -> None:
    chain = [
        joins(1, "A", PHONE),
        joins(2, "B", PHONE),
        joins(3, "B", OTHER, joined=False),
        joins(4, "C", OTHER),
    ]
    assert alias_map(office(*chain)) == {"B": "A", "C": "A"}
    split = office(*chain, links(5, "A", "C", "split"))
    assert "C" not in alias_map(split) or alias_map(split)["C"] != "A"
    assert alias_map(split)["B"] == "A"
