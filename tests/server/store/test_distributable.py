"""What Citus forbids, looked for in the schema of a plain PostgreSQL."""

from __future__ import annotations

import psycopg
import pytest

from pos_core.sync.projection import TABLES
from sync_server.store.distribution import distribution, statements
from tests.server.support import databases

pytestmark = pytest.mark.database("postgresql")


@pytest.fixture
def connection(database: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(databases.fresh_postgresql(), autocommit=True)


def test_what_a_push_touches_lies_together() -> None:
    places = distribution()
    for name in ("workstation", "series", "signed_head", "document", "quarantine", *TABLES):
        assert places[name] == "workstation_id", name
    assert places["feed_row"] == places["scope_head"] == "scope"
    grown = {"document", "feed_row", "member", "line", "tender", "audit", "nonce"}
    assert all(places[name] for name in grown), "a table that grows with sales would stand on every machine"


def test_the_statements_name_each_table_once_and_what_others_follow_first() -> None:
    said = statements(set())
    names = [text.split("'")[1] for text in said]
    assert sorted(names) == sorted(distribution()) and len(said) == len(set(said))
    for text, name in zip(said, names, strict=True):
        if "colocate_with" in text and (first := text.split("'")[-2]) != "none":
            assert names.index(first) < names.index(name)
    assert statements(set(names)) == []


def test_every_unique_key_of_a_spread_table_holds_the_distribution_column(
    connection: psycopg.Connection[tuple[object, ...]],
) -> None:
    rows = connection.execute(
        "SELECT c.relname, i.relname, array_agg(a.attname::text) FROM pg_index x "
        "JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(x.indkey) "
        "WHERE x.indisunique AND c.relnamespace = 'public'::regnamespace GROUP BY 1, 2"
    ).fetchall()
    places = distribution()
    assert set(places) <= {str(table) for table, _, _ in rows}
    for table, index, columns in rows:
        assert isinstance(columns, list)
        column = places.get(str(table))
        assert column is None or column in columns, f"{index} of {table}"


def test_nothing_ties_shards_together(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    ties = connection.execute(
        "SELECT conname FROM pg_constraint WHERE contype IN ('f', 'x') "
        "UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    ).fetchall()
    assert ties == []
    defaults = connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND (column_default IS NOT NULL OR is_identity = 'YES')"
    ).fetchall()
    assert defaults == [], "a sequence behind a column of a spread table is a round trip to the coordinator"
