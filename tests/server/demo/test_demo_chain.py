"""The demo chain is what the README says of it, and the same every time."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from pos_core.catalog.gtin import normalise_gtin, short_gtin
from pos_core.catalog.in_store_code import parse_layouts
from pos_core.money import parse_minor
from pos_core.pricing.load import load_promotions
from sync_server.demo import chain
from sync_server.demo.catalog import demo_catalog
from sync_server.demo.promotions import demo_promotions
from sync_server.demo.words import DEPARTMENTS
from sync_server.services.blobs import Blobs
from sync_server.services.chain import found_chain, open_chain
from sync_server.services.data_folder import DataFolder
from sync_server.services.demo import build_demo
from sync_server.services.releases import Releases
from sync_server.store import feed


class Clock:
    def now_ms(self) -> int:
        return 1_790_000_000_000

    def monotonic_ms(self) -> int:
        return 0


@pytest.fixture(scope="module")
def catalog():
    return demo_catalog()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = DataFolder(tmp_path_factory.mktemp("demo") / "hq")
    clock = Clock()
    found_chain(folder, chain_name=chain.CHAIN_NAME, currency="CNY", clock=clock, hosts=["localhost"])
    store, keys = open_chain(folder)
    made = build_demo(store, keys, Releases(Blobs(folder.blobs, clock), keys, clock), clock)
    yield store, made
    store.close()


def test_names_barcodes_and_numbers_are_unique(catalog):
    assert len(catalog.items) >= 2000
    for rows, column in ((catalog.items, "sku"), (catalog.items, "name"), (catalog.items, "name_en")):
        doubled = [value for value, count in Counter(row[column] for row in rows).items() if count > 1]
        assert doubled == [], column
    gtins = [normalise_gtin(row["gtin"]) for row in catalog.gtins]
    assert len(set(gtins)) == len(gtins)
    pieces = [short_gtin(gtin) for gtin in gtins if gtin.startswith("0")]
    assert all(code.startswith("69") and len(code) == 13 for code in pieces)
    assert any(gtin.startswith("1") for gtin in gtins)


def test_it_has_every_kind_of_item_that_a_till_meets(catalog):
    kinds = Counter(row.get("sale_kind") or "piece" for row in catalog.items)
    assert kinds["weighed"] >= 80
    assert kinds["open_price"] == 2  # goods without a price, and the top-up
    assert any(row.get("age_minimum") == "18" for row in catalog.items)
    assert any(row.get("deposit_sku") for row in catalog.items)
    assert any(row.get("active") == "0" for row in catalog.items)
    assert {row["tax_class_code"] for row in catalog.items} == {"V13", "V9", "V0"}


def test_every_item_has_a_place_in_the_tree_and_an_english_name(catalog):
    departments = {code for code, *_ in DEPARTMENTS}
    assert all(
        row["department_code"] in departments and row["name_en"].isprintable() for row in catalog.items
    )


def test_catalog_and_people_are_the_same_every_time(catalog):
    again = demo_catalog()
    assert (again.items, again.gtins, again.prices) == (catalog.items, catalog.gtins, catalog.prices)
    assert chain.members() == chain.members()


def test_no_member_has_a_number_that_could_be_somebodys():
    phones = [row["phone"] for row in chain.members()]
    assert len(set(phones)) == chain.MEMBERS
    assert all(phone.startswith("12") and len(phone) == 11 for phone in phones)
    assert len({row["tier"] for row in chain.members()}) == 4


def test_promotions_and_policies_are_legal():
    assert len(load_promotions({"format": 1, "promotions": demo_promotions()}).promotions) >= 5
    assert parse_layouts(chain.policies()["in_store_codes"])


def test_the_built_chain_is_published_and_complete(built):
    store, made = built
    assert made.release_version == 1
    counts = store.read(lambda txn: {k: v[0] for k, v in feed.digests(txn, "chain").items()})
    assert counts["item"] == made.rows["items"] >= 2000
    assert counts["store"] == 4
    assert counts["release"] == 1
    members = [store.read(lambda txn, s=s: feed.digests(txn, f"store:{s['store_id']}")) for s in chain.STORES]
    assert (
        sum(digest["member"][0] for digest in members) == 2 * chain.MEMBERS
    )  # region scope: two stores each
    assert made.operators["S001"][0] == {
        "number": "1001", "pin": "123456", "role": "cashier", "name": "收银员 1001",
    }  # fmt: skip


@pytest.mark.parametrize("store_id", ["S001", "S002", "S003", "S004"])
def test_no_pin_or_phone_is_in_the_feed(built, store_id):
    store, _ = built
    employees = store.read(lambda txn: list(feed.rows_of(txn, "employee", f"store:{store_id}")))
    members = store.read(lambda txn: list(feed.rows_of(txn, "member", f"store:{store_id}")))
    assert employees and members
    # Verifier and blind index are random text in which any six digits may stand by chance.
    text = json.dumps([row[:4] + row[5:] for row in employees] + [row[:1] + row[2:] for row in members])
    assert all(row[4].startswith("$argon2id$") for row in employees)
    assert not any(row["pin"] in text for row in chain.employees() if row["pin"] != row["number"])
    assert not any(row["phone"] in text for row in chain.members())


@pytest.mark.parametrize("promotion_id,units,paid", [("DEMO-SODA-2-1", 3, 2), ("DEMO-SECOND-HALF", 2, 1.5)])
def test_a_promotion_gives_what_its_name_says(catalog, promotion_id, units, paid):
    """The floor price leaves room: three sodas cost two, not a little less than three."""
    (promotion,) = (each for each in demo_promotions() if each["id"] == promotion_id)
    (tag,) = promotion["select"]["any_of"][0]["tags"]
    tagged = [row for row in catalog.items if tag in row.get("tags", "").split(";")]
    assert len(tagged) > 10
    for row in tagged:
        price = catalog.standard_fen[row["sku"]]
        assert units * parse_minor(row["floor_price"]) <= paid * price - 1, row["name"]
