"""A new workstation of a large store starts from its store's file and follows all three feeds from there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pos_client.replica.replica import Replica
from pos_client.sync.errors import BrokenAnswer, SyncTrouble
from pos_client.sync.snapshot_fetch import WAIT_MAX_S, SnapshotFetcher
from pos_client.sync.wire import Wire
from sync_server.services import store_files
from sync_server.services.acts import Act
from sync_server.store import feed
from sync_server.store.replica_file import ReplicaFile
from tests.fakes.fault_proxy import fault_proxy
from tests.fakes.reference_rows import item_row, member_row
from tests.server.support.series import START_MS
from tests.sync.test_members import found, join
from tests.sync.world import Till, World

MEMBERS = 400


@pytest.fixture
def large(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(store_files, "WORTH_BUILDING_ROWS", 50)
    monkeypatch.setattr(store_files, "WORTH_WAITING_ROWS", 50)
    world.stock_shelves(60)
    world.put("member", [member_row(f"many{n}") for n in range(MEMBERS)], scope="store:S001")
    world.put("nearby_stock", [["A1", "2"]], scope="region:east")
    world.put("nearby_stock", [["A1", "9"]], scope="region:west")
    world.publish([["PL1", "A1", START_MS, None, 500]], kind="base", effective_from_ms=START_MS)
    return world


def wait_with(till: Till, meanwhile: Callable[[], Any]) -> list[float]:
    """The till's waits take no time; `meanwhile` happens at the first. Returns the seconds waited."""
    waited: list[float] = []
    fetcher: SnapshotFetcher = till.client._exchange._snapshots
    fetcher._monotonic = lambda: sum(waited)

    def pause(seconds: float) -> None:
        if not waited:
            meanwhile()
        waited.append(seconds)

    fetcher._pause = pause
    return waited


def check_whole(till: Till, world: World) -> None:
    """All three scopes are here, equal to head office's, and there is something to sell."""
    assert till.replica.is_complete() and till.client.exchange().healed == []
    for scope in ("chain", "region:east", "store:S001"):
        till.client._exchange._pulled_since = True
        assert scope in till.replica.cursors()
    exchange = till.client._exchange
    for scope in till.replica.scopes():
        theirs = exchange._puller.digest(scope)
        ours = {kind: list(value) for kind, value in till.replica.digests(scope, recompute=True).items()}
        assert ours == {kind: value for kind, value in theirs.kinds.items() if value[0]}, scope
    assert [each.sku for each in till.replica.search("商品59")] == ["A59"]
    assert till.replica.active_release(START_MS) is not None


def test_it_starts_from_the_stores_file_and_follows_the_feeds(large: World) -> None:
    large.office.store_files.build("S001")
    large.put("item", [item_row("NEW", "文件之后")])
    large.put("member", [member_row("late")], scope="store:S001")
    large.put("nearby_stock", [["A2", "1"]], scope="region:east")
    till = large.till()
    report = till.client.exchange()
    assert report.snapshot and report.wrong_snapshot is None and report.healed == []
    assert 3 <= report.pulled < 15, "what came after the file, not the members"
    assert till.replica.member("many7") is not None and till.replica.member("late") is not None
    assert [each.sku for each in till.replica.search("文件")] == ["NEW"]
    check_whole(till, large)
    till.sell(2)
    till.client.exchange()
    assert large.has_all_of(till)


def test_it_opens_again_under_the_files_key(large: World) -> None:
    large.office.store_files.build("S001")
    till = large.till()
    till.client.exchange()
    till.replica.close()
    till.replica = Replica.open(till.folder / "replica.db", till.keys, store_id="S001")
    assert till.replica.member("many1") is not None and till.replica.is_complete()


def test_it_waits_for_a_file_that_is_being_built(large: World) -> None:
    till = large.till()
    waited = wait_with(till, lambda: large.office.store_files.build("S001"))
    report = till.client.exchange()
    assert report.snapshot and 0 < sum(waited) < 10 and report.pulled < 10
    check_whole(till, large)


def test_a_file_that_is_not_there_in_time_is_not_waited_for(large: World) -> None:
    large.office.snapshots.build()
    till = large.till()
    waited = wait_with(till, lambda: None)
    report = till.client.exchange()
    assert WAIT_MAX_S - 10 < sum(waited) <= WAIT_MAX_S
    assert report.snapshot and report.pulled >= MEMBERS, "the chain's file, and the members as pages"
    check_whole(till, large)


def test_without_the_chains_file_either_pages_bring_all(large: World) -> None:
    till = large.till()
    wait_with(till, lambda: None)
    report = till.client.exchange()
    assert not report.snapshot and report.wrong_snapshot is None
    check_whole(till, large)


def test_stopping_ends_the_wait(large: World) -> None:
    till = large.till()
    wait_with(till, lambda: till.client._exchange)

    class Stopped(Exception):
        pass

    def keep_going() -> None:
        raise Stopped

    till.client._exchange._pusher.resume_point(till.journal.series)
    with pytest.raises(Stopped):
        till.client._exchange._snapshots.fetch("store:S001", keep_going=keep_going)


def test_a_small_stores_workstation_takes_the_chains_file_at_once(
    large: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_files, "WORTH_WAITING_ROWS", 10_000)
    large.office.snapshots.build()
    till = large.till()
    waited = wait_with(till, lambda: None)
    assert till.client.exchange().snapshot and waited == []
    check_whole(till, large)


def test_a_workstation_of_another_store_has_no_use_for_it(large: World) -> None:
    large.office.store_files.build("S001")
    till = large.till(store_id="S002")
    assert not till.client.exchange().snapshot
    assert till.replica.is_complete() and till.replica.member("many1") is None
    with pytest.raises(SyncTrouble):
        till.client._exchange._snapshots.fetch("store:S001", keep_going=lambda: None)


