"""What head office has in hand at the reference chain: drafts, a campaign, a replay, rulings, orders.

Through the same services as the console's pages. On a chain that is built already it stands alone.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks import reference_replica as reference
from benchmarks.reference_chain.masters import PRICE_LIST, REGIONS
from benchmarks.reference_chain.sales import Sales, Till, moment, taken_back
from pos_core.canonical import canonical_bytes
from sync_server.bootstrap import HeadOffice
from sync_server.console.desk import Desk
from sync_server.console_wiring import make_desk
from sync_server.services.acts import Act
from sync_server.services.campaigns.plan import Plan
from sync_server.store import feed, masters

DAY_MS = 86_400_000
PROMOTIONS, SKUS_EACH = 50, 20
CAMPAIGN = "C-REF"
TAKEN_BACK_TWICE = 20
"""Sales of each store whose first line comes back at two tills: a ruling each."""
ORDER_LINES = 30
ORDERS = 10
"""Of each store."""
REPLAYED_STORES = 10
ASKS, DECIDES = Act("asks", "reference", "user-1"), Act("decides", "reference", "user-2")


def put_in_hand(office: HeadOffice, sales: Sales, items: int, tell: Callable[[str], None]) -> None:
    """All of it. `sales`: whose tills push; their days are those of the last weeks."""
    desk = make_desk(office, tls=False)
    tiers = ["member_tiers", json.dumps([{"code": code, "name": code} for code in ("silver", "gold")])]
    office.store.write(lambda txn: feed.put_rows(txn, "policy", "chain", [tiers]))
    rules = [_rule(number) for number in range(PROMOTIONS)]
    office.store.write(
        lambda txn: masters.put_promotions(txn, [(r["id"], _text(r)) for r in (*rules, _coupon())])
    )
    office.publisher.publish(note="promotions")
    _prices(desk, items)
    changed = _promotions(desk)
    tell("drafts")
    _campaign(desk, office)
    tell(f"campaign: {desk.campaigns.one(CAMPAIGN, None).coupons}")
    _replay(desk, changed, sorted({till.row.store_id for till in sales.tills})[:REPLAYED_STORES])
    tell("replay")
    _documents(office, sales)
    tell("rulings and orders")


def _text(rule: dict[str, Any]) -> str:
    return canonical_bytes(rule).decode()


def _rule(number: int) -> dict[str, Any]:
    skus = [f"SKU{number * SKUS_EACH + place:07d}" for place in range(SKUS_EACH)]
    return {
        "id": f"R-{number:03d}",
        "name": f"第二件半价 {number}",
        "name_en": f"Second at half price {number}",
        "phase": "item",
        "select": {"any_of": [{"skus": skus}]},
        "benefit": {"kind": "nth_percent", "units": 2, "rate_ppm": 500_000},
        "stack": "one_promotion_per_item",
    }


def _coupon() -> dict[str, Any]:
    return {
        "id": "R-COUPON",
        "name": "满50减20",
        "name_en": "20 off 50",
        "phase": "coupon",
        "coupon": {"campaign": CAMPAIGN},
        "conditions": [{"min_amount_minor": 5000}],
        "benefit": {"kind": "basket_amount", "amount_minor": 2000},
        "stack": {"mode": "best", "group": "order-coupons"},
    }


def _prices(desk: Desk, items: int) -> None:
    """A draft of every item's price."""
    start = desk.clock.now_ms() + 7 * DAY_MS
    change = desk.price_changes.begin(
        ASKS, title="全部调价", effective_from_ms=start, effective_to_ms=start + 30 * DAY_MS
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "prices.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["price_list_id", "sku", "price"])
            for _, sku, _, _, price in reference.prices(items):
                writer.writerow([PRICE_LIST, sku, f"{price * 11 // 10 / 100:.2f}"])
        report = desk.price_changes.take_file(ASKS, change, path, Path(folder) / "rejects.csv")
    assert report.rejected == 0, report.problems[:3]


def _promotions(desk: Desk) -> str:
    change = desk.promotion_changes.begin(ASKS, "十月促销")
    for number in range(5):
        rule = _rule(number)
        rule["benefit"] = {**rule["benefit"], "rate_ppm": 400_000}
        desk.promotion_changes.put_rule(ASKS, change, rule, before=rule["id"])
    return change


def _campaign(desk: Desk, office: HeadOffice) -> None:
    """A coupon for the gold members of four regions, a tenth of them held out."""
    now = desk.clock.now_ms()
    regions = tuple(f"R{number:02d}" for number in range(min(4, REGIONS)))
    plan = Plan(
        "回头客券", "Come back", "R-COUPON", now - DAY_MS, now + 60 * DAY_MS,
        tiers=("gold",), regions=regions, holdout_ppm=100_000,
    )  # fmt: skip
    desk.campaigns.plan(ASKS, CAMPAIGN, plan, new=True)
    desk.campaigns.submit(ASKS, CAMPAIGN)
    desk.campaigns.approve(DECIDES, CAMPAIGN)
    desk.campaigns.runs.begin(ASKS, CAMPAIGN)
    while office.campaign_runs.run_some(10):
        pass


def _replay(desk: Desk, change: str, stores: list[str]) -> None:
    day = (datetime.now(UTC).date() - timedelta(days=10)).isoformat()
    desk.replays.begin(ASKS, change, stores, day, day)
    while desk.replays.run_some(10):
        pass


def _documents(office: HeadOffice, sales: Sales) -> None:
    day = datetime.now(UTC).date() - timedelta(days=3)
    for number, till in enumerate(sales.tills):
        at = [moment(day, 600 + minute) for minute in range(100)]
        if number % 3 == 0:
            for minute in range(TAKEN_BACK_TWICE):
                _twice(sales, till, at[minute])
            for minute in range(ORDERS):
                till.write("goods_ordered", _order(till, minute, day), at[minute])
        if till.waiting:
            office.push.push(till.row, till.push_body())


def _twice(sales: Sales, till: Till, at: datetime) -> None:
    """A sale whose first line is taken back two times."""
    body = sales.basket(till)
    number = till.write("sale", body, at)
    for _ in range(2):
        till.write("return", taken_back(till, body, number), at)


def _order(till: Till, number: int, day: date) -> dict[str, Any]:
    lines = [
        {
            "line_no": n + 1,
            "sku": f"SKU{n:07d}",
            "quantity_milli": 24_000,
            "unit_cost_minor": 150,
            "why": None,
        }
        for n in range(ORDER_LINES)
    ]
    return {
        "order_id": f"P{till.row.store_id}-{number:04d}-ABCDEF",
        "supplier_id": "SUP",
        "supplier_name": "云供货",
        "expected_day": (day + timedelta(days=7)).isoformat(),
        "lines": lines,
    }
