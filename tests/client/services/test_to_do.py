"""What waits in the store, each with its kind, and what a role may not see left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_client.services.refusals.staff import NotAllowed
from tests.client.services.shop import PIN, Shop
from tests.client.services.supplied import supply
from tests.fakes.reference_rows import page, rows_of


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    made.workstation.session.sign_on("2001", PIN).result(10)
    yield made
    made.workstation.close()


def _found(shop: Shop) -> list[tuple[str, str, str]]:
    return [(each.topic, each.subject, each.state) for each in shop.workstation.to_do.tasks()]


def _chain(shop: Shop, kind: str, rows: list[list[object]], scope: str = "chain") -> None:
    at = shop.replica.cursors()[scope][1]
    shop.replica.apply_page(page(rows_of(kind, rows), scope=scope, after=at, to=at + 1))


def test_an_empty_day_waits_for_nothing_but_its_documents(shop: Shop) -> None:
    assert _found(shop) == [("documents", "", "waiting")]


def test_everything_that_waits_is_named_once(shop: Shop) -> None:
    services = shop.workstation
    services.shift.open_shift(20_000).result(10)
    key = shop.journal.public_key()
    _chain(shop, "workstation_key", [["ws-2", "S001", "收银台2", key, "active"]])
    store = ["S002", "解放路店", "east", "", None, None, "Asia/Shanghai", "PL1", "[]"]
    _chain(shop, "store", [store])
    lines = [("C1", 1000)]
    services.transferring.begin("shipped", from_store="S001", to_store="S002", lines=lines).result(10)
    services.transferring.begin("requested", from_store="S002", to_store="S001", lines=lines).result(10)
    listed = services.stocktaking.begin("20270115-1").result(10)
    listed.add(services.stock_room.item("C1"), 1000)
    listed.finish().result(10)
    data = '{"against":["w/1/1"],"cause":"offline","cost_minor":350,"key":"k","points":0,"rule":"unknown_id"}'
    _chain(shop, "ruling", [["r1", data, None, shop.clock.now_ms()]], scope="store:S001")
    card = services.to_do.ruling("r1")
    assert card is not None and (card.cause, card.against, card.bearer) == ("offline", ("w-000001",), "chain")
    assert services.to_do.ruling("gone") is None
    found = _found(shop)
    assert [each for each in found if each[0] != "count"] == [
        ("day", "收银台1", "open"),
        ("day", "收银台2", "silent"),
        ("ruling", "unknown_id", "offline"),
        ("documents", "", "waiting"),
    ]
    assert [each[2] for each in found if each[0] == "count"] == ["to_approve"]
    _as_the_other_end(shop)
    assert ("transfer", "T-1", "approve") in _found(shop) and ("transfer", "T-2", "receive") in _found(shop)


def _as_the_other_end(shop: Shop) -> None:
    """Head office has heard what S002 wrote: goods are asked of us, and goods are on their way to us."""
    stamp = ["019000000000-0000", "ws-8", 1, 1, 0]
    asked = '{"steps":{"ws-8/1/1":[%s,"requested","S001","S002",{"C1":1000},null]}}'
    sent = '{"steps":{"ws-8/1/2":[%s,"shipped","S002","S001",{"C1":1000},null]}}'
    text = str(stamp).replace("'", '"')
    rows: list[list[object]] = [["T-1", asked % text], ["T-2", sent % text]]
    _chain(shop, "transfer", rows, scope="store:S001")


def test_goods_to_put_aside_and_orders_that_should_have_come_wait_too(shop: Shop) -> None:
    supply(shop)
    services = shop.workstation
    order_id = services.ordering.send("supplier", "DAIRY", [("M1", 15_000)]).result(10)
    own = services.reserving.make("C1", 1000, at_store="S001").result(10)
    until_ms = shop.clock.now_ms() + 7_200_000
    asked = '{"steps":{"ws-8/1/1":[["019000000000-0000","ws-8",1,1,0],"made","S001","S002",{"C1":1000},%d]}}'
    _chain(shop, "reservation", [["RS002-1", asked % until_ms]], scope="store:S001")
    assert ("reservation", "RS002-1", "to_answer") in _found(shop)
    assert own.reservation_id not in {each[1] for each in _found(shop)}, "put aside already"
    assert "order" not in {each[0] for each in _found(shop)}, "not late yet"
    alerts = [(each.state, each.count) for each in services.to_do.tasks() if each.topic == "alert"]
    assert alerts == [("out", 3)], "milk is out too, and on its way"
    shop.clock.pass_ms(3 * 24 * 3_600_000)
    found = _found(shop)
    assert ("order", f"{order_id} 晨光乳业", "late") in found
    assert "reservation" not in {each[0] for each in found}, "its time is over"


def test_what_a_role_may_not_see_is_left_out(shop: Shop) -> None:
    shop.policy("stock", {"roles": {"count": "manager", "labels": "manager"}})
    shop.policy("cash", {"roles": {"x_report": "cashier"}})
    shop.workstation.session.sign_off().result(10)
    shop.workstation.session.sign_on("1001", PIN).result(10)
    assert "count" not in {each[0] for each in _found(shop)}
    shop.policy("cash", {"roles": {"x_report": "manager"}})
    with pytest.raises(NotAllowed):
        shop.workstation.to_do.tasks()
