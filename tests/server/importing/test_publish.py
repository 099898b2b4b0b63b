"""Drafts become releases: base first, deltas after, each following the one before."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

import pytest
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pos_core.canonical import is_canonical
from sync_server.services import pricing_keys
from sync_server.services.blobs import Blobs
from sync_server.services.publish import EffectiveTooEarly, NothingToPublish, Publisher
from sync_server.services.releases import Releases
from sync_server.store import feed

DAY_MS = 86_400_000
NOW_MS = 1_790_000_000_000


@dataclass
class Clock:
    now: int = NOW_MS

    def now_ms(self) -> int:
        return self.now

    def monotonic_ms(self) -> int:
        return 0


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def blobs(tmp_path, clock):
    return Blobs(tmp_path / "blobs", clock)


@pytest.fixture
def publisher(office, blobs, clock):
    return Publisher(office.store, Releases(blobs, office.keys, clock), clock)


HEAD = "price_list,sku,price,effective_from,effective_to\n"


def content(blobs, published, name):
    for entry in json.loads(published.release.manifest)["files"]:
        if entry["name"] == name:
            data = blobs.path(entry["sha256"]).read_bytes()
            assert len(data) == entry["length"]
            return json.loads(zstandard.ZstdDecompressor().decompress(data))
    raise AssertionError(name)


def test_the_first_release_is_a_signed_base(shop, publisher, office, blobs):
    shop("prices", HEAD + "P1,A1,3.50,2026-01-01,\nP2,A1,4,2026-01-01,\n")
    made = publisher.publish(note="first")
    assert (made.release.version, made.kind, made.price_pairs) == (1, "base", 2)
    manifest = made.release.manifest.encode()
    assert is_canonical(manifest)
    assert json.loads(manifest)["prev_manifest_sha256"] is None
    believed = office.store.read(lambda txn: pricing_keys.believed(txn, office.keys.folder))
    key_id, public = next(iter(believed.keys.items()))
    (signature,) = json.loads(made.release.signatures)
    assert signature["key_id"] == key_id
    Ed25519PublicKey.from_public_bytes(public).verify(
        base64.b64decode(signature["signature"]), b"tidemark.release.1\0" + manifest
    )
    assert [row[2] for row in content(blobs, made, "prices")["rows"]] == [1_767_196_800_000] * 2


def test_a_delta_carries_every_row_of_the_changed_pairs_only(shop, publisher, blobs):
    shop("prices", HEAD + "P1,A1,3.50,2026-01-01,\nP1,A3,2,2026-01-01,\n")
    first = publisher.publish()
    shop("prices", HEAD + "P1,A1,2.99,2026-12-01,2026-12-03\n")
    second = publisher.publish()
    assert second.kind == "delta"
    rows = content(blobs, second, "prices")["rows"]
    assert [(row[1], row[4]) for row in rows] == [("A1", 350), ("A1", 299)]
    manifest = json.loads(second.release.manifest)
    assert manifest["prev_manifest_sha256"] == first.release.manifest_sha256


def test_nothing_new_is_not_a_release(shop, publisher, office):
    shop("prices", HEAD + "P1,A1,3.50,2026-01-01,\n")
    publisher.publish()
    head = office.store.read(feed.head)
    shop("prices", HEAD + "P1,A1,3.50,2026-01-01,\n")
    with pytest.raises(NothingToPublish):
        publisher.publish()
    assert office.store.read(feed.head) == head


def test_changed_promotions_alone_are_a_release(shop, publisher, blobs):
    shop("prices", HEAD + "P1,A1,3.50,2026-01-01,\n")
    publisher.publish()
    rule = {
        "id": "P-1",
        "name": "满100减10",
        "phase": "basket",
        "benefit": {"kind": "basket_amount", "amount_minor": 1000, "every_minor": 10000},
        "stack": "cheapest_for_customer",
    }
    assert shop("promotions", json.dumps([rule]), suffix=".json").problems == []
    made = publisher.publish()
    assert (made.price_rows, made.promotions) == (0, 1)
    assert content(blobs, made, "promotions")["promotions"][0]["id"] == "P-1"


def test_versions_may_not_overtake_a_staged_release(shop, publisher, clock):
    shop("prices", HEAD + "P1,A1,3.50,2026-01-01,\n")
    publisher.publish(effective_from_ms=clock.now + DAY_MS)
    shop("prices", HEAD + "P1,A1,3.60,2026-01-01,\n")
    with pytest.raises(EffectiveTooEarly):
        publisher.publish()
    assert publisher.publish(effective_from_ms=clock.now + DAY_MS).release.version == 2


def test_a_base_is_due_after_twenty_deltas(shop, publisher):
    kinds = []
    for price in range(1, 24):
        shop("prices", HEAD + f"P1,A1,{price},2026-01-01,\n")
        kinds.append(publisher.publish().kind)
    assert [number for number, kind in enumerate(kinds, 1) if kind == "base"] == [1, 22]


def test_prices_that_can_no_longer_count_leave_the_files(shop, publisher, blobs):
    shop(
        "prices",
        HEAD
        + "P1,A1,1,2020-01-01,\nP1,A1,2,2021-01-01,\nP1,A1,3,2022-01-01,2022-02-01\nP1,A1,4,2030-01-01,\n",
    )
    made = publisher.publish()
    assert [row[4] for row in content(blobs, made, "prices")["rows"]] == [200, 400]
