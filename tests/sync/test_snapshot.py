"""A new workstation starts from a file: resumed, checked, swapped in one step, or the feed brings it."""

from __future__ import annotations

import errno
import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pos_client.replica import file_key
from pos_client.replica.part_file import PartFile, WrongSnapshot
from pos_client.replica.replica import Replica
from pos_client.storage.errors import DiskFull
from pos_client.sync.errors import SyncTrouble
from tests.fakes.fault_proxy import fault_proxy
from tests.fakes.reference_rows import item_row
from tests.server.support.series import START_MS
from tests.sync.world import Till, World


@pytest.fixture
def stocked(world: World) -> World:
    world.stock_shelves(300)
    world.publish([["PL1", "A1", START_MS, None, 500]], kind="base", effective_from_ms=START_MS)
    world.publish([["PL1", "A2", START_MS, None, 70]], kind="delta", effective_from_ms=START_MS + 60_000)
    world.office.snapshots.build()
    return world


def test_a_new_workstation_takes_the_snapshot_and_follows_the_feed(stocked: World) -> None:
    stocked.put("item", [item_row("NEW", "快照之后")])
    till = stocked.till()
    report = till.client.exchange()
    assert report.snapshot and till.replica.is_complete() and report.healed == []
    # The item after the snapshot, our store's two members and its few rows of state; not the 300 items.
    assert 1 + 2 <= report.pulled < 10
    assert [item.sku for item in till.replica.search("快照")] == ["NEW"]
    assert [item.sku for item in till.replica.search("商品299")] == ["A299"]
    active = till.replica.active_release(START_MS + 60_000)
    assert active is not None and active.version == 2
    assert till.client.exchange().healed == []


def test_the_replica_opens_again_under_the_snapshots_key(stocked: World) -> None:
    till = stocked.till()
    till.client.exchange()
    till.replica.close()
    till.replica = Replica.open(till.folder / "replica.db", till.keys, store_id="S001")
    assert till.replica.item_by_sku("A1") is not None
    assert till.keys.get(file_key.NEXT_KEY) is None


def test_without_a_snapshot_the_feed_brings_everything(world: World) -> None:
    world.stock_shelves(5)
    till = world.till()
    assert not till.client.exchange().snapshot and till.replica.is_complete()


def test_a_cut_download_goes_on_where_it_was(stocked: World) -> None:
    port = int(stocked.url.rpartition(":")[2])
    with fault_proxy(port, seed=2, rate=0.2, faults=("truncate",)) as proxy:
        till = stocked.till(url=proxy.url)
        report = till.exchanged(tries=300)
        assert proxy.counts["truncate"]
    assert till.replica.is_complete() and list(till.folder.glob("*.part")) == []
    assert report.healed == []


def flip(data: bytes) -> bytes:
    return data[:5000] + bytes([data[5000] ^ 1]) + data[5001:]


@pytest.mark.parametrize(
    "damage", [flip, lambda data: data[:-1], lambda data: b""], ids=["flip", "cut", "empty"]
)
def test_a_damaged_blob_is_thrown_away_and_the_feed_used(
    stocked: World, damage: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (stocked.folder / "office").rglob("*"):
        if path.is_file() and re.fullmatch(r"[0-9a-f]{64}", path.name) and path.stat().st_size > 100_000:
            path.write_bytes(damage(path.read_bytes()))
    till = stocked.till()
    for _ in range(3):
        try:
            report = till.client.exchange()
            break
        except SyncTrouble:
            continue
    else:
        pytest.fail("never got through")
    assert not report.snapshot and till.replica.is_complete()
    assert list(till.folder.glob("*.part")) == []


def snapshot_part(till: Till) -> tuple[Path, bytes]:
    """Fetch and check, but stop before the swap."""
    kept: list[tuple[Path, bytes]] = []

    def keep(replica, path, key, **_) -> None:  # type: ignore[no-untyped-def]
        kept.append((path, key))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pos_client.sync.snapshot_fetch.install_snapshot", keep)
        till.client._exchange._pusher.resume_point(till.journal.series)
        assert till.client._exchange._snapshots.fetch("chain", keep_going=lambda: None)
    return kept[0]


def test_a_snapshot_never_brings_older_releases(stocked: World) -> None:
    till = stocked.till()
    till.client.exchange()
    stocked.publish([["PL1", "A2", START_MS, None, 71]], kind="delta", effective_from_ms=START_MS)
    till.client.exchange()
    with pytest.raises(WrongSnapshot):
        till.client._exchange._snapshots.fetch("chain", keep_going=lambda: None)
    newest = till.replica.newest_release()
    assert newest is not None and newest.version == 3


def test_a_second_snapshot_keeps_our_stores_rows_and_settings(stocked: World) -> None:
    till = stocked.till()
    till.client.exchange()
    till.replica.switch_due(START_MS + 60_000)
    stocked.put("item", [item_row("NEW", "第二次")])
    stocked.office.snapshots.build()
    assert till.client._exchange._snapshots.fetch("chain", keep_going=lambda: None)
    assert till.replica.member("m1") is not None and till.replica.is_complete()
    assert till.replica.setting("server_time_heard_ms") is not None
    active = till.replica.active_release(0)
    assert active is not None and active.version == 2
    assert till.client.exchange().healed == []


@pytest.mark.parametrize("step", ["before_swap", "swapped", "promoted_half"])
def test_a_change_of_keys_that_is_cut_is_finished_at_the_next_start(stocked: World, step: str) -> None:
    till = stocked.till()
    path, key = snapshot_part(till)
    till.replica.close()
    old = till.keys.get(file_key.KEY)
    till.keys.put(file_key.NEXT_KEY, key)
    if step != "before_swap":
        path.replace(till.folder / "replica.db")
    if step == "promoted_half":
        till.keys.put(file_key.KEY, key)
    till.replica = Replica.open(till.folder / "replica.db", till.keys, store_id="S001")
    assert till.keys.get(file_key.NEXT_KEY) is None
    assert till.keys.get(file_key.KEY) == (old if step == "before_swap" else key)
    assert (till.replica.item_by_sku("A1") is not None) == (step != "before_swap")


def test_a_part_of_another_file_is_never_resumed(tmp_path: Path) -> None:
    first = PartFile(tmp_path / "replica.db", sha256="a" * 64, length=10)
    first.take(b"12345")
    first.close()
    again = PartFile(tmp_path / "replica.db", sha256="a" * 64, length=10)
    assert again.length == 5
    again.close()
    other = PartFile(tmp_path / "replica.db", sha256="b" * 64, length=10)
    assert other.length == 0 and len(list(tmp_path.glob("*.part"))) == 1
    with pytest.raises(WrongSnapshot):
        other.finish()
    assert list(tmp_path.glob("*.part")) == []


def test_a_disk_that_cannot_take_the_last_bytes_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = PartFile(tmp_path / "replica.db", sha256=hashlib.sha256(b"x" * 20).hexdigest(), length=20)
    part.take(b"x" * 20)
    real = part._file

    class Full:
        def close(self) -> None:
            real.close()
            raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(part, "_file", Full())
    with pytest.raises(DiskFull):
        part.finish()
