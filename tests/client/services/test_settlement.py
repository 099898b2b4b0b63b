"""A shift from float to Z report: blind, gapless, one transaction, equal to the sum of its documents."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pos_client.devices.printer import PrinterState
from pos_client.receipts.gb18030 import width
from pos_client.receipts.report import Report
from pos_client.receipts.report_csv import report_csv, safe_cell
from pos_client.receipts.report_layout import lay_out_report
from pos_client.receipts.screen import as_text
from pos_client.services.refusals.staff import NotAllowed, ReasonRequired, UnknownReason
from pos_client.services.refusals.till import (
    BasketOpen,
    BasketsHeld,
    CountStale,
    NoOpenShift,
    NotCounted,
    UnknownReport,
)
from pos_client.services.till.settlement import CountEntry
from pos_core.cash.report import GrandTotals, sums_of
from pos_core.sync.envelope import check_body
from tests.client.services.shop import COLA, MILK, PIN, Shop
from tests.client.services.test_sequences import verified

FLOAT = 20_000


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path).ready(FLOAT)
    yield made
    made.workstation.close()


def sell(shop: Shop, *codes: str, tender: str = "cash") -> int:
    services = shop.workstation
    for code in codes:
        services.ring_up.enter(code)
    services.payment.begin()
    services.payment.add(tender, None)
    return services.payment.finish().result(10).total_minor


def cash(amount_minor: int) -> dict[str, CountEntry]:
    return {"cash": CountEntry({}, amount_minor)}


def settle(shop: Shop, amount_minor: int, **why: Any) -> Any:
    shop.workstation.settlement.begin()
    shop.workstation.settlement.declare(cash(amount_minor)).result(10)
    return shop.workstation.settlement.settle(**why).result(10)


def as_manager(shop: Shop) -> None:
    shop.workstation.session.sign_off().result(10)
    shop.workstation.session.sign_on("2001", PIN).result(10)


def covered(shop: Shop, document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The documents that a settlement names, found by nothing but what it says."""
    ranges = {cover["incarnation"]: cover for cover in document["body"]["covers"]}
    rows = shop.journal.read(
        lambda c: c.execute("SELECT data FROM document ORDER BY document_key").fetchall()
    )
    found = []
    for (data,) in rows:
        each = json.loads(data)
        cover = ranges.get(each["incarnation"])
        inside = cover is not None and cover["first_number"] <= each["number"] <= cover["last_number"]
        if inside and each["shift_id"] == document["shift_id"]:
            found.append((each["type"], each["body"]))
    return found


def test_a_shift_that_fits_settles_without_a_reason(shop: Shop) -> None:
    taken = sell(shop, COLA, MILK)
    card = sell(shop, COLA, tender="card")
    settled = settle(shop, FLOAT + taken)
    assert (settled.z_number, settled.difference_minor) == (1, 0)
    document = shop.documents("shift_settled")[0]
    check_body("shift_settled", document["body"])
    tenders = {each["tender_code"]: each for each in document["body"]["tenders"]}
    assert tenders["cash"]["expected_minor"] == tenders["cash"]["counted_minor"] == FLOAT + taken
    assert (tenders["card"]["expected_minor"], tenders["card"]["counted_minor"]) == (card, None)
    assert shop.workstation.shift.current is None
    with pytest.raises(NoOpenShift):
        shop.workstation.till.no_sale("x")


def test_the_count_is_blind_and_a_second_one_leaves_its_trace(shop: Shop) -> None:
    taken = sell(shop, COLA)
    sheet = shop.workstation.settlement.begin()
    assert not [name for name in type(sheet).__slots__ if "expected" in name]
    first = shop.workstation.settlement.declare(cash(FLOAT)).result(10)
    assert (first.difference_minor, first.needs_reason) == (-taken, True)
    shop.workstation.settlement.declare(cash(FLOAT + taken)).result(10)
    shop.workstation.settlement.settle().result(10)
    counts = shop.documents("till_counted")
    assert [each["body"]["tenders"][0]["counted_minor"] for each in counts] == [FLOAT, FLOAT + taken]
    assert shop.documents("shift_settled")[0]["body"]["count_number"] == counts[1]["number"]
    assert "expected" not in str(counts)


