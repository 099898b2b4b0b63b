"""The journal's tables are the ones that both ends agreed on, and its views are described."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pos_client.journal.journal import Journal
from pos_client.storage.export import views
from pos_core.sync.projection import TABLES

VIEWS_MD = Path(__file__).resolve().parents[3] / "docs" / "views.md"


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_derived_table_is_what_the_projection_says(journal: Journal, name: str) -> None:
    rows = journal.read(lambda c: c.execute(f"PRAGMA table_info({name})").fetchall())
    found = [(row[1], row[2], not row[3], row[5]) for row in rows]
    table = TABLES[name]
    expected = [
        (column.name, column.type.upper(), column.nullable, place + 1 if place < table.key_length else 0)
        for place, column in enumerate(table.columns)
    ]
    assert found == expected


def test_every_view_and_column_is_described(journal: Journal) -> None:
    text = VIEWS_MD.read_text(encoding="utf-8")
    missing = []
    for view in journal.read(views):
        section = re.search(rf"^### `{view}`.*?(?=^### |^## |\Z)", text, re.M | re.S)
        columns = journal.read(lambda c, v=view: c.execute(f"PRAGMA table_info({v})").fetchall())
        missing += [
            f"{view}.{row[1]}" for row in columns if section is None or f"`{row[1]}`" not in section.group()
        ]
    assert missing == []
