"""Shifts and Z reports at head office: sums of their documents, down to each of them, each to his region."""

from __future__ import annotations

import csv
import io
import random
import re
from html import unescape
from typing import Any

import pytest

from pos_core.cash.report import sums_of
from pos_core.cash.settlement import compare, tender_rows
from pos_core.sync.document import document_bytes
from sync_server.services import sales_sums
from sync_server.services.console import shift_desk
from sync_server.services.console.roles import Role
from sync_server.store.engine import Txn
from sync_server.store.schema.shift_sums import TABLES, shift_progress, shift_sum, shift_tender
from tests.server.console.test_net_sales import trade
from tests.server.console.test_sales import gather
from tests.server.support.console import Visitor, code_of, sign_in, unopened
from tests.server.support.office import Chain, TestWorkstation

DAY = "2026-05-28"
DAYS = f"from={DAY}&to={DAY}"
Document = tuple[str, dict[str, Any]]
SHIFTS = (("SH1", 0), ("SH2", -300), ("SH3", 500), ("SH4", None))
"""Shift, and counted less expected; None: it stays open."""


def say(till: TestWorkstation, shift: str, kind: str, body: dict[str, Any]) -> Document:
    made = till.maker.header(kind, business_day=DAY, shift_id=shift)
    till.maker.append(document_bytes(made, body))
    return kind, body


def money(minor: int, **more: Any) -> dict[str, Any]:
    return {"currency": "CNY", "exponent": 2, "amount_minor": minor, **more}


def day(till: TestWorkstation, dice: random.Random) -> dict[str, list[Document]]:
    """Four shifts with all that happens in one; the last of them is not settled."""
    made = {}
    for z_number, (shift, over) in enumerate(SHIFTS, 1):
        opened = {"currency": "CNY", "exponent": 2, "float_minor": 20_000}
        found = [say(till, shift, "shift_opened", opened)]
        for _ in range(6):
            kind = dice.choice(["sale", "sale", "return"])
            code = dice.choice(["cash", "card"])
            body = trade(dice, kind, dice.choice([0, 0, 5_000]), 3 if code == "cash" else 0)
            body["tenders"][0] |= {"tender_code": code, "tender_kind": code}
            found.append(say(till, shift, kind, body))
        for kind, minor in (("paid_in", 700), ("paid_out", 250), ("loan", 900), ("pickup", 1_100)):
            moved = money(minor, kind=kind, tender_code="cash", reason=None, reason_code="expense")
            found.append(say(till, shift, "tender_movement", moved))
        found.append(say(till, shift, "no_sale", {"reason": "=1+1", "reason_code": "change"}))
        approved = {"kind": "line_discount", "approved_by": "E2", "reason": "damaged", "amount_minor": 340}
        found.append(say(till, shift, "override_approved", approved))
        totals = sums_of(found).totals
        if over is not None:
            expected = totals.tenders["cash"].expected_minor
            rows = tender_rows(compare(totals, {"cash": ("cash", expected + over)}))
            cash = {"tender_code": "cash", "tender_kind": "cash", "counted_minor": expected + over}
            counted = [{**cash, "loose_minor": 0, "pieces": []}]
            head = {"currency": "CNY", "exponent": 2}
            say(till, shift, "till_counted", {**head, "purpose": "settlement", "tenders": counted})
            settled = {
                **head, "z_number": z_number, "first_number": 1, "last_number": 1, "tenders": rows,
                "sales_minor": totals.sales_minor, "returns_minor": totals.returns_minor,
                "reason_code": "miscount" if over else None, "reason": None,
            }  # fmt: skip
            found.append(say(till, shift, "shift_settled", settled))
        made[shift] = found
    return made


@pytest.fixture
def told(chain: Chain) -> dict[str, list[Document]]:
    """Of the east's till; the west has one of its own."""
    dice = random.Random(3)
    east, west = chain.enrol("S001"), chain.enrol("S002", "西一")
    made = day(east, dice)
    day(west, dice)
    for till in (east, west):
        assert till.push()[0] == 200
    gather(chain)
    return made