def test_over_or_short_needs_a_reason_of_the_chain_or_words(shop: Shop) -> None:
    with pytest.raises(ReasonRequired):
        settle(shop, FLOAT - 500)
    assert shop.workstation.shift.current is not None and shop.documents("shift_settled") == []
    with pytest.raises(UnknownReason):
        shop.workstation.settlement.settle("no_such")
    settled = shop.workstation.settlement.settle("miscount").result(10)
    body = shop.documents("shift_settled")[0]["body"]
    assert (settled.difference_minor, body["reason_code"], body["reason"]) == (-500, "miscount", "找零差错")


def test_head_office_may_let_a_small_difference_pass(shop: Shop) -> None:
    shop.policy("cash", {"difference_free_minor": 100})
    assert settle(shop, FLOAT + 100).difference_minor == 100


def test_money_that_moves_after_the_count_makes_it_stale(shop: Shop) -> None:
    settlement = shop.workstation.settlement
    settlement.declare(cash(FLOAT)).result(10)
    shop.workstation.till.move("pickup", 5_000, "银行").result(10)
    with pytest.raises(CountStale):
        settlement.settle().result(10)
    settlement.declare(cash(FLOAT - 5_000)).result(10)
    shop.workstation.till.open_to_count().result(10)  # an opening moves no money
    assert settlement.settle().result(10).difference_minor == 0


def test_no_count_no_settlement(shop: Shop) -> None:
    with pytest.raises(NotCounted):
        shop.workstation.settlement.settle().result(10)
    with pytest.raises(NotCounted):
        shop.workstation.settlement.declare({"card": CountEntry({}, 5)})
    shop.workstation.settlement.declare(cash(FLOAT), purpose="spot").result(10)
    with pytest.raises(NotCounted):
        shop.workstation.settlement.settle().result(10)


def test_an_open_basket_stops_a_settlement_and_a_held_one_is_listed(shop: Shop) -> None:
    shop.workstation.ring_up.enter(COLA)
    for step in (shop.workstation.settlement.begin, shop.workstation.settlement.settle):
        with pytest.raises(BasketOpen):
            step()
    shop.workstation.ring_up.clear().result(10)
    row = ("H1", "王", "e1", 1, b"{}")
    shop.journal.change(
        lambda c: c.execute("INSERT INTO held_basket VALUES (?, ?, ?, ?, ?)", row) and None
    ).result(10)
    assert shop.workstation.settlement.begin().held_count == 1
    shop.policy("cash", {"held_at_settlement": False})
    with pytest.raises(BasketsHeld):
        shop.workstation.settlement.begin()
    shop.policy("cash", {"held_at_settlement": True})
    settle(shop, FLOAT)
    assert shop.documents("shift_settled")[0]["body"]["held_ids"] == ["H1"]
    assert shop.journal.read(lambda c: c.execute("SELECT count(*) FROM held_basket").fetchone()[0]) == 1


def test_z_numbers_have_no_gaps_over_failures_restarts_and_series(shop: Shop) -> None:
    numbers = []
    for turn in range(4):
        if turn:
            shop.workstation.shift.open_shift(FLOAT).result(10)
        with pytest.raises(ReasonRequired):
            settle(shop, FLOAT + 1)
        numbers.append(settle(shop, FLOAT).z_number)
        if turn == 1:
            shop.journal.open_new_incarnation("forked").result(10)
        shop.restart()
        shop.clock.pass_ms(120_000)  # a new series locks sign-on for one period
        shop.workstation.session.sign_on("1001", PIN).result(10)
    assert numbers == [1, 2, 3, 4]


