"""Operators counted at head office from their documents: beside the others, by day, down to each document."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest

from pos_core.sync.document import document_bytes
from pos_core.sync.folds import State, StateKey
from pos_core.sync.folds.watch import watch_key
from sync_server.console.pages import watch as watch_pages
from sync_server.services.console import operator_watch
from sync_server.services.console.roles import Role
from sync_server.store import fold_state
from tests.server.support.console import Visitor, sign_in, unopened
from tests.server.support.office import Chain, TestWorkstation
from tests.server.support.series import sale_body
from tests.server.support.statements import asked, more_stores

DAYS = "from=2026-11-01&to=2026-11-30"


def sale(till: TestWorkstation, operator: str, *, day: str = "2026-11-22", late: int = 0) -> None:
    """A sale, with so many lines voided after the total was shown."""
    body: dict[str, Any] = sale_body(till.maker.dice, 1)
    line = body["lines"][0]
    voided = {name: line[name] for name in ("line_no", "sku", "quantity_milli", "unit_price_minor")}
    body["voided_lines"] = [{**voided, "list_minor": 350, "after_total": True}] * late
    header = till.maker.header("sale", operator_id=operator, business_day=day)
    till.maker.append(document_bytes(header, body))


def drawer(till: TestWorkstation, operator: str, *, reason: str = "change", day: str = "2026-11-22") -> None:
    header = till.maker.header("no_sale", operator_id=operator, business_day=day)
    till.maker.append(document_bytes(header, {"reason": reason, "reason_code": reason}))


@pytest.fixture
def watched(chain: Chain) -> Chain:
    """E1 opens the drawer after voids; E2 and the west's E3 do nothing out of the ordinary."""
    east, west = chain.enrol("S001"), chain.enrol("S002")
    for number in range(10):
        sale(east, "E1", late=int(number == 3))
        sale(east, "E2")
        sale(west, "E3")
    sale(east, "E1", late=2)
    for _ in range(3):
        drawer(east, "E1")
    drawer(east, "E1", reason="count")  # to count the till: none
    drawer(east, "E1", day="2026-11-23")
    drawer(west, "E3")
    chain.clock.advance(7_200_000)  # none of the tills' clocks is ahead
    for till in (east, west):
        assert till.push()[0] == 200
    return chain


def linked(text: str, *parts: str) -> str:
    """The one address on the page with all these parts."""
    found = [each.replace("&amp;", "&") for each in re.findall(r'href="(/console[^"]*)"', text)]
    (address,) = {each for each in found if all(part in each for part in parts)}
    return address.removeprefix("/console")


def exported(visitor: Visitor, query: str = DAYS) -> dict[str, dict[str, str]]:
    text = visitor.get(f"/watch/export?{query}").text.removeprefix("\ufeff")
    return {row["operator"]: row for row in csv.DictReader(io.StringIO(text))}


def test_whoever_stands_out_is_first_and_every_figure_opens_its_documents(watched: Chain) -> None:
    auditor = sign_in(watched, Role.AUDITOR)
    page = auditor.get(f"/watch?{DAYS}").text
    assert page.index("operator=E1") < page.index("operator=E2")
    assert unopened(page) == []
    days = auditor.get(linked(page, "operator=E1")).text
    assert unopened(days) == []
    assert "2026-11-23" in days and days.index("2026-11-23") < days.index("2026-11-22")
    drawers = auditor.get(linked(days, "day=2026-11-22", "count=drawer_without_sale")).text
    opened = re.findall(r'href="(/console/documents/[^"]+)"', drawers)
    assert len(opened) == 3 and "/1/22" in opened[-1] and "/1/25" not in str(opened)
    assert "开钱箱" in auditor.get(opened[0].removeprefix("/console")).text
    after = auditor.get(linked(days, "day=2026-11-22", "count=no_sale_after_void")).text
    assert len(re.findall(r'href="/console/documents/', after)) == 1, "the first alone within a minute"
    voids = auditor.get(linked(days, "day=2026-11-22", "count=voids_after_total")).text
    assert "7.00" in voids and "3.50" in voids