def table(visitor: Visitor, query: str = "", path: str = "/shifts/export") -> list[dict[str, str]]:
    text = visitor.get(f"{path}?{DAYS}{query}").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_each_shift_is_the_sum_of_its_documents(chain: Chain, told: dict[str, list[Document]]) -> None:
    auditor = sign_in(chain, Role.AUDITOR)
    rows = {row["shift_id"]: row for row in table(auditor, "&store=S001")}
    tenders = table(auditor, "&store=S001&of=tenders")
    assert set(rows) == set(told) and rows["SH4"]["z_number"] == rows["SH4"]["settled"] == ""
    for (shift, over), z_number in zip(SHIFTS, "123-", strict=True):
        report, row = sums_of(told[shift]), rows[shift]
        totals = report.totals
        assert (row["sales"], row["returns"]) == (str(totals.sale_count), str(totals.return_count)), shift
        assert int(row["net_sales_minor"]) == report.net_sales_minor
        assert int(row["purse_minor"]) == report.purse_minor
        assert [row[f"{kind}_minor"] for kind in ("paid_in", "paid_out", "loan", "pickup")] == [
            "700", "250", "900", "1100",
        ]  # fmt: skip
        assert int(row["over_minor"]) == (over or 0) and row["late_minor"] == "0"
        for code, each in totals.tenders.items():
            (line,) = (t for t in tenders if (t["shift_id"], t["tender_code"]) == (shift, code))
            assert int(line["taken_minor"]) == each.sales_minor - each.returns_minor, (shift, code)
            if over is not None:
                assert int(line["expected_minor"]) == each.expected_minor
                assert (line["z_number"], line["counted_minor"] == "") == (z_number, code != "cash")
                assert line["difference_minor"] == (str(over) if code == "cash" else "")


def test_filters_leave_what_they_say_and_totals_are_of_what_is_left(
    chain: Chain, told: dict[str, list[Document]]
) -> None:
    auditor = sign_in(chain, Role.AUDITOR)
    for query, left in (
        ("&difference=any", ["SH2", "SH3"]), ("&difference=over", ["SH3"]), ("&difference=short", ["SH2"]),
        ("&state=open", ["SH4"]), ("&state=settled", ["SH1", "SH2", "SH3"]),
        ("", ["SH1", "SH2", "SH3", "SH4"]),
    ):  # fmt: skip
        assert [row["shift_id"] for row in table(auditor, f"{query}&store=S001")] == left, query
        page = auditor.get(f"/shifts?{DAYS}{query}&store=S001").text
        net = sum(sums_of(told[shift]).net_sales_minor for shift in left)
        taken = sum(
            each.sales_minor - each.returns_minor
            for shift in left
            for each in [sums_of(told[shift]).totals.tenders["card"]]
        )
        for minor in (net, taken):
            said = f"{'-' if minor < 0 else ''}{abs(minor) // 100:,}.{abs(minor) % 100:02d}"
            assert f">{said}</a>" in page, (query, said)
    assert code_of(auditor.get("/shifts?difference=x")) == "bad_form"
    assert code_of(auditor.get("/shifts?state=x")) == "bad_form"
    assert code_of(auditor.get("/shifts?from=2026-04-01&to=2026-05-02")) == "shift_days_too_many"
    assert "这些天没有班次" in auditor.get("/shifts?from=2026-05-29&to=2026-05-29&store=S001").text


def test_what_is_over_in_one_tender_and_short_in_another_is_found_by_either(
    chain: Chain, told: dict[str, list[Document]]
) -> None:
    """Cash taken and rung up as card: the till is even, and neither tender is."""
    till = chain.enrol("S001", "五号")
    found = [say(till, "SH5", "shift_opened", {"currency": "CNY", "exponent": 2, "float_minor": 100})]
    for code in ("cash", "card"):
        body = trade(random.Random(2), "sale")
        body["tenders"][0] |= {"tender_code": code, "tender_kind": code}
        found.append(say(till, "SH5", "sale", body))
    totals = sums_of(found).totals
    expected = {code: each.expected_minor for code, each in totals.tenders.items()}
    counted = {"cash": ("cash", expected["cash"] + 500), "card": ("card", expected["card"] - 500)}
    settled = {"currency": "CNY", "exponent": 2, "z_number": 5, "first_number": 1, "last_number": 1,
               "tenders": tender_rows(compare(totals, counted))}  # fmt: skip
    say(till, "SH5", "shift_settled", settled)
    assert till.push()[0] == 200
    gather(chain)
    auditor = sign_in(chain, Role.AUDITOR)
    page = auditor.get(f"/shifts?{DAYS}&store=S001").text
    (link,) = (each for each in set(links(page)) if "difference=any" in each and "tender=card" in each)
    assert set(re.findall(r"/(SH\d)\"", auditor.get(link).text)) == {"SH5"}, "where the figure opens to"
    for query, left in (
        ("&tender=card&difference=any", ["SH5"]), ("&tender=card&difference=short", ["SH5"]),
        ("&tender=card&difference=over", []), ("&tender=cash&difference=over", ["SH3", "SH5"]),
        ("&difference=any", ["SH2", "SH3"]),
    ):  # fmt: skip
        assert [row["shift_id"] for row in table(auditor, f"{query}&store=S001")] == sorted(left), query
        text = auditor.get(f"/shifts?{DAYS}&store=S001{query}").text
        assert sorted(set(re.findall(r"/(SH\d)\"", text))) == left, query


