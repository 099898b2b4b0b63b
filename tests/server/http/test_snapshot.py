"""A snapshot is built, offered, fetched in ranges, and is a replica that the workstation's own code opens."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pos_core.canonical import canonical_bytes
from pos_core.sync import sealing
from pos_core.sync.digest import digest_of
from sync_server.services.releases import ReleaseFile
from sync_server.store import chain_state, feed
from tests.server.support.office import Chain, TestWorkstation


def item(number: int, **changes: Any) -> list[Any]:
    row = {
        "sku": f"SKU{number:05d}", "name": f"农夫山泉矿泉水{number}", "name_en": "water",
        "receipt_name": "水", "brand": None, "department_code": None, "tax_class_code": "STD",
        "sale_kind": "piece", "unit": "瓶",
        "floor_minor": None, "age_minimum": None, "deposit_sku": None, "tags": "[]",
        "pinyin": "nongfushanquan", "pinyin_initials": "nfsq", "sales_rank": number + 1, "active": 1,
    }  # fmt: skip
    return list((row | changes).values())


def fill(chain: Chain) -> None:
    prices = {
        "columns": ["price_list_id", "sku", "effective_from_ms", "effective_to_ms", "price_minor"],
        "rows": [["PL1", f"SKU{number:05d}", 0, None, 200 + number] for number in range(500)],
    }

    def write(txn: Any) -> None:
        feed.put_rows(
            txn, "item", "chain", [item(number, active=int(number % 50 != 7)) for number in range(500)]
        )
        feed.put_rows(
            txn, "gtin", "chain", [[f"{number:014d}", f"SKU{number:05d}", 1000] for number in range(500)]
        )
        chain.office.releases.publish(
            txn,
            [
                ReleaseFile("prices", "base", canonical_bytes(prices)),
                ReleaseFile("promotions", "base", canonical_bytes({"promotions": []})),
            ],
            effective_from_ms=chain.clock.now_ms(),
        )

    chain.office.store.write(write)


def opened_key(till: TestWorkstation, offer: dict[str, Any]) -> bytes:
    """The file's key out of its sealed box, as pos_core.sync.sealing describes it."""
    parts = sealing.split_box(base64.b64decode(offer["file_key"]))
    assert parts is not None
    ephemeral, ciphertext = parts
    own = till.maker.sealing.public_key().public_bytes_raw()
    shared = till.maker.sealing.exchange(X25519PublicKey.from_public_bytes(ephemeral))
    key = HKDF(hashes.SHA256(), 32, sealing.box_salt(ephemeral, own), sealing.LABEL_FILE_KEY).derive(shared)
    return ChaCha20Poly1305(key).decrypt(sealing.NONCE, ciphertext, None)


def fetch(till: TestWorkstation, sha256: str, length: int, step: int) -> bytes:
    """The file in ranges, each a signed request, the way a resumed download goes."""
    target, data = f"/v1/blobs/{sha256}", b""
    while len(data) < length:
        headers = till.headers("GET", target, b"") | {
            "Range": f"bytes={len(data)}-{len(data) + step - 1}",
            "If-Range": f'"{sha256}"',
        }
        answer = till.http.get(target, headers=headers)
        assert answer.status_code == 206, answer.text
        assert answer.headers["etag"] == f'"{sha256}"'
        data += answer.content
    return data


def test_a_snapshot_opens_in_the_workstations_own_replica(chain: Chain, tmp_path: Path) -> None:
    till = chain.enrol()
    assert till.call("GET", "/v1/snapshot?scope=chain")[0] == 404
    fill(chain)
    assert chain.office.snapshots.is_stale()
    chain.office.snapshots.build()
    assert not chain.office.snapshots.is_stale()
    status, offer = till.call("GET", "/v1/snapshot?scope=chain")
    assert status == 200
    beside = (
        "signature",
        "urls",
        "chunk_bytes",
        "chunks",
        "cursors",
    )  # the answer that they come in is signed
    signed = {name: value for name, value in offer.items() if name not in beside}
    Ed25519PublicKey.from_public_bytes(base64.b64decode(till.enrolled.server_public_key)).verify(
        base64.b64decode(offer["signature"]), canonical_bytes(signed)
    )
    data = fetch(till, offer["sha256"], offer["length"], step=100_000)
    assert hashlib.sha256(data).hexdigest() == offer["sha256"] and len(data) == offer["length"]
    assert "农夫山泉".encode() not in data and b"SQLite format" not in data
    key = opened_key(till, offer)
    assert key not in data
    path = tmp_path / "replica.db"
    path.write_bytes(data)
    check_replica(chain, path, key, offer)