def test_a_shift_over_two_series_is_summed_whole(shop: Shop) -> None:
    first = sell(shop, COLA)
    shop.journal.open_new_incarnation("forked").result(10)
    second = sell(shop, MILK)
    assert settle(shop, FLOAT + first + second).difference_minor == 0
    document = shop.documents("shift_settled")[0]
    assert [cover["incarnation"] for cover in document["body"]["covers"]] == [1, 2]
    assert sums_of(covered(shop, document)).totals.sales_minor == first + second


@pytest.mark.parametrize("seed", range(6))
def test_every_figure_of_a_settlement_is_the_sum_of_the_documents_it_names(shop: Shop, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(12):
        act = chance.randrange(7)
        if act < 3:
            codes = [chance.choice([COLA, MILK]) for _ in range(chance.randint(1, 4))]
            sell(shop, *codes, tender=chance.choice(["cash", "card", "mobile"]))
        elif act == 3:
            kind = chance.choice(["loan", "pickup", "paid_in", "paid_out"])
            shop.workstation.till.move(kind, chance.randint(1, 5_000), "测试").result(10)
        elif act == 4:
            shop.workstation.till.no_sale("换零").result(10)
        elif act == 5:
            shop.workstation.ring_up.enter(COLA)
            shop.workstation.ring_up.clear().result(10)
        else:
            shop.restart()
            shop.workstation.session.sign_on("1001", PIN).result(10)
    declared = shop.workstation.settlement.declare(cash(chance.randint(0, 60_000))).result(10)
    shop.workstation.settlement.settle(reason="测试").result(10)
    document = shop.documents("shift_settled")[0]
    body = document["body"]
    sums = sums_of(covered(shop, document))
    expected = {code: each.expected_minor for code, each in sums.totals.tenders.items()}
    assert {each["tender_code"]: each["expected_minor"] for each in body["tenders"]} == expected
    assert {each.tender_code: each.expected_minor for each in declared.tenders} == expected
    for name in (
        "sale_count",
        "sales_minor",
        "returns_minor",
        "tax_minor",
        "no_sale_count",
        "discount_minor",
    ):
        assert body[name] == getattr(sums.totals, name)
    as_manager(shop)
    again = shop.workstation.reports.z_report()
    assert again.sums == sums and again.restated == ()


def test_grand_totals_rise_from_z_to_z(shop: Shop) -> None:
    seen = GrandTotals()
    for turn in range(3):
        if turn:
            shop.workstation.shift.open_shift(FLOAT).result(10)
        taken = sell(shop, COLA)
        grand = settle(shop, FLOAT + taken).report.grand
        assert grand.sales_minor == seen.sales_minor + taken and grand.returns_minor == 0
        seen = grand


def test_an_x_report_changes_nothing_and_equals_the_z_that_follows(shop: Shop) -> None:
    taken = sell(shop, COLA, MILK)
    with pytest.raises(NotAllowed):
        shop.workstation.reports.x_report()
    as_manager(shop)
    before = shop.journal.head()
    x = shop.workstation.reports.x_report()
    assert shop.workstation.reports.x_report() == x and shop.journal.head() == before
    z = settle(shop, FLOAT + taken).report
    assert z.sums.totals == x.sums.totals and z.grand == x.grand
    assert x.covers[0].last_number < z.covers[0].last_number  # each names its own point


def test_a_document_found_later_restates_the_z_visibly_and_changes_no_settlement(shop: Shop) -> None:
    taken = sell(shop, COLA)
    settle(shop, FLOAT + taken)
    sold = shop.documents("sale")[0]
    shop.workstation.shift.open_shift(FLOAT).result(10)
    late = shop.workstation.till._counter.draft("sale", sold["body"], shift_id=sold["shift_id"])
    shop.journal.record([late]).result(10)
    as_manager(shop)
    report = shop.workstation.reports.z_report(1)
    assert (report.restated, report.late_count) == ((("cash", taken),), 1)
    assert report.sums.totals.sales_minor == taken
    assert "更正" in as_text(lay_out_report(report, 48), 48)
    with pytest.raises(UnknownReport):
        shop.workstation.reports.z_report(2)


def test_the_day_report_has_all_shifts_of_its_day(shop: Shop) -> None:
    taken = [sell(shop, COLA)]
    settle(shop, FLOAT + taken[0])
    shop.workstation.shift.open_shift(FLOAT).result(10)
    taken.append(sell(shop, MILK))
    as_manager(shop)
    report = shop.workstation.reports.day_report()
    assert report.sums.totals.sales_minor == sum(taken)
    assert shop.workstation.reports.day_report("1999-01-01").sums.document_count == 0


def test_the_business_day_outlives_midnight(shop: Shop) -> None:
    day = shop.workstation.shift.current
    assert day is not None
    assert shop.workstation.status.view().other_day is None
    shop.clock.pass_ms(20 * 60 * 60 * 1000)
    assert shop.workstation.status.view().other_day == day.business_day
    taken = sell(shop, COLA)
    settled = settle(shop, FLOAT + taken)
    assert settled.report.business_day == day.business_day == shop.documents("sale")[0]["business_day"]
    proposed = shop.workstation.shift.next_day()
    assert proposed > day.business_day
    assert shop.workstation.shift.open_shift(0).result(10).business_day == proposed
    assert shop.workstation.status.view().other_day is None


def test_the_report_prints_after_it_is_durable_and_a_dead_printer_stops_nothing(shop: Shop) -> None:
    shop.paper.condition = PrinterState.OFFLINE
    assert settle(shop, FLOAT).z_number == 1
    assert shop.workstation.printing.check().result(10).state == "offline"
    shop.paper.condition = PrinterState.READY
    as_manager(shop)
    report = shop.workstation.reports.z_report()
    assert shop.workstation.reports.print(report.as_copy()).result(10).state == "ready"
    assert len(shop.paper.jobs) == 1


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("columns", [32, 48])
def test_a_report_fits_its_paper(shop: Shop, language: Any, columns: int) -> None:
    taken = sell(shop, COLA, MILK)
    report: Report = settle(shop, FLOAT + taken - 300, reason="=1+1").report
    rows = lay_out_report(replace(report, language=language, pieces=((10_000, 12),)), columns)
    for line in as_text(rows, columns).splitlines():
        assert width(line) <= columns, line


def test_no_cell_of_the_csv_is_a_formula(shop: Shop) -> None:
    report = settle(shop, FLOAT - 300, reason='=HYPERLINK("http://x")').report
    text = report_csv(report)
    assert "'=HYPERLINK" in text and "\n=" not in text and ',"=' not in text and ",=" not in text
    assert "difference,cash,,-3.00" in text
    for bad in ("=1", "+1", "-1", "@x", "\t=1", " =1", "\r=1"):
        assert safe_cell(bad).startswith("'")
    assert safe_cell("可乐 330ml") == "可乐 330ml"


def test_verify_sums_every_settlement_again(tmp_path: Path) -> None:
    shop = Shop(tmp_path).ready(FLOAT)
    taken = sell(shop, COLA)
    settle(shop, FLOAT + taken)
    shop.workstation.shift.open_shift(0).result(10)
    shop.workstation.settlement.declare(cash(5)).result(10)
    honest = shop.workstation.settlement._figures

    def forged(*given: Any) -> dict[str, Any]:
        return {**honest(*given), "sales_minor": 1, "z_number": 3}

    shop.workstation.settlement._figures = forged  # type: ignore[method-assign]
    shop.workstation.settlement.settle(reason="x").result(10)
    shop.workstation.close()
    assert verified(tmp_path) == ["settlement_differs Z 3", "settlement_differs Z numbers"]
