"""A store's day at head office: every workstation's part, what is late, margins as sums, contacts anew."""

from __future__ import annotations

import json
from typing import Any

from pos_core.cash.store_day import StoreDay
from pos_core.sync.document import document_bytes
from sync_server.store import feed, masters, shelf_sum
from tests.fakes.facts import sale
from tests.server.support.office import Chain
from tests.server.support.series import START_MS

DAY = "2026-05-28"
OLD = "2026-05-27"
HOUR_MS = 3_600_000


def _days(chain: Chain, store_id: str = "S001") -> dict[str, StoreDay]:
    rows = chain.office.store.read(lambda txn: list(feed.rows_of(txn, "store_day", f"store:{store_id}")))
    return {row[0]: StoreDay.from_value(row[0], json.loads(row[1])) for row in rows}


def _sell(till: Any, sku: str, minor: int, *, kind: str = "sale", at: int = 0, **header: Any) -> None:
    origin = {"workstation_id": "x", "incarnation": 1, "number": 1} if kind == "return" else None
    body = sale(sku=sku, price_minor=minor, origin=origin)
    made = till.maker.header(kind, business_day=DAY, occurred_at_ms=START_MS + at, **header)
    till.maker.append(document_bytes(made, body))


def _shift(till: Any, kind: str, body: dict[str, Any]) -> None:
    till.maker.append(document_bytes(till.maker.header(kind, business_day=DAY), body))


def _settled(counted: int) -> dict[str, Any]:
    tender = {"tender_code": "cash", "tender_kind": "cash", "expected_minor": 1000, "counted_minor": counted}
    return {
        "z_number": 3,
        "currency": "CNY",
        "exponent": 2,
        "first_number": 1,
        "last_number": 1,
        "tenders": [tender],
    }


def test_every_workstation_has_its_part_and_the_store_its_items_and_margin(chain: Chain) -> None:
    one, two = chain.enrol(), chain.enrol(name="收银台 2")
    chain.office.store.write(lambda txn: masters.put_costs(txn, [("A", 200)]))
    _shift(one, "shift_opened", {"currency": "CNY", "exponent": 2, "float_minor": 0})
    _sell(one, "A", 350)
    _sell(one, "B", 500, at=HOUR_MS, operator_id="E2")
    _sell(one, "A", 350, kind="return", at=HOUR_MS)
    _shift(one, "shift_settled", _settled(990))
    one.push()
    _sell(two, "A", 400)
    wrong = [{"line_no": 1, "sku": "A", "shelf_minor": 300, "price_minor": 350}]
    _shift(
        two, "shelf_checked", {"currency": "CNY", "exponent": 2, "checked": 12, "wrong": 1, "lines": wrong}
    )
    two.push()
    assert chain.office.store_days.refresh().days == 1
    day = _days(chain)[DAY]
    mine = day.workstations[one.maker.workstation_id]
    assert sorted(mine.hours.values()) == [150, 350] and mine.sales == 2
    assert mine.operators == {"E1": (1, 0), "E2": (1, 500)}
    assert [(each.z_number, each.over_minor) for each in mine.shifts] == [(3, -10)] and not mine.open_shifts
    assert mine.upto == {1: 5}
    assert day.workstations[two.maker.workstation_id].total_minor == 400
    assert (day.workstations[two.maker.workstation_id].shelves, mine.shelves) == ((12, 1), (0, 0))
    assert sum(day.workstations[two.maker.workstation_id].tenders.values()) == 400
    assert sum(mine.tenders.values()) == 500, "what came back is off"
    assert chain.office.store.read(shelf_sum.by_store) == {"S001": (12, 1, day.business_day)}
    assert day.items == (("B", 1000, 500), ("A", 1000, 400))
    assert (day.margin.costed_minor, day.margin.margin_minor) == (400, 200)
    assert _days(chain, "S002") == {}


def test_what_comes_late_is_in_it_and_nothing_new_writes_nothing(chain: Chain) -> None:
    till = chain.enrol()
    _sell(till, "A", 350)
    till.push()
    chain.office.store_days.refresh()
    chain.clock.advance(2 * 60_000)
    chain.office.store_days.refresh()
    chain.clock.advance(2 * 60_000)
    assert chain.office.store_days.refresh().days == 0
    _sell(till, "A", 50)
    till.push(2)
    chain.clock.advance(30_000)
    assert chain.office.store_days.refresh().days == 1
    assert _days(chain)[DAY].workstations[till.maker.workstation_id].total_minor == 400
    chain.clock.advance(16 * 24 * HOUR_MS)
    till.resume()
    _sell(till, "A", 50)
    chain.office.store_days.refresh()
    assert _days(chain) == {}, "a day that is old goes"


def test_a_workstation_that_was_heard_again_is_said_and_one_that_never_was_stands_there(chain: Chain) -> None:
    till, quiet = chain.enrol(), chain.enrol(name="收银台 2")
    _sell(till, "A", 350)
    till.push()
    chain.office.store_days.refresh()
    before = _days(chain)[DAY]
    assert set(before.workstations) == {till.maker.workstation_id, quiet.maker.workstation_id}
    chain.clock.advance(HOUR_MS)
    till.resume()
    chain.office.workstations.flush_contacts()
    chain.office.store_days.refresh()
    after = _days(chain)[DAY]
    heard = [each.workstations[till.maker.workstation_id].heard_at_ms or 0 for each in (before, after)]
    assert heard[1] - heard[0] >= HOUR_MS - 60_000
    assert after.workstations[till.maker.workstation_id].total_minor == 350
    assert after.worked_out_at_ms > before.worked_out_at_ms


def test_a_run_is_given_up_between_stores(chain: Chain) -> None:
    till = chain.enrol()
    _sell(till, "A", 350)
    till.push()
    assert not chain.office.store_days.refresh(lambda: False).finished
    assert _days(chain) == {}
