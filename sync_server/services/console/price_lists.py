"""Price lists with the stores that use them, and what a region may see of them."""

from __future__ import annotations

from dataclasses import dataclass

from pos_core.money import currency_exponent
from sync_server.services.importing.context import ChainView, chain_view
from sync_server.store.engine import Txn
from sync_server.store.feed import rows_of


@dataclass(frozen=True, slots=True)
class ListFacts:
    """One price list: a column of the grid."""

    price_list_id: str
    name: str
    currency: str
    exponent: int
    store_ids: tuple[str, ...]


def price_lists(txn: Txn, region: str | None) -> tuple[ChainView, list[ListFacts]]:
    """The chain's small tables and the lists; with `region` only those that its stores use."""
    chain = chain_view(txn)
    found = []
    for list_id, name, currency in rows_of(txn, "price_list", "chain"):
        stores = tuple(
            sorted(
                store_id
                for store_id, store in chain.stores.items()
                if store["price_list_id"] == list_id and region in (None, store["region"])
            )
        )
        if region is None or stores:
            found.append(ListFacts(list_id, name, currency, currency_exponent(currency), stores))
    return chain, sorted(found, key=lambda each: each.price_list_id)
