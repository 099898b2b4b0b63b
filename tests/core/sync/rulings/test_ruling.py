"""Rulings as data: their ids, and how one takes the place of another."""

from __future__ import annotations

from dataclasses import replace

from pos_core.canonical import canonical_bytes
from pos_core.sync.rulings import Ruling, Terms, restate, terms_from_policy
from pos_core.sync.rulings.terms import Limit

ONE = Ruling("coupon_used_twice", "K/code:C", "x", stands=("ws-1/1/1",), against=("ws-2/1/1",), cost_minor=5)


def test_the_id_follows_from_what_the_ruling_says() -> None:
    assert ONE.ruling_id == replace(ONE).ruling_id and len(ONE.ruling_id) == 32
    changes = ({"stands": ()}, {"cost_minor": 6}, {"bearer": "store:S1"}, {"place": 2}, {"cause": "y"})
    assert len({ONE.ruling_id, *(replace(ONE, **change).ruling_id for change in changes)}) == 6  # type: ignore[arg-type]
    assert canonical_bytes(ONE.as_value())


def test_restating_names_what_took_its_place() -> None:
    other_cause = replace(ONE, stands=("ws-3/1/1",))
    second = replace(ONE, against=("ws-4/1/1",))
    change = restate([ONE, second], [other_cause])
    assert change.made == (other_cause,)
    assert change.superseded == {ONE.ruling_id: other_cause.ruling_id, second.ruling_id: ""}
    assert restate([ONE], [ONE]).made == () and restate([ONE], [ONE]).superseded == {}


def test_a_policy_that_is_wrong_falls_back_to_the_defaults() -> None:
    assert terms_from_policy(None) == terms_from_policy([]) == Terms()
    wrong = {"bearers": {"points_overdrawn": "nobody"}, "uses_max": {"K": -1}, "limits": {"b": 3}}
    assert terms_from_policy({**wrong, "recycled_after_ms": "x"}) == Terms()
    assert Terms().bearer("points_overdrawn") == "chain" and Terms().bearer("anything") == "chain"


def test_a_policy_is_read() -> None:
    terms = terms_from_policy(
        {
            "bearers": {"points_overdrawn": "store"},
            "uses_max": {"K": 3},
            "limits": {"campaign/K": {"uses_max": 1000, "amount_minor_max": True}},
            "recycled_after_ms": 1,
            "price_tolerance_minor": 2,
        }
    )
    assert terms.bearer("points_overdrawn") == "store" and terms.uses_max == {"K": 3}
    assert terms.limits == {"campaign/K": Limit(1000, None)}
    assert (terms.recycled_after_ms, terms.price_tolerance_minor) == (1, 2)
