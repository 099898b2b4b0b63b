"""A transfer that head office approved, as the workstations of both stores find it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from pos_client.replica import goods
from pos_core.stock.transfer import next_steps, view_of
from sync_server.services.acts import Act
from sync_server.services.console.stock_desk import StockDesk
from sync_server.services.shared import Folding
from sync_server.store import balancing
from sync_server.store.balancing import SuggestionRow
from tests.server.support.nearby import AROUND
from tests.sync.world import World, running_world


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("suggested")) as found:
        found.put("store", AROUND)
        yield found


def test_it_waits_to_be_picked_where_the_goods_lie(world: World) -> None:
    here, there = world.till("here"), world.till("there", store_id="S002")
    elsewhere = world.till("elsewhere", store_id="S003")
    lines = json.dumps([{"sku": "A", "units": 5}])
    row = SuggestionRow("s1", 0, "S001", "S002", lines, 1000, 1, 100, 10)
    office = world.office
    office.store.write(lambda txn: balancing.replace_open(txn, [row]))
    desk = StockDesk(office.store, Folding(office.keys), world.clock)
    transfer_id = desk.approve(Act("somebody", "a test", "u1"), "s1", None, {"A": 3})
    for till in (here, there, elsewhere):
        assert till.client.exchange().healed == []
    for till in (here, there):
        view = view_of(transfer_id, till.replica.read(goods.transfers)[transfer_id])
        assert (view.status, dict(view.asked)) == ("approved", {"A": 3000})
    assert next_steps(view, "S001")[0] == "picked" and next_steps(view, "S002") == ()
    assert elsewhere.replica.read(goods.transfers) == {}
