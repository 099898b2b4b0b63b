"""What of a document has no column is read out of its bytes, and was let go without a loss."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from sync_server.head_office import HeadOffice
from sync_server.services.verify import Verify
from sync_server.store import document
from sync_server.store.engine import Txn
from tests.server.services.test_push import enrolled
from tests.server.support.office import HandClock, found_office

step = importlib.import_module("sync_server.store.migrations.versions.0053_documents_without_copies")


def _kept(txn: Txn) -> list[tuple[Any, ...]]:
    query = "SELECT number, document_id, hlc, prev_hash, hash, type, store_id FROM c_document ORDER BY number"
    return [tuple(row) for row in txn.connection.execute(text(query))]


def _indexes(txn: Txn) -> set[str | None]:
    return {index["name"] for index in inspect(txn.connection).get_indexes("document")}


def _columns(txn: Txn) -> list[str]:
    return [column["name"] for column in inspect(txn.connection).get_columns("document")]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[HeadOffice]:
    made = found_office(tmp_path / "data", HandClock())
    yield made
    made.close()


@pytest.fixture
def sold(office: HeadOffice) -> list[dict[str, Any]]:
    """What three sales and a quiet document say, which `office` has."""
    maker, row = enrolled(office)
    for _ in range(3):
        maker.sale()
    maker.no_sale()
    office.push.push(row, maker.push_body())
    return [json.loads(data) for data in maker.documents]


def test_the_view_has_what_has_no_column(office: HeadOffice, sold: list[dict[str, Any]]) -> None:
    found = office.store.read(_kept)
    names = ("number", "document_id", "hlc", "prev_hash")
    assert [row[:4] for row in found] == [tuple(value[name] for name in names) for value in sold]
    assert office.store.read(lambda txn: not set(step.GONE) & set(_columns(txn)))


def test_columns_of_before_are_let_go_and_nothing_else(
    office: HeadOffice, sold: list[dict[str, Any]]
) -> None:
    before = office.store.read(lambda txn: (_kept(txn), _indexes(txn), _columns(txn)))

    def as_it_was(txn: Txn) -> None:
        for name in step.GONE:
            txn.connection.execute(text(f"ALTER TABLE document ADD COLUMN {name} TEXT NOT NULL DEFAULT 'x'"))

    office.store.write(as_it_was)
    for _ in range(2):
        office.store.alter(lambda txn: step.let_go(txn.connection))
    assert office.store.read(lambda txn: (_kept(txn), _indexes(txn), _columns(txn))) == before
    assert before[2] == list(document.COLUMNS) and before[1]
    assert Verify(office.store, office.blobs, office.keys).run().problems == []
