"""The watch counts what documents say, once each, in any interleaving of workstations."""

from __future__ import annotations

import random
from typing import Any

import pytest

from pos_core.sync.folds import extract, facts_of
from pos_core.sync.folds.facts import Acted
from pos_core.sync.folds.stamp import Stamp
from pos_core.sync.folds.watch import FOLD as WATCH
from pos_core.sync.folds.watch import NAMES, apply, counts_of, watch_key
from tests.fakes.facts import document, hlc

MINUTE = 60_000


def sale(**more: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "total_minor": 1_000, "subtotal_minor": 1_000, "voided_lines": [], "lines": [], "tenders": [],
    }  # fmt: skip
    return {**body, **more}


def line(amount: int, *given: tuple[str, int]) -> dict[str, Any]:
    discounts = [{"source": "manual", "id": kind, "amount_minor": minor} for kind, minor in given]
    return {"list_minor": amount, "discounts": discounts}


BY_EYE = {"tender_kind": "mobile", "confirmed": "operator", "amount_minor": 900}
LIMITS = {
    "line_discount": {"rate_ppm": 100_000, "amount_minor": 2_000},
    "basket_discount": {"rate_ppm": 50_000, "amount_minor": None},
}


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("sale", sale(), {"sales": (1, 1_000)}),
        (
            "sale",
            sale(voided_lines=[{"list_minor": 350}, {"list_minor": 50, "after_total": True}]),
            {"sales": (1, 1_000), "voids": (2, 400), "voids_after_total": (1, 50)},
        ),
        (
            "sale",
            sale(tenders=[BY_EYE], offline=True),
            {"sales": (1, 1_000), "confirmed_by_eye": (1, 900)},
        ),
        (
            "sale",
            sale(tenders=[BY_EYE]),
            {"sales": (1, 1_000)},
        ),
        (
            "return",
            {"origin": None, "total_minor": 500, "lines": [{"sku": "C1"}]},
            {"returns": (1, 500), "return_without_receipt": (1, 500)},
        ),
        ("return", {"origin": {"number": 1}, "total_minor": 500, "lines": []}, {"returns": (1, 500)}),
        (
            "return",
            {"origin": None, "total_minor": 50, "lines": [{"kind": "deposit"}]},
            {"returns": (1, 50)},
        ),
        ("no_sale", {"reason": "x"}, {"drawer_without_sale": (1, 0)}),
        ("no_sale", {"reason": "x", "reason_code": "count"}, {}),
        ("basket_abandoned", {"subtotal_minor": 70, "lines": []}, {"abandoned": (1, 70)}),
        (
            "basket_abandoned",
            {"subtotal_minor": 70, "lines": [], "after_total": True},
            {"abandoned": (1, 70), "abandoned_after_total": (1, 70)},
        ),
        ("override_approved", {"kind": "void", "amount_minor": 30}, {"overrides": (1, 30)}),
        ("signed_on", {"role": "cashier"}, {}),
    ],
)  # fmt: skip
def test_what_a_document_adds(kind: str, body: dict[str, Any], expected: dict[str, Any]) -> None:
    assert counts_of(kind, body) == expected
    assert set(expected) <= set(NAMES)


@pytest.mark.parametrize(
    ("lines", "near"),
    [
        ([line(10_000, ("line_discount", 1_000))], (1, 1_000)),  # the limit itself
        ([line(10_000, ("line_discount", 900))], (1, 900)),  # 90 % of it
        ([line(10_000, ("line_discount", 899))], None),
        ([line(10_000, ("line_discount", 1_001))], None),  # above it a second person let it go
        ([line(90_000, ("line_discount", 1_950))], (1, 1_950)),  # the amount bounds, not the rate
        ([line(400, ("basket_discount", 20)), line(600, ("basket_discount", 28))], (1, 48)),  # shares add up
        ([line(1_000, ("price_override", 1_000))], None),  # no limit is known of it
    ],
)
def test_a_discount_just_under_the_limit(lines: list[dict[str, Any]], near: tuple[int, int] | None) -> None:
    subtotal = sum(each["list_minor"] for each in lines)
    counted = counts_of("sale", sale(lines=lines, subtotal_minor=subtotal, limits=LIMITS))
    assert counted.get("near_limit") == near
    assert "near_limit" not in counts_of("sale", sale(lines=lines, subtotal_minor=subtotal))


def acted(number: int, at_ms: int, kind: str, body: dict[str, Any], workstation_id: str = "ws-1") -> Acted:
    header = {
        "type": kind,
        "workstation_id": workstation_id,
        "incarnation": 1,
        "number": number,
        "store_id": "S1",
        "hlc": hlc(at_ms),
        "business_day": "2026-01-02",
        "operator_id": "E1",
    }
    return extract._acted(Stamp(header["hlc"], workstation_id, 1, number), header, body)


def test_a_drawer_within_a_minute_of_a_void_of_the_same_series_is_counted() -> None:
    voided = sale(voided_lines=[{"list_minor": 5}])
    facts = [
        acted(1, 1 * MINUTE, "sale", voided),
        acted(2, 2 * MINUTE, "no_sale", {"reason": "x"}),  # 60 s
        acted(3, 2 * MINUTE + 1, "no_sale", {"reason": "x"}),
        acted(1, 1 * MINUTE, "no_sale", {"reason": "x"}, workstation_id="ws-2"),
    ]
    state = WATCH.refold(facts)
    assert state is not None
    assert state["counts"]["drawer_without_sale"] == [3, 0]
    assert state["counts"]["no_sale_after_void"] == [1, 0]


def test_doubles_and_interleavings_change_nothing() -> None:
    dice = random.Random(3)
    bodies = [
        ("sale", sale(voided_lines=[{"list_minor": 5}])),
        ("no_sale", {"reason": "x"}),
        ("sale", sale()),
    ]
    series = {
        name: [acted(number, number * 20_000, *dice.choice(bodies), name) for number in range(1, 12)]
        for name in ("ws-1", "ws-2", "ws-3")
    }
    expected = WATCH.refold([fact for facts in series.values() for fact in facts])
    for _ in range(20):
        waiting = {name: list(facts) for name, facts in series.items()}
        state = None
        while waiting:
            name = dice.choice(sorted(waiting))
            fact = waiting[name].pop(0)
            state = apply(state, fact)
            state = apply(state, fact)
            if not waiting[name]:
                del waiting[name]
        assert state == expected


def test_the_key_is_the_operator_s_day() -> None:
    fact = acted(1, 0, "no_sale", {"reason": "x"})
    assert WATCH.key(fact) == watch_key(fact.store_id, fact.business_day, fact.operator_id)


def test_a_real_document_is_cut_into_its_fact() -> None:
    header, body = document("no_sale", {"reason": "x"})
    (fact,) = [each for each in facts_of(header, body) if isinstance(each, Acted)]
    assert (fact.operator_id, fact.counts) == ("E1", {"drawer_without_sale": (1, 0)})
    nobody = {**header, "operator_id": None}
    assert not [each for each in facts_of(nobody, body) if isinstance(each, Acted)]
