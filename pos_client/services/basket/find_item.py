"""Finding an item by name, part of a name, pinyin or initials."""

from __future__ import annotations

from collections.abc import Sequence

from pos_client.services.counter import Counter
from pos_client.services.views.items import FoundItem
from pos_core.catalog.gtin import short_gtin
from pos_core.catalog.item import Item
from pos_core.sync.document import ReleaseRef

TEXT_MAX = 64


class FindItem:
    """The item search of the till."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def search(self, text: str, limit: int = 20) -> list[FoundItem]:
        """Hits by sales rank, with the list price of this moment (or of the basket's release). A blank text

        finds nothing.
        """
        text = text.strip()[:TEXT_MAX]
        if not text or limit < 1:
            return []
        return found_items(self._counter, self._counter.replica.search(text, min(limit, 200)))


def found_items(counter: Counter, items: Sequence[Item]) -> list[FoundItem]:
    """Items as hits, each with its price and its first GTIN."""
    moment = counter.pricing_moment()
    return [_found(counter, item, moment) for item in items]


def _found(counter: Counter, item: Item, moment: tuple[ReleaseRef | None, int]) -> FoundItem:
    price = counter.list_price(item.sku, moment)
    gtins = counter.replica.gtins_of_item(item.sku)
    return FoundItem(
        sku=item.sku,
        name=item.name,
        price_minor=None if price is None else price.price_minor,
        unit=item.unit,
        gtin=short_gtin(gtins[0].gtin) if gtins else None,
        sale_kind=item.sale_kind,
    )
