"""Loading is all or nothing, names every contradiction, and takes hostile sets without harm."""

from __future__ import annotations

import copy
import json
import random

import pytest

from pos_core.canonical import NotCanonical, canonical_bytes
from pos_core.pricing.benefit import KINDS_OF_PHASE
from pos_core.pricing.codec import encode, encode_bytes
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.errors import InvalidBasket, InvalidPromotions
from pos_core.pricing.load import load_basket, load_promotions
from pos_core.pricing.presets import expand
from pos_core.pricing.rule import Stacking
from tests.core.pricing.examples import BASKET, PROMOTIONS

ALL = {"promotions": list(PROMOTIONS.values())}


def promotion(**changes):
    base = {
        "id": "P",
        "name": "p",
        "phase": "item",
        "benefit": {"kind": "percent_each", "rate_ppm": 100_000},
        "stack": {"mode": "one_per_unit"},
    }
    return base | changes


def codes(*promotions):
    with pytest.raises(InvalidPromotions) as refused:
        load_promotions({"promotions": list(promotions)})
    return [(p.path, p.code) for p in refused.value.problems]


def ladder(*tiers, **fields):
    return {"kind": "percent_each", "ladder": {"tiers": list(tiers), **fields}}


def test_every_example_of_the_document_loads_and_every_kind_has_one():
    rules = load_promotions(ALL)
    assert {p.benefit.kind for p in rules.promotions} == {k for ks in KINDS_OF_PHASE.values() for k in ks}


