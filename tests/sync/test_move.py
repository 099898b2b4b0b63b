"""A running chain moves from the embedded database to PostgreSQL; its workstations notice nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from pos_core.errors import TidemarkError
from sync_server.bootstrap import make_server, open_head_office
from sync_server.head_office import HeadOffice
from sync_server.http.serving import serving
from sync_server.services.backup import make_backup
from sync_server.services.chain import AlreadyFounded, MoveUnfinished
from sync_server.services.move import NothingToMove, move_chain
from sync_server.services.restore import restore_backup
from sync_server.services.verify import Verify
from sync_server.store import chain_state, copy, document, feed
from sync_server.store.engine import Store
from sync_server.store.errors import OutcomeUnknown, SchemaMissing
from tests.fakes.reference_rows import item_row
from tests.server.support import databases
from tests.server.support.office import HandClock, found_office
from tests.sync.world import Till

pytestmark = pytest.mark.skipif("postgresql" not in databases.kinds(), reason="no PostgreSQL asked for")


def enrolled(office: HeadOffice, folder: Path, url: str, clock: HandClock) -> Till:
    code = office.enrolment.new_code("S001", minutes=10, ca_fingerprint=None).code
    return Till.enrol(folder, url, code, clock)


def test_a_chain_with_unsent_sales_moves_and_goes_on(tmp_path: Path) -> None:
    clock = HandClock()
    office = found_office(tmp_path / "office", clock)
    office.store.write(
        lambda txn: feed.put_rows(
            txn, "item", "chain", [item_row(f"A{number}", "可乐") for number in range(300)]
        )
    )
    with serving(make_server(office, tls=False, jobs=False)) as url:
        till = enrolled(office, tmp_path / "till", url, clock)
        till.sell(30)
        till.client.exchange()
    epoch = office.store.read(chain_state.epoch)
    before = office.store.read(copy.digests)
    office.close()
    sent = till.journal.head().number
    till.sell(20)  # while head office is away
    made = till.journal.head().number
    till.close()

    target = databases.fresh_postgresql()
    moved = move_chain(office.folder, target, clock)
    assert moved.rows == {name: count for name, (count, _) in before.items()}
    assert moved.rows["document"] == sent and moved.rows["feed_row"] >= 302
    assert moved.aside.exists() and not office.folder.database.exists()
    with pytest.raises(SchemaMissing):
        open_head_office(office.folder.root, clock=clock)
    with pytest.raises(NothingToMove):
        move_chain(office.folder, target, clock)

    clock.advance(1000)
    again = open_head_office(office.folder.root, database_url=target, clock=clock)
    with serving(make_server(again, tls=False, jobs=False)) as url:
        till = Till.open(tmp_path / "till", clock, url=url)
        cursor = till.replica.cursors()["chain"]
        again.store.write(lambda txn: feed.put_rows(txn, "item", "chain", [item_row("NEW", "新品")]))
        till.client.exchange()
        after = till.replica.cursors()["chain"]
        assert after[:2] == (epoch, cursor[1] + 1), "the feed went on by one row"
        assert till.replica.item_by_sku("NEW") is not None
        till.close()
    assert again.store.read(document.count) == made == sent + 20
    assert not Verify(again.store, again.blobs, again.keys).run().problems
    again.close()


def test_a_database_that_holds_a_chain_is_not_written_over(tmp_path: Path) -> None:
    clock = HandClock()
    with databases.using("postgresql"):
        other = found_office(tmp_path / "other", clock)
    other.close()
    office = found_office(tmp_path / "office", clock)
    office.close()
    assert other.database_url is not None
    with pytest.raises(AlreadyFounded):
        move_chain(office.folder, other.database_url, clock)
    open_head_office(office.folder.root, clock=clock).close()


def test_a_move_whose_end_nobody_saw_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = HandClock()
    office = found_office(tmp_path / "office", clock)
    office.close()
    target = databases.fresh_postgresql()
    real = Store.write

    def lost(self: Store, work: object, **options: object) -> object:
        result = real(self, work, **options)  # type: ignore[arg-type]
        if self.dialect == "postgresql":
            raise OutcomeUnknown("the connection was lost during the commit")
        return result

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write", lost)
        with pytest.raises(OutcomeUnknown):
            move_chain(office.folder, target, clock)
    with pytest.raises(MoveUnfinished):
        open_head_office(office.folder.root, clock=clock)
    move_chain(office.folder, target, clock)
    again = open_head_office(office.folder.root, database_url=target, clock=clock)
    assert again.store.read(lambda txn: feed.scope_head(txn, "chain")) == 2
    again.close()


def test_text_that_postgresql_cannot_hold_stops_the_move_before_anything_happens(tmp_path: Path) -> None:
    clock = HandClock()
    office = found_office(tmp_path / "office", clock)
    office.store.write(lambda txn: chain_state.put(txn, "odd", "a\0b"))
    office.close()
    with pytest.raises(copy.CannotCopy):
        move_chain(office.folder, databases.fresh_postgresql(), clock)
    open_head_office(office.folder.root, clock=clock).close()


def test_a_backup_of_postgresql_goes_back_into_either_database(tmp_path: Path) -> None:
    clock = HandClock()
    with databases.using("postgresql"):
        office = found_office(tmp_path / "office", clock)
    with serving(make_server(office, tls=False, jobs=False)) as url:
        till = enrolled(office, tmp_path / "till", url, clock)
        till.sell(5)
        till.client.exchange()
        sent = till.journal.head().number
        till.close()
    epoch = office.store.read(chain_state.epoch)
    made = make_backup(office.store, office.folder, tmp_path / "backup", clock)
    assert made.documents == sent
    office.close()
    for url in (databases.fresh_postgresql(), None):
        done = restore_backup(office.folder, tmp_path / "backup", clock, database_url=url)
        again = open_head_office(office.folder.root, database_url=url, clock=clock)
        try:
            assert done.documents == again.store.read(document.count) == sent
            assert again.store.read(chain_state.epoch) != epoch
            assert not Verify(again.store, again.blobs, again.keys).run().problems
        except TidemarkError as error:
            raise AssertionError(url) from error
        finally:
            again.close()
