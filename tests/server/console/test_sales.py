"""Sums of sales follow documents, each once; dashboards and a campaign's lift agree with a plain recount."""

from __future__ import annotations

import csv
import io
import random
import re
import statistics
from collections import defaultdict
from html import unescape
from typing import Any

import pytest
from sqlalchemy import event

from sync_server.services.campaigns.plan import is_held_out
from sync_server.services.console import effects
from sync_server.services.console.effects import ARM_MIN, arm_of
from sync_server.services.console.roles import Role
from sync_server.services.sales_sums import SalesSums
from sync_server.store import document, quarantine, sales
from sync_server.store.engine import Txn
from sync_server.store.quarantine import QuarantineRow
from sync_server.store.schema.demand import item_day
from sync_server.store.schema.sales import member_seen
from sync_server.store.schema.tables import series
from tests.server.console.test_campaigns import COUPON, join, running, work
from tests.server.console.test_exception_counts import chart
from tests.server.support.console import Visitor, code_of, sign_in, unopened
from tests.server.support.office import Chain
from tests.server.support.promotions import stocked
from tests.server.support.shop import sku, stock

DAY = "2026-05-29"
Line = tuple[str, int, int, int]
"""SKU, quantity, list, net."""


def put(
    chain: Chain,
    number: int,
    *lines: Line,
    till: str = "t1",
    store: str = "S001",
    day: str = DAY,
    kind: str = "sale",
    member: str | None = None,
    coupon: int = 0,
    at_ms: int | None = None,
) -> None:
    """A document with its rows, as `push` would leave it, and the series' head behind it."""
    key = (till, 1, number)
    net = sum(line[3] for line in lines)
    at_ms = chain.clock.now_ms() if at_ms is None else at_ms
    rows: dict[str, list[tuple[object, ...]]] = {
        "transaction_total": [(*key, store, day, kind, None, "CNY", member, len(lines), net, 0, 0, net, 0)],
        "line": [
            (*key, no, store, day, kind, code, None, code, "D1", quantity, 0, full, full - paid, paid,
             "T13", 0, 0, "scan", None)
            for no, (code, quantity, full, paid) in enumerate(lines, 1)
        ],
    }  # fmt: skip
    if coupon:
        rows["coupon_use"] = [(*key, 1, store, day, "", "C-NEW", f"K{number}", member, coupon)]
    head = (
        *key,
        store,
        kind,
        at_ms,
        day,
        None,
        None,
        None,
        f"h{number}",
        b"{}",
        1,
    )

    def write(txn: Txn) -> None:
        document.insert(txn, [head], rows)
        txn.insert_many(series, [(till, 1, store, "", number, "", 0, 0)], on_conflict="replace")

    chain.office.store.write(write)


def gather(chain: Chain) -> SalesSums:
    sums = SalesSums(chain.office.store, chain.clock)
    while sums.gather(1):
        pass
    return sums


@pytest.fixture
def shop(chain: Chain) -> Chain:
    stock(chain)
    return chain


def test_sums_hold_each_document_once_with_returns_taken_off_and_costs(shop: Chain) -> None:
    put(shop, 1, (sku(1), 2000, 2000, 1800), member="m-1")
    put(shop, 2, (sku(1), 1000, 1000, 1000), (sku(9), 1500, 700, 700))
    gather(shop)
    put(shop, 3, (sku(1), 1000, 1000, 900), kind="return", member="m-1")
    gather(shop)
    gather(shop)
    (hour,) = shop.office.store.read(lambda txn: sales.hours(txn, DAY, DAY, None, "business_day", "hour"))
    assert hour == {
        "business_day": DAY, "hour": 4, "sales": 2, "returns": 1, "list_minor": 2700, "net_minor": 2600,
        "costed_net_minor": 1900, "cost_minor": 1200, "member_sales": 1, "member_net_minor": 900,
    }  # fmt: skip
    rows = shop.office.store.read(lambda txn: sales.items(txn, DAY, DAY, 9))
    assert [(row["sku"], row["quantity_milli"], row["net_minor"]) for row in rows] == [
        (sku(1), 2000, 1900),
        (sku(9), 1500, 700),
    ]


