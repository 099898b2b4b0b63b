"""An order of one workstation is received at another of the same store, through a real head office."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pos_client.journal.draft import Draft
from pos_client.replica import replenishment
from pos_core.stock.goods_receipt import OrderedLine, PurchaseOrder, ReceivedLine, receipt_body
from pos_core.stock.purchase import Purchase, order_body, purchases_of
from tests.server.support.nearby import AROUND
from tests.sync.world import Till, World, running_world

ORDER = PurchaseOrder(
    "S001-1122-ABCDEF", "SUP", "云供货", "2026-11-25", lines=(OrderedLine("A", 12_000, 150),)
)


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("orders")) as found:
        found.put("store", AROUND)
        yield found


def write(till: Till, kind: str, body: dict[str, Any]) -> None:
    till.journal.record([Draft(kind, body, "2026-11-22", "E1", None)]).result()
    till.client.exchange()


def known(till: Till) -> list[Purchase]:
    assert till.client.exchange().healed == []
    return purchases_of([], till.replica.read(replenishment.order_steps))


def test_what_is_ordered_here_is_received_there_and_closed_nowhere_else(world: World) -> None:
    desk, ramp = world.till("desk"), world.till("ramp")
    elsewhere = world.till("elsewhere", store_id="S002")
    write(desk, "goods_ordered", order_body(ORDER, {"A": {"on_hand_milli": 0, "forecast_milli": 9000}}))
    [there] = known(ramp)
    assert (there.order, there.state, there.outstanding) == (ORDER, "open", {"A": 12_000})
    came = [ReceivedLine(1, "A", 7000, damaged_milli=1000)]
    write(ramp, "goods_received", receipt_body(came, order=there.order, delivery_note="L7"))
    [here] = known(desk)
    assert (here.received, here.outstanding, here.state) == ({"A": 8000}, {"A": 4000}, "open")
    rest = [ReceivedLine(1, "A", 4000)]
    write(ramp, "goods_received", receipt_body(rest, order=there.order, delivery_note="L8"))
    assert [each.state for each in known(desk)] == ["complete"]
    assert known(elsewhere) == []
    write(desk, "order_closed", {"order_id": ORDER.order_id, "reason": None})
    assert [each.state for each in known(ramp)] == ["closed"]
