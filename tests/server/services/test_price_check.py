"""Head office looks at the pricing of every sale: what it finds, what it solves again; it refuses none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_core.pricing.sale_record import load_sale_record
from pos_core.sync.document import document_hash
from sync_server.jobs.prices import PriceJobs
from sync_server.services import price_check
from sync_server.store.engine import Txn
from sync_server.store.export import rows as exported
from sync_server.store.price_check import FindingRow
from tests.server.support.office import Chain, TestWorkstation, running_chain
from tests.server.support.priced import MINUS_THREE, SECOND_HALF, priced_body, publish, rule_set, sell

RULES = rule_set(SECOND_HALF, MINUS_THREE)


@pytest.fixture
def till(chain: Chain) -> TestWorkstation:
    """A workstation of a chain whose release 1 has two promotions."""
    assert publish(chain.office, SECOND_HALF, MINUS_THREE) == 1
    return chain.enrol()


def received(till: TestWorkstation, *bodies: dict[str, Any], version: int | None = 1) -> None:
    for body in bodies:
        sell(till.maker, body, version)
    status, point = till.push()
    assert (status, point["quarantined"]) == (200, [])


def codes(rows: list[FindingRow]) -> dict[int, set[str]]:
    return {row.number: {f["code"] for f in json.loads(row.findings)} for row in rows}


def test_sound_sales_leave_nothing(chain: Chain, till: TestWorkstation) -> None:
    received(till, priced_body(RULES, 2, 1), priced_body(RULES, 1), priced_body(RULES, 5, 5))
    checks = chain.office.price_checks
    assert checks.check_new() == 3
    assert checks.check_new() == 0
    assert checks.findings() == []


def test_a_changed_amount_is_found_and_the_sale_is_kept(chain: Chain, till: TestWorkstation) -> None:
    wrong = priced_body(RULES, 2, 1)
    wrong["pricing"]["result"]["payable_minor"] -= 1
    received(till, priced_body(RULES, 1), wrong)
    chain.office.price_checks.check_new()
    (row,) = chain.office.price_checks.findings()
    assert (row.number, row.source, row.store_id, row.release_version) == (2, "check", "S001", 1)
    assert till.resume()["acked_number"] == 2

    def exceptions(txn: Txn) -> list[dict[str, Any]]:
        names, found = exported(txn, "c_exception")
        return [dict(zip(names, each, strict=True)) for each in found]

    (told,) = chain.office.store.read(exceptions)
    assert (told["number"], told["kind"], told["detail"]) == (2, "price_check", row.findings)


def test_a_line_that_is_not_the_priced_one_is_found(chain: Chain, till: TestWorkstation) -> None:
    wrong = priced_body(RULES, 2, 1)
    wrong["lines"][0]["sku"] = "OTHER"
    received(till, wrong)
    chain.office.price_checks.check_new()
    assert codes(chain.office.price_checks.findings()) == {1: {"line_differs"}}


def test_records_that_cannot_be_read_or_have_no_release_are_findings(
    chain: Chain, till: TestWorkstation
) -> None:
    unreadable, unpriced = priced_body(RULES, 1), priced_body(RULES, 1)
    unreadable["pricing"]["input"]["lines"] = 7
    unpriced["pricing"] = None
    received(till, unreadable, unpriced)
    received(till, priced_body(RULES, 1), version=9)
    received(till, {**unpriced, "external_ref": "old-till-7"})
    checks = chain.office.price_checks
    assert checks.check_new() == 4
    assert codes(checks.findings()) == {1: {"wrong_type"}, 2: {"not_priced"}, 3: {"release_unknown"}}
    assert checks.findings()[0].source == "check"


def test_a_crash_over_one_sale_is_a_finding_of_that_sale(
    chain: Chain, till: TestWorkstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(record: Any) -> Any:
        sale = load_sale_record(record)
        if len(sale.question.lines) == 2:
            raise ZeroDivisionError
        return sale

    monkeypatch.setattr(price_check, "load_sale_record", crash)
    received(till, priced_body(RULES, 1, 1), priced_body(RULES, 2))
    assert chain.office.price_checks.check_new() == 2
    assert codes(chain.office.price_checks.findings()) == {1: {"check_failed"}}


def _dearer_by(body: dict[str, Any]) -> dict[str, Any]:
    """The same basket priced without its second-at-half: legal line sums, a plan that is too dear."""
    poorer = priced_body(rule_set(MINUS_THREE), 2, 1)
    record = poorer["pricing"]
    record["result"]["release_hash"] = body["pricing"]["result"]["release_hash"]
    return poorer


def test_a_plan_that_is_too_dear_is_found_by_solving_again(chain: Chain, till: TestWorkstation) -> None:
    received(till, _dearer_by(priced_body(RULES, 2, 1)))
    checks = chain.office.price_checks
    checks.check_new()
    place = (till.maker.workstation_id, 1, 1)
    assert checks.dispute(place) and not checks.dispute((till.maker.workstation_id, 1, 2))
    assert checks.solve_open() == 1
    row = checks.solve_of(place)
    assert row is not None and (row.why, row.outcome) == ("disputed", "cheaper")
    solved = next(f for f in checks.findings() if f.source == "solve")
    assert solved.difference_minor == 500  # the half price of the second piece
    assert {f["code"] for f in json.loads(solved.findings)} == {"not_cheapest"}


def test_what_is_solved_again(chain: Chain, till: TestWorkstation, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate that leaves a doubt, and the stated sample; every outcome is the same as the sale's."""
    monkeypatch.setattr(price_check, "SAMPLE_ONE_IN", 2)
    bodies = [priced_body(RULES, n % 4 + 1, n % 3 + 1) for n in range(24)]
    received(till, *bodies)
    checks = chain.office.price_checks
    checks.check_new()
    doubtful = set()
    for number, body in enumerate(bodies, 1):
        result = body["pricing"]["result"]
        if result["certificate"]["upper_bound_minor"] > result["discount_minor"]:
            doubtful.add(number)
    sampled = {n for n in range(1, 25) if int(document_hash(till.maker.documents[n - 1])[:8], 16) % 2 == 0}
    waiting = checks.counts()["open"]
    assert waiting == len(doubtful | sampled) and 0 < waiting < 24
    assert checks.solve_open(5) == 5 and checks.counts() == {"open": waiting - 5, "same": 5}
    checks.solve_open()
    assert checks.counts() == {"same": waiting} and checks.findings() == []


def test_it_goes_on_where_it_was_and_in_every_series(chain: Chain, till: TestWorkstation) -> None:
    other = chain.enrol("S002", "收银台 2")
    received(till, *[priced_body(RULES, 1) for _ in range(3)])
    received(other, *[priced_body(RULES, 1) for _ in range(2)])
    checks = chain.office.price_checks
    assert checks.check_new() == 5
    received(till, priced_body(RULES, 2))
    assert checks.check_new() == 1


def test_more_sales_than_one_batch(
    chain: Chain, till: TestWorkstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(price_check, "BATCH_NUMBERS", 3)
    received(till, *[priced_body(RULES, 1) for _ in range(8)])
    assert chain.office.price_checks.check_new() == 8


def test_the_jobs_do_it_and_only_in_the_leading_process(chain: Chain, till: TestWorkstation) -> None:
    received(till, priced_body(RULES, 1))
    idle = PriceJobs(chain.office.price_checks, lambda: False)
    idle.check()
    idle.solve()
    checks = chain.office.price_checks
    jobs = PriceJobs(checks)
    jobs.start()
    jobs.stop()
    jobs.check()
    jobs.solve()
    assert checks.check_new() == 0


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with running_chain(tmp_path / "data") as running:
        yield running