def test_a_sum_opens_to_the_documents_of_all_days_a_page_at_a_time(
    watched: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor = sign_in(watched, Role.AUDITOR)
    days = auditor.get(f"/watch/operator?{DAYS}&store=S001&operator=E1").text
    (whole,) = {
        each for each in re.findall(r'href="(/[^"]*count=drawer_without_sale)"', days) if "day=" not in each
    }
    path, found, pages = whole.replace("&amp;", "&").removeprefix("/console"), [], 0
    monkeypatch.setattr(operator_watch, "SHOWN", 1)
    while path:
        text = auditor.get(path).text
        found += re.findall(r"<code>([^<]+)</code>", text)
        older = re.search(r'href="/console([^"]+until=[^"]+)"', text)
        path, pages = older[1].replace("&amp;", "&") if older else "", pages + 1
    assert len(found) == len(set(found)) == 4 and pages == 2


def test_the_middle_opens_to_the_operators_in_the_order_of_their_rates(watched: Chain) -> None:
    auditor = sign_in(watched, Role.AUDITOR)
    page = auditor.get(f"/watch?{DAYS}").text
    ordered = auditor.get(linked(page, "by=drawer_without_sale")).text
    places = [ordered.index(f"operator={who}") for who in ("E1", "E3", "E2")]
    assert places == sorted(places)
    assert places[1] < ordered.index("这里是中间") < places[2], "E3 has the rate in the middle"
    assert unopened(ordered) == []
    assert "这里是中间" not in auditor.get(f"/watch?{DAYS}&by=nothing").text


def test_operators_come_a_page_at_a_time_and_the_middle_is_on_its_own_page(
    watched: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_pages, "ROWS", 1)
    auditor = sign_in(watched, Role.AUDITOR)
    path, shown = f"/watch?{DAYS}&by=drawer_without_sale", []
    first = auditor.get(path).text
    while path:
        text = auditor.get(path).text
        shown += sorted(set(re.findall(r"operator=(E\d)", text)))
        more = re.search(r'<a class="button" href="/console([^"]+skip=\d+)">', text)
        path = more[1].replace("&amp;", "&") if more else ""
    assert shown == ["E1", "E3", "E2"]
    assert "这里是中间" not in first
    middle = re.search(r'href="/console([^"]+)#middle"', first)
    assert middle is not None
    opened = auditor.get(middle[1].replace("&amp;", "&")).text
    assert "这里是中间" in opened and "operator=E2" in opened


def test_the_file_has_every_count_and_names_what_stands_out(watched: Chain) -> None:
    rows = exported(sign_in(watched, Role.APPROVER))
    one = rows["E1"]
    assert (one["sales"], one["voids_after_total"], one["voids_after_total_minor"]) == ("11", "3", "1050")
    assert (one["drawer_without_sale"], one["till_counts"]) == ("4", "0")
    assert one["stands_out"] == "voids_after_total drawer_without_sale"
    assert rows["E2"]["stands_out"] == rows["E3"]["stands_out"] == ""
    only = exported(sign_in(watched, Role.AUDITOR, login="second"), f"{DAYS}&store=S002")
    assert set(only) == {"E3"}


def test_a_regional_manager_sees_his_own_stores_alone(watched: Chain) -> None:
    visitor = sign_in(watched, Role.REGIONAL_MANAGER, region="west")
    assert set(exported(visitor)) == {"E3"}
    for address in (
        f"/watch/operator?{DAYS}&store=S001&operator=E1",
        f"/watch/documents?{DAYS}&store=S001&operator=E1&day=2026-11-22&count=drawer_without_sale",
    ):
        text = visitor.get(address).text
        assert "/console/documents/" not in text and "人民路店" not in text


def test_stores_by_the_hundred_are_one_question_and_each_operator_keeps_his_sums(watched: Chain) -> None:
    auditor = sign_in(watched, Role.AUDITOR)
    with asked() as few:
        before = exported(auditor)
    stores = more_stores(watched, 150)
    days = [f"2026-11-{day:02d}" for day in range(1, 21)]
    state = {"counts": {"overrides": [2, 50], "sales": [5, 900]}, "marks": {}, "voided_ms": {}}
    states: dict[StateKey, State] = {
        ("watch", watch_key(store, day, who)): state
        for store in stores
        for day in ("2026-10-31", *days, "2026-12-01")
        for who in (f"{store}-1", f"{store}-2")
    }
    watched.office.store.write(lambda txn: fold_state.put(txn, states))
    with asked() as many:
        after = exported(auditor)
    assert len(many) <= len(few) + 2, "one statement for a hundred stores, one for more people"
    assert {name: after[name] for name in before} == before
    for store in stores:
        for who in (f"{store}-1", f"{store}-2"):
            one = after[who]
            assert (one["sales"], one["sales_minor"]) == ("100", "18000")
            assert (one["overrides"], one["overrides_minor"], one["voids"]) == ("40", "1000", "0")
    assert set(exported(auditor, f"{DAYS}&store=T007")) == {"T007-1", "T007-2"}
