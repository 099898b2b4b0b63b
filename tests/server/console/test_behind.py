"""Every number of a dashboard opens to what it counts, and the list is what a plain recount finds."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from sqlalchemy import event, text

from sync_server.services.console import behind
from sync_server.services.console.roles import Role
from sync_server.store import behind as behind_store
from sync_server.store import masters, sales, shelf_sum
from sync_server.store import stock as stock_store
from sync_server.store.engine import Txn
from sync_server.store.schema.balancing import stock_notable, stock_summary, stock_transit
from sync_server.store.schema.tables import document, projected
from sync_server.store.stock import StockRow
from tests.server.console.test_channels import enter, put
from tests.server.console.test_sales import gather
from tests.server.support.console import Visitor, sign_in, unopened
from tests.server.support.office import Chain
from tests.server.support.shop import sku, stock

PAGES = (
    "/sales", "/sales?store=S001", "/sales?region=east", "/sales/items", "/sales/members", "/channels",
    "/channels?store=S001", "/member-figures", "/stock", f"/stock/items/{sku(1)}", "/stock/parts?what=over",
    "/stock/parts?what=coming", "/stock/shelves",
)  # fmt: skip
DAYS = ("2026-04-11", "2026-05-27", "2026-05-28", "2026-05-29")
DAY = DAYS[-1]
HOUR_MS = 3_600_000
Trade = dict[str, Any]


@pytest.fixture
def trades(chain: Chain) -> list[Trade]:
    """Sales and returns of two stores, by lot; and stock of an item in both, some of it on its way."""
    stock(chain)
    for number in range(1, 6):
        enter(chain, f"m-{number}", f"1391234{5000 + number}", "gold", "S001", "", "")
    lot, made, start_ms = random.Random(5), [], chain.clock.now_ms()
    for number in range(1, 46):
        store, kind = lot.choice(["S001", "S002"]), lot.choice(["sale", "sale", "sale", "return"])
        member = lot.choice([None, *(f"m-{n}" for n in range(1, 6))])
        each = {
            "till": store, "store": store, "day": lot.choice(DAYS), "kind": kind, "member": member,
            "channel": lot.choice(["pos", "web"]), "number": number,
        }  # fmt: skip
        put(chain, number, {"sku": sku(1)}, **{k: v for k, v in each.items() if k != "number"})
        made.append(each)
    table = projected["transaction_total"]

    def write(txn: Txn) -> None:
        for each in made:
            row = table.c.number == each["number"]
            each["discount"] = 100 * (each["number"] % 3 == 0)
            each["hour"] = each["number"] % 5
            at_ms = start_ms - 4 * HOUR_MS + each["hour"] * HOUR_MS
            txn.execute(table.update().where(row).values(discount_minor=each["discount"]))
            txn.execute(_moment(each["number"], at_ms))
        masters.put_costs(txn, [(sku(1), 600)])
        held = [StockRow(sku(1), store, 5000, 0, None, None, None, None, None) for store in ("S001", "S002")]
        stock_store.put(txn, held)
        for store in ("S001", "S002"):
            sold = next(each["number"] for each in made if each["store"] == store)
            moved = (store, 1, sold, 1, store, DAYS[-1], "h", sku(1), -1000, "sale")
            txn.insert_many(projected["stock_movement"], [moved])
            notable = [(store, what, 0, sku(1), 5000, 0, 7) for what in ("value", "out", "over")]
            txn.insert_many(stock_notable, notable)
        txn.insert_many(stock_summary, [(store, 1, 1, 3000, 1, 5, 1, 7, 900) for store in ("S001", "S002")])
        coming = [(sku(1), "T1", "S002", "S001", 900), (sku(1), "T2", "S001", "S002", 9)]
        txn.insert_many(stock_transit, coming)
        here = document.c.type == "shelf_checked"
        txn.execute(document.update().where(here).values(received_at_ms=start_ms))
        shelf_sum.put(txn, "S001", {DAYS[-1]: (5, 1)}, [])

    put(chain, 1, till="s", kind="shelf_checked", day=DAYS[-1], checked=5, wrong=1)
    chain.office.store.write(write)
    gather(chain)
    return made


def _moment(number: int, at_ms: int) -> Any:
    return document.update().where(document.c.number == number).values(occurred_at_ms=at_ms)


def listed(visitor: Visitor, path: str) -> list[int]:
    """Numbers of the documents of a list, page after page."""
    found: list[int] = []
    while path:
        text = visitor.get(path.removeprefix("/console")).text
        found += [int(n) for n in re.findall(r"/console/documents/[^/\"]+/1/(\d+)", text)]
        older = re.search(r'href="([^"]+at_day[^"]+)"', text)
        path = unescape(older[1]) if older else ""
    return found


def test_every_number_opens_and_its_list_is_what_a_plain_recount_finds(
    chain: Chain, trades: list[Trade], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One test: the trades are dear to make."""
    no_number_opens_to_nothing(chain)
    each_to_his_region(chain)
    monkeypatch.setattr(behind, "SHOWN_MAX", 20)
    monkeypatch.setattr(behind, "READ_MAX", 60)
    monkeypatch.setattr(behind, "PLACES_AT_FIRST", 2)
    monkeypatch.setattr(behind, "PLACES_AT_ONCE", 3)
    a_page_at_a_time(chain, trades)


