"""Releases switch at their minute, offline, once; baskets and documents keep theirs."""

from __future__ import annotations

import random

from pos_client.replica.release_files import check_files
from pos_client.replica.release_rules import Manifest
from pos_client.replica.replica import Replica
from pos_core.catalog import price_list
from pos_core.catalog.price_list import PriceRow
from pos_core.sync.document import ReleaseRef
from tests.fakes.releases import DAY_MS, T0, Release, release


def stage(replica: Replica, made: Release) -> None:
    manifest = Manifest.read(made.text)
    replica.stage_release(manifest, made.files, check_files(manifest, made.files), at_ms=T0)


def price(replica: Replica, version: int, instant_ms: int, sku: str = "A") -> int | None:
    row = replica.price_at(sku, release_version=version, instant_ms=instant_ms, price_list_id="PL1")
    return None if row is None else row.price_minor


V1 = release(1, [["PL1", "A", T0, None, 100], ["PL1", "B", T0, None, 200]], promotions={"promotions": []})
V2 = release(2, [["PL1", "A", T0, None, 110]], after=V1, effective_from_ms=T0 + DAY_MS)


def test_a_staged_release_is_not_read_before_its_minute(replica: Replica) -> None:
    stage(replica, V1)
    stage(replica, V2)
    assert replica.active_release(T0 + DAY_MS - 1) == ReleaseRef(1, V1.sha256)
    assert [one.ref.version for one in replica.staged_releases(T0)] == [2]
    assert replica.active_release(T0 + DAY_MS) == ReleaseRef(2, V2.sha256)


def test_a_basket_keeps_the_release_of_its_first_line(replica: Replica) -> None:
    stage(replica, V1)
    stage(replica, V2)
    assert price(replica, 2, T0 + DAY_MS) == 110
    assert price(replica, 1, T0 + DAY_MS) == 100


def test_a_pair_that_a_delta_does_not_name_keeps_its_price(replica: Replica) -> None:
    stage(replica, V1)
    stage(replica, V2)
    assert price(replica, 2, T0 + DAY_MS, "B") == 200


def test_a_base_takes_away_what_it_does_not_name(replica: Replica) -> None:
    stage(replica, V1)
    stage(replica, release(2, [["PL1", "A", T0, None, 120]], after=V1, kind="base"))
    assert price(replica, 2, T0, "A") == 120 and price(replica, 2, T0, "B") is None
    assert price(replica, 1, T0, "B") == 200


def test_a_clock_set_back_brings_no_older_release_back(replica: Replica) -> None:
    stage(replica, V1)
    stage(replica, V2)
    assert replica.switch_due(T0 + DAY_MS) == [1, 2] and replica.switch_due(T0 + DAY_MS) == []
    active = replica.active_release(T0 - 400 * DAY_MS)
    assert active is not None and active.version == 2
    assert replica.not_before_ms() == T0 + DAY_MS


def test_a_scheduled_row_takes_effect_at_its_minute_and_falls_away(replica: Replica) -> None:
    rows = [["PL1", "A", T0, None, 100], ["PL1", "A", T0 + 60_000, T0 + 120_000, 80]]
    stage(replica, release(1, rows))
    prices = [price(replica, 1, T0 + ms) for ms in (0, 59_999, 60_000, 119_999, 120_000)]
    assert prices == [100, 100, 80, 80, 100]


def test_an_expired_release_keeps_selling_and_says_so(replica: Replica) -> None:
    stage(replica, V1)
    replica.switch_due(T0)
    status = replica.release_status(T0 + 31 * DAY_MS)
    assert status is not None and status.stale and price(replica, 1, T0 + 31 * DAY_MS) == 100
    fresh = replica.release_status(T0 + DAY_MS)
    assert fresh is not None and not fresh.stale


def test_promotions_come_as_they_were_signed(replica: Replica) -> None:
    stage(replica, V1)
    stage(replica, V2)
    assert replica.promotions(1) == b'{"promotions":[]}'
    assert replica.promotions(2) is None and replica.promotions(9) is None


def test_pruning_changes_no_price_of_a_kept_release(replica: Replica) -> None:
    stage(replica, V1)
    stage(replica, V2)
    stage(replica, release(3, [["PL1", "A", T0, None, 130]], after=V2))
    replica.prune_releases(2)
    assert [price(replica, v, T0 + DAY_MS) for v in (2, 3)] == [110, 130]
    assert price(replica, 2, T0, "B") == 200 and replica.promotions(1) is None


def test_the_sql_agrees_with_the_cores_rule(replica: Replica) -> None:
    dice, known, last = random.Random(7), list[PriceRow](), None
    for version in range(1, 6):
        starts = dice.sample(range(20), 3)
        rows = [
            ["PL1", sku, s, dice.choice([None, s + 4]), dice.randint(1, 99)] for sku in "AB" for s in starts
        ]
        rows = [row for row in rows if version == 1 or dice.random() < 0.5]
        last = release(version, rows, after=last)
        stage(replica, last)
        known += [PriceRow(row[0], row[1], version, *row[2:]) for row in rows]
    for _ in range(300):
        version, instant, sku = dice.randint(0, 6), dice.randint(-1, 25), dice.choice("ABC")
        rows_of_sku = [row for row in known if row.sku == sku]
        expected = price_list.price_at(rows_of_sku, release_version=version, instant_ms=instant)
        got = replica.price_at(sku, release_version=version, instant_ms=instant, price_list_id="PL1")
        assert got == expected
