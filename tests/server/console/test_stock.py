"""The chain's stock as the job works it out, and suggestions that become transfers in the stores."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from pos_core.stock.transfer import next_steps, view_of
from pos_core.sync.folds.facts import TransferMoved
from pos_core.sync.folds.stamp import Stamp
from sync_server.jobs.balancing import AGAIN_MS, BalancingJobs
from sync_server.services.balancing import run
from sync_server.services.balancing.run import Balancing, Done
from sync_server.services.console.roles import Role
from sync_server.store import audit, balancing, feed, masters, shelf_sum, stock
from sync_server.store.balancing import NotableRow
from sync_server.store.engine import Txn
from sync_server.store.schema.demand import item_day
from sync_server.store.stock import StockRow
from tests.server.console.test_exception_counts import chart
from tests.server.support.console import code_of, sign_in
from tests.server.support.office import Chain
from tests.server.support.shop import sku
from tests.server.support.shop import stock as shop_stock

PLACES = [
    ["S001", "人民路店", "east", "", 31_230_000, 121_470_000, "Asia/Shanghai", "PL1", "[]"],
    ["S002", "解放路店", "west", "", 30_570_000, 104_060_000, "Asia/Shanghai", "PL2", "[]"],
    ["S003", "南京路店", "east", "", 31_240_000, 121_600_000, "Asia/Shanghai", "PL1", "[]"],
]


def sells(code: str, daily: int, *, lead: int = 5, review: int = 2) -> list[Any]:
    """A row `replenishment`: so many pieces a day."""
    basis = '{"method":"seasonal"}'
    return [code, json.dumps([daily * 1000] * 7), 2000, "supplier", "V1", lead, review, 1000, 0, 600, basis]


@pytest.fixture
def shop(chain: Chain) -> Chain:
    """S001 has 100 of item 1 that it does not sell; S003 sells 4 a day and has none; S002 is far away."""
    shop_stock(chain)

    def write(txn: Txn) -> None:
        feed.put_rows(txn, "store", "chain", PLACES)
        masters.put_costs(txn, [(sku(1), 600)])
        rows = [
            ("S001", sku(1), 100_000),
            ("S003", sku(1), 0),
            ("S002", sku(1), 500_000),
            ("S003", sku(2), 9000),
        ]
        stock.put(
            txn,
            [StockRow(code, store, milli, 0, None, None, None, None, None) for store, code, milli in rows],
        )
        feed.put_rows(txn, "replenishment", "store:S003", [sells(sku(1), 4)])
        sold = [("S003", "2026-05-20", sku(1), 10_000, -10_000, 0, 10_000, 10_000)]
        txn.insert_many(item_day, sold)

    chain.office.store.write(write)
    return chain


def balance(chain: Chain) -> Done:
    return Balancing(chain.office.store, chain.clock).run()


def test_a_place_s_notable_items_are_written_with_it_and_nothing_of_them_is_kept(
    shop: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = NotableRow("S009", "over", 0, sku(1), 1, 1, 1)
    shop.office.store.write(lambda txn: balancing.put_notable(txn, store_id="S009", rows=[gone]))
    seen: list[str] = []
    by_region = run._by_region

    def look(places: Any, found: Any, terms: Any) -> Any:
        assert all(not place.parts for place in found.values())
        stores = [*sorted(found), "S009"]
        seen.extend(each.store_id for each in shop.office.store.read(_notable(stores)))
        return by_region(places, found, terms)

    monkeypatch.setattr(run, "NOTABLE_MAX", 1)
    monkeypatch.setattr(run, "_by_region", look)
    balance(shop)
    assert "S001" in seen and "S009" in seen, "written before the plans are made"
    after = shop.office.store.read(_notable(["S001", "S009"]))
    assert {each.store_id for each in after} == {"S001"}, "and the place that is no more is gone"


def _notable(stores: list[str]) -> Callable[[Txn], list[NotableRow]]:
    return lambda txn: balancing.notable(txn, "over", stores, 100)


def test_what_lies_where_is_missing_and_tied_up(shop: Chain) -> None:
    balance(shop)
    rows = {row.store_id: row for row in shop.office.store.read(balancing.summaries)}
    assert (rows["S001"].items, rows["S001"].value_minor, rows["S001"].over_minor) == (1, 60_000, 60_000)
    assert (rows["S003"].out_items, rows["S003"].lost_minor) == (1, 4 * 1000)
    text = sign_in(shop, Role.MERCHANDISER).get("/stock").text
    assert "3,654.00" in text and "人民路店" in text
    drawn = chart(text)
    assert [place[0] for place in drawn["places"]] == ["S001 人民路店", "S002 解放路店", "S003 南京路店"]  # type: ignore[attr-defined]
    assert drawn["places"][0][3] == 600  # type: ignore[index]
    assert sku(1) in sign_in(shop, Role.MERCHANDISER).get(f"/stock?text={sku(1)}").text


def test_shelf_prices_that_hung_wrong_are_counted_store_by_store(shop: Chain) -> None:
    days = {"2026-05-20": (40, 3), "2026-05-19": (10, 0), "2026-05-21": (0, 0)}
    shop.office.store.write(lambda txn: shelf_sum.put(txn, "S003", days, []))
    person = sign_in(shop, Role.MERCHANDISER)
    text = person.get("/stock/shelves").text
    assert re.search(r"S003 南京路店.*>50<.*>3<.*6.0 %.*2026-05-20", text) and text.index(
        "S003"
    ) < text.index("S001")
    assert "S003,南京路店,east,50,3,2026-05-20" in person.get("/stock/shelves/export").text
    theirs = sign_in(shop, Role.REGIONAL_MANAGER, region="west").get("/stock/shelves").text
    assert "S002" in theirs and "S003" not in theirs


def test_an_item_everywhere_with_what_is_on_its_way(shop: Chain) -> None:
    steps = [("shipped", "S001", "S003", {sku(1): 7000}), ("shipped", "S002", "S003", {sku(1): 2000})]

    def write(txn: Txn) -> None:
        folding = shop.office.member_links._folding
        made = [partial(moved, f"t{n}", step) for n, step in enumerate(steps)]
        folding.take_hq(txn, made, now_ms=shop.clock.now_ms())

    shop.office.store.write(write)
    balance(shop)
    text = sign_in(shop, Role.AUDITOR).get(f"/stock/items/{sku(1)}").text
    assert ">600<" in text and ">9<" in text and "S002" in text
    theirs = sign_in(shop, Role.REGIONAL_MANAGER, region="east").get(f"/stock/items/{sku(1)}").text
    assert ">100<" in theirs and "S002" not in theirs


def moved(transfer_id: str, step: tuple[str, str, str, dict[str, int]], stamp: Stamp) -> TransferMoved:
    kind, source, target, lines = step
    return TransferMoved(stamp, source, transfer_id, kind, source, target, lines)


def test_a_suggestion_says_why_and_becomes_a_transfer_to_pick(shop: Chain) -> None:
    done = balance(shop)
    assert done.suggestions == 1 and done.saving_minor > 0, "S002 is too far away"
    (row,) = shop.office.store.read(lambda txn: balancing.suggestions(txn, ["open"], 9))
    (line,) = json.loads(row.lines)
    assert (row.from_store, row.to_store, line["sku"], line["units"]) == ("S001", "S003", sku(1), 28)
    assert line["margin_minor"] == 28 * (400 * 6 // 7) and 11_000 < row.distance_m < 14_000
    visitor = sign_in(shop, Role.MERCHANDISER)
    assert "S001 → S003" in visitor.get("/transfers").text
    path = f"/transfers/{row.suggestion_id}"
    assert code_of(visitor.post(f"{path}/approve", {f"units_{sku(1)}": "29"})) == "transfer_bad_quantities"
    assert code_of(visitor.post(f"{path}/approve", {f"units_{sku(1)}": "0"})) == "transfer_bad_quantities"
    assert code_of(sign_in(shop, Role.AUDITOR).post(f"{path}/approve")) == "console_forbidden"
    west = sign_in(shop, Role.REGIONAL_MANAGER, login="west", region="west")
    assert (
        code_of(west.post(f"{path}/approve")) == "no_such_suggestion"
        and "S001" not in west.get("/transfers").text
    )
    assert code_of(visitor.post(f"{path}/approve", {f"units_{sku(1)}": "20"}, why="周末促销")) == ""
    for store in ("S001", "S003"):
        rows = shop.office.store.read(partial(list_of, scope=f"store:{store}"))
        (found,) = rows
        state = json.loads(found[1]) if isinstance(found[1], str) else found[1]
        view = view_of(found[0], state["steps"])
        assert (view.status, dict(view.asked)) == ("approved", {sku(1): 20_000})
        assert next_steps(view, "S001")[0] == "picked"
    assert code_of(visitor.post(f"{path}/refuse")) == "no_such_suggestion", "decided"
    said = shop.office.store.read(lambda txn: audit.page(txn, subject=row.suggestion_id, limit=9))
    assert [(each["actor"], each["action"]) for each in said] == [
        ("merchandiser", "transfer_suggestion_approved")
    ]
    assert "周末促销" in visitor.get("/transfers?over=1").text


def list_of(txn: Txn, scope: str) -> list[Any]:
    return list(feed.rows_of(txn, "transfer", scope))


def test_a_new_run_replaces_what_is_open_and_keeps_what_was_decided(shop: Chain) -> None:
    balance(shop)
    (old,) = shop.office.store.read(lambda txn: balancing.suggestions(txn, ["open"], 9))
    visitor = sign_in(shop, Role.MERCHANDISER)
    visitor.post(f"/transfers/{old.suggestion_id}/refuse", why="店里在装修")
    balance(shop)
    (fresh,) = shop.office.store.read(lambda txn: balancing.suggestions(txn, ["open"], 9))
    balance(shop)
    replaced = shop.office.store.read(lambda txn: balancing.suggestion(txn, fresh.suggestion_id))
    refused = shop.office.store.read(lambda txn: balancing.suggestion(txn, old.suggestion_id))
    assert replaced is not None and replaced.state == "replaced"
    assert refused is not None and refused.state == "refused" and refused.decided_why == "店里在装修"
    assert code_of(visitor.post(f"/transfers/{fresh.suggestion_id}/approve")) == "no_such_suggestion"


def test_terms_that_make_trips_dear_leave_goods_where_they_are(shop: Chain) -> None:
    row = ["transfers", json.dumps({"trip_minor": 1_000_000})]
    shop.office.store.write(lambda txn: feed.put_rows(txn, "policy", "chain", [row]))
    assert balance(shop).suggestions == 0


def test_the_job_is_due_once_a_night_and_runs_elsewhere(shop: Chain) -> None:
    ran = []

    class Builder:
        def run(self) -> int:
            ran.append(balance(shop))
            return 0

    jobs = BalancingJobs(shop.office.store, shop.clock, Builder())  # type: ignore[arg-type]
    jobs.balance_if_due()
    jobs.balance_if_due()
    assert len(ran) == 1
    shop.clock.advance(AGAIN_MS + 1)
    jobs.balance_if_due()
    assert len(ran) == 2


@pytest.mark.database("sqlite")
def test_no_solver_is_loaded_with_the_server() -> None:
    code = (
        "import sys, sync_server.bootstrap, sync_server.console_wiring, sync_server.jobs_wiring; "
        "sys.exit(bool({'numpy', 'highspy'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