def no_number_opens_to_nothing(chain: Chain) -> None:
    visitor = sign_in(chain, *Role)
    links: dict[str, bool] = {}
    for page in PAGES:
        text = visitor.get(page).text
        assert unopened(text) == [], page
        for cell, link, said in re.findall(
            r'<(td|td class="num"|dd)><a [^>]*?href="/console([^"]+)"[^>]*>(.*?)</a>', text, re.DOTALL
        ):
            path, counts = unescape(link), cell != "td" and bool(re.search(r"[1-9]", said))
            links[path] = links.get(path, False) or counts
        for data in re.findall(r'data-chart="([^"]*)"', text):
            drawn = json.loads(unescape(data))
            for series in drawn.get("series", ()):
                assert len(series["links"]) == len(series["values"]), (page, series["name"])
                for link, value in zip(series["links"], series["values"], strict=True):
                    path = link.removeprefix("/console")
                    if value or link == series["links"][-1]:
                        links[path] = links.get(path, False) or bool(value)
            assert all(place[5] for place in drawn.get("places", ()))
    assert len(links) > 150
    bad = []
    if chain.office.store.dialect == "postgresql":  # the same pages: some of them are enough
        links = dict(random.Random(1).sample(sorted(links.items()), 25))
    for link, counts in links.items():
        answer = visitor.get(link)
        listed_some = re.search(r"<tbody>\s*<tr[^>]*><td(?! colspan)", answer.text)
        if answer.status_code != 200 or (counts and not listed_some):
            bad.append(link)
    assert bad == [], "they count something and list nothing"
    right = visitor.get("/stock/shelves/checks?store=S001&wrong=1").text
    assert right.count("/console/documents/s/1/1") == 1


def _is_sale(each: Trade) -> bool:
    return bool(each["kind"] == "sale")


CASES: dict[str, Callable[[Trade], bool]] = {
    "": lambda each: True,
    "what=sales": _is_sale,
    "what=returns": lambda each: not _is_sale(each),
    "what=discount": lambda each: bool(each["discount"]),
    "what=member": lambda each: _is_sale(each) and bool(each["member"]),
    "store=S002&what=sales": lambda each: _is_sale(each) and each["store"] == "S002",
    "region=east": lambda each: bool(each["store"] == "S001"),
    "channel=web&what=returns": lambda each: not _is_sale(each) and each["channel"] == "web",
    "tier=gold&what=member": lambda each: _is_sale(each) and bool(each["member"]),
    "tier=silver&what=member": lambda each: False,
    f"sku={sku(1)}": lambda each: True,
    f"sku={sku(2)}": lambda each: False,
    "hour=3&what=sales": lambda each: _is_sale(each) and each["hour"] == 3,
}


