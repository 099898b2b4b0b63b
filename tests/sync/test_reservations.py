"""A reservation through a real head office: heard of at contact by the other store, and answered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pos_client.journal.draft import Draft
from pos_client.replica import goods
from pos_core.stock.reservation import Reservation, reservation_of
from tests.server.support.nearby import AROUND
from tests.sync.world import Till, World, running_world

ENDS = {"reservation_id": "RS001-1122-ABCDEF", "at_store_id": "S002", "for_store_id": "S001"}


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("reserved")) as found:
        found.put("store", AROUND)
        yield found


def write(till: Till, kind: str, **more: object) -> None:
    till.journal.record([Draft(kind, {**ENDS, **more}, "2026-11-22", "E1", None)]).result()


def known(till: Till) -> Reservation | None:
    steps = till.replica.read(goods.reservations)
    return reservation_of("RS001-1122-ABCDEF", steps["RS001-1122-ABCDEF"]) if steps else None


def test_it_goes_to_both_ends_and_nowhere_else(world: World) -> None:
    here, there = world.till("here"), world.till("there", store_id="S002")
    elsewhere = world.till("elsewhere", store_id="S003")
    until_ms = world.clock.now_ms() + 3_600_000
    write(
        here,
        "reservation_made",
        until_ms=until_ms,
        lines=[{"line_no": 1, "sku": "A", "quantity_milli": 1000}],
    )
    there.client.exchange()
    assert known(there) is None, "the first store has been in no contact"
    here.client.exchange()
    for till in (there, elsewhere):
        assert till.client.exchange().healed == []
    found = known(there)
    assert found is not None and found.held_at(until_ms - 1) == {"A": 1000}
    assert known(elsewhere) is None
    write(there, "reservation_reported", step="kept")
    there.client.exchange()
    here.client.exchange()
    answered = known(here)
    assert answered is not None and answered.state_at(until_ms - 1) == "kept"
    assert answered.state_at(until_ms) == "expired"
