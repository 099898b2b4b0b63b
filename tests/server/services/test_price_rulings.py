"""What is wrong with a sale's promotions reaches head office, by the checker or by solving it again.

Each of the three ways to solving again has sales that only this way finds: a plan that is legal and too dear
passes the checker, and is neither sampled nor disputed unless the test says so.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from sync_server.services import price_check
from sync_server.services.console.roles import Role
from sync_server.store import ruling
from tests.server.support.console import sign_in
from tests.server.support.office import Chain, TestWorkstation
from tests.server.support.priced import MINUS_THREE, SECOND_HALF, priced_body, publish, rule_set, sell
from tests.server.support.shop import stock

RULES = rule_set(SECOND_HALF, MINUS_THREE)
MUST = {**MINUS_THREE, "stack": {"mode": "stack", "optional": False}}
BEST_MINOR, DEAR_MINOR = 2500 - 300, 3000 - 300


@pytest.fixture
def till(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> TestWorkstation:
    """A workstation of a chain with two promotions, where chance samples nothing."""
    monkeypatch.setattr(price_check, "SAMPLE_ONE_IN", 2**40)
    stock(chain, publish=False)
    assert publish(chain.office, SECOND_HALF, MINUS_THREE) == 1
    return chain.enrol()


def too_dear(*, proof: str) -> dict[str, Any]:
    """A legal plan that forgot the half price, with the honest certificate of the best one: 5.00 too dear."""
    best, poorer = priced_body(RULES, 2, 1), priced_body(rule_set(MINUS_THREE), 2, 1)
    honest, result = best["pricing"]["result"], poorer["pricing"]["result"]
    assert (honest["payable_minor"], result["payable_minor"]) == (BEST_MINOR, DEAR_MINOR)
    result["release_hash"] = honest["release_hash"]
    result["certificate"] = honest["certificate"]
    result["proof"] = proof
    if proof == "bound":
        result["gap_minor"] = honest["certificate"]["upper_bound_minor"] - result["discount_minor"]
    return poorer


def received(
    chain: Chain, till: TestWorkstation, body: dict[str, Any], version: int = 1
) -> tuple[str, int, int]:
    """Pushed and looked at by the checker; the sale's name."""
    number = sell(till.maker, body, version)
    assert till.push()[1]["quarantined"] == []
    chain.office.price_checks.check_new()
    return (till.maker.workstation_id, 1, number)


def ruled(chain: Chain, *, standing: bool = True) -> list[tuple[str, str, int, dict[str, Any]]]:
    """(cause, document, cost, detail) of each ruling about promotions."""
    rows = chain.office.store.read(
        lambda txn: ruling.listing(txn, rule="promotions_differ", standing_only=standing)
    )
    found = [row.ruling for row in rows]
    return [(each.cause, each.against[0], each.cost_minor, dict(each.detail)) for each in found]


def test_what_the_checker_finds_is_an_exception_that_head_office_reads(
    chain: Chain, till: TestWorkstation
) -> None:
    received(chain, till, priced_body(RULES, 1))
    assert ruled(chain) == []
    wrong = priced_body(RULES, 2, 1)
    wrong["pricing"]["result"]["payable_minor"] -= 1
    place = received(chain, till, wrong)
    ((cause, document, cost, detail),) = ruled(chain)
    assert (cause, document, cost) == ("record_unsound", "/".join(map(str, place)), 0)
    (finding,) = chain.office.price_checks.findings()
    assert detail["finding"] == json.loads(finding.findings)[0]["code"]
    visitor = sign_in(chain, Role.AUDITOR)
    listed = visitor.get("/exceptions?rule=promotions_differ").text
    assert "促销计价与发布不符" in listed and document in listed
    (row,) = chain.office.store.read(lambda txn: ruling.listing(txn, rule="promotions_differ"))
    assert detail["finding"] in visitor.get(f"/exceptions/rulings/{row.ruling_id}").text
    chain.office.price_checks.check_new()
    assert len(ruled(chain)) == 1