def test_the_file_has_the_shifts_of_the_list(chain: Chain, told: dict[str, list[Document]]) -> None:
    till = chain.enrol("S001", "六号")
    say(till, "SH6", "shift_opened", {"currency": "CNY", "exponent": 2, "float_minor": 100})
    assert till.push()[0] == 200
    gather(chain)
    auditor = sign_in(chain, Role.AUDITOR)
    assert len(table(auditor, "&store=S001")) == 5
    for name in ("card", "nothing"):
        text = auditor.get(f"/shifts?{DAYS}&store=S001&tender={name}").text
        rows = table(auditor, f"&store=S001&tender={name}")
        assert sorted(row["shift_id"] for row in rows) == sorted(set(re.findall(r"/(SH\d)\"", text)))


def links(page: str) -> list[str]:
    """What figures open to, but for a place on the same page."""
    found = re.findall(r'<(?:td class="num"|dd)><a [^>]*?href="(/console[^"#]+)', page)
    return [unescape(each).removeprefix("/console") for each in found]


def test_every_number_opens_down_to_the_documents(chain: Chain, told: dict[str, list[Document]]) -> None:
    auditor = sign_in(chain, Role.AUDITOR)
    till = table(auditor, "&store=S001")[0]["workstation_id"]
    pages = [f"/shifts?{DAYS}", f"/shifts?{DAYS}&tender=cash", *(f"/shifts/{till}/{s}" for s, _ in SHIFTS)]
    seen: set[str] = set()
    for page in pages:
        text = auditor.get(page).text
        assert unopened(text) == [], page
        for link in set(links(text)) - seen:
            seen.add(link)
            answer = auditor.get(link)
            assert answer.status_code == 200 and re.search(r"<tbody>\s*<tr", answer.text), (page, link)
    assert len(seen) > 40


def test_a_z_report_is_read_in_words(chain: Chain, told: dict[str, list[Document]]) -> None:
    auditor = sign_in(chain, Role.AUDITOR)
    till = table(auditor, "&store=S001")[0]["workstation_id"]
    page = auditor.get(f"/shifts/{till}/SH2").text
    for said in (
        "Z 2",
        "单品折扣",
        "E2",
        "门店开支",
        "换零钱",
        "找零差错",
        "-3.00",
        "200.00",
        "3.40",
        "-11.00",
    ):
        assert said in page, said
    assert page.count("/console/documents/") >= 10
    number = {"sale": 0, "return": 0, "purse": 0}
    for kind, body in told["SH2"]:
        if kind in number:
            number[kind] += 1
            number["purse"] += "stored_value_movements" in body
    for what, count in number.items():
        rows = auditor.get(f"/shifts/{till}/SH2/sales?what={what}").text
        assert len(set(re.findall(r"/console/documents/[^\"]+", rows))) == count, what
    assert code_of(auditor.get(f"/shifts/{till}/SH2/sales?what=everything")) == "bad_form"
    assert code_of(auditor.get(f"/shifts/{till}/nothing")) == "no_such_shift"


