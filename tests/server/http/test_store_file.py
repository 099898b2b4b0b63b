"""A store's own file: its scopes and no others, for its workstations alone, gone with a member's rows."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.exceptions import InvalidTag

from pos_client.replica.schema import open_reader
from sync_server.services import store_files
from sync_server.services.store_files import KEPT_MS, SliceMoved, StoreTooSmall
from sync_server.store import blob, epoch, feed, store_file
from sync_server.store.replica_file import ReplicaFile
from tests.fakes.reference_rows import item_row, member_row
from tests.server.http.test_snapshot import fetch, opened_key
from tests.server.support.office import Chain, TestWorkstation

MINE, OTHERS = "store:S001", "store:S002"


@pytest.fixture(autouse=True)
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_files, "WORTH_BUILDING_ROWS", 3)
    monkeypatch.setattr(store_files, "WORTH_WAITING_ROWS", 5)


def put(chain: Chain, kind: str, rows: list[Any], scope: str = "chain", gone: Any = ()) -> None:
    chain.office.store.write(lambda txn: feed.put_rows(txn, kind, scope, rows, gone))


def fill(chain: Chain, members: int = 6) -> None:
    put(chain, "item", [item_row(f"A{n}", f"商品{n}") for n in range(20)])
    put(chain, "member", [member_row(f"m{n}") for n in range(members)], MINE)
    put(chain, "member", [member_row(f"o{n}") for n in range(members)], OTHERS)
    put(chain, "nearby_stock", [["A1", "2"]], "region:east")
    put(chain, "nearby_stock", [["A1", "3"], ["A2", "3"]], "region:west")


def offer_of(till: TestWorkstation, scope: str = MINE) -> tuple[int, Any]:
    return till.call("GET", f"/v1/snapshot?scope={scope}")


def blob_status(till: TestWorkstation, sha256: str) -> int:
    target = f"/v1/blobs/{sha256}"
    return till.http.get(target, headers=till.headers("GET", target, b"")).status_code


def blobs_on_disk(chain: Chain) -> set[str]:
    return {path.name for path in chain.office.folder.blobs.glob("??/*")}


def test_the_file_holds_the_stores_three_scopes_and_nobody_elses(chain: Chain, tmp_path: Path) -> None:
    till = chain.enrol()
    fill(chain)
    put(chain, "policy", [["snapshot_urls", '["https://cdn.example.com/"]']])
    chain.office.store_files.build("S001")
    status, offer = offer_of(till)
    assert status == 200 and offer["scope"] == MINE
    assert offer["urls"] == [], "members lie at no public address"
    data = fetch(till, offer["sha256"], offer["length"], step=200_000)
    assert hashlib.sha256(data).hexdigest() == offer["sha256"]
    path = tmp_path / "replica.db"
    path.write_bytes(data)
    connection = open_reader(path, opened_key(till, offer))
    try:
        cursors = connection.execute("SELECT scope, sequence FROM feed_cursor WHERE complete = 1").fetchall()
        heads = chain.office.store.read(feed.scope_heads)
        assert dict(cursors) == offer["cursors"] == {each: heads[each] for each in (
            "chain", "region:east", MINE)}  # fmt: skip
        assert {row[0] for row in connection.execute("SELECT member_id FROM member")} == {
            f"m{n}" for n in range(6)
        }
        assert connection.execute("SELECT sku, steps FROM nearby_stock").fetchall() == [("A1", "2")]
        assert connection.execute("SELECT count(*) FROM item").fetchone()[0] == 20
    finally:
        connection.close()


def test_another_stores_workstation_gets_neither_offer_nor_bytes_nor_key(chain: Chain) -> None:
    till, other = chain.enrol(), chain.enrol("S002")
    fill(chain)
    chain.office.store_files.build("S001")
    _, offer = offer_of(till)
    status, refusal = offer_of(other)
    assert (status, refusal["code"]) == (403, "not_yours")
    assert blob_status(other, offer["sha256"]) == 404 and blob_status(till, offer["sha256"]) == 200
    with pytest.raises(InvalidTag):
        opened_key(other, offer)
    assert opened_key(till, offer) not in chain.office.blobs.path(offer["sha256"]).read_bytes()


def test_each_build_has_its_own_key(chain: Chain) -> None:
    till = chain.enrol()
    fill(chain)
    keys = set()
    for _ in range(2):
        chain.office.store_files.build("S001")
        chain.clock.advance(1)
        keys.add(opened_key(till, offer_of(till)[1]))
    assert len(keys) == 2


def test_whoever_asks_for_a_large_slice_is_told_that_it_is_being_built(chain: Chain) -> None:
    till = chain.enrol()
    fill(chain)
    assert chain.office.store_files.due() == []
    status, refusal = offer_of(till)
    assert (status, refusal["code"]) == (503, "snapshot_building")
    assert refusal["facts"]["retry_after_ms"] == store_files.RETRY_AFTER_MS
    assert chain.office.store_files.due() == ["S001"]
    chain.office.store_files.build("S001")
    assert chain.office.store_files.due() == [] and offer_of(till)[0] == 200


def test_a_wish_is_forgotten_once_its_workstation_has_started_otherwise(chain: Chain) -> None:
    till = chain.enrol()
    fill(chain)
    offer_of(till)
    chain.clock.advance(store_files.WISH_MS + 1)
    assert chain.office.store_files.due() == []
    offer_of(till)
    assert chain.office.store_files.due() == ["S001"], "and may be made again"


def test_a_slice_that_pages_bring_sooner_is_not_waited_for(chain: Chain) -> None:
    till = chain.enrol()
    fill(chain, members=3)
    assert offer_of(till)[0] == 404
    assert chain.office.store_files.due() == []


def test_an_enrolment_code_has_the_file_built_before_anybody_asks(chain: Chain) -> None:
    chain.enrol()
    fill(chain, members=3)
    assert chain.office.store_files.due() == [], "its code is used"
    chain.office.enrolment.new_code("S001", minutes=10, ca_fingerprint=None)
    assert chain.office.store_files.due() == ["S001"]
    chain.clock.advance(11 * 60_000)
    assert chain.office.store_files.due() == [], "and an expired one expects nobody"


def test_a_small_store_has_no_file(chain: Chain) -> None:
    fill(chain, members=1)
    chain.office.enrolment.new_code("S001", minutes=10, ca_fingerprint=None)
    assert chain.office.store_files.due() == []
    with pytest.raises(StoreTooSmall):
        chain.office.store_files.build("S001")
    assert chain.office.store_files.build("S001", whatever_size=True).length > 0, "but by hand it may"


def test_a_file_that_lags_is_offered_until_it_lags_too_far(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync_server.services.snapshot.REBUILD_AFTER_CHANGES", 10)
    till = chain.enrol()
    fill(chain)
    chain.office.store_files.build("S001")
    put(chain, "member", [member_row(f"o{n}", "11" * 16) for n in range(6)] * 9, OTHERS)
    put(chain, "member", [member_row(f"x{n}") for n in range(50)], OTHERS)
    assert offer_of(till)[0] == 200, "what other stores do is no lag"
    put(chain, "member", [member_row(f"n{n}") for n in range(11)], MINE)
    assert offer_of(till)[1]["code"] == "snapshot_building"


def test_a_store_that_moved_to_another_region_gets_another_file(chain: Chain) -> None:
    till = chain.enrol()
    fill(chain)
    chain.office.store_files.build("S001")
    store = ["S001", "人民路店", "west", "", None, None, "Asia/Shanghai", "PL1", "[]"]
    put(chain, "store", [store])
    assert offer_of(till)[1]["code"] == "snapshot_building"
    chain.office.store_files.build("S001")
    assert "region:west" in offer_of(till)[1]["cursors"]


@pytest.mark.parametrize("kind", store_file.PERSONAL_KINDS)
def test_a_personal_row_that_vanishes_takes_the_file_with_it(chain: Chain, kind: str) -> None:
    till = chain.enrol()
    fill(chain)
    rows: dict[str, list[Any]] = {
        "member": member_row("p1"),
        "member_detail": ["p1", "active", None, None, 0, None, None, 0, 0],
        "member_pricing": ["p1", 1, None],
        "member_coupon": ["p1", "m1", "C", "issued", "", 0, 1],
        "ruling": ["p1", "{}", None, 1],
    }
    put(chain, kind, [rows[kind]], MINE)
    sha256 = chain.office.store_files.build("S001").sha256
    put(chain, kind, [], OTHERS, gone=[["p1"]])
    assert offer_of(till)[0] == 200
    put(chain, kind, [], MINE, gone=[["p1"]])
    assert offer_of(till)[1]["code"] == "snapshot_building", "no offer, even before the timer's next look"
    assert chain.office.store_files.trim().dropped == 1
    assert blob_status(till, sha256) == 404 and sha256 not in blobs_on_disk(chain)


def test_a_dropped_files_key_is_gone_before_its_bytes_are(chain: Chain) -> None:
    fill(chain)
    row = chain.office.store_files.build("S001")
    chain.office.store.write(lambda txn: store_file.drop(txn, [row.sha256]))
    assert row.sha256 in blobs_on_disk(chain)
    kept = chain.office.store.read(
        lambda txn: txn.connection.exec_driver_sql("SELECT file_key FROM store_file").fetchall()
    )
    assert [bytes(each[0]) for each in kept] == [b""]
    assert chain.office.store_files.remove_dropped() == 0
    assert row.sha256 not in blobs_on_disk(chain)
    assert chain.office.store.read(store_file.dropped) == []


def test_bytes_that_the_system_holds_are_removed_at_the_next_look(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(chain)
    row = chain.office.store_files.build("S001")
    put(chain, "member", [], MINE, gone=[["m1"]])
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda *_, **__: (_ for _ in ()).throw(PermissionError()))
        assert chain.office.store_files.trim().left == 1
    assert row.sha256 in blobs_on_disk(chain)
    assert chain.office.store_files.trim().left == 0 and row.sha256 not in blobs_on_disk(chain)


def test_a_download_under_way_ends_when_its_file_is_dropped(chain: Chain) -> None:
    till = chain.enrol()
    ref = chain.office.store.write(lambda txn: chain.office.blobs.put(txn, bytes(96 << 20)))
    target = f"/v1/blobs/{ref.sha256}"
    with chain.http.stream("GET", target, headers=till.headers("GET", target, b"")) as answer:
        chunks = answer.iter_raw()
        got = len(next(chunks))
        chain.office.blobs.remove(ref.sha256)
        try:
            for chunk in chunks:
                got += len(chunk)
        except httpx.RemoteProtocolError:
            pass
    assert 0 < got < ref.length
    assert blob_status(till, ref.sha256) == 404


def test_a_member_who_vanishes_during_the_build_is_in_no_file(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = chain.enrol()
    fill(chain)
    real = ReplicaFile.finish

    def finish(self: ReplicaFile, **facts: Any) -> None:
        put(chain, "member", [], MINE, gone=[["m1"]])
        real(self, **facts)

    with monkeypatch.context() as patch:
        patch.setattr(ReplicaFile, "finish", finish)
        with pytest.raises(SliceMoved):
            chain.office.store_files.build("S001")
    assert blobs_on_disk(chain) == set() and offer_of(till)[0] == 503
    chain.office.store_files.build("S001")
    assert offer_of(till)[0] == 200


def test_a_build_that_fails_leaves_nothing_on_the_disk(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have failed because the disk is full: what sells needs the room at once."""
    fill(chain)

    def finish(_: ReplicaFile, **__: Any) -> None:
        assert list(chain.office.folder.work.glob("snapshot.*")), "here it is built"
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(ReplicaFile, "finish", finish)
        with pytest.raises(OSError, match="No space"):
            chain.office.store_files.build("S001")
    assert list(chain.office.folder.work.glob("snapshot.*")) == [] and blobs_on_disk(chain) == set()
    assert chain.office.store_files.build("S001").length > 0