def a_page_at_a_time(chain: Chain, trades: list[Trade]) -> None:
    visitor = sign_in(chain, Role.AUDITOR)
    inside = [each for each in trades if each["day"] > "2026-05"]
    for query, wanted in CASES.items():
        found = listed(visitor, f"/sales/documents?from=2026-05-01&to=2026-05-31&{query}")
        assert sorted(found) == [each["number"] for each in inside if wanted(each)], query
    found = listed(visitor, "/sales/documents?from=2026-05-01&to=2026-05-31&what=sales")
    days = {each["number"]: each["day"] for each in trades}
    assert [days[n] for n in found] == sorted((days[n] for n in found), reverse=True)
    of_members(chain, visitor, trades)
    too_many_to_look_up(visitor)
    for query in ("what=everything", "hour=25", "hour=x"):
        assert visitor.get(f"/sales/documents?{query}").status_code == 422, query
    assert visitor.get("/sales/documents?at_day=2026-05-29&at_store=S001&at=x").status_code == 200
    assert visitor.get("/stock/parts?what=nothing").status_code == 422


def of_members(chain: Chain, visitor: Visitor, trades: list[Trade]) -> None:
    """Those whom the figures of members count."""
    bought = [each for each in trades if _is_sale(each) and each["member"]]
    first = {m: min(e["day"] for e in bought if e["member"] == m) for m in {e["member"] for e in bought}}
    last_day = max(DAYS[:-1])

    def asked(query: str) -> list[int]:
        return sorted(listed(visitor, f"/sales/documents?{query}"))

    assert asked("from=2026-04-01&to=2026-05-31&what=first") == [
        each["number"] for each in bought if each["day"] == first[each["member"]]
    ]
    today = [each for each in bought if each["day"] == DAYS[-1]]
    again = [e["number"] for e in today if sum(o["member"] == e["member"] for o in today) > 1]
    assert asked(f"from={DAYS[-1]}&to={DAYS[-1]}&what=repeat") == again
    kept = [
        e["number"] for e in today if any(o["member"] == e["member"] and o["day"] < "2026-05" for o in bought)
    ]
    assert asked(f"from={DAYS[-1]}&to={DAYS[-1]}&what=kept&kept_from=2026-04-01") == kept
    here = {each["member"] for each in today}
    before = [each for each in bought if each["day"] <= last_day and each["member"] not in here]
    newest = {m: max(e["day"] for e in before if e["member"] == m) for m in {e["member"] for e in before}}
    assert asked(f"from={DAYS[-1]}&to={DAYS[-1]}&what=last") == [
        each["number"] for each in before if each["day"] == newest[each["member"]]
    ]
    for first_day, last_day in (("2026-04-11", "2026-05-27"), (DAYS[2], DAYS[2]), (DAYS[-1], DAYS[-1])):
        figures_are_their_lists(chain, visitor, trades, first_day, last_day)
    both = '["pos", "web"]'
    of_both = {m for m in first if {e["channel"] for e in bought if e["member"] == m} == {"pos", "web"}}
    found = asked(f"from=2026-04-01&to=2026-05-31&what=member&bought_in={both}")
    assert of_both and found == [each["number"] for each in bought if each["member"] in of_both]


def figures_are_their_lists(
    chain: Chain, visitor: Visitor, trades: list[Trade], first_day: str, last_day: str
) -> None:
    """As many members as are in the list, for days that are long over too."""
    counts = chain.office.store.read(lambda txn: sales.seen_counts(txn, first_day, last_day))
    of = {each["number"]: each["member"] for each in trades}
    for figure, what in (("active", "member"), ("first", "first"), ("again", "again"), ("dormant", "last")):
        found = listed(visitor, f"/sales/documents?from={first_day}&to={last_day}&what={what}")
        assert counts[figure] == len({of[number] for number in found}), (figure, first_day, last_day)


