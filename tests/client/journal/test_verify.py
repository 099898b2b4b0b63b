"""`verify` finds every kind of alteration, and nothing in an honest journal."""

from __future__ import annotations

import pytest

from pos_client.journal.journal import Journal
from pos_client.journal.opening import APPLICATION_ID
from pos_client.storage.database import open_database
from pos_client.storage.errors import StorageTrouble
from tests.client.journal.helpers import Home, sell

_OTHER_TYPE = "CAST(replace(CAST(data AS TEXT), '\"sale\"', '\"sal3\"') AS BLOB)"
_OTHER_HASH = "(SELECT hash FROM document WHERE number = 2)"
_ONE_MORE = (
    "INSERT INTO stock_movement SELECT workstation_id, incarnation, number, 99, store_id, business_day, hlc,"
    " sku, -1, reason FROM stock_movement LIMIT 1"
)
ALTERATIONS = {
    "other content": (f"UPDATE document SET data = {_OTHER_TYPE} WHERE number = 3", "hash_differs"),
    "one less": ("DELETE FROM document WHERE number = 3", "gap"),
    "other hash": (f"UPDATE document SET hash = {_OTHER_HASH} WHERE number = 3", "hash_differs"),
    "column": ("UPDATE document SET business_day = '2027-01-01' WHERE number = 3", "columns_differ"),
    "blank": ("UPDATE document SET data = CAST(data || ' ' AS BLOB) WHERE number = 3", "not_canonical"),
    "line": ("UPDATE line SET net_minor = net_minor - 1 WHERE number = 3", "rows_differ"),
    "tender": ("DELETE FROM tender WHERE number = 4", "rows_differ"),
    "stock": (_ONE_MORE, "rows_differ"),
    "total": ("UPDATE transaction_total SET total_minor = 0 WHERE number = 5", "rows_differ"),
    "lock-out": ("INSERT INTO session_state VALUES ('1001', 9, 0, (1 << 40) | 2)", "rows_differ"),
    "signature": ("UPDATE signed_head SET signature = zeroblob(64)", "bad_signature"),
    "acknowledged": ("UPDATE resume_point SET head_hash = 'x'", "acked_head_missing"),
    "tail": ("DELETE FROM document WHERE number > 8", "lost_tail"),
}


def _honest(home: Home) -> None:
    journal = home.open()
    sell(journal, 9)
    journal.keep_signed_head(journal.sign_head()).result()
    journal.keep_resume_point("e1", 4, journal.hash_at(4) or "").result()
    journal.close()


def test_an_honest_journal_has_no_findings(home: Home) -> None:
    _honest(home)
    report = home.verify()
    assert (report.findings, report.documents, report.witness) == ([], 10, "ok")


@pytest.mark.parametrize("name", ALTERATIONS)
def test_an_alteration_is_found(home: Home, name: str) -> None:
    statement, code = ALTERATIONS[name]
    _honest(home)
    connection = open_database(home.journal_path, home.key, application_id=APPLICATION_ID)
    connection.execute("PRAGMA foreign_keys = OFF").fetchall()
    assert connection.execute(statement).rowcount > 0
    connection.close()
    assert code in {finding.code for finding in home.verify().findings}


def test_a_rewritten_chain_contradicts_its_signed_head_and_the_witness(home: Home) -> None:
    """Somebody with the file key but not the signing and witness keys builds a consistent other chain."""
    _honest(home)
    other = Home(home.root.parent / "other")
    other.keys.put("journal_key", home.key)
    journal = other.open()
    sell(journal, 9, seed=5)
    journal.close()
    connection = open_database(other.journal_path, home.key, application_id=APPLICATION_ID)
    source = open_database(home.journal_path, home.key, application_id=APPLICATION_ID)
    for row in source.execute("SELECT * FROM signed_head").fetchall():
        connection.execute("INSERT INTO signed_head VALUES (?, ?, ?, ?)", row)
    connection.close()
    source.close()
    home.journal_path.write_bytes(other.journal_path.read_bytes())
    assert {"bad_signature", "lost_tail"} <= {finding.code for finding in home.verify().findings}


def test_verify_runs_beside_a_selling_program(journal: Journal, home: Home) -> None:
    sell(journal, 5)
    assert home.verify().ok
    sell(journal, 5)


def test_every_flipped_bit_of_the_file_is_found_or_changes_nothing(home: Home) -> None:
    """Page authentication: 200 bits, one at a time, spread over the whole file."""
    _honest(home)
    whole = home.journal_path.read_bytes()
    unseen = []
    for step in range(200):
        place = step * len(whole) // 200
        content = bytearray(whole)
        content[place] ^= 1 << step % 8
        home.journal_path.write_bytes(bytes(content))
        if _opens_and_verifies(home):
            unseen.append(place)
    assert unseen == []


def _opens_and_verifies(home: Home) -> bool:
    try:
        return home.verify().ok
    except StorageTrouble:
        return False
