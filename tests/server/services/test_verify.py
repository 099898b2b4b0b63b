"""`verify` must see any change to the ledger, and none where there is none."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from pos_core.canonical import canonical_bytes
from sync_server.head_office import HeadOffice
from sync_server.services.releases import ReleaseFile
from sync_server.services.verify import Verify, VerifyReport
from sync_server.store import feed, workstation
from sync_server.store.schema import metadata
from sync_server.store.workstation import WorkstationRow
from tests.server.support.office import HandClock, found_office
from tests.server.support.series import SeriesMaker

pytestmark = pytest.mark.database("sqlite")  # edits rows by their rowid; `verify` itself is plain SQL


class _UndoneError(Exception):
    """Ends a transaction so that the change it held is taken back."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HeadOffice]:
    made = found_office(tmp_path_factory.mktemp("chain") / "data", HandClock())
    for name in ("w-1", "w-2"):
        maker = SeriesMaker(name)
        row = WorkstationRow(
            name, "S001", "t", "active", maker.public_key, maker.sealing_key, 1, "", 0, None, 0
        )
        made.store.write(lambda txn, row=row: workstation.add(txn, row))
        for number in range(30):
            if number == 11:
                maker.append(b'{"poison":1}')
            maker.sale(lines=2)
            if number % 10 == 9:
                made.push.push(row, maker.push_body(max(1, maker.number - 10)))
    made.store.write(lambda txn: feed.put_rows(txn, "plu", "chain", [["1", "S"], ["2", "T"]], []))
    file = ReleaseFile("promotions", "base", canonical_bytes({"promotions": []}))
    for _ in range(2):
        made.store.write(lambda txn: made.releases.publish(txn, [file], effective_from_ms=0))
    yield made
    made.close()


def run(office: HeadOffice) -> VerifyReport:
    return Verify(office.store, office.blobs, office.keys).run()


def test_an_untouched_ledger_verifies(office: HeadOffice) -> None:
    report = run(office)
    assert report.problems == []
    assert (report.documents, report.quarantined, report.series, report.heads) == (60, 2, 2, 6)
    assert report.takings_minor["CNY"] > 0 and report.releases == 2 and report.feed_rows > 6


LEDGER = {
    "document": ["hash", "data", "number"],
    "quarantine": ["hash", "prev_hash", "data", "number", "in_chain"],
    "series": ["acked_number", "head_hash", "public_key"],
    "signed_head": ["hash", "signature", "number"],
    "transaction_total": None,
    "line": None,
    "tender": None,
    "stock_movement": None,
    "feed_row": ["payload", "hash_high", "hash_low", "kind", "deleted"],
    "release": ["manifest", "manifest_sha256", "signatures"],
}
"""Tables and the columns in which any change must be found; None means all of them."""


def changed(value: Any, dice: random.Random) -> Any:
    if value is None:
        return 1
    if isinstance(value, int):
        return value + dice.choice([1, -1, 1000])
    place = dice.randrange(len(value))
    if isinstance(value, bytes):
        return value[:place] + bytes([value[place] ^ (1 << dice.randrange(8))]) + value[place + 1 :]
    other = dice.choice([char for char in "0a7" if char != value[place]])
    return value[:place] + other + value[place + 1 :]


def mutate(txn: Any, table: str, column: str, dice: random.Random) -> bool:
    """Changes one cell of one row at random; False when it cannot be changed so."""
    row_id = dice.choice(txn.execute(text(f"SELECT rowid FROM {table}")).scalars().all())
    value = txn.execute(text(f"SELECT {column} FROM {table} WHERE rowid = :r"), {"r": row_id}).scalar_one()
    try:
        txn.execute(
            text(f"UPDATE {table} SET {column} = :v WHERE rowid = :r"),
            {"v": changed(value, dice), "r": row_id},
        )
    except Exception:
        return False
    return True


def mutations() -> list[tuple[str, str]]:
    found = []
    for table, columns in LEDGER.items():
        for column in columns or [each.name for each in metadata.tables[table].columns]:
            found.append((table, column))
    return found


@pytest.mark.parametrize(("table", "column"), mutations())
def test_every_change_of_a_ledger_cell_is_found(office: HeadOffice, table: str, column: str) -> None:
    dice = random.Random(f"{table}.{column}")
    verify = Verify(office.store, office.blobs, office.keys)
    tried = 0
    for _ in range(8):
        report = VerifyReport()

        def attempt(txn: Any, report: VerifyReport = report) -> None:
            nonlocal tried
            if mutate(txn, table, column, dice):
                tried += 1
                verify._check(txn, report, lambda *_: None)
                assert report.problems, f"a changed {table}.{column} went unseen"
            raise _UndoneError

        with pytest.raises(_UndoneError):
            office.store.write(attempt)
    assert tried


@pytest.mark.parametrize(
    "table",
    [
        "document",
        "line",
        "tender",
        "stock_movement",
        "transaction_total",
        "quarantine",
        "signed_head",
        "series",
    ],
)
def test_every_row_that_is_taken_away_or_doubled_is_found(office: HeadOffice, table: str) -> None:
    verify = Verify(office.store, office.blobs, office.keys)
    dice = random.Random(table)
    for _ in range(6):

        def attempt(txn: Any) -> None:
            row_id = dice.choice(txn.execute(text(f"SELECT rowid FROM {table}")).scalars().all())
            if table in ("signed_head", "series"):
                row_id = txn.execute(text(f"SELECT max(rowid) FROM {table}")).scalar_one()
            txn.execute(text(f"DELETE FROM {table} WHERE rowid = :r"), {"r": row_id})
            report = VerifyReport()
            verify._check(txn, report, lambda *_: None)
            assert report.problems, f"a lost row of {table} went unseen"
            raise _UndoneError

        with pytest.raises(_UndoneError):
            office.store.write(attempt)


def test_a_state_that_its_documents_do_not_give_is_found(office: HeadOffice) -> None:
    verify = Verify(office.store, office.blobs, office.keys)
    changes = (
        "UPDATE fold_state SET state = replace(state, '-2000', '-3000') WHERE fold = 'stock'",
        "DELETE FROM fold_state WHERE fold = 'watch'",
        "INSERT INTO fold_state (key, fold, state) VALUES ('M9', 'points', '{}')",
    )
    for change in changes:
        report = VerifyReport()

        def attempt(txn: Any, report: VerifyReport = report, change: str = change) -> None:
            assert txn.execute(text(change)).rowcount, change
            verify._check(txn, report, lambda *_: None)
            raise _UndoneError

        with pytest.raises(_UndoneError):
            office.store.write(attempt)
        assert {each["code"] for each in report.problems} == {"state_differs"}, change


def test_a_damaged_or_missing_file_is_found(office: HeadOffice) -> None:
    ref = office.store.write(lambda txn: office.blobs.put(txn, b"file" * 100))
    path = office.blobs.path(ref.sha256)
    good = path.read_bytes()
    path.write_bytes(good[:-1] + b"x")
    assert [each["code"] for each in run(office).problems] == ["file_hash"]
    path.unlink()
    assert [each["code"] for each in run(office).problems] == ["file_missing"]
    path.write_bytes(good)
    assert run(office).ok
