"""Old documents go when others have them; what stays proves itself and adds up."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from pos_client.journal import carried, pruning, shifts
from pos_client.journal.draft import Draft
from pos_client.journal.fold import FOLDED_TABLES
from pos_client.journal.journal import Journal
from pos_client.journal.opening import APPLICATION_ID
from pos_client.journal.pruning import Retention
from pos_client.journal.sessions import sign_on_failures
from pos_client.storage.connection import Connection
from pos_client.storage.database import open_database
from pos_client.storage.errors import LostTail
from tests.client.journal.helpers import DAY, START_MS, Home, sale

SLICE, KEPT_MIN = 30, 100
_DAY_MS = 24 * 60 * 60 * 1000
OLD = 2 * SLICE
"""Documents that may go: two slices. KEPT_MIN and one shift stay."""


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "SLICE", SLICE)
    monkeypatch.setattr(pruning, "KEPT_MIN", KEPT_MIN)


def sold(home: Home, *, old: int = OLD, kept: int = KEPT_MIN) -> Journal:
    """A journal of a hundred days: `old` documents, then the last settled shift and an open one."""
    journal = home.open()
    dice = Random(5)
    wrong = {"operator_number": "1001", "failures": 3, "locked_until_ms": None, "reason": "wrong_pin"}
    drafts = [Draft("sign_on_failed", wrong, DAY), *(sale(dice) for _ in range(old - 2))]
    journal.record(drafts).result()  # with series_opened these are `old` documents
    home.clock.pass_ms(100 * _DAY_MS)
    opened = {"currency": "CNY", "exponent": 2, "float_minor": 0}
    journal.record(
        [Draft("shift_opened", opened, DAY, "1001", "shift-1"), *(sale(dice) for _ in range(kept - 1))]
    ).result()
    return journal


def acknowledged(journal: Journal, *, number: int | None = None, backed_up: int | None = None) -> None:
    number = journal.head().number if number is None else number
    journal.keep_resume_point(
        "e1",
        number,
        journal.hash_at(number) or "",
        backed_up_number=number if backed_up is None else backed_up,
    ).result()


def prune_all(journal: Journal, heard_ms: int, retention: Retention = Retention()) -> int:  # noqa: B008
    gone = 0
    while now_gone := journal.prune(retention, heard_ms=heard_ms):
        gone += now_gone
    return gone


HEARD_MS = START_MS + 101 * _DAY_MS


def sums(connection: Connection) -> list[Any]:
    return [
        connection.execute("SELECT * FROM c_stock ORDER BY 1, 2").fetchall(),
        connection.execute("SELECT * FROM c_points ORDER BY 1").fetchall(),
        shifts.grand_totals(connection),
        # Its moment goes with its document (`SignOnFailures.hlc`); the count and the lock stay.
        replace(sign_on_failures(connection, "1001"), hlc=""),
    ]


def test_what_stays_verifies_and_adds_up(home: Home) -> None:
    journal = sold(home)
    acknowledged(journal)
    before, head = journal.read(sums), journal.head()
    assert prune_all(journal, HEARD_MS) == OLD
    assert journal.read(sums) == before and journal.base().number == OLD
    assert journal.head().number == head.number + OLD // SLICE, "each slice is a document"
    assert journal.hash_at(OLD) is not None and journal.hash_at(OLD - 1) is None
    journal.close()
    home.verify_is_clean()
    again = home.open()
    again.record([sale()]).result()
    assert again.documents_after(0, limit=1)[0].number == OLD + 1
    again.close()
    home.verify_is_clean()


CASES: dict[str, tuple[Callable[[Journal], None], int, Retention, int]] = {
    "nothing acknowledged": (lambda j: None, HEARD_MS, Retention(), 0),
    "younger than 90 days": (acknowledged, START_MS + 89 * _DAY_MS, Retention(), 0),
    "no backup, no 400 days": (lambda j: acknowledged(j, backed_up=0), HEARD_MS, Retention(), 0),
    "no backup, for ever": (
        lambda j: acknowledged(j, backed_up=0),
        HEARD_MS + 9_000 * _DAY_MS,
        Retention(90, None),
        0,
    ),
    "no backup, 400 days": (
        lambda j: acknowledged(j, backed_up=0),
        START_MS + 401 * _DAY_MS,
        Retention(),
        OLD,
    ),
    "half acknowledged": (lambda j: acknowledged(j, number=SLICE + 7), HEARD_MS, Retention(), SLICE),
    "half backed up": (lambda j: acknowledged(j, backed_up=SLICE), HEARD_MS, Retention(), SLICE),
    "a policy of ten days is one of 90": (
        acknowledged,
        START_MS + 60 * _DAY_MS,
        Retention.from_policy({"days": 10}),
        0,
    ),
    "longer by policy": (acknowledged, HEARD_MS, Retention.from_policy({"days": 200}), 0),
    "the open shift stays": (acknowledged, HEARD_MS + 9_000 * _DAY_MS, Retention(), OLD),
}


@pytest.mark.parametrize("name", CASES)
def test_a_document_goes_only_when_it_may(home: Home, name: str) -> None:
    prepare, heard_ms, retention, expected = CASES[name]
    journal = sold(home)
    prepare(journal)
    assert prune_all(journal, heard_ms, retention) == expected
    journal.close()
    home.verify_is_clean()


def test_the_newest_stay_without_any_shift(home: Home) -> None:
    journal = home.open()
    journal.record([sale() for _ in range(KEPT_MIN + SLICE)]).result()
    acknowledged(journal)
    assert prune_all(journal, HEARD_MS + 9_000 * _DAY_MS) == SLICE
    journal.close()


def test_a_wall_clock_a_year_ahead_ages_nothing(home: Home) -> None:
    journal = sold(home)
    acknowledged(journal)
    home.clock.pass_ms(365 * _DAY_MS)
    assert prune_all(journal, START_MS + 5 * _DAY_MS) == 0
    journal.close()


ALTERATIONS = {
    "beginning cut off": "DELETE FROM document WHERE number <= 70",
    "base moved": "UPDATE series_base SET number = number + 5",
    "base forged": (
        "UPDATE series_base SET number = 70, hash = (SELECT hash FROM document WHERE number = 70)"
    ),
    "carried altered": "UPDATE carried SET value = '[999999,0]' WHERE name = 'trade'",
    "lock-out forgotten": "DELETE FROM carried WHERE name = 'sign_on'",
    "pruning denied": "DELETE FROM series_base",
}


@pytest.mark.parametrize("name", ALTERATIONS)
def test_another_beginning_is_found(home: Home, name: str) -> None:
    journal = sold(home, kept=KEPT_MIN + 20)
    acknowledged(journal)
    prune_all(journal, HEARD_MS)
    journal.close()
    connection = open_database(home.journal_path, home.key, application_id=APPLICATION_ID)
    connection.execute("PRAGMA foreign_keys = OFF").fetchall()
    assert connection.execute(ALTERATIONS[name]).rowcount > 0
    connection.close()
    assert home.verify().findings


def test_an_old_witness_is_no_lost_tail_but_a_lost_tail_is(home: Home) -> None:
    journal = sold(home)
    old_witness = home.witness_path.read_bytes()
    acknowledged(journal)
    journal.record([sale() for _ in range(SLICE)]).result()
    prune_all(journal, HEARD_MS)
    journal.close()
    newest = home.journal_path.read_bytes()
    witness = home.witness_path.read_bytes()
    home.witness_path.write_bytes(old_witness)
    home.open_and_close()
    home.witness_path.write_bytes(witness)
    home.journal_path.write_bytes(newest)
    journal = home.open()
    journal.record([sale()]).result()
    journal.close()
    home.journal_path.write_bytes(newest)
    with pytest.raises(LostTail):
        home.open()


def test_promotion_uses_are_carried(home: Home) -> None:
    journal = home.open()
    body = json.loads(json.dumps(sale().body))
    usage = [{"promotion_id": "P1", "counted": 2, "amount_minor": 150}]
    body |= {"member_id": "M1", "pricing": {"v": 1, "input": {}, "result": {"usage": usage}, "terms": []}}
    drafts = [Draft("sale", body, DAY, "1001", "shift-1") for _ in range(SLICE)]
    journal.record([*drafts, *(sale() for _ in range(KEPT_MIN))]).result()
    acknowledged(journal)
    assert prune_all(journal, HEARD_MS) == SLICE
    rows = journal.read(carried.carried_promotion_uses)
    assert rows == [("P1", "M1", 2 * (SLICE - 1), 150 * (SLICE - 1))], "series_opened was one of them"
    journal.close()


def test_somebody_decided_for_every_folded_table() -> None:
    assert {*carried.SUMS, *carried.STATES, *carried.LEFT} == set(FOLDED_TABLES)


def test_a_kill_between_slices_leaves_a_whole_journal(home: Home) -> None:
    """A slice is one transaction: what a copy of the files holds at any moment opens and verifies."""
    journal = sold(home)
    acknowledged(journal)
    journal.prune(Retention(), heard_ms=HEARD_MS)
    journal._readers.close()
    copy = home.copy_to(home.root.parent / "after_kill")
    again = copy.open()
    assert again.base().number == SLICE
    again.close()
    copy.verify_is_clean()
    journal.close()


def test_pruning_policy_is_read_with_care() -> None:
    read = Retention.from_policy
    assert [read(value) for value in (None, "90", {}, {"days": "x"})] == [Retention()] * 4
    assert read({"days": 120, "days_without_backup": 10}) == Retention(120, 120)
    assert read({"days_without_backup": None}) == Retention(90, None)
    assert read({"days_without_backup": "x"}).days_without_backup is None
    assert pruning.POLICY_KEY == "journal_retention"