def test_a_proof_that_its_own_bound_does_not_carry_is_solved_again_off_the_push(
    chain: Chain, till: TestWorkstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = chain.office.price_checks
    with monkeypatch.context() as receiving:
        receiving.setattr(price_check, "price_basket", lambda *_: pytest.fail("solved while it was received"))
        place = received(chain, till, too_dear(proof="exact"))
    row = checks.solve_of(place)
    assert row is not None and (row.why, row.outcome) == ("bound", None)
    assert checks.findings() == [] and ruled(chain) == [], "the checker sees a legal plan"
    assert checks.solve_open() == 1
    ((cause, document, cost, detail),) = ruled(chain)
    assert (cause, document, cost) == ("charged_too_much", "/".join(map(str, place)), 0)
    assert detail["difference_minor"] == DEAR_MINOR - BEST_MINOR


def without_its_mandatory(*, proof: str) -> dict[str, Any]:
    """A legal plan that leaves out the 3.00 off, which release 2 makes mandatory."""
    best, poorer = priced_body(rule_set(MUST), 2, 1), priced_body(rule_set(), 2, 1)
    honest, result = best["pricing"]["result"], poorer["pricing"]["result"]
    result |= {"release_hash": honest["release_hash"], "certificate": honest["certificate"], "proof": proof}
    result["gap_minor"] = 300 if proof == "bound" else 0
    return poorer


def test_a_sale_without_its_mandatory_promotion_is_found_or_solved_again(
    chain: Chain, till: TestWorkstation
) -> None:
    checks = chain.office.price_checks
    assert publish(chain.office, MUST) == 2
    received(chain, till, priced_body(rule_set(MUST), 2, 1), version=2)
    assert checks.findings() == []
    received(chain, till, without_its_mandatory(proof="exact"), version=2)
    ((cause, _, _, detail),) = ruled(chain)
    assert (cause, detail["finding"]) == ("record_unsound", "mandatory")
    doubted = received(chain, till, without_its_mandatory(proof="bound"), version=2)
    row = checks.solve_of(doubted)
    assert row is not None and row.why == "bound", "a search that was cut off may have missed it"
    assert checks.solve_open() >= 1
    assert ("charged_too_much", "/".join(map(str, doubted))) in [(c, d) for c, d, _, _ in ruled(chain)]


def test_a_stated_share_of_all_sales_is_solved_again(
    chain: Chain, till: TestWorkstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = chain.office.price_checks
    first = received(chain, till, too_dear(proof="bound"))
    assert checks.solve_of(first) is None, "it claims no proof, and chance has not chosen it"
    monkeypatch.setattr(price_check, "SAMPLE_ONE_IN", 1)
    second = received(chain, till, too_dear(proof="bound"))
    row = checks.solve_of(second)
    assert row is not None and row.why == "sample"
    assert checks.solve_open() == 1
    assert [(cause, document) for cause, document, _, _ in ruled(chain)] == [
        ("charged_too_much", "/".join(map(str, second)))
    ]


def test_a_disputed_sale_is_solved_again_before_the_others(chain: Chain, till: TestWorkstation) -> None:
    checks = chain.office.price_checks
    waiting = received(chain, till, too_dear(proof="exact"))
    doubted = received(chain, till, too_dear(proof="bound"))
    assert checks.dispute(doubted)
    assert checks.solve_open(1) == 1
    rows = [checks.solve_of(place) for place in (waiting, doubted)]
    assert [(row.why, row.outcome) for row in rows if row] == [("bound", None), ("disputed", "cheaper")]
    assert [document for _, document, _, _ in ruled(chain)] == ["/".join(map(str, doubted))]


def test_too_little_is_a_cost_and_an_honest_sale_is_none(chain: Chain, till: TestWorkstation) -> None:
    checks = chain.office.price_checks
    honest = received(chain, till, priced_body(RULES, 2, 1))
    assert checks.dispute(honest) and checks.solve_open() == 1
    assert checks.counts() == {"same": 1} and ruled(chain) == []
    generous = priced_body(
        rule_set({**SECOND_HALF, "benefit": {**SECOND_HALF["benefit"], "rate_ppm": 900_000}}), 2
    )
    generous["pricing"]["result"]["release_hash"] = RULES.release_hash
    assert checks.dispute(received(chain, till, generous)) and checks.solve_open() == 1
    by_cause = {cause: cost for cause, _, cost, _ in ruled(chain)}
    assert by_cause == {"record_unsound": 0, "charged_too_little": 400}


def test_what_could_not_be_solved_is_no_exception_any_more_once_it_can(
    chain: Chain, till: TestWorkstation
) -> None:
    checks = chain.office.price_checks
    place = received(chain, till, priced_body(RULES, 2, 1), version=2)
    assert checks.dispute(place) and checks.solve_open() == 1
    assert {cause for cause, _, _, _ in ruled(chain)} == {"not_checkable"}
    assert publish(chain.office, SECOND_HALF, MINUS_THREE) == 2
    assert checks.dispute(place) and checks.solve_open() == 1
    assert [row.source for row in checks.findings()] == ["check"]
    assert len(ruled(chain)) == 1 and len(ruled(chain, standing=False)) == 2
