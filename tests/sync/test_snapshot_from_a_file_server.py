"""Snapshots lie on any file server: tried first, believed nothing, and head office has them too."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pos_client.replica.part_file import PartFile
from pos_client.sync.errors import ServerAway
from sync_server.services import snapshot_files
from tests.fakes.file_server import FileServer, file_server
from tests.server.support.series import START_MS
from tests.sync.world import Till, World

PIECE = 32 * 1024


@pytest.fixture
def cdn(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """A chain with a snapshot of a dozen pieces, copied to a folder that a file server serves."""
    monkeypatch.setattr(snapshot_files, "CHUNK_BYTES", PIECE)
    world.stock_shelves(300)
    world.publish([["PL1", "A1", START_MS, None, 500]], kind="base", effective_from_ms=START_MS)
    row = world.office.snapshots.build()
    assert row.length > 8 * PIECE
    with file_server(tmp_path / "cdn") as server:
        world.office.snapshots.copy_to(server.folder, row)
        world.put("policy", [["snapshot_urls", json.dumps([server.url])]])
        yield server


def blobs_served(till: Till, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Where downloads from head office itself begin; the till's wire, watched."""
    wire = till.client._exchange._wire
    starts: list[int] = []
    real = wire.download

    def watched(target, take, *, length, start=0, begin_anew=None):  # type: ignore[no-untyped-def]
        starts.append(start)
        real(target, take, length=length, start=start, begin_anew=begin_anew)

    monkeypatch.setattr(wire, "download", watched)
    return starts


def length(cdn: FileServer) -> int:
    (path,) = cdn.folder.iterdir()
    return path.stat().st_size


def test_head_office_hands_out_key_and_hashes_and_the_file_server_the_bytes(
    world: World, cdn: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = world.till()
    own = blobs_served(till, monkeypatch)
    report = till.client.exchange()
    assert report.snapshot and till.replica.is_complete() and report.healed == []
    (name,) = [path.name for path in cdn.folder.iterdir()]
    assert cdn.asked == [(f"/snapshots/{name}", None)] and cdn.sent == length(cdn) and own == []
    assert till.replica.item_by_sku("A299") is not None and list(till.folder.glob("*.part")) == []


def test_a_download_that_was_cut_is_gone_on_with_by_range(world: World, cdn: FileServer) -> None:
    cdn.cut_after = 3 * PIECE + 100
    till = world.till()
    # Head office does not help here: what is cut stays, and the next contact goes on.
    fetcher = till.client._exchange._snapshots
    till.client._exchange._pusher.resume_point(till.journal.series)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(till.client._exchange._wire, "download", _away)
        for _ in range(2):
            with pytest.raises(ServerAway):
                fetcher.fetch("chain", keep_going=lambda: None)
        cdn.cut_after = None
        assert fetcher.fetch("chain", keep_going=lambda: None)
    starts = [int(asked[1].removeprefix("bytes=").rstrip("-")) if asked[1] else 0 for asked in cdn.asked]
    assert starts == [0, 3 * PIECE + 100, 2 * (3 * PIECE + 100)] and cdn.sent == length(cdn)
    assert till.replica.item_by_sku("A1") is not None


def _away(*_: object, **__: object) -> None:
    raise ServerAway("not now")


def in_the_middle(data: bytes) -> bytes:
    at = 5 * PIECE + 17
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize(
    "spoil,goes_on_at",
    [
        (lambda server: setattr(server, "bad", in_the_middle), 5 * PIECE),
        (lambda server: setattr(server, "bad", lambda data: b"x" * len(data)), 0),
        (lambda server: setattr(server, "bad", lambda data: data + b"more"), None),
        (lambda server: setattr(server, "bad", lambda data: data[: 4 * PIECE]), 4 * PIECE),
        (lambda server: setattr(server, "cut_after", 4 * PIECE + 9), 4 * PIECE + 9),
        (lambda server: setattr(server, "status", 404), 0),
        (lambda server: setattr(server, "status", 302), 0),
        (lambda server: setattr(server, "status", 500), 0),
    ],
    ids=["a-bit", "all", "endless", "short", "cut", "missing", "redirected", "down"],
)
def test_wrong_bytes_fall_back_to_head_offices_own_from_the_last_good_piece(
    world: World,
    cdn: FileServer,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[FileServer], None],
    goes_on_at: int | None,
) -> None:
    spoil(cdn)
    till = world.till()
    own = blobs_served(till, monkeypatch)
    report = till.client.exchange()
    assert report.snapshot and report.wrong_snapshot is None and till.replica.is_complete()
    if goes_on_at is not None:
        assert own == [goes_on_at]
    assert cdn.sent < length(cdn) + 100 and report.healed == []


def test_a_wrong_byte_ends_the_download_there_and_not_at_the_end(world: World, cdn: FileServer) -> None:
    """Of a file of wrong bytes no more than a piece is written, whatever its length."""
    cdn.bad = lambda data: b"x" * len(data)
    till = world.till()
    largest = 0
    real = PartFile.take

    def watched(part: PartFile, chunk: bytes) -> None:
        nonlocal largest
        try:
            real(part, chunk)
        finally:
            if set(chunk) == {ord("x")}:
                largest = max(largest, part.path.stat().st_size)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PartFile, "take", watched)
        till.client.exchange()
    assert largest <= PIECE


def test_a_file_server_without_ranges_begins_anew(world: World, cdn: FileServer) -> None:
    cdn.cut_after, cdn.ranges = 3 * PIECE, False
    till = world.till()
    till.client._exchange._pusher.resume_point(till.journal.series)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(till.client._exchange._wire, "download", _away)
        with pytest.raises(ServerAway):
            till.client._exchange._snapshots.fetch("chain", keep_going=lambda: None)
        cdn.cut_after = None
        assert till.client._exchange._snapshots.fetch("chain", keep_going=lambda: None)
    assert cdn.sent == length(cdn) + 3 * PIECE


def test_what_lies_half_fetched_and_damaged_is_kept_up_to_the_last_good_piece(
    world: World, cdn: FileServer
) -> None:
    till = world.till()
    (source,) = cdn.folder.iterdir()
    part = till.folder / f"replica.db.{source.name[:16]}.part"
    part.write_bytes(in_the_middle(source.read_bytes())[: 7 * PIECE])
    till.client.exchange()
    assert cdn.asked[0][1] == f"bytes={5 * PIECE}-" and till.replica.is_complete()


def test_copies_of_before_go_when_nobody_can_be_fetching_them_any_more(world: World, cdn: FileServer) -> None:
    (old,) = cdn.folder.iterdir()
    os.utime(old, (1, 1))
    world.put("policy", [["other", "1"]])
    row = world.office.snapshots.build()
    assert world.office.snapshots.copy_to(cdn.folder, row).name == row.sha256
    assert [path.name for path in cdn.folder.iterdir()] == [row.sha256]
