"""Pages of the feed: applied whole or not at all, once, and nothing of a newer server is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_client.replica.apply import BadPage, CursorMismatch, row_digest
from pos_client.replica.replica import Replica
from pos_core.sync.digest import digest_of, row_hash
from pos_core.sync.protocol import FeedPage, FeedRows
from pos_core.sync.reference import KINDS
from tests.fakes.reference_rows import item_row, member_row, page, rows_of, store_row

WATER = item_row("A1", "农夫山泉 550ml")
COLA = item_row("A2", "可口可乐 330ml")


def test_rows_and_cursor_arrive_together(replica: Replica) -> None:
    replica.apply_page(page(rows_of("item", [WATER]), rows_of("store", [store_row()]), to=7, head=9))
    assert replica.item_by_sku("A1") is not None
    assert replica.cursors() == {"chain": ("e1", 7)}
    assert not replica.is_complete()


def test_a_scope_is_complete_when_it_reached_the_head_once(replica: Replica) -> None:
    replica.apply_page(page(rows_of("item", [WATER]), to=7, head=9))
    replica.apply_page(page(rows_of("item", [COLA]), after=7, to=9))
    replica.apply_page(page(after=9, to=11, head=20))
    assert not replica.is_complete()
    replica.apply_page(page(scope="store:S001", to=5))
    assert replica.is_complete()


def test_a_doubled_page_changes_nothing(replica: Replica) -> None:
    first = page(rows_of("item", [WATER]), to=7)
    replica.apply_page(first)
    replica.apply_page(page(rows_of("item", [item_row("A1", "new name")]), after=7, to=8))
    with pytest.raises(CursorMismatch):
        replica.apply_page(first)
    item = replica.item_by_sku("A1")
    assert item is not None and item.name == "new name"


@pytest.mark.parametrize(
    "wrong",
    [
        page(after=5, to=4, head=9),
        page(to=4, head=3),
        page(to=4, epoch=""),
        page(rows_of("item", [WATER[:-1]])),
        page(rows_of("item", [], deleted=[["A1", "x"]])),
        page(rows_of("member", [member_row("m1")])),
        page(rows_of("item", [[*WATER[:1]]], columns=["name"])),
    ],
    ids=["after>to", "to>head", "no epoch", "short row", "long key", "other scope", "no key column"],
)
def test_a_page_against_the_protocol_leaves_no_trace(replica: Replica, wrong: FeedPage) -> None:
    with pytest.raises((BadPage, CursorMismatch)):
        replica.apply_page(wrong)
    assert replica.cursors() == {} and replica.item_by_sku("A1") is None


def test_another_epoch_is_not_mixed_in(replica: Replica) -> None:
    replica.apply_page(page(rows_of("item", [WATER]), to=7))
    with pytest.raises(CursorMismatch):
        replica.apply_page(page(epoch="e2", after=7, to=8))
    replica.adopt_cursor("chain", "e2", 7)
    replica.apply_page(page(rows_of("item", [COLA]), epoch="e2", after=7, to=8))
    assert replica.cursors() == {"chain": ("e2", 8)} and replica.item_by_sku("A1") is not None


def test_a_scope_is_replaced_whole_or_not_at_all(replica: Replica) -> None:
    replica.apply_page(page(rows_of("item", [WATER]), to=7))
    first, second = page(rows_of("item", [COLA]), epoch="e2", to=2, head=3), page(epoch="e2", after=2, to=3)
    with pytest.raises(CursorMismatch):
        replica.replace_scope("chain", [second])
    assert replica.item_by_sku("A1") is not None and replica.cursors() == {"chain": ("e1", 7)}
    replica.replace_scope("chain", [first, second])
    while replica.index_search():
        pass
    assert replica.item_by_sku("A1") is None and replica.search("农夫") == []
    assert replica.cursors() == {"chain": ("e2", 3)} and len(replica.search("可乐")) == 1


def test_deletions_travel_as_keys(replica: Replica) -> None:
    replica.apply_page(page(rows_of("item", [WATER, COLA]), to=2))
    replica.apply_page(page(rows_of("item", [], deleted=[["A1"]]), after=2, to=3))
    assert replica.item_by_sku("A1") is None and replica.item_by_sku("A2") is not None
    assert replica.search("农夫") == []


def test_unknown_kinds_are_kept_aside(replica: Replica) -> None:
    part = FeedRows("hologram", ["hologram_id", "shape"], [["h1", "cube"]], [["h0"]])
    replica.apply_page(page(part, rows_of("item", [WATER]), to=4))
    rows = replica.read(
        lambda c: c.execute("SELECT kind, payload, deleted FROM unknown_row ORDER BY deleted").fetchall()
    )
    assert rows == [("hologram", '["h1","cube"]', 0), ("hologram", '["h0"]', 1)]
    assert replica.item_by_sku("A1") is not None


def test_unknown_columns_are_kept_and_count_in_the_digest(replica: Replica) -> None:
    columns = [*KINDS["plu"].column_names, "colour"]
    replica.apply_page(page(rows_of("plu", [["17", "A1", "red"]], columns=columns)))
    extra = replica.read(lambda c: c.execute("SELECT extra FROM plu").fetchone())[0]
    assert json.loads(extra) == {"colour": "red"}
    expected = {"plu": digest_of("plu", [["17", "A1", "red"]])}
    assert replica.digests("chain") == expected == replica.digests("chain", recompute=True)


def test_an_older_servers_missing_column_gets_its_empty_value(replica: Replica) -> None:
    columns = list(KINDS["item"].column_names[:-2])
    replica.apply_page(page(rows_of("item", [WATER[:-2]], columns=columns)))
    item = replica.item_by_sku("A1")
    assert item is not None and item.sales_rank == 0


def test_digests_are_the_cores_whatever_the_history(replica: Replica) -> None:
    replica.apply_page(page(rows_of("item", [WATER, item_row("A2", "old")]), to=2))
    replica.apply_page(page(rows_of("item", [COLA]), after=2, to=3))
    expected = {"item": digest_of("item", [COLA, WATER])}
    assert replica.digests("chain") == expected == replica.digests("chain", recompute=True)


def test_a_changed_byte_shows_in_the_recomputed_digest(replica: Replica) -> None:
    replica.apply_page(page(rows_of("item", [WATER])))
    replica.write(lambda c: c.execute("UPDATE item SET name = 'altered'"))
    assert replica.digests("chain") != replica.digests("chain", recompute=True)


def test_moving_to_another_region_clears_the_old_one(replica: Replica) -> None:
    replica.apply_page(page(scope="region:east", to=3))
    replica.apply_page(page(rows_of("member", [member_row("m1")]), scope="store:S001", to=3))
    assert replica.keep_only_scopes(["chain", "region:west", "store:S002"]) == ["region:east", "store:S001"]
    assert replica.cursors() == {} and replica.member("m1") is None


@given(st.lists(st.one_of(st.text(), st.integers(-(2**53), 2**53), st.none()), max_size=8))
def test_the_fast_row_hash_is_the_cores(row: list[Any]) -> None:
    try:
        expected = row_hash("item", row)
    except UnicodeEncodeError:
        return
    assert row_digest("item", row) % (1 << 64) == expected
