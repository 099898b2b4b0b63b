"""Sessions, their documents, and what is looked at again."""

from __future__ import annotations

import pytest

from pos_core.stock.cyclic import DAY_MS, CyclicItem, classes, due
from pos_core.stock.policy import BadStockPolicy, parse_stock_policy
from pos_core.stock.stocktake import (
    LINES_A_DOCUMENT,
    BadCountSession,
    CountedLine,
    VarianceLine,
    approval_bodies,
    by_value,
    checked_session_id,
    count_bodies,
    needs_recount,
    session_id_of,
)
from pos_core.sync.envelope import check_body
from pos_core.sync.folds.facts import Counted
from tests.fakes.facts import document, facts, hlc


def test_workstations_that_hear_nothing_of_each_other_name_one_session_alike() -> None:
    assert session_id_of("2026-11-28", 1) == checked_session_id(" 20261128-1 ") == "20261128-1"


@pytest.mark.parametrize("text", ["", "1", "20261128", "20261128-0", "20261128-100", "2026-11-28-1"])
def test_anything_else_is_no_session(text: str) -> None:
    with pytest.raises(BadCountSession):
        checked_session_id(text)


def test_a_count_is_a_document_a_shelf_and_never_more_lines_than_one_holds() -> None:
    lines = [CountedLine(n, "A", 1000, 0, hlc(n), n, "floor", "A-01") for n in range(1, LINES_A_DOCUMENT + 2)]
    lines.append(CountedLine(9999, "B", 0, 5000, area="back", cut=(("ws-2", 1, 7),)))
    bodies = count_bodies("20261128-1", lines, round_=2)
    for body in bodies:
        check_body("count", body)
    assert [(body["area"], len(body["lines"])) for body in bodies] == [
        ("floor", LINES_A_DOCUMENT),
        ("floor", 1),
        ("back", 1),
    ]
    assert bodies[2]["cut"] == [{"workstation_id": "ws-2", "incarnation": 1, "number": 7}]


def test_most_lines_say_their_cut_with_the_document_and_the_others_their_own() -> None:
    cuts = [(), (("ws-2", 1, 7),), (("ws-2", 1, 7),), (("ws-2", 1, 8),)]
    lines = [CountedLine(n, f"A{n}", 1000, 0, hlc(n), n, cut=cut) for n, cut in enumerate(cuts, start=1)]
    [body] = count_bodies(None, lines)
    check_body("count", body)
    heard = [
        dict(fact.cut).get("1:ws-2")
        for fact in facts(document("count", body, at=9000, workstation_id="ws-1", number=9))
        if isinstance(fact, Counted)
    ]
    assert heard == [None, 7, 7, 8] and sum("cut" in line for line in body["lines"]) == 2


def test_the_dearest_variance_comes_first_and_only_it_is_counted_again() -> None:
    small = VarianceLine("A", 9000, 10_000, unit_value_minor=350)
    dear = VarianceLine("B", 1000, 3000, unit_value_minor=9900)
    none = VarianceLine("C", 5000, 5000, unit_value_minor=100)
    assert [line.sku for line in by_value([small, none, dear])] == ["B", "A", "C"]
    assert [needs_recount(line, over_minor=5000) for line in (small, dear, none)] == [False, True, False]
    assert (dear.variance_milli, dear.value_minor) == (-2000, -19_800)


def test_an_approval_is_every_variance_and_their_sum_over_its_parts() -> None:
    lines = [VarianceLine(f"S{n}", 0, 1000, 100) for n in range(LINES_A_DOCUMENT + 5)]
    lines.append(VarianceLine("fits", 1000, 1000, 100))
    bodies = approval_bodies("20261128-1", lines, currency="CNY", exponent=2)
    for body in bodies:
        check_body("count_approved", body)
    assert (
        sum(line["value_minor"] for body in bodies for line in body["lines"]) == bodies[0]["variance_minor"]
    )
    assert [(body["part"], body["parts"]) for body in bodies] == [(1, 2), (2, 2)]
    assert approval_bodies("20261128-1", [], currency="CNY", exponent=2)[0]["lines"] == []


def test_a_late_sale_restates_what_was_approved() -> None:
    line = VarianceLine("A", 9000, 9000, approved_milli=-1000)
    assert (line.variance_milli, line.restated_milli) == (0, 1000)


def test_classes_follow_value_and_what_is_due_follows_class_and_error() -> None:
    now_ms = 1000 * DAY_MS
    items = [
        CyclicItem("a", 8000, now_ms - 8 * DAY_MS),
        CyclicItem("b", 1200, now_ms - 16 * DAY_MS),
        CyclicItem("b-wrong", 600, now_ms - 16 * DAY_MS, error_milli=-1000),
        CyclicItem("c", 100, now_ms - 16 * DAY_MS),
        CyclicItem("never", 0, None),
    ]
    assert classes(items) == {"a": "A", "b": "B", "b-wrong": "B", "c": "C", "never": "C"}
    found = due(items, now_ms=now_ms, most=10)
    assert [(each.sku, each.abc, each.was_wrong) for each in found] == [
        ("a", "A", False),
        ("b-wrong", "B", True),
        ("never", "C", False),
    ]
    assert due(items, now_ms=now_ms, most=1) == found[:1]


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ([], "stock"),
        ({"recount_over_minor": -1}, "recount_over_minor"),
        ({"blind": 1}, "blind"),
        ({"lot_tags": "lot"}, "lot_tags"),
        ({"roles": {"waste": "king"}}, "roles.waste"),
        ({"reasons": {"waste": []}}, "reasons.waste"),
        ({"reasons": {"waste": [{"code": "x"}]}}, "reasons.waste.name"),
    ],
)
def test_a_wrong_policy_names_its_place(value: object, path: str) -> None:
    with pytest.raises(BadStockPolicy) as refused:
        parse_stock_policy(value)
    assert refused.value.facts["path"] == path


def test_a_policy_changes_what_it_names_and_keeps_the_rest() -> None:
    policy = parse_stock_policy({"roles": {"waste": "cashier"}, "recount_over_minor": 0, "later": 1})
    assert policy.may("cashier", "waste") and not policy.may("cashier", "correction")
    assert policy.reason("waste", "expired") is not None and policy.recount_over_minor == 0
