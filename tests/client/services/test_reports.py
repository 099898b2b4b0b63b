"""Reports on paper and as CSV, figure by figure against the documents they name, added up here anew."""

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_client.receipts.report import Report
from pos_client.receipts.report_csv import BYTE_ORDER_MARK, report_csv
from pos_client.receipts.report_layout import lay_out_report
from pos_client.receipts.screen import as_text
from pos_client.services.returns.return_origin import Origin
from pos_core.money import format_minor
from tests.client.services.shop import COLA, MILK, Shop
from tests.client.services.test_settlement import FLOAT, as_manager, sell, settle

SIGNS = {"loan": 1, "paid_in": 1, "pickup": -1, "paid_out": -1}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path).ready(FLOAT)
    yield made
    made.workstation.close()


def named(shop: Shop, report: Report, shift_id: str | None) -> list[dict[str, Any]]:
    """What a report says it covers: by series and number, of its shift or of its business day."""
    found = []
    for document in shop.documents():
        inside = any(
            cover.incarnation == document["incarnation"]
            and cover.first_number <= document["number"] <= cover.last_number
            for cover in report.covers
        )
        belongs = (
            document["shift_id"] == shift_id if shift_id else document["business_day"] == report.business_day
        )
        if inside and belongs:
            found.append(document)
    return found


def added_up(documents: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """(section, name) → minor units or how often, by nothing but plus and minus."""
    sums = Counter[tuple[str, str]]()
    for document in documents:
        kind, body = document["type"], document["body"]
        if kind == "shift_opened":
            sums["expected", "cash"] += body["float_minor"]
            sums["total", "float"] += body["float_minor"]
        elif kind == "tender_movement":
            sums["expected", body["tender_code"]] += SIGNS[body["kind"]] * body["amount_minor"]
            sums["movement", body["kind"]] += body["amount_minor"]
        elif kind in ("sale", "return"):
            sign = 1 if kind == "sale" else -1
            sums["total", f"{kind}s"] += body["total_minor"]
            sums["total", "net"] += sign * body["total_minor"]
            sums["total", "discount"] += sign * sum(
                each["amount_minor"] for line in body["lines"] for each in line["discounts"]
            )
            for line in body["lines"]:
                percent = f"{format_minor(line['tax_rate_ppm'], 4)}%"
                sums["tax_net", percent] += sign * line["net_minor"]
                sums["tax", percent] += sign * line["tax_minor"]
            for tender in body["tenders"]:
                moved = tender["amount_minor"] - tender["change_minor"]
                sums["expected", tender["tender_code"]] += sign * moved
        elif kind == "no_sale":
            counted = body["reason_code"] == "count"
            sums["watch", "count_opening" if counted else "no_sale"] += 1
        elif kind == "basket_abandoned":
            sums["watch", "abandoned"] += body["subtotal_minor"]
    return sums


def of_csv(text: str) -> Counter[tuple[str, str]]:
    """The same out of the file: the amount where there is one, else how often."""
    rows = csv.reader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK)))
    found = Counter[tuple[str, str]]()
    for section, name, count, amount, words in rows:
        if section in ("expected", "total", "movement", "watch", "tax", "tax_net"):
            value = int(amount.replace(".", "")) if amount else int(count)
            found[section, name] += value
            assert words, f"{section} {name} says nothing to a person"
    return found


def assert_agrees(shop: Shop, report: Report, shift_id: str | None = None) -> None:
    sums = added_up(named(shop, report, shift_id))
    told = of_csv(report_csv(report))
    wrong = {key: (value, told[key]) for key, value in sums.items() if told[key] != value}
    assert wrong == {}, report.name
    paper = as_text(lay_out_report(report, 48), 48).splitlines()
    for word, key in (("净额", "net"), ("备用金", "float"), ("优惠", "discount")):
        line = next(line for line in paper if line.startswith(word))
        assert line.split()[-1] == format_minor(sums["total", key], 2), line
    expected = [line.split()[-1] for line in paper if " 应有 " in line]
    assert sorted(expected) == sorted(format_minor(tender.expected_minor, 2) for tender in report.tenders)
    for tender in report.tenders:
        assert tender.expected_minor == sums["expected", tender.tender_code]


def some_day(shop: Shop, chance: random.Random) -> None:
    workstation = shop.workstation
    for _ in range(14):
        act = chance.randrange(8)
        if act < 3:
            codes = [chance.choice([COLA, MILK]) for _ in range(chance.randint(1, 4))]
            sell(shop, *codes, tender=chance.choice(["cash", "card", "mobile"]))
        elif act == 3:
            kind = chance.choice(list(SIGNS))
            workstation.till.move(kind, chance.randint(1, 5_000), "测试").result(10)
        elif act == 4:
            workstation.till.no_sale("换零").result(10)
        elif act == 5:
            workstation.till.open_to_count().result(10)
        elif act == 6:
            workstation.ring_up.enter(COLA)
            workstation.ring_up.clear().result(10)
        else:
            sale = sell(shop, MILK, COLA) and shop.documents("sale")[-1]
            origin = Origin("ws-1", sale["incarnation"], sale["number"])
            workstation.returns.give_back(origin, {1: 1000}, "defect").result(10)


