"""Prepared statements give what SQLAlchemy gives, on both databases, for lists of any length."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.types import JSON

from sync_server.store import chain_state, feed
from sync_server.store.engine import Store, Txn
from sync_server.store.migrations import migrate
from sync_server.store.postgresql import PostgresEngine
from sync_server.store.prepared import LIST_MAX, Prepared, parts
from sync_server.store.schema.tables import document, feed_row
from sync_server.store.sqlite import SqliteEngine
from tests.server.support import databases

KEYS = Prepared(
    select(feed_row.c.key, feed_row.c.sequence)
    .where(feed_row.c.scope == bindparam("scope"), feed_row.c.key.in_(bindparam("keys", expanding=True)))
    .order_by(feed_row.c.key)
)
RENAME = Prepared(
    feed_row.update()
    .where(feed_row.c.key == bindparam("of_key"))
    .values(payload=bindparam("text"))
    .returning(feed_row.c.payload)
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[Store]:
    path: Path = tmp_path_factory.mktemp("prepared") / "x.db"
    embedded = database == "sqlite"
    engine = SqliteEngine(path, bytes(32)) if embedded else PostgresEngine(databases.fresh_postgresql())
    made = Store(engine)
    if embedded:
        migrate(made)
    facts = {"chain_id": "c", "chain_name": "n", "epoch": "e", "currency": "CNY", "now_ms": 1}
    made.write(lambda txn: chain_state.found(txn, **facts))  # type: ignore[arg-type]
    rows = [[f"price 100 %s ? :name {n:03d}", "1"] for n in range(70)]
    made.write(lambda txn: feed.put_rows(txn, "policy", "chain", rows))
    yield made
    made.close()


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 63, 64, 65])
def test_a_list_of_any_length_finds_each_key_once(filled: Store, count: int) -> None:
    keys = [f'["price 100 %s ? :name {n:03d}"]' for n in range(count)]

    def both(txn: Txn) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
        statement = select(feed_row.c.key, feed_row.c.sequence).where(feed_row.c.key.in_(keys))
        slow = txn.execute(statement.order_by(feed_row.c.key))
        return KEYS.rows(txn, scope="chain", keys=keys), [tuple(row) for row in slow]

    quick, slow = filled.read(both)
    assert quick == slow and len(quick) == count


def test_no_row_is_none_and_a_change_gives_what_it_returns(filled: Store) -> None:
    assert filled.read(lambda txn: KEYS.value(txn, scope="chain", keys=["nothing"])) is None
    key = '["price 100 %s ? :name 000"]'
    text = "50 % off? :yes 折"
    assert filled.write(lambda txn: RENAME.rows(txn, of_key=key, text=text)) == [(text,)]
    assert filled.write(lambda txn: RENAME.rows(txn, of_key="nothing", text=text)) == []


def test_lists_are_cut_where_a_statement_takes_no_more() -> None:
    keys = [str(n) for n in range(LIST_MAX * 2 + 1)]
    assert [len(part) for part in parts(keys)] == [LIST_MAX, LIST_MAX, 1]
    assert [key for part in parts(keys) for key in part] == keys and parts([]) == []


@pytest.mark.parametrize("keys", [[], ["x"] * (LIST_MAX + 1)])
def test_a_list_that_no_statement_takes_is_a_defect(filled: Store, keys: list[str]) -> None:
    with pytest.raises(AssertionError):
        filled.read(lambda txn: KEYS.rows(txn, scope="chain", keys=keys))


def test_what_would_have_to_be_converted_is_refused_when_it_is_compiled(filled: Store) -> None:
    odd = Prepared(select(document.c.number).where(bindparam("value", type_=JSON()) == document.c.type))
    with pytest.raises(AssertionError):
        filled.read(lambda txn: odd.rows(txn, value={"a": 1}))