def test_lists_go_on_by_key_and_miss_and_repeat_nothing(
    chain: Chain, told: dict[str, list[Document]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shift_desk, "SHOWN", 3)
    monkeypatch.setattr(shift_desk, "SALES_SHOWN", 4)
    monkeypatch.setattr(shift_desk, "EXPORTED_AT_ONCE", 3)
    auditor = sign_in(chain, Role.AUDITOR)
    shift, document = r'"nowrap"><a href="/console(/[^"]+/SH\d)">', r'href="(/console/documents/[^"]+)"><code'
    for start, row, more in (
        (f"/shifts?{DAYS}", shift, r'href="/console([^"]+at_day=[^"]+)#'),
        ("/shifts/{}/SH1/sales", document, r'href="/console([^"]+incarnation=[^"]+)"'),
    ):
        till = table(auditor, "&store=S001")[0]["workstation_id"]
        path, found, pages = start.format(till), [], 0
        while path:
            text = auditor.get(path).text
            found += re.findall(row, text)
            following = re.search(more, text)
            path, pages = unescape(following[1]) if following else "", pages + 1
        assert len(found) == len(set(found)) == (8 if "SH1" not in start else 6) and pages > 1
    assert len(table(auditor)) == 8


def test_a_regional_manager_sees_his_own_stores_alone_and_others_nothing(
    chain: Chain, told: dict[str, list[Document]]
) -> None:
    west = sign_in(chain, Role.REGIONAL_MANAGER, region="west")
    assert {row["store_id"] for row in table(west)} == {"S002"}
    assert {row["store_id"] for row in table(west, "&of=tenders")} == {"S002"}
    assert table(west, "&store=S001") == []
    assert "S001" not in west.get(f"/shifts?{DAYS}").text
    till = table(sign_in(chain, Role.AUDITOR), "&store=S001")[0]["workstation_id"]
    for path in (f"/shifts/{till}/SH1", f"/shifts/{till}/SH1/sales"):
        assert code_of(west.get(path)) == "no_such_shift"
    marketer = sign_in(chain, Role.MARKETER)
    assert code_of(marketer.get("/shifts")) == "console_forbidden"


def test_what_came_to_light_after_the_settlement_is_said(
    chain: Chain, told: dict[str, list[Document]]
) -> None:
    till = chain.enrol("S001", "三号")
    settled = {"currency": "CNY", "exponent": 2, "z_number": 9, "first_number": 1, "last_number": 1,
               "tenders": [], "sales_minor": 0, "returns_minor": 0}  # fmt: skip
    say(till, "SH9", "shift_settled", settled)
    _, body = say(till, "SH9", "sale", trade(random.Random(1), "sale"))
    assert till.push()[0] == 200
    gather(chain)
    auditor = sign_in(chain, Role.AUDITOR)
    (row,) = (row for row in table(auditor) if row["shift_id"] == "SH9")
    assert int(row["late_minor"]) == body["total_minor"] and row["opened"] == ""
    page = auditor.get(f"/shifts/{row['workstation_id']}/SH9").text
    assert "结班之后又有单据补入" in page and unopened(page) == []


def test_shifts_of_before_are_gathered_in_parts_and_once(
    chain: Chain, told: dict[str, list[Document]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def everything(txn: Txn) -> list[list[tuple[Any, ...]]]:
        return [
            sorted(map(tuple, txn.execute(t.select()))) for t in (shift_sum, shift_tender, shift_progress)
        ]

    def forget(txn: Txn) -> None:
        for each in TABLES:
            txn.execute(each.delete())

    before = chain.office.store.read(everything)
    chain.office.store.write(forget)
    monkeypatch.setattr(sales_sums, "DOCUMENTS_AT_ONCE", 7)
    till = chain.enrol("S001", "四号")
    say(till, "SH8", "shift_opened", {"currency": "CNY", "exponent": 2, "float_minor": 1})
    assert till.push()[0] == 200
    gather(chain)
    gather(chain)
    after = chain.office.store.read(everything)
    own = till.maker.workstation_id
    assert [[row for row in rows if row[0] != own] for rows in after] == before
    assert [len(rows) for rows in after] == [len(rows) + 1 for rows in before]


def test_the_files_run_no_formula(chain: Chain, told: dict[str, list[Document]]) -> None:
    chain.enrol("S001", "=cmd")
    text = sign_in(chain, Role.AUDITOR).get(f"/shifts/export?{DAYS}").text
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
    answer = sign_in(chain, Role.AUDITOR).get(f"/shifts/export?{DAYS}&form=xlsx")
    assert answer.content[:2] == b"PK"
