"""What a store ordered by one key: seen at head office, printed, marked, received against in the store."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pos_core.stock.purchase import purchases_of
from pos_core.sync.document import document_bytes
from sync_server.services.console.roles import Role
from sync_server.store import audit, feed
from tests.server.console.test_stock import PLACES
from tests.server.support.console import code_of, sign_in
from tests.server.support.office import Chain, TestWorkstation
from tests.server.support.shop import sku
from tests.server.support.shop import stock as shop_stock

ORDER = "PS001-1128-ABCDEF"
PATH = f"/orders/S001/{ORDER}"


@pytest.fixture
def till(chain: Chain) -> TestWorkstation:
    """A workstation of S001 that has ordered 24 of item 1."""
    shop_stock(chain)
    chain.office.store.write(lambda txn: feed.put_rows(txn, "store", "chain", PLACES))
    made = chain.enrol("S001", "T1")
    lines = [{"line_no": 1, "sku": sku(1), "quantity_milli": 24_000, "unit_cost_minor": 150, "why": None}]
    head = {"order_id": ORDER, "supplier_id": "SUP", "supplier_name": "云供货", "expected_day": "2026-12-03"}
    push(made, "goods_ordered", {**head, "lines": lines})
    return made


def push(till: TestWorkstation, kind: str, body: dict[str, Any]) -> None:
    till.maker.append(document_bytes(till.maker.header(kind), body))
    status, answer = till.push(till.maker.number)
    assert status == 200, answer


def receive(till: TestWorkstation, milli: int) -> None:
    line = {"line_no": 1, "sku": sku(1), "quantity_milli": milli, "damaged_milli": 0}
    push(
        till,
        "goods_received",
        {"order_id": ORDER, "supplier_id": "SUP", "delivery_note": None, "lines": [line]},
    )


def at_the_store(chain: Chain) -> str:
    """What the store's workstations are told of the order."""
    rows = chain.office.store.read(lambda txn: list(feed.rows_of(txn, "purchase", "store:S001")))
    (found,) = purchases_of([], {row[0]: json.loads(row[1])["steps"] for row in rows})
    return found.supplier_step


def test_it_is_listed_opened_exported_and_marked_and_the_store_hears_of_it(
    chain: Chain, till: TestWorkstation
) -> None:
    visitor = sign_in(chain, Role.MERCHANDISER)
    text = visitor.get("/orders").text
    assert ORDER in text and "云供货" in text and "36.00" in text
    assert (
        ORDER not in visitor.get("/orders?over=1").text
        and ORDER not in visitor.get("/orders?store=S003").text
    )
    assert ">24<" in visitor.get(PATH).text
    assert f"{sku(1)}," in visitor.get(f"{PATH}/order.csv").text
    assert at_the_store(chain) == ""
    assert code_of(visitor.post(f"{PATH}/sent")) == "" and at_the_store(chain) == "sent"
    assert code_of(visitor.post(f"{PATH}/sent")) == "order_marked"
    assert code_of(visitor.post(f"{PATH}/confirmed")) == "" and at_the_store(chain) == "confirmed"
    said = chain.office.store.read(lambda txn: audit.page(txn, subject=f"S001/{ORDER}", limit=9))
    assert sorted(each["action"] for each in said) == ["order_confirmed", "order_sent"]


def test_what_came_against_it_stands_beside_it_until_it_is_complete(
    chain: Chain, till: TestWorkstation
) -> None:
    visitor = sign_in(chain, Role.MERCHANDISER)
    receive(till, 10_000)
    assert ">10<" in visitor.get(PATH).text and ORDER in visitor.get("/orders").text
    receive(till, 14_000)
    assert ORDER not in visitor.get("/orders").text and ORDER in visitor.get("/orders?over=1").text
    assert code_of(visitor.post(f"{PATH}/sent")) == "order_marked"


def test_who_may_not_see_the_store_sees_no_order_and_who_only_looks_marks_none(
    chain: Chain, till: TestWorkstation
) -> None:
    west = sign_in(chain, Role.REGIONAL_MANAGER, login="west", region="west")
    assert ORDER not in west.get("/orders").text
    assert (
        code_of(west.get(PATH)) == "no_such_order" and code_of(west.post(f"{PATH}/sent")) == "no_such_order"
    )
    assert code_of(sign_in(chain, Role.AUDITOR).post(f"{PATH}/sent")) == "console_forbidden"
    assert code_of(sign_in(chain, Role.MERCHANDISER).get("/orders/S001/none")) == "no_such_order"
