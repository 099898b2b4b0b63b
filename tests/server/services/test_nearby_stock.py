"""Stock around a store, packed: every region's rows say what was folded, and only what changed is written."""

from __future__ import annotations

import json

from pos_core.stock.nearby import STEPS, packed_step
from sync_server.services.nearby_stock import NearbyStock
from sync_server.services.neighbourhoods import Neighbourhoods
from sync_server.store import feed
from tests.server.support.nearby import nearby_rows, put_on_shelf, put_stores, store_row, tills
from tests.server.support.office import Chain


def places(chain: Chain, region: str) -> tuple[int, list[list[object]]]:
    scope = f"region:{region}"
    row = chain.office.store.read(lambda txn: feed.row_by_key(txn, "nearby_places", scope, [region]))
    assert row is not None
    return row[1], json.loads(row[2])


def steps(chain: Chain, region: str, sku: str) -> dict[str, str]:
    text = nearby_rows(chain.office, region).get(sku, "")
    return {
        str(each[0]): STEPS[packed_step(text, position)]
        for position, each in enumerate(places(chain, region)[1])
    }


def head(chain: Chain, region: str) -> int:
    chain.office.store.engine.stamp_feed()
    return chain.office.store.read(lambda txn: feed.scope_head(txn, f"region:{region}"))


def sent(chain: Chain, region: str, after: int) -> list[str]:
    chain.office.store.engine.stamp_feed()
    page = chain.office.store.read(lambda txn: feed.page_rows(txn, f"region:{region}", after, 1 << 20))
    return [row.kind for row in page]


def test_each_region_has_the_steps_of_its_stores_and_of_what_is_near_them(chain: Chain) -> None:
    at = tills(chain)
    put_on_shelf(at["S001"], A=1000, B=9000)
    put_on_shelf(at["S002"], A=5000)
    put_on_shelf(at["S003"], A=-2000)
    done = chain.office.nearby_stock.refresh()
    assert (done.items, done.whole, done.finished) == (2, True, True)
    assert steps(chain, "east", "A") == {"S001": "1", "S002": "2-5", "S003": "0", "W001": "0"}
    assert steps(chain, "east", "B") == {"S001": "6+", "S002": "0", "S003": "0", "W001": "0"}
    assert steps(chain, "west", "A") == {"S001": "1", "S002": "2-5", "S003": "0", "S009": "0"}


def test_the_row_of_places_says_since_when_and_who_was_heard_last(chain: Chain) -> None:
    at = tills(chain)
    chain.clock.advance(60_000)
    put_on_shelf(at["S003"], A=1000)
    chain.office.workstations.flush_contacts()
    heard = chain.clock.now_ms()
    chain.clock.advance(60_000)
    chain.office.nearby_stock.refresh()
    worked_out_at_ms, found = places(chain, "east")
    assert worked_out_at_ms == chain.clock.now_ms()
    assert dict(found)["S003"] == heard  # type: ignore[call-overload]
    assert dict(found)["W001"] is None  # type: ignore[call-overload]


def test_a_sale_within_a_step_changes_no_row_and_one_across_changes_its_own(chain: Chain) -> None:
    at = tills(chain)
    put_on_shelf(at["S001"], A=5000, B=5000)
    chain.office.store.engine.stamp_feed()
    chain.office.nearby_stock.refresh()
    before = head(chain, "east")
    put_on_shelf(at["S001"], A=-1000)
    chain.clock.advance(900_000)
    chain.office.store.engine.stamp_feed()
    done = chain.office.nearby_stock.refresh()
    assert (done.items, done.changed, done.whole) == (1, 0, False)
    assert sent(chain, "east", before) == ["nearby_places"]
    put_on_shelf(at["S001"], A=-3000)
    chain.office.store.engine.stamp_feed()
    assert chain.office.nearby_stock.refresh().changed == 2, "one row in each of two regions"
    assert steps(chain, "east", "A")["S001"] == "1"


def test_an_item_that_is_nowhere_any_more_has_no_row(chain: Chain) -> None:
    at = tills(chain)
    put_on_shelf(at["S001"], A=5000)
    chain.office.nearby_stock.refresh()
    put_on_shelf(at["S001"], A=-5000)
    chain.office.store.engine.stamp_feed()
    chain.office.nearby_stock.refresh()
    assert nearby_rows(chain.office, "east") == nearby_rows(chain.office, "west") == {}


def test_a_new_store_gets_a_position_behind_the_others_and_is_packed_at_once(chain: Chain) -> None:
    at = tills(chain)
    put_on_shelf(at["S001"], A=5000)
    chain.office.nearby_stock.refresh()
    before = [each[0] for each in places(chain, "east")[1]]
    put_stores(chain.office, [store_row("A000", "east", 30.1)])
    put_on_shelf(chain.enrol("A000", "A000"), A=7000)
    chain.office.store.engine.stamp_feed()
    assert chain.office.nearby_stock.refresh().whole
    assert [each[0] for each in places(chain, "east")[1]] == [*before, "A000"]
    assert steps(chain, "east", "A")["A000"] == "6+"


def test_another_process_finds_nothing_to_write_and_a_given_up_run_is_begun_anew(chain: Chain) -> None:
    at = tills(chain)
    put_on_shelf(at["S001"], A=5000)
    office = chain.office
    given_up = office.nearby_stock.refresh(lambda: False)
    assert not given_up.finished and nearby_rows(office, "east") == {}
    assert office.nearby_stock.refresh().changed == 2
    again = NearbyStock(office.store, office.clock, Neighbourhoods()).refresh()
    assert (again.items, again.changed, again.whole) == (1, 0, True)
