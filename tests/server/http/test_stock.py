"""POST /v1/stock: exact figures of the stores around the asking one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text

from pos_core.sync.document import document_bytes
from pos_core.sync.stock_messages import MovementPlace
from sync_server.services.stock_lookup import QUESTIONS_A_MINUTE_MAX
from sync_server.store import feed, stock_card
from sync_server.store.engine import Txn
from tests.server.support.nearby import put_on_shelf, tills
from tests.server.support.office import Chain, TestWorkstation


def ask(till: TestWorkstation, sku: str) -> tuple[int, dict[str, object]]:
    return till.call("POST", "/v1/stock", json.dumps({"sku": sku}).encode())


def test_the_stores_around_answer_exactly_nearest_first(chain: Chain) -> None:
    at = tills(chain)
    put_on_shelf(at["S002"], A=12_345)
    put_on_shelf(at["S003"], A=-2000)
    put_on_shelf(at["S001"], A=99_000)
    chain.office.workstations.flush_contacts()
    status, answer = ask(at["S001"], "A")
    now = chain.clock.now_ms()
    assert status == 200
    assert answer == {
        "sku": "A",
        "as_of_ms": now,
        "places": [
            {
                "store_id": "S003",
                "on_hand_milli": -2000,
                "heard_at_ms": now,
                "spare_milli": 0,
                "reserved_milli": 0,
            },
            {
                "store_id": "S002",
                "on_hand_milli": 12_345,
                "heard_at_ms": now,
                "spare_milli": 12_000,
                "reserved_milli": 0,
            },
            {
                "store_id": "W001",
                "on_hand_milli": 0,
                "heard_at_ms": None,
                "spare_milli": 0,
                "reserved_milli": 0,
            },
        ],
    }


def test_a_place_keeps_what_it_will_sell_itself(chain: Chain) -> None:
    at = tills(chain)
    put_on_shelf(at["S002"], A=20_000)
    put_on_shelf(at["S003"], A=5000)
    basis = '{"method":"regular","seen_days":200}'
    week = "[1000,1000,1000,1000,1000,1000,1000]"
    row = ["A", week, 2500, "", "", 1, 1, 1000, 0, None, basis]

    def write(txn: Txn) -> None:
        for store_id in ("S002", "S003"):
            feed.put_rows(txn, "replenishment", f"store:{store_id}", [row])

    chain.office.store.write(write)
    places = ask(at["S001"], "A")[1]["places"]
    assert isinstance(places, list)
    spare = {each["store_id"]: each["spare_milli"] for each in places}
    assert spare == {"S002": 10_000, "S003": 0, "W001": 0}, "seven days at one a day, and 2.5 to be safe"


def test_an_item_that_nobody_ever_had_is_nowhere(chain: Chain) -> None:
    at = tills(chain)
    _, answer = ask(at["S001"], "nothing")
    places = answer["places"]
    assert isinstance(places, list) and [each["on_hand_milli"] for each in places] == [0, 0, 0]


def test_a_question_without_an_item_is_malformed_and_too_many_are_put_off(chain: Chain) -> None:
    till = tills(chain)["S001"]
    assert ask(till, "")[0] == 400
    assert ask(till, "x" * 101)[0] == 400
    for _ in range(QUESTIONS_A_MINUTE_MAX - 2):
        assert ask(till, "A")[0] == 200
    status, refused = ask(till, "A")
    assert (status, refused["code"]) == (429, "too_many_requests")
    chain.clock.advance(60_000)
    assert ask(till, "A")[0] == 200


@pytest.mark.database("sqlite")
def test_one_item_is_found_by_the_index(chain: Chain) -> None:
    """EXPLAIN QUERY PLAN of the statement that `store.stock.at_stores` runs."""
    query = (
        "EXPLAIN QUERY PLAN SELECT on_hand_milli FROM stock_state WHERE sku = 'A' AND store_id IN ('S1','S2')"
    )
    plan = chain.office.store.read(lambda txn: [row[-1] for row in txn.execute(text(query))])
    assert (
        len(plan) == 1
        and plan[0].startswith("SEARCH stock_state USING")
        and "sku=? AND store_id=?" in plan[0]
    )


def movements(till: TestWorkstation, sku: str, **more: object) -> tuple[int, dict[str, Any]]:
    body = json.dumps({"sku": sku, "limit": 50, **more}).encode()
    return till.call("POST", "/v1/stock/movements", body)


def test_the_card_has_every_workstation_of_the_asking_store_and_no_other_store_s(chain: Chain) -> None:
    at = tills(chain)
    second = chain.enrol("S001", "till-2")
    put_on_shelf(at["S001"], A=5000)
    put_on_shelf(second, A=-1000, B=1000)
    put_on_shelf(at["S002"], A=7000)
    put_on_shelf(at["S001"], A=-2000)
    chain.office.workstations.flush_contacts()
    status, answer = movements(at["S001"], "A")
    assert status == 200
    moved = [(row["place"]["workstation_id"], row["quantity_milli"], row["reason"]) for row in answer["rows"]]
    own, other = at["S001"].maker.workstation_id, second.maker.workstation_id
    assert sorted(moved) == sorted(
        [(own, -2000, "correction"), (other, -1000, "correction"), (own, 5000, "correction")]
    )
    clocks = [row["place"]["hlc"] for row in answer["rows"]]
    assert clocks == sorted(clocks, reverse=True)
    assert set(answer["heard_at_ms"]) == {own, other}


def test_pages_of_a_card_meet_without_a_gap_or_a_row_twice(chain: Chain) -> None:
    at = tills(chain)
    second = chain.enrol("S001", "till-2")
    for _ in range(3):
        put_on_shelf(at["S001"], A=1000)
        put_on_shelf(second, A=2000)
    whole = movements(at["S001"], "A")[1]["rows"]
    found: list[Any] = []
    before = None
    while len(page := movements(at["S001"], "A", limit=2, before=before)[1]["rows"]) == 2:
        found += page
        before = page[-1]["place"]
    assert found + page == whole and len(whole) == 6


def test_a_count_stands_on_the_card_with_what_the_books_said(chain: Chain) -> None:
    till = tills(chain)["S001"]
    put_on_shelf(till, A=5000)
    line = {"line_no": 1, "sku": "A", "counted_milli": 4000, "recorded_milli": 5000}
    maker = till.maker
    maker.append(document_bytes(maker.header("count"), {"lines": [line]}))
    assert till.push(maker.number)[0] == 200
    rows = movements(till, "A")[1]["rows"]
    assert [
        (row["type"], row["counted_milli"], row["recorded_milli"], row["quantity_milli"]) for row in rows
    ] == [
        ("count", 4000, 5000, 0),
        ("stock_movement", None, None, 5000),
    ]
    put_on_shelf(till, A=-500)
    known = movements(till, "A", limit=1)[1]["stock"]
    own = {"workstation_id": maker.workstation_id, "incarnation": 1, "number": maker.number}
    assert (known["on_hand_milli"], known["folded"]) == (3500, [own]), "whatever the page shows"
    assert known["counted_at_hlc"] == rows[0]["place"]["hlc"]
    assert movements(till, "nothing")[1]["stock"]["on_hand_milli"] is None


def test_a_card_of_nothing_or_of_too_many_rows_is_malformed(chain: Chain) -> None:
    till = tills(chain)["S001"]
    assert (
        movements(till, "")[0]
        == movements(till, "A", limit=0)[0]
        == movements(till, "A", limit=502)[0]
        == 400
    )
    place = {"hlc": "f", "workstation_id": "w", "incarnation": 1, "number": 1, "line_no": 1}
    assert movements(till, "A", before=place)[0] == 200
    odd = [{"number": 2**63}, {"incarnation": -1}, {"hlc": "f\0"}, {"workstation_id": "\0"}]
    assert {movements(till, "A", before=place | each)[0] for each in odd} == {400}
    assert movements(till, "A\0")[0] == 400


@pytest.mark.database("sqlite")
def test_a_card_is_found_by_the_index(chain: Chain) -> None:
    """EXPLAIN QUERY PLAN of what `store.stock_card.page` runs."""
    place = MovementPlace("f", "w", 1, 1, 1)
    statement = stock_card._newest(stock_card._moved, "S1", "A", place)

    def explained(txn: Txn) -> list[str]:
        sql = statement.compile(dialect=txn.connection.dialect, compile_kwargs={"literal_binds": True})
        return [row[-1] for row in txn.execute(text(f"EXPLAIN QUERY PLAN {sql}"))]

    plan = chain.office.store.read(explained)
    assert any("stock_movement_of_item (store_id=? AND sku=? AND hlc<?)" in step for step in plan), plan
