"""Who counted an item, and how often: told to the store's other workstations by a real head office."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pos_client.journal.draft import Draft
from pos_client.replica import stock
from pos_client.replica.stock import CountRound
from tests.fakes.facts import count
from tests.sync.world import Till, World, running_world

SESSION = "20261122-1"


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_world(tmp_path_factory.mktemp("rounds")) as found:
        yield found


def counts(till: Till, sku: str, milli: int, operator_id: str, **more: Any) -> None:
    body = count(milli, sku=sku, session_id=SESSION, **more)
    till.journal.record([Draft("count", body, "2026-11-22", operator_id, None)]).result()
    till.client.exchange()


def rounds(till: Till, session_id: str = SESSION) -> dict[str, CountRound]:
    assert till.client.exchange().healed == []
    return till.replica.read(lambda c: stock.rounds_of(c, session_id))


def test_rounds_and_people_travel_and_go_with_the_next_stocktake(world: World) -> None:
    first, second = world.till("first"), world.till("second")
    counts(first, "A", 5000, "E1", area="floor")
    counts(second, "A", 2000, "E2", area="back")
    assert rounds(first) == rounds(second) == {"A": CountRound(1, frozenset({"E1", "E2"}))}
    counts(second, "A", 7000, "E3", round=2)
    assert rounds(first) == {"A": CountRound(2, frozenset({"E3"}))}
    move = {"reason": "receipt", "lines": [{"line_no": 1, "sku": "A", "quantity_milli": 1000}]}
    first.journal.record([Draft("stock_movement", move, "2026-11-22", "E1", None)]).result()
    assert rounds(first) == {"A": CountRound(2, frozenset({"E3"}))}, "goods that come count nothing"
    counts(first, "A", 0, "E1", area="floor")
    assert rounds(second) == {"A": CountRound(2, frozenset({"E3"}))}, "an older round that comes late"
    world.clock.advance(60_000)
    body = count(8000, sku="A", session_id="20261123-1")
    second.journal.record([Draft("count", body, "2026-11-23", "E2", None)]).result()
    second.client.exchange()
    assert rounds(first) == {} and rounds(first, "20261123-1") == {"A": CountRound(1, frozenset({"E2"}))}


def test_what_was_opened_and_approved_on_one_till_is_known_on_the_others_for_some_weeks(world: World) -> None:
    first, second = world.till("first"), world.till("second")

    def opened(session: str, day: str) -> None:
        body = {"session_id": session, "kind": "full", "blind": True}
        first.journal.record([Draft("count_opened", body, day, "E1", None)]).result()
        first.client.exchange()

    def known() -> list[tuple[str, str, str]]:
        assert second.client.exchange().healed == []
        steps = second.replica.read(stock.count_steps).values()
        return [(each["body"]["session_id"], each["type"], each["operator_id"]) for each in steps]

    opened("20250101-1", "2025-01-01")
    assert known() == [("20250101-1", "count_opened", "E1")]
    opened(SESSION, "2026-10-30")
    line = {"line_no": 1, "sku": "A", "counted_milli": 1, "expected_milli": 2, "value_minor": -3}
    body = {"session_id": SESSION, "currency": "CNY", "exponent": 2, "part": 1, "parts": 1}
    body |= {"counted_lines": 1, "variance_minor": -3, "lines": [line]}
    first.journal.record([Draft("count_approved", body, "2026-10-30", "E2", None)]).result()
    first.client.exchange()
    assert sorted(known()) == [(SESSION, "count_approved", "E2"), (SESSION, "count_opened", "E1")]
    for session, day in (("20350101-1", "2035-01-01"), ("00010101-1", "0001-01-01")):
        opened(session, day)  # a till in another year takes nobody's stocktakes away, and is heard
    assert (SESSION, "count_approved", "E2") in known() and len(known()) == 4