@pytest.mark.parametrize("seed", range(3))
def test_x_z_and_day_report_are_the_sums_of_the_documents_they_name(shop: Shop, seed: int) -> None:
    chance = random.Random(seed)
    as_manager(shop)
    shift_ids = []
    for _ in range(2):
        some_day(shop, chance)
        shop.workstation.ring_up.enter(COLA)  # in the middle of a sale: not in it
        shift = shop.workstation.shift.current
        assert shift is not None
        shift_ids.append(shift.shift_id)
        assert_agrees(shop, shop.workstation.reports.x_report(), shift.shift_id)
        assert shop.workstation.ring_up.basket().line_count == 1
        shop.workstation.ring_up.clear().result(10)
        settled = settle(shop, chance.randint(0, 60_000), reason="测试").report
        assert_agrees(shop, settled, shift.shift_id)
        shop.workstation.shift.open_shift(FLOAT).result(10)
    for z_number, shift_id in enumerate(shift_ids, start=1):
        assert_agrees(shop, shop.workstation.reports.z_report(z_number), shift_id)
    assert_agrees(shop, shop.workstation.reports.day_report())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_reason_stands_there_with_its_name_and_the_words_beside_it(shop: Shop, language: Any) -> None:
    settled = settle(shop, FLOAT - 500, reason_code="miscount", reason="少找 5 元").report.in_language(
        language
    )
    text = as_text(lay_out_report(settled, 48), 48)
    name = "找零差错：" if language == "zh" else "Wrong change: "
    assert f"{name}少找 5 元" in text and f"{name}少找 5 元" in report_csv(settled)
    assert ("现金 长短款" if language == "zh" else "Cash over / short") in report_csv(settled)
    assert "T1-" not in text and "收银台1-000003 - 收银台1-0000" in text, "numbers as they stand on receipts"


def test_a_slip_names_its_reason_and_the_words_beside_it(shop: Shop) -> None:
    shop.workstation.till.move("pickup", 5_000, "第一次", reason_code="bank").result(10)
    shop.workstation.till.move("pickup", 5_000, "", reason_code="bank").result(10)
    shop.workstation.printing.check().result(10)
    plain = [job.replace(b"\x1c&", b"").replace(b"\x1c.", b"") for job in shop.paper.jobs]
    first, second = (job.decode("gb18030", "replace") for job in plain)
    assert "原因 送存银行：第一次" in first
    assert "原因 送存银行" in second and "：" not in second.split("原因")[1].splitlines()[0]


def test_each_x_has_a_file_of_its_own_and_the_day_report_one_beside_the_day_s_board(shop: Shop) -> None:
    as_manager(shop)
    reports = shop.workstation.reports
    names = []
    for _ in range(2):
        names.append(reports.save_csv(reports.x_report()).name)
        shop.clock.pass_ms(1_000)
    assert len(set(names)) == 2 and all(name.startswith("S001-收银台1-X-2027-01-15-") for name in names)
    assert reports.day_report().name == "DAY-REPORT-2027-01-15"


def test_the_list_of_z_reports_says_who_was_over_and_what_came_later(shop: Shop) -> None:
    taken = sell(shop, COLA)
    settle(shop, FLOAT + taken - 200, reason="x")
    sold = shop.documents("sale")[0]
    shop.workstation.shift.open_shift(FLOAT).result(10)
    settle(shop, FLOAT)
    shop.workstation.shift.open_shift(FLOAT).result(10)
    late = shop.workstation.till._counter.draft("sale", sold["body"], shift_id=sold["shift_id"])
    shop.journal.record([late]).result(10)
    as_manager(shop)
    rows = shop.workstation.reports.z_reports()
    assert [(row.z_number, row.over_minor, row.late_count, row.restated_minor) for row in rows] == [
        (2, 0, 0, 0),
        (1, -200, 1, taken),
    ]
    assert shop.workstation.reports.z_reports(1)[0].z_number == 2
    assert "restated,documents,1," in report_csv(shop.workstation.reports.z_report(1))


def test_an_opening_to_count_is_no_opening_without_a_sale(shop: Shop) -> None:
    shop.workstation.till.no_sale("换零").result(10)
    shop.workstation.till.open_to_count().result(10)
    shop.workstation.till.open_to_count().result(10)
    report = settle(shop, FLOAT).report
    lines = as_text(lay_out_report(report, 32), 32).splitlines()
    found = {line.split()[0]: line.split()[-1] for line in lines if line.endswith((" 1", " 2"))}
    assert found["无销售开钱箱"] == "1" and found["点钞开钱箱"] == "2"
    assert (report.sums.totals.no_sale_count, report.sums.no_sale_count) == (3, 1)
