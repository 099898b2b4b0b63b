"""What a store ordered by one key: seen at head office, printed, marked, received against in the store."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pos_core.canonical import canonical_bytes
from pos_core.stock.purchase import purchases_of
from pos_core.sync.document import document_bytes
from sync_server.services.console import order_desk
from sync_server.services.console.roles import Role
from sync_server.store import audit, feed
from sync_server.store.engine import Txn
from sync_server.store.prepared import Prepared
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


def many(chain: Chain, stores: int, steps: tuple[str, ...] = ("placed",), orders: int = 2) -> None:
    """Orders of so many stores, the later numbered the newer; each of one line and of these steps."""

    def row(order: int) -> list[Any]:
        detail = {"supplier_id": "SUP", "supplier_name": "云供货", "expected_day": "2026-12-03", "costs": {}}
        found = {
            f"W/1/{n}": [[f"{order:012x}-{n:04x}", "W", 1, n, 0], step, {sku(1): 1000}, detail]
            for n, step in enumerate(steps)
        }
        return [f"P{'-'.join(steps)}-{order}", canonical_bytes({"steps": found}).decode()]

    def write(txn: Txn) -> None:
        for number in range(stores):
            name = f"N{number:03d}"
            place = [name, name, "east", "", None, None, "Asia/Shanghai", "PL1", "[]"]
            feed.put_rows(txn, "store", "chain", [place])
            feed.put_rows(txn, "purchase", f"store:{name}", [row(n * 1000 + number) for n in range(orders)])

    chain.office.store.write(write)


@pytest.mark.parametrize("over", ["", "?over=1"])
def test_the_orders_of_forty_stores_are_asked_for_as_those_of_four(
    chain: Chain, over: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    def counted(owner: type, name: str) -> None:
        before = getattr(owner, name)

        def ask(*values: Any, **named: Any) -> Any:
            nonlocal asked
            asked += 1
            return before(*values, **named)

        monkeypatch.setattr(owner, name, ask)

    visitor = sign_in(chain, Role.MERCHANDISER)
    visitor.get("/orders")  # a first page reads what later ones remember
    for owner, name in ((Txn, "execute"), (Txn, "stream"), (Prepared, "rows")):
        counted(owner, name)

    def asks(stores: int) -> int:
        many(chain, stores)
        many(chain, stores, ("placed", "closed"))
        before = asked
        assert visitor.get(f"/orders{over}").text.count("/console/orders/N") == stores * 2
        return asked - before

    few = asks(4)
    assert asks(40) == few


def test_only_the_orders_that_are_shown_are_put_together(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    whole = order_desk.purchases_of

    def counted(orders: Any, steps: Any) -> Any:
        made.extend(steps)
        return whole(orders, steps)

    monkeypatch.setattr(order_desk, "purchases_of", counted)
    monkeypatch.setattr(order_desk, "ORDERS_SHOWN", 3)
    many(chain, 4, orders=5)
    visitor = sign_in(chain, Role.MERCHANDISER)
    text = visitor.get("/orders").text
    newest = [f"Pplaced-{n}" for n in (4003, 4002, 4001)]
    assert made == newest and text.index(newest[0]) < text.index(newest[1]) < text.index(newest[2])
    made.clear()
    assert "Pplaced" not in visitor.get("/orders?over=1").text and made == []
    many(chain, 4, ("placed", "received"), orders=1)
    shown = visitor.get("/orders?over=1").text
    assert [f"Pplaced-received-{n}" in shown for n in range(4)] == [False, True, True, True]
    assert "Pplaced-received" not in visitor.get("/orders").text
