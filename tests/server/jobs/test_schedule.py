"""The jobs of a serving head office, each run by hand."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import pytest

from sync_server.jobs.schedule import Builder, Schedule
from sync_server.store import feed, workstation
from tests.server.support.office import Chain


def test_the_builder_reports_the_status_of_its_process() -> None:
    assert Builder([sys.executable, "-c", "raise SystemExit(3)"]).run() == 3


def test_a_stopping_server_gives_a_build_up(tmp_path: Path) -> None:
    mark = tmp_path / "started"
    waits = f"import pathlib,threading; pathlib.Path({str(mark)!r}).touch(); threading.Event().wait(60)"
    builder = Builder([sys.executable, "-c", waits])
    done: list[int] = []
    runner = threading.Thread(target=lambda: done.append(builder.run()))
    runner.start()
    while not mark.exists():
        runner.join(0.01)
    builder.stop()
    runner.join(30)
    assert len(done) == 1 and done[0] != 0
    assert builder.run() == -1, "and no other build begins"


def schedule(chain: Chain, builder: Builder) -> Schedule:
    deadline = time.monotonic() + 30
    while not chain.office.store.engine.leading:  # on PostgreSQL a thread takes the lead
        assert time.monotonic() < deadline, "nobody leads"
        time.sleep(0.01)
    return Schedule(
        store=chain.office.store,
        snapshots=chain.office.snapshots,
        workstations=chain.office.workstations,
        compaction=chain.office.compaction,
        clock=chain.clock,
        builder=builder,
    )


def test_a_snapshot_is_built_only_when_the_last_one_is_too_old(chain: Chain, tmp_path: Path) -> None:
    mark = tmp_path / "built"
    count = f"p = __import__('pathlib').Path({str(mark)!r}); p.open('a').write('x')"
    jobs = schedule(chain, Builder([sys.executable, "-c", count]))
    jobs.rebuild_snapshot()
    assert mark.read_text() == "x"
    chain.office.snapshots.build()
    jobs.rebuild_snapshot()
    assert mark.read_text() == "x"
    rows = [[str(number), "S"] for number in range(5001)]
    chain.office.store.write(lambda txn: feed.put_rows(txn, "plu", "chain", rows))
    jobs.rebuild_snapshot()
    assert mark.read_text() == "xx"


def test_contacts_are_written_in_one_go(chain: Chain) -> None:
    till = chain.enrol()
    chain.clock.advance(5000)
    till.resume()
    chain.office.workstations.flush_contacts()
    row = chain.office.store.read(lambda txn: workstation.get(txn, till.maker.workstation_id))
    assert row is not None and row.last_contact_ms == chain.clock.now_ms()


def test_codes_long_expired_are_forgotten(chain: Chain) -> None:
    chain.office.enrolment.new_code("S001", minutes=1, ca_fingerprint=None)
    jobs = schedule(chain, Builder([]))
    chain.clock.advance(31 * 24 * 3600 * 1000)
    chain.office.enrolment.new_code("S001", minutes=1, ca_fingerprint=None)
    jobs.purge_codes()
    left = chain.office.store.read(
        lambda txn: txn.connection.exec_driver_sql("SELECT count(*) FROM enrolment_code").scalar()
    )
    assert left == 1


def test_what_a_long_read_kept_from_being_forgotten_is_asked_for(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()
    monkeypatch.setattr("sync_server.jobs.schedule.FORGET_EVERY_S", 1)
    monkeypatch.setattr(chain.office.store.engine, "forget_the_rest", asked.set)
    jobs = schedule(chain, Builder([sys.executable, "-c", ""]))
    jobs.start()
    try:
        assert asked.wait(20)
    finally:
        jobs.stop()