def test_a_file_that_goes_while_leftovers_are_looked_for_stops_no_build(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chain's build and a store's are two processes, and an erasure a third."""
    fill(chain)
    chain.office.store_files.build("S001")
    (chain.office.folder.work / "snapshot.1.part").write_bytes(b"another's")
    real, gone = Path.stat, set()

    def stat(self: Path, **how: Any) -> Any:
        if self.name == "snapshot.1.part" or self.parent.parent == chain.office.folder.blobs:
            gone.add(self.name)
            self.unlink(missing_ok=True)
        return real(self, **how)

    monkeypatch.setattr(Path, "stat", stat)
    chain.office.blobs.sweep(set())
    monkeypatch.setattr(chain.office.blobs, "sweep", lambda _: 0)
    with monkeypatch.context() as patch:
        patch.setattr(chain.office.blobs, "adopt", lambda _: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            chain.office.snapshots.build()
    assert "snapshot.1.part" in gone and len(gone) == 2


def test_no_more_is_built_ahead_than_is_kept(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else each file pushes out another that is still waited for, and they are built round and round."""
    till = chain.enrol("S002")
    fill(chain)
    for store_id in ("S001", "S002"):
        chain.office.enrolment.new_code(store_id, minutes=60, ca_fingerprint=None)
    assert len(chain.office.store_files.due()) == 2
    monkeypatch.setattr(store_files, "KEPT_MAX", 1)
    assert chain.office.store_files.due() == ["S001"], "room for one"
    first = chain.office.store_files.build("S001")
    assert chain.office.store_files.due() == []
    monkeypatch.setattr(store_files, "KEPT_MAX", 8)
    monkeypatch.setattr(store_files, "KEPT_BYTES_MAX", first.length * 3 // 2)
    assert chain.office.store_files.due() == [], "nor bytes for two"
    monkeypatch.setattr(store_files, "KEPT_BYTES_MAX", first.length * 5)
    assert chain.office.store_files.due() == ["S002"]
    monkeypatch.setattr(store_files, "KEPT_MAX", 1)
    offer_of(till, OTHERS)
    assert chain.office.store_files.due() == ["S002"], "whoever waits goes before whoever is expected"
    chain.clock.advance(1)
    chain.office.store_files.build("S002")
    assert chain.office.store_files.due() == []


def test_files_are_bounded_in_number_bytes_and_age(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(chain)
    built = []
    for _ in range(store_files.KEPT_MAX + 2):
        built.append(chain.office.store_files.build("S001"))
        chain.clock.advance(1)
    assert blobs_on_disk(chain) == {row.sha256 for row in built[-store_files.KEPT_MAX :]}
    monkeypatch.setattr(store_files, "KEPT_BYTES_MAX", built[-1].length * 5 // 2)
    chain.office.store_files.trim()
    assert blobs_on_disk(chain) == {row.sha256 for row in built[-2:]}
    monkeypatch.setattr(store_files, "KEPT_BYTES_MAX", 1)
    chain.office.store_files.trim()
    assert blobs_on_disk(chain) == {built[-1].sha256}, "the newest always"
    chain.clock.advance(KEPT_MS + 1)
    chain.office.store_files.trim()
    assert blobs_on_disk(chain) == set()


def test_the_chains_snapshot_and_a_stores_file_do_not_push_each_other_out(chain: Chain) -> None:
    till = chain.enrol()
    fill(chain)
    for _ in range(3):
        chain.office.store_files.build("S001")
        chain.office.snapshots.build()
        chain.clock.advance(1)
    assert offer_of(till)[0] == 200 and offer_of(till, "chain")[0] == 200
    assert blob_status(till, offer_of(till)[1]["sha256"]) == 200
    assert offer_of(till, "chain")[1]["cursors"] == {}


def test_a_new_epoch_offers_and_serves_no_file_of_before(chain: Chain) -> None:
    till = chain.enrol()
    fill(chain)
    sha256 = chain.office.store_files.build("S001").sha256
    chain.office.store.write(lambda txn: epoch.begin(txn, "e2", now_ms=1, action="restored"))
    assert offer_of(till)[0] == 503 and blob_status(till, sha256) == 404
    chain.office.store_files.trim()
    assert sha256 not in blobs_on_disk(chain)


def test_a_file_whose_bytes_are_lost_is_not_offered(chain: Chain) -> None:
    till = chain.enrol()
    fill(chain)
    chain.office.blobs.remove(chain.office.store_files.build("S001").sha256)
    assert offer_of(till)[0] == 503 and chain.office.store_files.due() == ["S001"]


def test_only_its_store_is_named_as_who_may_fetch_it(chain: Chain) -> None:
    fill(chain)
    row = chain.office.store_files.build("S001")
    for scopes, length in (([MINE], row.length), (["chain", "region:east", OTHERS], None)):
        found = chain.office.store.read(lambda txn, s=scopes: blob.length_for(txn, row.sha256, s))  # type: ignore[misc]
        assert found == length
    assert json.dumps(row.cursors)