def too_many_to_look_up(visitor: Visitor) -> None:
    """Then nothing is said that the list behind it would not bear out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sales, "LATER_MAX", 0)
        past, now = (
            visitor.get(f"/sales/members?from={DAYS[1]}&to={day}").text for day in (DAYS[1], DAYS[-1])
        )
    assert "沉睡会员" in now and "what=again" in now
    assert "what=again" not in past and "what=last" not in past and "what=first" in past
    assert "截止到今天" in past


def each_to_his_region(chain: Chain) -> None:
    east = sign_in(chain, Role.REGIONAL_MANAGER, region="east")
    page = east.get(f"/stock/items/{sku(1)}/S001").text
    assert "/console/documents/S001/1/" in page and "销售" in page and ">-1<" in page
    assert "/console/documents" not in east.get(f"/stock/items/{sku(1)}/S002").text
    assert "S002" not in east.get("/stock/parts?what=out").text
    assert "/console/documents" not in east.get("/stock/shelves/checks?store=S002").text
    coming = east.get("/stock/parts?what=coming").text
    assert "T1" in coming and "S002" not in coming, "whence it comes is another region's"


def test_a_page_asks_the_database_a_few_times_however_many_days_it_reads(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred stores' days in which nothing fits."""
    enter(chain, "m-1", "13912345001", "gold", "S001", "", "")
    for number in range(100):
        day = f"2026-04-{number // 4 + 1:02d}"
        put(chain, number + 1, {"sku": sku(1)}, till="t", store=f"S00{number % 4}", day=day, member="m-1")
    gather(chain)
    asked: list[int] = []
    of_places = behind_store.of_places
    monkeypatch.setattr(
        behind_store, "of_places", lambda *args: asked.append(len(args[2])) or of_places(*args)
    )
    visitor = sign_in(chain, Role.AUDITOR)
    said = visitor.get("/sales/documents?from=2026-04-01&to=2026-04-30&what=member&tier=silver")
    assert said.status_code == 200
    assert asked == [16, 32, 52]


def test_a_rare_kind_is_looked_up_of_the_documents_of_those_days_alone(chain: Chain) -> None:
    plans: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            query_plan = "" if connection.dialect.name == "postgresql" else "QUERY PLAN "
            rows = connection.exec_driver_sql(f"EXPLAIN {query_plan}{statement}", values)
            plans.append(" ".join(str(row[-1]) for row in rows))

    def look(txn: Txn) -> list[dict[str, Any]]:
        _nobody_spends(txn)
        event.listen(txn.connection, "before_cursor_execute", explain)
        asked = behind_store.Asked(DAY, DAY, None, "spent")
        found = behind_store.of_places(txn, asked, [(DAY, f"S{number:03d}") for number in range(8)], 0, 300)
        event.remove(txn.connection, "before_cursor_execute", explain)
        return found

    assert [row["number"] for row in chain.office.store.write(look)] == [5]
    (plan,) = plans
    looked_up = "using points_movement_pkey on points_movement" in plan or "SEARCH points_movement" in plan
    assert looked_up and "Seq Scan on points_movement" not in plan, plan


def _nobody_spends(txn: Txn) -> None:
    """Twenty thousand documents of 128 stores on ten days, whose members earn points; but for one of them."""
    days = [f"2026-05-{day:02d}" for day in range(20, 29)] + [DAY]
    places = [
        (f"w{n % 128}", 1, n, f"S{n % 128:03d}", DAY if n == 5 else days[n // 128 % 10])
        for n in range(20_000)
    ]
    txn.insert_many(
        document,
        [(*place[:4], "sale", 5, place[4], *(None,) * 3, "", b"{}", 5) for place in places],
    )
    txn.insert_many(
        projected["transaction_total"],
        [(*place, "sale", None, "CNY", f"m{place[2]}", 1, 5, 0, 0, 5, 0) for place in places],
    )
    txn.insert_many(
        projected["points_movement"],
        [
            (*place[:3], 0, *place[3:], "h", f"m{place[2]}", 5, "spent" if place[2] == 5 else "earned")
            for place in places
        ],
    )
    txn.execute(text("ANALYZE"))
