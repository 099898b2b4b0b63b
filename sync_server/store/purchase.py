"""Orders to suppliers of many stores at once, from the rows that each store's workstations hear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from sqlalchemy import bindparam, or_, select

from sync_server.store.engine import Txn
from sync_server.store.prepared import Prepared, parts
from sync_server.store.schema.tables import feed_row

_rows = select(feed_row.c.scope, feed_row.c.payload).where(
    feed_row.c.scope.in_(bindparam("scopes", expanding=True)),
    feed_row.c.kind == "purchase",
    feed_row.c.deleted == 0,
)
_ALL = Prepared(_rows)
_MAY_BE_OVER = Prepared(
    _rows.where(or_(feed_row.c.payload.contains("received"), feed_row.c.payload.contains("closed")))
)
"""Without either step nothing is over. Either word in a name only reads a row for nothing."""


def of_stores(txn: Txn, store_ids: Sequence[str], *, over: bool) -> Iterator[tuple[str, str, str]]:
    """`(store_id, order_id, state)`, the state as JSON text. `over`: none that is surely still open."""
    statement = _MAY_BE_OVER if over else _ALL
    for scopes in parts([f"store:{store_id}" for store_id in store_ids]):
        for scope, payload in statement.rows(txn, scopes=scopes):
            order_id, state = msgspec.json.decode(payload)
            yield scope.removeprefix("store:"), order_id, state
