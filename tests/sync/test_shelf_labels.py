"""A label ticked off at one till hangs at the store's others and nowhere else, over a real head office."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pos_client.journal.draft import Draft
from pos_client.replica import shelf_labels
from pos_client.replica.digests import digests
from pos_core.stock.shelf_label import marks_of
from sync_server.store import workstation
from tests.server.support.nearby import AROUND
from tests.sync.world import World, running_world


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("labels")) as found:
        found.put("store", AROUND)
        yield found


def test_it_reaches_the_store_s_tills_alone_and_both_ends_agree(world: World) -> None:
    here, there = world.till("here"), world.till("there")
    elsewhere = world.till("elsewhere", store_id="S002")
    lines = [
        {"line_no": n, "sku": "A", "price_minor": 400, "step": s} for n, s in ((1, "printed"), (2, "hung"))
    ]
    body = {"currency": "CNY", "exponent": 2, "lines": lines}
    here.journal.record([Draft("labels_changed", body, "2026-11-22", "E1", None)]).result()
    for till in (here, there, elsewhere):
        assert till.client.exchange().healed == []
    known = there.replica.read(lambda c: shelf_labels.states(c, ["A", "B"]))
    assert list(known) == ["A"] and marks_of(known["A"], 400, world.clock.now_ms()) == (True, True)
    assert elsewhere.replica.read(lambda c: shelf_labels.states(c, ["A"])) == {}
    row = world.office.store.read(lambda txn: workstation.get(txn, there.identity.workstation_id))
    assert row is not None
    mine = there.replica.read(lambda c: digests(c, "store:S001"))["shelf_label"]
    assert list(mine) == world.office.feed.digest(row, "store:S001").kinds["shelf_label"] and mine[0] == 1
