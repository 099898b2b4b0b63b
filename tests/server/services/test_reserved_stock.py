"""What is put aside for shoppers is not offered to others: in the answer of now, and in the packed rows."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select

from pos_core.sync.document import document_bytes
from sync_server.store.migrations import versions
from sync_server.store.schema.folding import ruling
from sync_server.store.schema.stock import reserved_stock
from tests.server.http.test_stock import ask
from tests.server.services.test_nearby_stock import steps
from tests.server.support.nearby import put_on_shelf, tills
from tests.server.support.office import Chain, TestWorkstation

HOUR_MS = 3_600_000
ENDS = {"reservation_id": "RS001-1122-ABCDEF", "at_store_id": "S002", "for_store_id": "S001"}


def write(till: TestWorkstation, kind: str, **more: Any) -> None:
    maker = till.maker
    maker.append(document_bytes(maker.header(kind), {**ENDS, **more}))
    status, answer = till.push(maker.number)
    assert status == 200, answer


def reserve(chain: Chain, till: TestWorkstation, milli: int) -> None:
    lines = [{"line_no": 1, "sku": "A", "quantity_milli": milli}]
    write(till, "reservation_made", until_ms=chain.clock.now_ms() + HOUR_MS, lines=lines)


def refreshed(chain: Chain) -> str:
    chain.office.store.engine.stamp_feed()
    chain.office.nearby_stock.refresh()
    return steps(chain, "east", "A")["S002"]


def answered(till: TestWorkstation) -> tuple[int, int, int]:
    """On hand, put aside and spare of store 2."""
    places = ask(till, "A")[1]["places"]
    assert isinstance(places, list)
    (found,) = [each for each in places if each["store_id"] == "S002"]
    return found["on_hand_milli"], found["reserved_milli"], found["spare_milli"]


def test_it_is_off_the_answer_and_the_packed_row_until_a_sale_closes_it(chain: Chain) -> None:
    at = tills(chain)
    put_on_shelf(at["S002"], A=6000)
    assert refreshed(chain) == "6+"
    reserve(chain, at["S001"], 5000)
    assert answered(at["S001"]) == (6000, 5000, 1000)
    assert refreshed(chain) == "1"
    write(at["S002"], "reservation_reported", step="kept")
    assert answered(at["S001"]) == (6000, 5000, 1000)
    put_on_shelf(at["S002"], A=-5000)
    write(at["S002"], "reservation_reported", step="picked_up")
    assert answered(at["S001"]) == (1000, 0, 1000)
    assert refreshed(chain) == "1"


def test_it_is_free_again_with_its_time_and_nobody_writes_a_word(chain: Chain) -> None:
    at = tills(chain)
    put_on_shelf(at["S002"], A=6000)
    reserve(chain, at["S001"], 6000)
    assert refreshed(chain) == "0"
    chain.clock.advance(HOUR_MS - 1)
    assert (answered(at["S001"]), refreshed(chain)) == ((6000, 6000, 0), "0")
    chain.clock.advance(1)
    assert (answered(at["S001"]), refreshed(chain)) == ((6000, 0, 6000), "6+")


def test_a_refusal_that_comes_before_what_it_refuses_holds_nothing(chain: Chain) -> None:
    at = tills(chain)
    put_on_shelf(at["S002"], A=6000)
    write(at["S002"], "reservation_reported", step="refused")
    reserve(chain, at["S001"], 6000)
    assert (answered(at["S001"]), refreshed(chain)) == ((6000, 0, 6000), "6+")


def test_one_that_two_sales_closed_is_ruled_on(chain: Chain) -> None:
    at = tills(chain)
    other = chain.enrol("S002", "S002b")
    reserve(chain, at["S001"], 1000)
    for till in (at["S002"], other):
        put_on_shelf(till, A=-1000)
        write(till, "reservation_reported", step="picked_up", sale_number=till.maker.number)
    found = chain.office.store.read(lambda txn: [row.rule for row in txn.execute(select(ruling))])
    assert found == ["reservation_sold_twice"]


def test_the_reservations_of_before_are_read_out_of_the_folded_states(chain: Chain) -> None:
    at = tills(chain)
    put_on_shelf(at["S002"], A=6000)
    reserve(chain, at["S001"], 5000)
    chain.office.store.write(lambda txn: txn.execute(delete(reserved_stock)))
    assert answered(at["S001"])[1] == 0
    (name,) = [path.stem for path in Path(versions.__path__[0]).glob("*_reserved_stock.py")]
    step = import_module(f"{versions.__name__}.{name}")
    chain.office.store.write(lambda txn: step.fill(txn.connection))
    assert answered(at["S001"])[1] == 5000