def test_a_rule_survives_the_journey_through_json():
    rules = load_promotions(ALL)
    assert load_promotions(encode_bytes(rules)) == rules
    assert load_promotions(json.dumps(encode(rules))) == rules


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        (
            {"benefit": {"kind": "nth_percent", "units": 2, "discounted": 3, "rate_ppm": 1}},
            "/benefit/discounted",
            "more_than_group",
        ),
        ({"benefit": {"kind": "basket_amount", "amount_minor": 1}}, "/benefit/kind", "kind_not_in_phase"),
        ({"benefit": {"kind": "percent_each"}}, "/benefit/rate_ppm", "value_or_ladder"),
        ({"benefit": ladder({"value": 1})}, "/benefit/ladder/tiers/0", "two_measures"),
        ({"benefit": ladder({"min_units": 1, "value": 0})}, "/benefit/ladder/tiers/0/value", "not_a_rate"),
        (
            {"benefit": ladder({"min_units": 3, "value": 5}, {"min_units": 2, "value": 6})},
            "/benefit/ladder/tiers/1",
            "ladder_not_rising",
        ),
        (
            {"benefit": ladder({"min_units": 1, "value": 5}, {"min_units": 2, "value": 4})},
            "/benefit/ladder/tiers/1/value",
            "ladder_worsens",
        ),
        (
            {"benefit": ladder({"min_units": 1, "value": 5}, {"min_amount_minor": 2, "value": 6})},
            "/benefit/ladder/tiers/1",
            "mixed_ladder",
        ),
        (
            {"benefit": ladder({"min_amount_minor": 1, "value": 5}, basis="running")},
            "/benefit/ladder/basis",
            "running_basis",
        ),
        (
            {"conditions": [{"min_amount_minor": 1, "basis": "running"}]},
            "/conditions/0/basis",
            "running_basis",
        ),
        ({"conditions": [{}]}, "/conditions/0", "empty_condition"),
        (
            {"select": {"any_of": [{"skus": ["A", "B"]}]}, "conditions": [{"min_distinct_skus": 3}]},
            "/conditions/0/min_distinct_skus",
            "never_reached",
        ),
        ({"select": {"any_of": [{}]}}, "/select/any_of/0", "empty_clause"),
        (
            {"select": {"any_of": [{"skus": ["A"]}], "exclude": [{"skus": ["B", "A"]}]}},
            "/select/exclude",
            "empty_selection",
        ),
        ({"select": {"price_min_minor": 2, "price_max_minor": 1}}, "/select/price_max_minor", "empty_band"),
        ({"select": {"sale_goods": "exclude_promoted"}}, "/select/sale_goods", "not_yet_promoted"),
        (
            {"scope": {"window": {"starts": "2025-06-02T00:00:00", "ends": "2025-06-01T00:00:00"}}},
            "/scope/window/ends",
            "window_ends_first",
        ),
        ({"scope": {"window": {"starts": "2025-02-29T00:00:00"}}}, "/scope/window/starts", "no_such_time"),
        ({"scope": {"member": {"segments": ["s"]}}}, "/scope/member/segments", "segment_without_coupon"),
        ({"scope": {"stores": ["A"], "exclude_stores": ["A"]}}, "/scope/exclude_stores", "empty_scope"),
        (
            {"stack": {"mode": "exclusive", "combines_with": ["phase:basket"]}},
            "/stack/combines_with",
            "exclusive_combines",
        ),
        ({"stack": {"mode": "stack", "combines_with": ["Q"]}}, "/stack/combines_with/0", "unknown_promotion"),
        (
            {"stack": {"mode": "stack", "combines_with": ["group:zz"]}},
            "/stack/combines_with/0",
            "unknown_group",
        ),
        (
            {"stack": {"mode": "stack", "combines_with": ["phase:zz"]}},
            "/stack/combines_with/0",
            "unknown_phase",
        ),
        ({"limits": {"partial": True}}, "/limits/partial", "without_budget"),
        (
            {"phase": "price", "limits": {"in_all": 1}, "stack": "one_promotion_per_item"},
            "/limits",
            "not_a_price",
        ),
        ({"phase": "price"}, "/stack/mode", "not_a_price"),
        (
            {"benefit": {"kind": "price_each", "price_minor": 1, "per_threshold": True, "max_units": 1}},
            "/benefit/per_threshold",
            "unclear_threshold",
        ),
        (
            {"benefit": {"kind": "gift", "per_units": 1, "per_amount_minor": 1}},
            "/benefit/per_units",
            "two_measures",
        ),
        ({"benefit": {"kind": "bundle_price", "slots": [], "price_minor": 1}}, "/benefit/slots", "too_few"),
        ({"points_cost_from_basket": True}, "/points_cost_from_basket", "without_points_cost"),
        ({"cap_minor": 2**53}, "/cap_minor", "too_large"),
        ({"repeat": 2}, "/repeat", "nothing_repeats"),
        (
            {"phase": "basket", "repeat": 2, "benefit": {"kind": "basket_amount", "amount_minor": 1}},
            "/repeat",
            "nothing_repeats",
        ),
        ({"repeat": 2, "benefit": {"kind": "gift"}}, "/repeat", "nothing_repeats"),
        ({"floor": {"unit_min_minor": 1}, "benefit": {"kind": "gift"}}, "/floor", "no_floor_here"),
        (
            {
                "phase": "shipping",
                "floor": {"unit_min_minor": 1},
                "benefit": {"kind": "shipping_amount", "amount_minor": 1},
            },
            "/floor",
            "no_floor_here",
        ),
        ({"floor": {"list_share_ppm": 1_000_000}}, "/floor/list_share_ppm", "gives_nothing"),
        (
            {"benefit": {"kind": "amount_progressive", "first_minor": 0, "additional_minor": 0}},
            "/benefit/first_minor",
            "gives_nothing",
        ),
        (
            {"phase": "points", "limits": {"per_member": 1}, "benefit": {"kind": "points_earn", "points": 1}},
            "/limits",
            "not_in_points",
        ),
        (
            {"phase": "points", "benefit": {"kind": "points_earn", "points": 0}},
            "/benefit/points",
            "gives_nothing",
        ),
        (
            {
                "phase": "points",
                "conditions": [{"min_amount_minor": 1}],
                "benefit": {"kind": "points_goods", "points_each": 1},
            },
            "/conditions",
            "not_for_goods",
        ),
    ],
)
def test_a_contradiction_is_refused_where_it_stands(changes, path, code):
    assert (f"/promotions/0{path}", code) in codes(promotion(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"repeat": 1},
        {"repeat": 2, "benefit": {"kind": "group_percent", "units": 2, "rate_ppm": 1}},
        {"repeat": 2, "benefit": {"kind": "gift", "per_units": 3}},
        {
            "phase": "basket",
            "repeat": 2,
            "benefit": {"kind": "basket_amount", "amount_minor": 1, "every_minor": 2},
        },
        {
            "repeat": 2,
            "conditions": [{"min_units": 2}],
            "benefit": {"kind": "percent_each", "rate_ppm": 1, "max_units": 1, "per_threshold": True},
        },
    ],
)
def test_what_repeats_may_say_how_often(changes):
    load_promotions({"promotions": [promotion(**changes)]})


def test_all_contradictions_are_listed_together():
    found = codes(promotion(limits={"partial": True}), promotion(conditions=[{}]))
    assert found == [
        ("/promotions/0/limits/partial", "without_budget"),
        ("/promotions/1/id", "doubled_id"),
        ("/promotions/1/conditions/0", "empty_condition"),
    ]


def test_a_ring_of_one_way_combinations_is_refused():
    ring = [promotion(id=a, stack={"mode": "stack", "combines_with": [b]}) for a, b in ("AB", "BC", "CA")]
    assert [code for _, code in codes(*ring)] == ["one_way_combination"] * 3


