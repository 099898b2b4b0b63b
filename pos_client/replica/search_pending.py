"""Items whose search entries are behind, found by reading through them.

A page of many new items is applied without their index entries (`search_index`). Until those have caught up,
a search also reads through the waiting items, held in memory as their entries will be. So what scans and
sells is found by name at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from pos_client.storage.connection import Connection
from pos_core.catalog.search_text import entry_text, is_latin

HELD_MAX = 40_000
"""The best sellers of a longer backlog; 20 MB at most. The rest is found once it has been indexed."""
_WAITING = (
    "SELECT i.sku, i.sales_rank, i.name, i.name_en, i.brand, i.pinyin, i.pinyin_initials"
    " FROM search_behind AS b CROSS JOIN item AS i ON i.sku = b.sku WHERE i.active"
    " ORDER BY i.sales_rank, i.sku LIMIT ?"
)


class PendingItems:
    """The waiting items at one generation of the replica, in order of sales rank."""

    def __init__(self, connection: Connection) -> None:
        self._rows = [
            (rank, sku, entry_text(name, name_en, brand), pinyin.lower(), initials.lower())
            for sku, rank, name, name_en, brand, pinyin, initials in connection.execute(_WAITING, (HELD_MAX,))
        ]

    def matching(self, parts: list[str]) -> Iterator[tuple[int, str]]:
        """`(sales rank, sku)` of items that hold every part, as `search` understands a part."""
        for rank, sku, text, pinyin, initials in self._rows:
            if all(
                part in text or (is_latin(part) and (part in initials or pinyin.startswith(part)))
                for part in parts
            ):
                yield rank, sku


def any_pending(connection: Connection) -> bool:
    """True while entries are behind."""
    return connection.execute("SELECT 1 FROM search_behind LIMIT 1").fetchone() is not None