def test_a_cut_download_goes_on_where_it_was(large: World) -> None:
    large.office.store_files.build("S001")
    port = int(large.url.rpartition(":")[2])
    with fault_proxy(port, seed=4, rate=0.2, faults=("truncate",)) as proxy:
        till = large.till(url=proxy.url)
        report = till.exchanged(tries=300)
        assert proxy.counts["truncate"]
    assert report.healed == [] and list(till.folder.glob("*.part")) == []
    assert till.replica.member("many7") is not None


def test_a_file_taken_back_during_the_download_is_begun_anew_from_the_next(
    large: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = large.office.store_files.build("S001")
    till = large.till()
    wait_with(till, lambda: large.office.store_files.build("S001"))
    real, asked = Wire.download, []

    def download(self: Wire, target: str, *args: Any, **more: Any) -> None:
        if not asked:
            large.put("member", [], [["many3"]], scope="store:S001")
            large.office.store_files.trim()
        asked.append(target.rpartition("/")[2])
        real(self, target, *args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Wire, "download", download)
        report = till.client.exchange()
    assert asked[0] == first.sha256 and asked[1] != first.sha256
    assert report.snapshot and till.replica.member("many3") is None
    assert till.replica.member("many4") is not None and list(till.folder.glob("*.part")) == []
    check_whole(till, large)


def _finish_as(patch: pytest.MonkeyPatch, change: Callable[[str, dict[str, int]], dict[str, Any]]) -> None:
    real = ReplicaFile.finish

    def finish(self: ReplicaFile, *, epoch: str, cursors: dict[str, int]) -> None:
        real(self, **change(epoch, cursors))

    patch.setattr(ReplicaFile, "finish", finish)


def _cursors_of(change: Callable[[dict[str, int]], dict[str, int]]) -> Callable[..., Any]:
    return lambda patch: _finish_as(
        patch, lambda epoch, cursors: {"epoch": epoch, "cursors": change(cursors)}
    )


def _scopes_of(scopes: list[str]) -> Callable[..., Any]:
    def damage(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(store_files, "_scopes", lambda txn, store_id: scopes)

    return damage


def _epoch_of_before(patch: pytest.MonkeyPatch) -> None:
    _finish_as(patch, lambda _, cursors: {"epoch": "e0", "cursors": cursors})


def _half(patch: pytest.MonkeyPatch) -> None:
    real = ReplicaFile.finish

    def finish(self: ReplicaFile, **facts: Any) -> None:
        real(self, **facts)
        self._connection.execute("UPDATE feed_cursor SET complete = 0 WHERE scope = 'store:S001'")

    patch.setattr(ReplicaFile, "finish", finish)


@pytest.mark.parametrize(
    "damage",
    [
        _cursors_of(lambda cursors: {each: at for each, at in cursors.items() if each != "region:east"}),
        _cursors_of(lambda cursors: {each: at + 1 for each, at in cursors.items()}),
        _cursors_of(lambda cursors: {each.replace("S001", "S002"): at for each, at in cursors.items()}),
        _scopes_of(["chain", "store:S001"]),
        _scopes_of(["chain", "region:west", "store:S001"]),
        _epoch_of_before,
        _half,
    ],
    ids=["a scope less", "ahead", "another store's", "no region", "another region", "another epoch", "half"],
)
def test_a_wrong_file_is_thrown_away_and_the_chains_taken(
    large: World, damage: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    large.office.snapshots.build()
    till = large.till()
    with monkeypatch.context() as patch:
        damage(patch)
        large.office.store_files.build("S001")
        report = till.client.exchange()
    assert report.wrong_snapshot is not None and report.snapshot, "the chain's file came instead"
    assert report.pulled >= MEMBERS and list(till.folder.glob("*.installing")) == []
    check_whole(till, large)


def test_an_offer_whose_scopes_do_not_make_it_up_is_not_believed(
    large: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    large.office.store_files.build("S001")
    till = large.till()
    till.client._exchange._pusher.resume_point(till.journal.series)
    real = large.office.store_files._files.offer

    def offer(caller: Any, **facts: Any) -> Any:
        return real(caller, **{**facts, "cursors": {}})

    monkeypatch.setattr(large.office.store_files._files, "offer", offer)
    with pytest.raises(BrokenAnswer):
        till.client._exchange._snapshots.fetch("store:S001", keep_going=lambda: None)
    assert till.replica.cursors() == {}


def test_an_erased_member_is_in_no_offer_no_file_and_at_last_on_no_workstation(large: World) -> None:
    first = large.till("a")
    wait_with(first, lambda: None)
    join(first, "m-1")
    first.client.exchange()
    assert large.office.store.read(lambda txn: feed.row_by_key(txn, "member", "store:S001", ["m-1"]))
    row = large.office.store_files.build("S001")
    second = large.till("b")
    assert second.client.exchange().snapshot
    assert found(second) is not None, "the file brought the member"
    path = large.office.blobs.path(row.sha256)
    assert path.exists()

    large.office.erasures.erase(Act("command line", "asked for it"), "m-1")
    assert not path.exists(), "at once, without a timer"
    third = large.till("c")
    waited = wait_with(third, lambda: large.office.store_files.build("S001"))
    assert third.client.exchange().snapshot and waited
    assert found(third) is None and third.replica.member("many1") is not None
    keys = large.office.store.read(
        lambda txn: txn.connection.exec_driver_sql("SELECT file_key FROM store_file").fetchall()
    )
    assert row.file_key not in [bytes(each[0]) for each in keys]
    assert second.client.exchange().erased == 1 and found(second) is None
    assert second.client.exchange().healed == []