def test_a_number_beyond_2_to_the_53_is_named_even_in_text():
    text = json.dumps({"promotions": [promotion(cap_minor=2**60)]})
    with pytest.raises(InvalidPromotions) as refused:
        load_promotions(text)
    assert [(p.path, p.code) for p in refused.value.problems] == [("/promotions/0/cap_minor", "too_large")]


@pytest.mark.parametrize(
    "text", ["", "{", '{"promotions":[],"promotions":[]}', '{"promotions":[1.5]}', "[" * 99, b"\xff"]
)
def test_what_is_not_json_is_refused(text):
    with pytest.raises(InvalidPromotions):
        load_promotions(text)


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        (lambda b: b["lines"][0].update(line_id="2"), "/lines/1/line_id", "doubled_id"),
        (lambda b: b["lines"][0].update(quantity_milli=1500), "/lines/0/quantity_milli", "not_whole"),
        (lambda b: b["lines"][0].update(quantity_milli=-1000), "/lines/0/quantity_milli", "too_small"),
        (lambda b: b["lines"][0].update(line_amount_minor=1), "/lines/0/line_amount_minor", "not_weighed"),
        (lambda b: b["lines"][0].update(list_price_minor=2**53 - 1), "/lines", "too_large"),
        (lambda b: b["lines"][2].update(stored_value=True), "/lines/2/gift", "gift_and_stored_value"),
        (lambda b: b["coupons"].append(b["coupons"][0]), "/coupons/1/coupon_id", "doubled_id"),
        (lambda b: b["redeem"][1].update(line_id="9"), "/redeem/1/line_id", "unknown_line"),
        (lambda b: b["redeem"][1].update(line_id="2"), "/redeem/1/line_id", "not_for_points"),
        (lambda b: b["redeem"][1].update(units=3), "/redeem/1/units", "too_large"),
        (
            lambda b: b["member"].update(birthday_month=2, birthday_day=30),
            "/member/birthday_day",
            "no_such_date",
        ),
    ],
)
def test_a_contradictory_basket_is_refused(change, path, code):
    basket = copy.deepcopy(BASKET)
    change(basket)
    with pytest.raises(InvalidBasket) as refused:
        load_basket(basket)
    assert (path, code) in [(p.path, p.code) for p in refused.value.problems]
    assert refused.value.as_dict()["code"] == "invalid_basket"


def test_the_example_basket_survives_the_journey_through_json():
    question = load_basket(BASKET)
    assert load_basket(encode_bytes(question)) == question


def test_no_float_and_no_large_integer_gets_into_canonical_bytes():
    for value in (1.0, 2**53):
        with pytest.raises(NotCanonical):
            canonical_bytes({"amount_minor": value})


def test_the_release_hash_does_not_depend_on_the_order_of_the_rules():
    shuffled = list(PROMOTIONS.values())
    random.Random(5).shuffle(shuffled)
    one, other = compile_rules(load_promotions(ALL)), compile_rules(load_promotions({"promotions": shuffled}))
    assert one.release_hash == other.release_hash
    assert [p.rule.id for p in one.promotions] == sorted(PROMOTIONS)


def test_compiled_rules_find_the_promotions_of_an_item():
    rules = compile_rules(load_promotions(ALL))
    fitting = rules.index.fitting("thermos", "", ("food", "drinks"), ())
    found = {rules.promotions[n].rule.id for s in fitting for n in rules.by_selection.get(s, ())}
    assert {"add-on-thermos", "second-half", "every-100"} <= found
    assert not {"breakfast", "three-seventy", "flash-tea"} & found


def test_presets_are_spelled_out_per_phase():
    assert expand("one_promotion_per_item", "item", by_coupon=False) == Stacking(
        mode="one_per_unit", group="one:item"
    )
    assert expand("one_promotion_per_item", "coupon", by_coupon=True).mode == "best"
    assert expand("coupons_on_top", "item", by_coupon=True).layer == 90
    assert expand("cheapest_for_customer", "basket", by_coupon=False).mode == "stack"
    assert not expand("cheapest_for_customer", "price", by_coupon=False).optional


def test_ten_thousand_promotions_on_one_item_load():
    """Hostile, not wrong: bounded work, no complaint."""
    many = {
        "promotions": [promotion(id=f"P{i}", select={"any_of": [{"skus": ["A"]}]}) for i in range(10_000)]
    }
    rules = compile_rules(load_promotions(many))
    (shared,) = {p.select for p in rules.promotions}
    assert len(rules.by_selection[shared]) == 10_000