def check_replica(chain: Chain, path: Path, key: bytes, offer: dict[str, Any]) -> None:
    from pos_client.replica.schema import missing_columns, open_writer

    connection = open_writer(path, key)
    try:
        assert missing_columns(connection) == []
        assert connection.execute("PRAGMA quick_check").fetchone()[0] == "ok"
        cursor = connection.execute("SELECT scope, epoch, sequence, complete FROM feed_cursor").fetchall()
        head = chain.office.store.read(lambda txn: feed.scope_head(txn, "chain"))
        assert [tuple(row) for row in cursor] == [("chain", offer["epoch"], head, 1)]
        wire = chain.office.store.read(lambda txn: list(feed.rows_of(txn, "item", "chain")))
        mine = [tuple(row) for row in connection.execute("SELECT * FROM item ORDER BY sku").fetchall()]
        assert [list(row[:-2]) for row in mine] == sorted(wire)
        assert digest_of("item", [row[:-2] for row in mine]) == digest_of("item", wire)
        assert sum(row[-2] for row in mine) % (1 << 64) == int(digest_of("item", wire)[1], 16)
        active = connection.execute("SELECT count(*) FROM search_entry").fetchone()[0]
        assert active == sum(1 for row in wire if row[-1])
        assert connection.execute("SELECT count(*) FROM price WHERE since_release = 1").fetchone()[0] == 500
        assert connection.execute("SELECT count(*) FROM release_file").fetchone()[0] == 2
        assert connection.execute("SELECT applied_at_ms FROM release_state").fetchone()[0] is None
        found = connection.execute(
            "SELECT rowid FROM search_gram WHERE search_gram MATCH ? LIMIT 3", ('"农夫"',)
        ).fetchall()
        assert len(found) == 3
    finally:
        connection.close()


def test_each_build_has_its_own_key_and_each_workstation_its_own_box(chain: Chain) -> None:
    one, two = chain.enrol("S001"), chain.enrol("S002")
    fill(chain)
    keys = []
    for _ in range(2):
        chain.office.snapshots.build()
        offers = [till.call("GET", "/v1/snapshot?scope=chain")[1] for till in (one, two)]
        assert offers[0]["sha256"] == offers[1]["sha256"] and offers[0]["file_key"] != offers[1]["file_key"]
        assert opened_key(one, offers[0]) == opened_key(two, offers[1])
        keys.append(opened_key(one, offers[0]))
        from cryptography.exceptions import InvalidTag

        with pytest.raises(InvalidTag):
            opened_key(two, offers[0])
    assert keys[0] != keys[1]


def test_after_a_restore_no_old_snapshot_is_offered(chain: Chain) -> None:
    till = chain.enrol()
    fill(chain)
    chain.office.snapshots.build()
    chain.office.store.write(lambda txn: chain_state.put(txn, "epoch", "e2"))
    assert till.call("GET", "/v1/snapshot?scope=chain")[0] == 404
    assert chain.office.snapshots.is_stale()


@pytest.mark.parametrize("wanted", ["bytes=99999999-", "bytes=5-2", "bytes=x"])
def test_odd_ranges_never_break_the_server(chain: Chain, wanted: str) -> None:
    till = chain.enrol()
    ref = chain.office.store.write(lambda txn: chain.office.blobs.put(txn, b"z" * 1000))
    target = f"/v1/blobs/{ref.sha256}"
    answer = chain.http.get(target, headers=till.headers("GET", target, b"") | {"Range": wanted})
    assert answer.status_code in (200, 400, 416)


@pytest.mark.parametrize("name", ["..", "%2e%2e%2f", "0" * 63, "0" * 65, "G" * 64, "A" * 64, "/etc/passwd"])
def test_names_that_are_no_hash_are_no_files(chain: Chain, name: str) -> None:
    till = chain.enrol()
    target = f"/v1/blobs/{name}"
    answer = chain.http.get(target, headers=till.headers("GET", target, b""))
    assert answer.status_code in (401, 404)