def test_a_document_let_out_of_quarantine_later_counts_too_and_once(shop: Chain) -> None:
    put(shop, 2, (sku(1), 1000, 1000, 1000))
    gather(shop)
    shop.clock.advance(5)
    row = QuarantineRow("t1", 1, 1, "h1", "S001", 1, "", "x", "", b"{}", 1, "applied", shop.clock.now_ms())

    def write(txn: Txn) -> None:
        quarantine.keep(txn, [row])
        total = ("t1", 1, 1, "S001", DAY, "sale", None, "CNY", None, 1, 50, 0, 0, 50, 0)
        line = ("t1", 1, 1, 1, "S001", DAY, "sale", sku(2), None, "x", "D1", 1000, 0, 50, 0, 50, "T13", 0, 0,
                "scan", None)  # fmt: skip
        head = ("t1", 1, 1, "S001", "sale", 1, DAY, None, None, None, "h1", b"{}", 1)
        document.insert(txn, [head], {"transaction_total": [total], "line": [line]})

    shop.office.store.write(write)
    gather(shop)
    gather(shop)
    (day,) = shop.office.store.read(lambda txn: sales.hours(txn, DAY, DAY, None, "business_day"))
    assert (day["sales"], day["net_minor"]) == (2, 1050)


def test_many_sales_add_up_as_a_plain_recount_does(shop: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    from sync_server.services import sales_sums

    monkeypatch.setattr(sales_sums, "DOCUMENTS_AT_ONCE", 7)
    lot = random.Random(7)
    stores: dict[str, int] = defaultdict(int)
    members: dict[str, int] = defaultdict(int)
    for number in range(1, 61):
        store, net = lot.choice(["S001", "S002"]), lot.randrange(100, 5000)
        kind = "return" if lot.random() < 0.2 else "sale"
        member = lot.choice([None, "m-1", "m-2", "m-3"])
        put(shop, number, (sku(1), 1000, 5000, net), till=f"t-{store}", store=store, kind=kind, member=member)
        stores[store] += net if kind == "sale" else -net
        members[member or ""] += kind == "sale"
    gather(shop)
    text = sign_in(shop, Role.AUDITOR).get("/sales/export").content.decode("utf-8-sig")
    told = {row["store_id"]: int(row["net_minor"]) for row in csv.DictReader(io.StringIO(text))}
    assert told == stores
    counts = shop.office.store.read(lambda txn: sales.seen_counts(txn, DAY, DAY))
    bought = [name for name, count in members.items() if name and count]
    assert counts["active"] == len(bought) == counts["first"]
    assert counts["again"] == sum(1 for name in bought if members[name] > 1)


@pytest.mark.database("sqlite")
def test_members_are_counted_from_an_index_alone(shop: Chain) -> None:
    """With 280,000 members who bought, a look at the row of each took 1.4 s."""
    plans: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT count"):
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            plans.append(rows.one()[3])

    def read(txn: Txn) -> None:
        event.listen(txn.connection, "before_cursor_execute", explain)
        sales._seen(txn, member_seen.c.first_day >= DAY)
        sales._seen(txn, member_seen.c.last_day >= DAY, member_seen.c.sales > 1)
        event.remove(txn.connection, "before_cursor_execute", explain)

    shop.office.store.read(read)
    assert ["COVERING INDEX" in plan for plan in plans] == [True, True], plans


def test_figures_open_down_to_documents_each_to_his_region(shop: Chain) -> None:
    put(shop, 1, (sku(1), 1000, 1000, 1000), till="e")
    put(shop, 1, (sku(1), 1000, 1200, 1200), till="w", store="S002")
    gather(shop)
    auditor = sign_in(shop, Role.AUDITOR)
    text = auditor.get("/sales").text
    assert "22.00" in text and "S001" in text and "S002" in text and "/console/sales/members?" in text
    assert "首次消费" in auditor.get("/sales/members").text
    one = auditor.get("/sales?store=S001")
    drawn = chart(one.text)
    link = drawn["series"][0]["links"][-1].removeprefix("/console")  # type: ignore[index]
    assert "/console/documents/e/1/1" in auditor.get(link).text
    assert "茶" in auditor.get("/sales/items").text or sku(1) in auditor.get("/sales/items").text
    of_east = auditor.get("/sales?region=east").text
    assert "10.00" in of_east and "22.00" not in of_east and "region=east" in auditor.get("/sales").text
    east = sign_in(shop, Role.REGIONAL_MANAGER, region="east")
    assert "12.00" not in east.get("/sales?region=west").text
    theirs = east.get("/sales").text
    assert (
        "10.00" in theirs
        and "22.00" not in theirs
        and "S002" not in theirs
        and "/sales/members" not in theirs
    )
    other = east.get("/sales?store=S002").text
    assert "解放路店" not in other and "12.00" not in other
    assert "/w/1/1" not in east.get(f"/sales/documents?store=S002&day={DAY}").text
    assert code_of(east.get("/documents/w/1/1")) == "no_such_document"
    assert code_of(east.get("/sales/items")) == code_of(east.get("/sales/members")) == "console_forbidden"


@pytest.mark.parametrize("summed", [True, False], ids=["last night", "today"])
def test_an_item_opens_to_its_days_its_stores_and_their_documents(shop: Chain, summed: bool) -> None:
    put(shop, 1, (sku(1), 1000, 1000, 1000), till="e")
    put(shop, 2, (sku(2), 1000, 700, 700), till="e")
    put(shop, 1, (sku(1), 2000, 2400, 2400), till="w", store="S002")
    gather(shop)
    rows = [
        ("S001", DAY, sku(1), 1000, 1000, 0, 1000, 1000),
        ("S002", DAY, sku(1), 2000, 2000, 0, 2400, 2400),
    ]
    if summed:
        shop.office.store.write(lambda txn: txn.insert_many(item_day, rows))
    auditor = sign_in(shop, Role.AUDITOR)

    def follow(text: str, *parts: str) -> str:
        found = [
            each for each in re.findall(r'href="/console([^"]+)"', text) if all(p in each for p in parts)
        ]
        return auditor.get(unescape(found[0])).text

    days = follow(auditor.get("/sales/items").text, "/sales/item?", sku(1))
    assert ">3<" in days and "34.00" in days
    stores = follow(days, f"day={DAY}")
    assert stores.index("S002") < stores.index("S001"), "who sold most comes first"
    assert ">2<" in stores and "24.00" in stores and "10.00" in stores
    documents = follow(stores, "store=S001", sku(1))
    assert "/documents/e/1/1" in documents and "/documents/e/1/2" not in documents
    assert (
        code_of(sign_in(shop, Role.REGIONAL_MANAGER, region="east").get("/sales/item")) == "console_forbidden"
    )


def test_the_lift_of_a_campaign_is_welchs_over_members_by_lot(shop: Chain) -> None:
    stocked(shop, COUPON)
    count = 3 * ARM_MIN
    join(shop, *["gold,S001,,"] * count)
    marketer = running(shop, holdout="50")
    marketer.post("/campaigns/C-NEW/issue")
    work(shop)
    lot = random.Random(3)
    spent: dict[bool, list[int]] = {True: [], False: []}
    for number in range(1, count + 1):
        out = is_held_out("C-NEW", f"m-{number}", 500_000)
        net = lot.randrange(1000, 3000) + (0 if out else 1500)
        buys = lot.random() < 0.8
        if buys:
            paid = (sku(1), 1000, net + 2000, net)
            put(shop, 2 * number, paid, member=f"m-{number}", coupon=0 if out else 2000)
        put(
            shop,
            2 * number - 1,
            (sku(1), 1000, 9000, 9000),
            member=f"m-{number}",
            day="2026-05-20",
            till="t0",
        )
        spent[out].append(net if buys else 0)
    gather(shop)
    text = marketer.get("/campaigns/C-NEW/effect/export").content.decode("utf-8-sig")
    told = {row["figure"]: row["value"] for row in csv.DictReader(io.StringIO(text))}
    treated, control = spent[False], spent[True]
    assert (int(told["issued"]), int(told["held_out"])) == (len(treated), len(control))
    lift = statistics.mean(treated) - statistics.mean(control)
    half = (
        1.959964
        * (statistics.variance(treated) / len(treated) + statistics.variance(control) / len(control)) ** 0.5
    )
    assert float(told["lift_minor"]) == pytest.approx(lift, abs=0.01)
    assert float(told["lift_low_minor"]) == pytest.approx(lift - half, abs=0.01)
    assert float(told["lift_high_minor"]) == pytest.approx(lift + half, abs=0.01)
    redeemed = [net for net in treated if net]
    assert int(told["redeemed"]) == len(redeemed) and int(told["given_minor"]) == 2000 * len(redeemed)
    assert int(told["net_minor"]) == sum(redeemed)
    margin = sum(redeemed) - 600 * len(redeemed)
    assert int(told["margin_minor"]) == pytest.approx(margin, abs=1)
    rate = margin / sum(redeemed)
    assert int(told["roi_ppm"]) == pytest.approx(
        round(lift * len(treated)) * rate / (2000 * len(redeemed)) * 1e6, rel=1e-4
    )
    page = marketer.get("/campaigns/C-NEW/effect").text
    figures, _, _ = page.rpartition('<h2 class="section">')
    assert "置信区间" in page and unopened(figures) == []
    for arm, amounts in (("issued", treated), ("held_out", control)):
        the_arm_is_its_members(marketer, arm, amounts)


def the_arm_is_its_members(marketer: Visitor, arm: str, amounts: list[int]) -> None:
    """A page at a time: each once with what is counted of him, which opens to the sales that are counted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(effects, "ARM_SHOWN", 7)
        patch.setattr(effects, "ARM_READ", 9)
        for more, wanted in (("", amounts), ("&bought=1", [each for each in amounts if each])):
            path, found = f"/campaigns/C-NEW/effect/arms?arm={arm}{more}", []
            while path:
                text = marketer.get(path).text
                found += re.findall(
                    r'<td class="num"><a href="/console([^"]+member=[^"]+)">([\d.,]+)</a>', text
                )
                following = re.search(r'href="/console([^"]+after=[^"]+)"', text)
                path = unescape(following[1]) if following else ""
            assert sorted(round(float(said) * 100) for _, said in found) == sorted(wanted), (arm, more)
    assert "/console/members/" not in text, "a marketer may not open members"
    for link, said in found[:3]:
        behind = marketer.get(unescape(link)).text
        assert behind.count("/console/documents/t1/") == 1 and "/console/documents/t0/" not in behind
        assert f">{said}</td>" in behind
        assert re.search(r"m-\d+", re.sub(r'(href|value)="[^"]+"', "", behind)) is None, "he is masked"
    assert "/console/documents/" not in marketer.get("/campaigns/C-NEW/effect/member?member=m-999").text
    assert code_of(marketer.get("/campaigns/C-NEW/effect/arms?arm=both")) == "bad_form"


def test_too_few_members_say_so_instead_of_a_figure(shop: Chain) -> None:
    stocked(shop, COUPON)
    join(shop, *["gold,S001,,"] * 3)
    marketer = running(shop, holdout="50")
    marketer.post("/campaigns/C-NEW/issue")
    work(shop)
    text = marketer.get("/campaigns/C-NEW/effect").text
    assert "至少要有 30 位会员" in text
    assert arm_of([]).mean_minor == 0 and arm_of([5]).variance == 0


def test_the_lift_of_many_members_is_kept_for_a_while(shop: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effects, "KEPT_ABOVE", 5)
    stocked(shop, COUPON)
    join(shop, *["gold,S001,,"] * 10)
    marketer = running(shop, holdout="50")
    marketer.post("/campaigns/C-NEW/issue")
    work(shop)

    def mean() -> float:
        text = marketer.get("/campaigns/C-NEW/effect/export").content.decode("utf-8-sig")
        told = {row["figure"]: row["value"] for row in csv.DictReader(io.StringIO(text))}
        return float(told["treated_mean_minor"]) + float(told["control_mean_minor"])

    assert mean() == 0
    put(shop, 1, (sku(1), 1000, 9000, 9000), member="m-1")
    put(shop, 2, (sku(1), 1000, 4000, 4000), member="m-1", kind="return")
    assert mean() == 0
    shop.clock.advance(effects.KEPT_MS)
    count = sum(
        is_held_out("C-NEW", f"m-{n}", 500_000) == is_held_out("C-NEW", "m-1", 500_000) for n in range(1, 11)
    )
    assert mean() == pytest.approx(5000 / count, abs=0.01)
