"""Finding an item by name, part of a name, pinyin or initials."""

from __future__ import annotations

from pos_client.services.views import FoundItem


class FindItem:
    """The item search of the till."""

    def search(self, text: str, limit: int = 20) -> list[FoundItem]:
        """Hits by sales rank, with today's list price. A blank text finds nothing."""
        raise NotImplementedError
