from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from pos_client.replica.replica import Replica
from pos_client.replica.schema import missing_columns
from pos_client.storage.errors import HalfBuiltFile, WrongKey
from pos_client.storage.export import views
from pos_core.sync.reference import KINDS
from pos_core.sync.rulings.ruling import Ruling


def test_the_tables_are_those_of_the_reference_kinds(replica: Replica) -> None:
    for kind in KINDS.values():
        columns = replica.read(lambda c, k=kind: c.execute(f"PRAGMA table_info({k.name})").fetchall())
        assert tuple(row[1] for row in columns) == (*kind.column_names, "row_hash", "extra")
        keys = [row[1] for row in sorted(columns, key=lambda row: row[5]) if row[5]]
        assert tuple(keys) == kind.column_names[: kind.key_length]
        assert [bool(row[3]) for row in columns][: len(kind.columns)] == [
            not c.nullable for c in kind.columns
        ]


def test_a_lacking_column_is_named(replica: Replica) -> None:
    assert replica.read(missing_columns) == []
    replica.write(lambda c: c.execute("ALTER TABLE item DROP COLUMN tags"))
    assert replica.read(missing_columns) == ["item.tags"]


def test_sqlite_utils_brings_no_second_sqlite() -> None:
    import sqlite_utils.utils  # loaded by the replica's set-up, over sqlcipher3

    assert sqlite_utils.utils.sqlite3.__name__ == "sqlcipher3"
    assert sys.modules["pysqlite3"].__name__ == "sqlcipher3"


def test_the_replica_opens_again_under_its_key(tmp_path: Path, replica: Replica, keys) -> None:
    replica.close()
    Replica.open(tmp_path / "replica.db", keys, store_id="S001").close()


def test_another_key_is_refused(tmp_path: Path, replica: Replica, keys) -> None:
    replica.close()
    keys.put("replica_key", b"k" * 32)
    with pytest.raises(WrongKey):
        Replica.open(tmp_path / "replica.db", keys, store_id="S001")


def test_an_empty_file_is_half_built(tmp_path: Path, replica: Replica, keys) -> None:
    replica.close()
    (tmp_path / "replica.db").write_bytes(b"")
    with pytest.raises(HalfBuiltFile):
        Replica.open(tmp_path / "replica.db", keys, store_id="S001")


def test_every_view_and_column_is_described(replica: Replica) -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "views.md").read_text(encoding="utf-8")
    text = text.partition("## On a workstation (replica.db)")[2].partition("\n## ")[0]
    found = replica.read(views)
    assert found
    for view in found:
        section = text.partition(f"### `{view}`")[2].partition("### ")[0]
        columns = replica.read(lambda c, v=view: c.execute(f"PRAGMA table_info({v})").fetchall())
        assert [row[1] for row in columns if f"`{row[1]}`" not in section] == [], view


def test_a_ruling_is_shown_as_an_exception_until_it_is_superseded(replica: Replica) -> None:
    made = Ruling("coupon_used_twice", "K1", "used_before", ("w/1/2",), ("w/2/7",), cost_minor=500)
    row = (made.ruling_id, json.dumps(made.as_value()), None, 77, 0, None)
    replica.write(lambda c: c.execute("INSERT INTO ruling VALUES (?, ?, ?, ?, ?, ?)", row))
    query = (
        "SELECT kind, about, document, difference_minor, at_ms FROM c_exception WHERE superseded_by IS NULL"
    )
    found = replica.read(lambda c: c.execute(query).fetchall())
    assert found == [("coupon_used_twice", "K1", "w/2/7", 500, 77)]
    replica.write(lambda c: c.execute("UPDATE ruling SET superseded_by = ''"))
    assert replica.read(lambda c: c.execute(query).fetchall()) == []
