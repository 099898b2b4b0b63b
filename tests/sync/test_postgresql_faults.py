"""PostgreSQL crashes, cuts connections, hands over to its standby; workstations heal by resume point."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from sync_server.bootstrap import make_server, open_head_office
from sync_server.head_office import HeadOffice
from sync_server.http.serving import serving
from sync_server.services.chain import found_chain
from sync_server.services.data_folder import DataFolder
from sync_server.services.push import Push
from sync_server.services.verify import Verify
from sync_server.store import audit, chain_state, document, feed
from sync_server.store.errors import OutcomeUnknown, StoreUnreachable
from tests.server.support import databases
from tests.server.support.office import STORES, Chain, HandClock
from tests.server.support.postgres import Cluster, cluster
from tests.sync.world import Till

pytestmark = pytest.mark.skipif("postgresql" not in databases.kinds(), reason="no PostgreSQL asked for")


@pytest.fixture
def primary() -> Iterator[Cluster]:
    with cluster() as made:
        yield made


def founded(folder: Path, url: str, clock: HandClock) -> HeadOffice:
    found_chain(
        DataFolder(folder),
        chain_name="晨光",
        currency="CNY",
        clock=clock,
        hosts=["localhost"],
        database_url=url,
    )
    office = open_head_office(folder, database_url=url, clock=clock)
    office.store.write(lambda txn: feed.put_rows(txn, "store", "chain", STORES))
    return office


def enrolled(office: HeadOffice, folder: Path, url: str, clock: HandClock) -> Till:
    code = office.enrolment.new_code("S001", minutes=10, ca_fingerprint=None).code
    return Till.enrol(folder, url, code, clock)


def exchange(till: Till, clock: HandClock, tries: int = 3) -> None:
    """As the worker does: again, when the server says that it is not able just now."""
    for left in range(tries, 0, -1):
        clock.advance(1000)
        try:
            till.client.exchange()
        except Exception:
            if left == 1:
                raise
        else:
            return


def whole(office: HeadOffice, till: Till) -> None:
    assert office.store.read(document.count) == till.journal.head().number
    assert not Verify(office.store, office.blobs, office.keys).run().problems


def test_a_connection_that_is_cut_in_the_middle_of_a_push(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = HandClock()
    database = databases.fresh_postgresql()
    office = founded(tmp_path / "office", database, clock)
    insert, cuts = document.insert, []

    def cut(txn: Any, documents: Any, rows: Any) -> None:
        insert(txn, documents, rows)
        if len(cuts) < 2:
            pid = txn.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            with psycopg.connect(database, autocommit=True) as admin:
                admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
            cuts.append(pid)

    monkeypatch.setattr(document, "insert", cut)
    with serving(make_server(office, tls=False, jobs=False)) as url:
        till = enrolled(office, tmp_path / "till", url, clock)
        till.sell(20)
        exchange(till, clock, tries=3)
        assert len(cuts) == 2 and len(set(cuts)) == 2
        whole(office, till)
        till.close()
    office.close()


def test_a_crash_between_the_commit_and_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, primary: Cluster
) -> None:
    clock = HandClock()
    office = founded(tmp_path / "office", primary.create("chain"), clock)
    take = Push.push

    def crash(self: Push, caller: Any, body: bytes) -> Any:
        take(self, caller, body)
        monkeypatch.setattr(Push, "push", take)
        primary.stop("immediate")
        raise OutcomeUnknown("the connection was lost during the commit")

    with serving(make_server(office, tls=False, jobs=False)) as url:
        till = enrolled(office, tmp_path / "till", url, clock)
        till.sell(20)
        monkeypatch.setattr(Push, "push", crash)
        with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the client makes of 503
            till.client.exchange()
        with pytest.raises(StoreUnreachable):
            office.store.read(document.count)
        till.sell(5)
        primary.start()
        exchange(till, clock)
        whole(office, till)
        till.close()
    office.close()


@pytest.mark.parametrize("synchronous", [False, True])
def test_a_promoted_standby_begins_a_new_epoch_and_gets_what_it_lacks(
    tmp_path: Path, primary: Cluster, synchronous: bool
) -> None:
    clock = HandClock()
    primary.create("chain")
    standby = primary.standby(hot_standby="on")
    url = f"postgresql://postgres@/chain?host={primary.folder},{standby.folder}"
    try:
        office = founded(tmp_path / "office", url, clock)
        epoch = office.store.read(chain_state.epoch)
        with serving(make_server(office, tls=False, jobs=False)) as address:
            till = enrolled(office, tmp_path / "till", address, clock)
            till.sell(5)
            exchange(till, clock)
            if synchronous:
                in_step(primary)
            else:
                cut_off(primary, standby)
            lacking = 0 if synchronous else 5
            till.sell(5)
            exchange(till, clock)
            whole(office, till)
            primary.stop("immediate")
            standby.promote()
            arrived = office.store.read(document.count)
            assert arrived == till.journal.head().number - lacking
            assert office.store.read(chain_state.epoch) != epoch
            assert office.store.read(audit.newest)[0]["action"] == "timeline_changed"
            till.sell(1)
            exchange(till, clock)
            whole(office, till)
            till.close()
        office.close()
    finally:
        standby.remove()


def in_step(primary: Cluster) -> None:
    """Commits wait for the standby from now on."""
    with psycopg.connect(primary.url(), autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        admin.execute("SELECT pg_reload_conf()")
        wait(lambda: admin.execute("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'").fetchone())


def cut_off(primary: Cluster, standby: Cluster) -> None:
    """What is there has arrived; nothing more arrives."""
    with psycopg.connect(primary.url(), autocommit=True) as admin:
        wait(
            lambda: admin.execute(
                "SELECT 1 FROM pg_stat_replication WHERE replay_lsn >= pg_current_wal_lsn()"
            ).fetchone()
        )
        with psycopg.connect(standby.url(), autocommit=True) as other:
            other.execute("ALTER SYSTEM SET primary_conninfo = ''")
            other.execute("SELECT pg_reload_conf()")
        wait(lambda: admin.execute("SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_replication)").fetchone())


def wait(ready: Any) -> None:
    """For another process's state, which nothing tells us of."""
    for _ in range(1000):
        if ready():
            return
        time.sleep(0.01)
    raise AssertionError("never came")


def test_a_request_played_again_to_another_process_is_refused(tmp_path: Path) -> None:
    clock = HandClock()
    database = databases.fresh_postgresql()
    office = founded(tmp_path / "office", database, clock)
    second = open_head_office(tmp_path / "office", database_url=database, clock=clock)
    with (
        serving(make_server(office, tls=False, jobs=False)) as here,
        serving(make_server(second, tls=False, jobs=False)) as there,
        httpx.Client(base_url=here) as one,
        httpx.Client(base_url=there) as other,
    ):
        till = Chain(office, clock, one).enrol()
        target = f"/v1/series/{till.maker.workstation_id}/1"
        headers = till.headers("GET", target, b"")
        assert one.get(target, headers=headers).status_code == 200
        again = other.get(target, headers=headers)
        assert again.status_code == 401 and again.json()["code"] == "nonce_replayed"
        till.http = other
        till.maker.sale()
        assert till.push()[1]["acked_number"] == 1
        till.http = one
        till.maker.sale()
        assert till.push(2)[1]["acked_number"] == 2
    second.close()
    office.close()
