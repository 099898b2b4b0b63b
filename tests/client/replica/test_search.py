"""Search finds by name, part of a name, brand, pinyin and initials, best sellers first."""

from __future__ import annotations

import random

import pytest

from pos_client.replica import search_index
from pos_client.replica.replica import Replica
from pos_core.catalog.search_text import entry_text, normalise
from pos_core.sync.protocol import FeedRows
from tests.fakes.reference_rows import item_row, page, rows_of

ROWS = [
    item_row("W", "农夫山泉 550ml", pinyin="nongfushanquan550ml", pinyin_initials="nfsq550ml", sales_rank=5),
    item_row(
        "C",
        "可口可乐 330ml",
        name_en="Coca-Cola",
        pinyin="kekoukele330ml",
        pinyin_initials="kkkl330ml",
        sales_rank=1,
    ),
    item_row(
        "P",
        "百事可乐 330ml",
        name_en="Pepsi",
        pinyin="baishikele330ml",
        pinyin_initials="bskl330ml",
        sales_rank=2,
    ),
    item_row(
        "N", "红烧牛肉面", brand="康师傅", pinyin="hongshaoniuroumian", pinyin_initials="hsnrm", sales_rank=3
    ),
    item_row("T", "牛乳茶", brand="统一", pinyin="niurucha", pinyin_initials="nrc", sales_rank=4),
    item_row("X", "可口停售", pinyin="kekoutingshou", pinyin_initials="kkts", sales_rank=1, active=0),
]


@pytest.fixture
def shop(replica: Replica) -> Replica:
    replica.apply_page(page(rows_of("item", ROWS)))
    return replica


@pytest.mark.parametrize(
    "typed,expected",
    [
        ("农夫山泉", ["W"]),
        ("山泉", ["W"]),
        ("乐", ["C", "P"]),
        ("可乐", ["C", "P"]),
        ("可口", ["C"]),  # the item no longer sold is not offered
        ("牛肉面", ["N"]),
        ("牛", ["N", "T"]),
        ("康师傅", ["N"]),
        ("康师傅 牛肉", ["N"]),
        ("可乐 330", ["C", "P"]),
        ("可乐 红烧", []),
        ("COCA-cola", ["C"]),
        ("ｃｏｃａ", ["C"]),
        ("nfsq", ["W"]),
        ("kl", ["C", "P"]),
        ("nr", ["N", "T"]),
        ("n", ["N", "T", "W"]),
        ("nongfu", ["W"]),
        ("niu", ["T"]),
        ("baishik", ["P"]),
        ("hongshaoniurou", ["N"]),
        ("康师傅 hsnr", ["N"]),
        ("kekoukele 330", ["C"]),
        ("乐可", []),  # both pairs of 可乐 and 乐可 must stand side by side
        ("", []),
        ("   ", []),
        ('"', []),
        ("可乐* OR NEAR(", []),
        ("π", []),
        ("x" * 5000, []),
    ],
)
def test_what_is_typed_finds(shop: Replica, typed: str, expected: list[str]) -> None:
    assert [item.sku for item in shop.search(typed)] == expected


def test_pairs_that_are_apart_are_not_a_find(replica: Replica) -> None:
    replica.apply_page(page(rows_of("item", [item_row("A", "甲乙丁乙丙"), item_row("B", "甲乙丙")])))
    assert [item.sku for item in replica.search("甲乙丙")] == ["B"]


def test_results_stop_at_the_limit(shop: Replica) -> None:
    assert [item.sku for item in shop.search("0", limit=1)] == ["C"]


def test_a_changed_item_is_found_by_its_new_name_and_rank_alone(shop: Replica) -> None:
    changed = item_row("P", "百事新乐 330ml", pinyin="baishixinle", pinyin_initials="bsxl", sales_rank=0)
    shop.apply_page(page(rows_of("item", [changed]), after=1, to=2))
    assert shop.search("百事可乐") == [] and shop.search("bskl") == []
    assert [item.sku for item in shop.search("乐")] == ["P", "C"]


def test_many_items_are_found_at_once_and_indexed_in_slices_afterwards(replica: Replica) -> None:
    rows = [item_row(f"S{n}", f"商品{n}", pinyin=f"shangpin{n}", sales_rank=n) for n in range(9000)]
    replica.apply_page(page(rows_of("item", rows)))
    assert replica.read(search_index.behind) == 9000
    typed = ("商品8999", "商品 99", "shangpin123", "shangp", "S1")
    at_once = [[item.sku for item in replica.search(text, 200)] for text in typed]
    assert at_once[0] == ["S8999"] and [len(found) for found in at_once[1:4]] == [171, 11, 200]
    slices = 0
    while replica.index_search():
        slices += 1
        assert [[item.sku for item in replica.search(text, 200)] for text in typed] == at_once
    assert slices >= 9000 / search_index.SLICE and replica.read(search_index.behind) == 0


def test_an_item_that_is_behind_is_found_by_what_it_is_now(replica: Replica) -> None:
    """Three pages: new, renamed, and half of them gone; asked in every state of the catching up."""
    ranks = {"sales_rank": 7}
    replica.apply_page(page(rows_of("item", [item_row(f"S{n}", f"甲{n}", **ranks) for n in range(200)])))
    replica.index_search()
    renamed = [item_row(f"S{n}", f"乙{n}", **ranks) for n in range(200)]
    replica.apply_page(page(rows_of("item", renamed), after=1, to=2))
    assert replica.search("甲") == [] and len(replica.search("乙", 200)) == 200
    gone = FeedRows("item", [], [], [[f"S{n}"] for n in range(100)])
    replica.apply_page(page(gone, after=2, to=3))
    assert {item.sku for item in replica.search("乙", 200)} == {f"S{n}" for n in range(100, 200)}
    while replica.index_search():
        pass
    assert {item.sku for item in replica.search("乙", 200)} == {f"S{n}" for n in range(100, 200)}


def test_an_unchanged_item_keeps_its_entry(shop: Replica) -> None:
    before = shop.read(lambda c: c.execute("SELECT * FROM search_entry ORDER BY 1").fetchall())
    shop.apply_page(page(rows_of("item", ROWS), after=1, to=2))
    assert shop.read(lambda c: c.execute("SELECT * FROM search_entry ORDER BY 1").fetchall()) == before


def test_search_agrees_with_a_plain_scan(replica: Replica) -> None:
    dice = random.Random(11)
    letters = "甲乙丙丁戊ab1"
    rows = [
        item_row(
            f"S{n}", "".join(dice.choices(letters, k=dice.randint(1, 7))), sales_rank=dice.randint(1, 60)
        )
        for n in range(300)
    ]
    replica.apply_page(page(rows_of("item", rows)))
    while replica.index_search():
        pass
    for _ in range(300):
        typed = "".join(dice.choices(letters[:5], k=dice.randint(1, 4)))
        expected = {r[0] for r in rows if normalise(typed) in entry_text(r[1], r[2], r[4])}
        found = replica.search(typed, limit=200)
        assert {item.sku for item in found} == expected, typed
        assert [item.sales_rank for item in found] == sorted(item.sales_rank for item in found)
