"""The checker accepts what the engine makes and nothing that was touched afterwards."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.pricing.basket import PricingInput
from pos_core.pricing.checker import CheckRules, check_basket
from pos_core.pricing.codec import encode
from pos_core.pricing.compiled import compile_rules
from pos_core.pricing.engine import price_basket
from pos_core.pricing.errors import InvalidResult
from pos_core.pricing.load import load_basket, load_priced_basket, load_promotions
from pos_core.pricing.result import PricedBasket
from pos_core.pricing.rule import PromotionSet
from tests.core.pricing.campaign import campaign
from tests.core.pricing.goldens import PRICED, basket_of, release_of
from tests.core.pricing.strategies import questions
from tests.core.pricing.strategies_goods import NOON_MS

Path = tuple[str | int, ...]


def _priced(name: str) -> tuple[PricingInput, CheckRules, PricedBasket]:
    case = PRICED[name]
    question, release = basket_of(case), release_of(case)
    return question, CheckRules(release), price_basket(question, compile_rules(release))


@pytest.mark.parametrize("name", PRICED)
def test_every_golden_case_passes(name: str) -> None:
    assert check_basket(*_priced(name)) == ()


@campaign(250)
@given(questions(units=10, rules=8))
def test_every_random_result_passes(asked: tuple[PricingInput, PromotionSet]) -> None:
    question, release = asked
    priced = price_basket(question, compile_rules(release))
    assert check_basket(question, CheckRules(release), priced) == ()


# --- one number changed ---------------------------------------------------------------------------------


def _integers(data: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(data, bool):
        return
    if isinstance(data, int):
        yield path
    elif isinstance(data, dict):
        for name in sorted(data):
            yield from _integers(data[name], (*path, name))
    elif isinstance(data, list):
        for place, item in enumerate(data):
            yield from _integers(item, (*path, place))


def _harmless(path: Path, change: int) -> bool:
    """A larger share or part is a weaker bound, and the formula is checked by itself; scale goes with it."""
    if path[0] == "certificate":
        return path[-1] in ("share_scaled", "scale")
    # Entitlements are the engine's word: the checker holds only what was given against them.
    return path[0] == "gifts" and path[-1] == "units_entitled" and change > 0


def _changed(priced: PricedBasket, path: Path, change: int) -> PricedBasket | None:
    data = copy.deepcopy(encode(priced))
    at: Any = data
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] += change
    try:
        return load_priced_basket(data)
    except InvalidResult:
        return None


MUTATED = [
    "OSC-005", "OSC-043", "MED-017", "SYL-022", "SYL-026", "SAL-001", "ODO-001", "ODO-033", "ODO-041",
    "ODO-042", "MSD-002", "STX-002", "KAT-003", "VTX-001", "SOL-014", "SOL-020", "MAG-008",
    "ODO-011", "SYL-030",
]  # fmt: skip


@pytest.mark.parametrize("name", MUTATED)
def test_no_number_can_be_changed(name: str) -> None:
    question, rules, priced = _priced(name)
    tried = 0
    for path in _integers(encode(priced)):
        for change in (-1, 1):
            other = _changed(priced, path, change)
            if other is not None and not _harmless(path, change):
                tried += 1
                assert check_basket(question, rules, other), (path, change)
    assert tried > 20


@campaign(150)
@given(questions(units=8, rules=6), st.randoms(use_true_random=False))
def test_no_number_of_a_random_result_can_be_changed(
    asked: tuple[PricingInput, PromotionSet], chance: Any
) -> None:
    question, release = asked
    priced = price_basket(question, compile_rules(release))
    paths = list(_integers(encode(priced)))
    path, change = chance.choice(paths), chance.choice([-1, 1, 1000])
    other = _changed(priced, path, change)
    if other is not None and not _harmless(path, change):
        assert check_basket(question, CheckRules(release), other), (path, change)


# --- results of somebody who cheats consistently ------------------------------------------------------


def _basket(**more: Any) -> PricingInput:
    lines = [
        {"line_id": "1", "sku": "A", "list_price_minor": 1000, "quantity_milli": 2000},
        {"line_id": "2", "sku": "B", "list_price_minor": 600, "quantity_milli": 1000},
    ]
    head = {"channel": "pos", "store": "S1", "instant_ms": NOON_MS, "utc_offset_minutes": 0, "lines": lines}
    return load_basket({**head, **more})


def _release(*rules: dict[str, Any]) -> PromotionSet:
    return load_promotions({"format": 1, "promotions": [{"name": "p", **rule} for rule in rules]})


def _codes(question: PricingInput, real: PromotionSet, claimed: PromotionSet) -> set[str]:
    """What is found when a basket priced under `claimed` is handed in as priced under `real`."""
    priced = encode(price_basket(question, compile_rules(claimed)))
    priced["release_hash"] = compile_rules(real).release_hash
    return {f.code for f in check_basket(question, CheckRules(real), load_priced_basket(priced))}


HALF = {
    "id": "half",
    "phase": "item",
    "select": {"any_of": [{"skus": ["A"]}]},
    "benefit": {"kind": "percent_each", "rate_ppm": 500_000},
    "stack": {"mode": "one_per_unit"},
}
TENTH = {
    "id": "tenth",
    "phase": "basket",
    "benefit": {"kind": "basket_percent", "rate_ppm": 100_000},
    "stack": {"mode": "stack"},
}
PAIR: dict[str, Any] = {
    "id": "pair",
    "phase": "item",
    "benefit": {"kind": "group_price", "units": 2, "price_minor": 900},
    "stack": {"mode": "one_per_unit"},
}


@pytest.mark.parametrize(
    ("rule", "lie", "code"),
    [
        (HALF, {"select": {}}, "members"),
        (HALF, {"benefit": {"kind": "percent_each", "rate_ppm": 600_000}}, "amount"),
        (HALF, {"phase": "basket"}, "heading"),
        ({**HALF, "conditions": [{"min_units": 3}]}, {"conditions": []}, "condition"),
        ({**HALF, "limits": {"per_basket": 1, "count_by": "unit"}}, {"limits": {}}, "limit"),
        ({**HALF, "limits": {"budget_minor": 700}}, {"limits": {}}, "budget"),
        ({**HALF, "scope": {"channels": ["web"]}}, {"scope": {}}, "out_of_scope"),
        ({**HALF, "scope": {"member": {}}}, {"scope": {}}, "out_of_scope"),
        ({**HALF, "coupon": {"campaign": "k"}}, {"coupon": None}, "out_of_scope"),
        ({**HALF, "floor": {"unit_min_minor": 700}}, {"floor": None}, "amount"),
        ({**HALF, "cap_minor": 300}, {"cap_minor": None}, "amount"),
        ({**PAIR, "repeat": 1}, {"benefit": {**PAIR["benefit"], "units": 1}}, "members"),
        ({**TENTH, "conditions": [{"min_amount_minor": 2601}]}, {"conditions": []}, "condition"),
        (TENTH, {"select": {"any_of": [{"skus": ["A"]}]}}, "members"),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_found(rule: dict[str, Any], lie: dict[str, Any], code: str) -> None:
    claimed = {name: value for name, value in {**rule, **lie}.items() if value is not None}
    assert code in _codes(_basket(), _release(rule), _release(claimed))
    assert not _codes(_basket(), _release(rule), _release(rule))


@pytest.mark.parametrize(
    ("stack", "other"),
    [
        ({"mode": "one_per_unit"}, {"mode": "one_per_unit"}),
        ({"mode": "best"}, {"mode": "best"}),
        ({"mode": "exclusive"}, {"mode": "stack"}),
        ({"mode": "exclusive", "extent": "unit"}, {"mode": "stack"}),
        ({"mode": "stack", "extent": "basket", "combines_with": []}, {"mode": "stack"}),
    ],
)
def test_promotions_that_do_not_go_together_are_found(stack: dict[str, Any], other: dict[str, Any]) -> None:
    two = {**HALF, "id": "two", "benefit": {"kind": "amount_each", "amount_minor": 100}}
    real = _release({**HALF, "stack": stack}, {**two, "stack": other})
    claimed = _release({**HALF, "stack": {"mode": "stack"}}, {**two, "stack": {"mode": "stack"}})
    assert "stacking" in _codes(_basket(), real, claimed)


def test_a_bound_that_leaves_a_promotion_out_is_found() -> None:
    big = {
        **TENTH,
        "id": "big",
        "benefit": {"kind": "basket_percent", "rate_ppm": 900_000},
        "stack": {"mode": "best"},
    }
    assert "not_covered" in _codes(_basket(), _release(HALF, big), _release(HALF))
    wide = {**HALF, "id": "wide", "select": {}, "stack": {"mode": "one_per_unit", "group": "other"}}
    assert "not_covered" in _codes(_basket(), _release(HALF, wide), _release(HALF))
    assert "not_covered" in _codes(_basket(), _release(PAIR), _release())


def test_another_release_or_basket_is_found() -> None:
    release = _release(HALF)
    priced = price_basket(_basket(), compile_rules(release))
    assert {f.code for f in check_basket(_basket(), CheckRules(_release(TENTH)), priced)} == {"release"}
    other = _basket(instant_ms=NOON_MS + 1)
    assert {f.code for f in check_basket(other, CheckRules(release), priced)} == {"question"}
    fewer = _basket(lines=[{"line_id": "1", "sku": "A", "list_price_minor": 1000, "quantity_milli": 1000}])
    assert "classes" in {f.code for f in check_basket(fewer, CheckRules(release), priced)}


@campaign(150)
@given(questions(units=6, rules=5), st.randoms(use_true_random=False))
def test_no_bound_below_the_optimum_is_believed(
    asked: tuple[PricingInput, PromotionSet], chance: Any
) -> None:
    """Somebody prices without promotions and cuts the certificate down: too far, and it is found."""
    question, release = asked
    best = price_basket(question, compile_rules(release))
    saved = best.discount_minor + best.shipping.list_minor - best.shipping.net_minor
    kept = [
        p for p in release.promotions if p.phase == "points" or (p.phase == "price" and not p.stack.optional)
    ]
    claimed = encode(price_basket(question, compile_rules(PromotionSet(promotions=tuple(kept)))))
    claimed["release_hash"] = best.release_hash
    certificate = encode(best.certificate)
    while certificate["upper_bound_minor"] >= saved and (certificate["shares"] or certificate["parts"]):
        bounds = [(s, "share_scaled") for s in certificate["shares"]]
        bounds += [(p, "amount_minor") for p in certificate["parts"]]
        entry, field = chance.choice(bounds)
        entry[field] = chance.choice([0, entry[field] // 2, max(0, entry[field] - certificate["scale"])])
        if entry[field] == 0:
            certificate["shares" if field == "share_scaled" else "parts"].remove(entry)
        total = sum(s["share_scaled"] * best.classes[s["unit_class"]].count for s in certificate["shares"])
        parts = sum(p["amount_minor"] for p in certificate["parts"])
        certificate["upper_bound_minor"] = total // certificate["scale"] + parts
    if certificate["upper_bound_minor"] < saved:
        claimed["certificate"] = certificate
        found = check_basket(question, CheckRules(release), load_priced_basket(claimed))
        assert "not_covered" in {f.code for f in found}


def test_a_partial_budget_that_cuts_another_application_than_the_last_is_found() -> None:
    """Three of A and one of B: the pair of A stays whole and the pair of both is cut, never the other."""
    pair = {"kind": "group_amount_each", "units": 2, "amount_minor": 33}
    limits = {"budget_minor": 99, "partial": True}
    release = _release(
        {"id": "p", "phase": "item", "benefit": pair, "stack": {"mode": "stack"}, "limits": limits}
    )
    lines = [
        {"line_id": sku, "sku": sku, "list_price_minor": 500, "quantity_milli": units * 1000}
        for sku, units in (("A", 3), ("B", 1))
    ]
    question = _basket(lines=lines)
    priced = price_basket(question, compile_rules(release))
    assert check_basket(question, CheckRules(release), priced) == ()
    turned = encode(priced)
    turned["outcomes"] = [
        {
            "unit_class": c,
            "count": 1,
            "net_minor": 500 - amount,
            "shares": [{"application": number, "role": "discounted", "amount_minor": amount}],
        }
        for c, number, amount in ((0, 1, 16), (0, 1, 17), (0, 0, 33), (1, 0, 33))
    ]
    found = check_basket(question, CheckRules(release), load_priced_basket(turned))
    assert "budget" in {f.code for f in found}
