"""How many past baskets a second a draft is tried on, under 50 running promotions.

    python -m benchmarks.replay [--baskets 4000] [--rounds 3]

Real baskets of the year in `benchmarks/real_data` (1 to 100 units and more), under 50 promotions made of
what that chain sells most, a 满减 ladder and a coupon, as `pricing_real` makes them; kept at head office as
sales with the record of their price, received through its own door. Then three drafts are replayed by the
service itself, with its reading, its sums and its place written every 500 baskets: one on a kind of product,
one on the whole basket (it touches most), and a change of 200 prices. Each with the states that a till's
search may keep, and with those of a replay: the sums are to agree. One process, so one core. Goal: ≥ 2,000
a second.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.head_office_process import SystemClock
from benchmarks.pricing_real import SEED, RealChain, baskets, chain_of, promotions
from benchmarks.pricing_real import sold as real_lines
from benchmarks.reference_chain.sales import Sales, Till, totals
from benchmarks.report import spread
from pos_core.pricing.compiled import RuleSet, compile_rules
from pos_core.pricing.engine import STATE_BUDGET, price_basket
from pos_core.pricing.load import load_basket, load_promotions
from pos_core.pricing.sale_record import sale_record
from pos_core.tax.tax_lines import TaxableLine, tax_shares
from sync_server.bootstrap import open_head_office
from sync_server.console_wiring import make_replays
from sync_server.head_office import HeadOffice
from sync_server.http.memory import settle
from sync_server.services.acts import Act
from sync_server.services.chain import found_chain
from sync_server.services.console import replay_ways
from sync_server.services.console.chain_facts import ChainFacts
from sync_server.services.console.price_changes import PriceChanges
from sync_server.services.console.promotion_changes import PromotionChanges
from sync_server.services.console.rule_sets import RuleSets
from sync_server.services.data_folder import DataFolder
from sync_server.store import feed, masters, price_change
from sync_server.store.engine import Txn
from sync_server.store.masters import PriceRow

GOAL = 2000
RUNNING = 50
STORE = ["S0000", "店", "east", "", None, None, "America/New_York", "PL1", "[]"]
DAYS = ("2025-01-01", "2025-12-31")
TAX_PPM = 130_000
AT_ONCE = 400
ACT = Act("benchmark", "measured", "u1")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--baskets", type=int, default=4000)
    arguments.add_argument("--rounds", type=int, default=3)
    options = arguments.parse_args()
    everything = real_lines()
    chain = chain_of(everything, Random(SEED))
    drawn = baskets(everything, options.baskets)
    del everything
    with tempfile.TemporaryDirectory() as folder:
        office = _office(Path(folder) / "office", chain, drawn)
        settle()
        print(f"{len(drawn)} real baskets, {sum(len(b['lines']) for b in drawn)} lines, {RUNNING} promotions")
        for name, draft in _drafts(chain, office).items():
            _both(office, name, draft, options.rounds)
        office.close()


def _office(folder: Path, chain: RealChain, drawn: Sequence[dict[str, Any]]) -> HeadOffice:
    found_chain(DataFolder(folder), chain_name="R", currency="CNY", clock=SystemClock(), hosts=["localhost"])
    office = open_head_office(folder)
    running = promotions(chain, RUNNING)["promotions"]

    def write(txn: Txn) -> None:
        feed.put_rows(txn, "store", "chain", [STORE])
        feed.put_rows(txn, "price_list", "chain", [["PL1", "R", "CNY"]])
        masters.put_promotions(txn, [(p["id"], json.dumps(p)) for p in running])
        masters.put_costs(txn, [(sku, price * 6 // 10) for sku, price in chain.prices.items()])

    office.store.write(write)
    office.publisher.publish(note="running")
    rules = compile_rules(load_promotions({"promotions": running}))
    till = Sales(office, stores=1, items=1, members=1).tills[0]
    for number, asked in enumerate(drawn, 1):
        body = _sale(asked, rules)
        till.write("sale", body, datetime.fromtimestamp(asked["instant_ms"] / 1000, UTC))
        if number % AT_ONCE == 0 or number == len(drawn):
            _send(office, till)
    return office


def _send(office: HeadOffice, till: Till) -> None:
    answer = office.push.push(till.row, till.push_body())
    assert not answer.quarantined, answer


def _sale(asked: dict[str, Any], rules: RuleSet) -> dict[str, Any]:
    question = load_basket(asked)
    answer = price_basket(question, rules)
    lines = [
        {
            "line_no": int(line.line_id), "sku": line.sku, "gtin": None, "name": line.sku,
            "department_code": "D", "quantity_milli": line.quantity_milli,
            "unit_price_minor": line.list_price_minor, "list_minor": priced.list_minor,
            "discounts": [
                {"source": "promotion", "id": "P", "name": "P",
                 "amount_minor": priced.list_minor - priced.net_minor}
            ] if priced.list_minor > priced.net_minor else [],
            "net_minor": priced.net_minor, "tax_class_code": "STD", "tax_rate_ppm": TAX_PPM, "tax_minor": 0,
            "entered": "scan",
        }
        for line, priced in zip(question.lines, answer.lines, strict=True)
    ]  # fmt: skip
    shares = tax_shares([TaxableLine("STD", TAX_PPM, line["net_minor"]) for line in lines])
    for line, share in zip(lines, shares, strict=True):
        line["tax_minor"] = share
    record = json.loads(json.dumps(sale_record(question, answer, rules)))
    return totals(lines) | {"member_id": None, "pricing": record}


def _drafts(chain: RealChain, office: HeadOffice) -> dict[str, str]:
    """Drafts by what they do; each is an id that a replay takes."""
    desk_of = {
        "20 % off one kind of product": {
            "phase": "item", "select": {"any_of": [{"departments": [chain.types[0][0]]}]},
            "benefit": {"kind": "percent_each", "rate_ppm": 200_000},
        },
        "2 off from the median on": {
            "phase": "basket", "conditions": [{"min_amount_minor": chain.quantiles[0]}],
            "benefit": {"kind": "basket_amount", "amount_minor": 200},
        },
    }  # fmt: skip
    return {name: _drafted(office, name, rule) for name, rule in desk_of.items()} | {
        "200 prices up by a tenth": _prices(office, chain)
    }


def _drafted(office: HeadOffice, title: str, rule: dict[str, Any]) -> str:
    sets = RuleSets(office.store, office.rule_book, office.clock)
    changes = PromotionChanges(office.store, sets, ChainFacts(office.store, office.clock), office.clock)
    change_id = changes.begin(ACT, title)
    changes.put_rule(
        ACT, change_id, {"id": "DRAFT", "name": title, "stack": "one_promotion_per_item", **rule}
    )
    return change_id


def _prices(office: HeadOffice, chain: RealChain) -> str:
    changes = PriceChanges(office.store, office.keys, office.clock)
    now = office.clock.now_ms()
    change_id = changes.begin(ACT, title="prices", effective_from_ms=now, effective_to_ms=None)
    rows = [PriceRow("PL1", sku, now, None, chain.prices[sku] * 11 // 10) for sku, _ in chain.skus[:200]]
    office.store.write(lambda txn: price_change.put_rows(txn, change_id, rows))
    return change_id


def _both(office: HeadOffice, name: str, change_id: str, rounds: int) -> None:
    """With all the states that a till's search may keep, then with those of a replay."""
    kept, sums = replay_ways.STATES, []
    for states in (STATE_BUDGET, kept):
        replay_ways.STATES = states
        print(f"{name}, {states} states")
        sums.append(_measure(office, change_id, rounds))
    print(f"  the sums {'agree' if sums[0][:3] == sums[1][:3] else f'DIFFER: {sums}'}")


def _measure(office: HeadOffice, change_id: str, rounds: int) -> tuple[int, ...]:
    rates, spent = [], []
    for _ in range(rounds):
        replays = make_replays(office)
        replay_id = replays.begin(ACT, change_id, [], *DAYS)
        began, worked = time.perf_counter(), time.process_time()
        while replays.run_some(1):
            pass
        wall, processor = time.perf_counter() - began, time.process_time() - worked
        row = replays.get(replay_id)
        assert (row.state, row.failed, row.baskets) == ("done", 0, row.total), row
        rates.append(row.baskets / wall)
        spent.append(row.baskets / processor)
    verdict = "within" if min(rates) >= GOAL else "BELOW"
    print(f"  {row.touched} touched, {row.before_minor / 100:.2f} → {row.after_minor / 100:.2f}")
    print(f"  {row.bound} not proven, at most {row.gap_minor / 100:.2f} less")
    print(f"  {spread(rates, unit='a second', digits=0)}, {verdict} the goal of {GOAL}")
    print(f"  a second of processor time: {spread(spent, unit='', digits=0)}")
    return row.touched, row.before_minor, row.after_minor, row.bound, row.gap_minor


if __name__ == "__main__":
    main()
