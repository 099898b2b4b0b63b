"""What a store ordered by one key: seen at head office, printed, marked, received against in the store."""

from __future__ import annotations

import importlib
import json
import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import delete, select

from pos_core.stock.purchase import purchases_of
from pos_core.sync.document import document_bytes
from sync_server.services.console import order_desk
from sync_server.services.console.roles import Role
from sync_server.services.shared import goods
from sync_server.store import audit, feed, fold_state
from sync_server.store.engine import Txn
from sync_server.store.prepared import Prepared
from sync_server.store.schema.order_state import order_state
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

    def state(order: int) -> dict[str, Any]:
        detail = {"supplier_id": "SUP", "supplier_name": "云供货", "expected_day": "2026-12-03", "costs": {}}
        found = {
            f"W/1/{n}": [[f"{order:012x}-{n:04x}", "W", 1, n, 0], step, {sku(1): 1000}, detail]
            for n, step in enumerate(steps)
        }
        return {"steps": found}

    def write(txn: Txn) -> None:
        for number in range(stores):
            name = f"N{number:03d}"
            place = [name, name, "east", "", None, None, "Asia/Shanghai", "PL1", "[]"]
            feed.put_rows(txn, "store", "chain", [place])
            numbers = [n * 1000 + number for n in range(orders)]
            kind = "-".join(steps)
            states = {("purchase", f"{name}/P{kind}-{n}"): state(n) for n in numbers}
            fold_state.put(txn, states)
            goods.purchases(txn, states)

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


@pytest.mark.parametrize("over", ["", "&over=1"])
def test_however_many_orders_there_are_a_page_reads_its_own_and_the_next_goes_on(
    chain: Chain, over: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    whole = fold_state.get

    def counted(txn: Txn, keys: Any) -> Any:
        found = whole(txn, keys)
        read.extend(key for _, key in found)
        return found

    monkeypatch.setattr(fold_state, "get", counted)
    monkeypatch.setattr(order_desk, "ORDERS_SHOWN", 4)
    many(chain, 3, orders=3)
    many(chain, 3, ("placed", "closed"), orders=3)
    visitor, found, pages = sign_in(chain, Role.MERCHANDISER), list[str](), 0
    path = f"/orders?x=1{over}"
    while path:
        read.clear()
        text = visitor.get(path).text
        named = re.findall(r"/console/orders/(N\d+/P[a-z-]+\d+)", text)
        assert len(named) <= 4 and sorted(read) == sorted(named)
        found, pages = found + named, pages + 1
        link = re.search(r'href="/console(/orders\?[^"]*at=[^"]*)"', text)
        path = unescape(link.group(1)) if link else ""
    kind = "Pplaced-closed-" if over else "Pplaced-"
    newest = sorted((n * 1000 + store for n in range(3) for store in range(3)), reverse=True)
    assert found == [f"N{n % 1000:03d}/{kind}{n}" for n in newest] and pages == 3
    assert (
        sign_in(chain, Role.MERCHANDISER).get("/orders?store=N001").text.count("/console/orders/N001/") == 3
    )


def test_orders_of_before_the_table_are_read_out_of_their_steps(chain: Chain) -> None:
    many(chain, 2, orders=3)
    many(chain, 2, ("placed", "received"), orders=1)
    many(chain, 2, ("placed", "closed"), orders=2)
    many(chain, 1, ("sent",), orders=1)
    step = importlib.import_module("sync_server.store.migrations.versions.0050_order_states")
    before = chain.office.store.read(lambda txn: sorted(map(tuple, txn.execute(select(order_state)))))

    def again(txn: Txn) -> None:
        txn.execute(delete(order_state))
        step.fill(txn.connection)

    chain.office.store.write(again)
    after = chain.office.store.read(lambda txn: sorted(map(tuple, txn.execute(select(order_state)))))
    assert after == before and [row[3] for row in after].count(1) == 6 and len(after) == 12
