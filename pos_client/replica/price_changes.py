"""Which items have another list price at a later moment than now."""

from __future__ import annotations

from pos_client.replica.lookups import price_at
from pos_client.storage.connection import Connection

Moment = tuple[int, int]
"""Release version and instant."""

_CANDIDATES = (
    "SELECT DISTINCT sku FROM price WHERE price_list_id = :price_list_id AND since_release <= :version"
    " AND (since_release > :version_now"
    " OR effective_from_ms > :now_ms AND effective_from_ms <= :then_ms"
    " OR effective_to_ms > :now_ms AND effective_to_ms <= :then_ms) ORDER BY sku"
)


def price_changes(
    connection: Connection, price_list_id: str, now: Moment, then: Moment
) -> list[tuple[str, int | None, int]]:
    """`(SKU, price now or None, price then)`; an item that loses its price needs no label."""
    values = {
        "price_list_id": price_list_id,
        "version": then[0],
        "version_now": now[0],
        "now_ms": now[1],
        "then_ms": then[1],
    }
    found = []
    for (sku,) in connection.execute(_CANDIDATES, values).fetchall():
        before, after = (
            price_at(connection, sku, release_version=at[0], instant_ms=at[1], price_list_id=price_list_id)
            for at in (now, then)
        )
        was = None if before is None else before.price_minor
        if after is not None and after.price_minor != was:
            found.append((sku, was, after.price_minor))
    return found
