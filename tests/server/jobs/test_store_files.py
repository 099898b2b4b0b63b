"""The timer of stores' files, run by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sync_server.jobs.schedule import Builder
from sync_server.jobs.store_files import AFTER_FAILURE_MS, StoreFileJobs
from sync_server.services import store_files
from sync_server.store import feed
from tests.fakes.reference_rows import member_row
from tests.server.support.office import Chain


@pytest.fixture
def large(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> Chain:
    monkeypatch.setattr(store_files, "WORTH_BUILDING_ROWS", 3)
    for store_id in ("S001", "S002"):
        rows = [member_row(f"m{n}") for n in range(4)]
        chain.office.store.write(
            lambda txn, s=store_id, r=rows: feed.put_rows(txn, "member", f"store:{s}", r)
        )  # type: ignore[misc]
        chain.office.enrolment.new_code(store_id, minutes=60, ca_fingerprint=None)
    return chain


def jobs(chain: Chain, code: str, *, leading: bool = True) -> StoreFileJobs:
    builder = Builder([sys.executable, "-c", code])
    return StoreFileJobs(chain.office.store_files, chain.clock, builder, lambda: leading)


def test_one_store_is_built_at_a_look_and_one_that_fails_waits(large: Chain, tmp_path: Path) -> None:
    mark = tmp_path / "built"
    code = f"import sys; open({str(mark)!r}, 'a').write(sys.argv[2]); sys.exit(sys.argv[2] == 'S001')"
    timer = jobs(large, code)
    timer.keep_store_files()
    timer.keep_store_files()
    assert mark.read_text() == "S001S002", "the one that failed holds nobody up"
    large.office.store_files.build("S002")
    timer.keep_store_files()
    assert mark.read_text() == "S001S002"
    large.clock.advance(AFTER_FAILURE_MS)
    timer.keep_store_files()
    assert mark.read_text() == "S001S002S001"


def test_what_must_go_goes_where_nothing_is_built(large: Chain) -> None:
    row = large.office.store_files.build("S001")
    large.office.store.write(lambda txn: feed.put_rows(txn, "member", "store:S001", [], [["m1"]]))
    jobs(large, "raise SystemExit(1)", leading=False).keep_store_files()
    assert large.office.blobs.path(row.sha256).exists(), "one process does it"
    jobs(large, "raise SystemExit(1)").keep_store_files()
    assert not large.office.blobs.path(row.sha256).exists()


def test_a_serving_head_office_builds_for_an_enrolment_code_by_itself(large: Chain) -> None:
    root = str(large.office.folder.root.resolve())
    builder = Builder(
        [sys.executable, "-m", "sync_server", "snapshot", "--data", root],
        database_url=large.office.database_url,
    )
    timer = StoreFileJobs(large.office.store_files, large.clock, builder)
    timer.keep_store_files()
    timer.keep_store_files()
    assert large.office.store_files.due() == []
