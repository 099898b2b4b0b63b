"""A workstation lets old documents go once head office's backup has them, and survives what that may cost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from pos_client.journal import pruning
from pos_client.journal.start import JOURNAL_KEY
from pos_client.journal.verify import verify_journal
from sync_server.services.backup import make_backup
from tests.sync.world import Till, World

DAY_MS = 24 * 60 * 60_000


@pytest.fixture
def pruned(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Till]:
    """151 documents, a hundred days, 130 more, a backup of head office, an exchange."""
    monkeypatch.setattr(pruning, "SLICE", 30)
    monkeypatch.setattr(pruning, "KEPT_MIN", 100)
    till = world.till()
    till.sell(150)
    till.client.exchange()
    world.clock.advance(100 * DAY_MS)
    till.sell(130)
    assert till.client.exchange().pruned == 0, "nobody has spoken of a backup"
    made = make_backup(world.office.store, world.office.folder, tmp_path / "backup", world.clock)
    assert made.documents == till.journal.head().number
    assert till.client.exchange().pruned == 150
    assert till.journal.base().number == 150
    yield till
    key = till.keys.get(JOURNAL_KEY)
    assert key is not None
    assert verify_journal(till.journal.path, key).findings == []


def restored_to(world: World, number: int) -> None:
    """Head office is put back to when it had `number` documents of the workstation, in a new epoch."""
    for statement in (
        f"UPDATE series SET acked_number = {number},"
        f" head_hash = (SELECT hash FROM document WHERE number = {number})",
        f"DELETE FROM document WHERE number > {number}",
        f"DELETE FROM signed_head WHERE number > {number}",
        *(
            f"DELETE FROM {table} WHERE number > {number}"
            for table in ("line", "tender", "transaction_total", "stock_movement")
        ),
        f"UPDATE chain_state SET value = 'e-{number}' WHERE name = 'epoch'",
    ):
        world.office.store.write(lambda txn, s=statement: txn.execute(text(s)))


def test_a_restore_of_that_backup_heals_from_what_is_kept(world: World, pruned: Till) -> None:
    state = pruned.journal.resume_point()
    assert state is not None and state.backed_up_number >= pruned.journal.base().number
    restored_to(world, state.backed_up_number)
    pruned.sell(2)
    report = pruned.client.exchange()
    assert report.pruned_beyond == [] and pruned.client.state.documents_waiting == 0
    kept = {one.number: one.hash for one in pruned.journal.documents_after(0, limit=1000)}
    theirs = world.hashes(pruned)
    assert len(theirs) == pruned.journal.head().number
    assert {number: theirs[number] for number in kept} == kept


def test_a_head_office_that_lost_what_was_pruned_still_gets_every_new_sale(
    world: World, pruned: Till
) -> None:
    restored_to(world, 40)
    pruned.sell(2)
    report = pruned.client.exchange()
    assert report.pruned_beyond == [1] and pruned.journal.series.incarnation == 2
    pruned.sell(3)
    pruned.client.exchange()
    assert world.has_all_of(pruned), "the new series is whole"
    assert pruned.client.state.documents_waiting > 0, "what cannot be sent is not called sent"


def test_what_was_sent_before_is_not_sent_again(world: World, pruned: Till) -> None:
    state = pruned.journal.resume_point()
    assert state is not None
    pruned.sell(1)
    waiting = pruned.journal.head().number - state.acked_number
    assert pruned.client.exchange().pushed == waiting
    assert world.documents() == pruned.journal.head().number
