"""What a replay has found: winners and losers by item and store, the oddest baskets, one basket."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from pos_core.errors import InvalidInput, Refusal
from sync_server.services.console.past_baskets import PastBasket, Prices, past_basket
from sync_server.services.importing.context import chain_view
from sync_server.store import catalog, replay
from sync_server.store.engine import Store, Txn
from sync_server.store.replay import BasketRow, PastSale, SumRow


class NoSuchBasket(Refusal):
    """There is no such sale, or it cannot be priced."""

    code = "replay_no_such_basket"


@dataclass(frozen=True, slots=True)
class Found:
    """`names`: of items (name, English name) and stores by key. `cheaper`: shoppers pay less."""

    cheaper_items: list[SumRow]
    dearer_items: list[SumRow]
    cheaper_stores: list[SumRow]
    dearer_stores: list[SumRow]
    odd: list[BasketRow]
    faults: list[BasketRow]
    names: dict[str, tuple[str, str]]


class ReplayView:
    """Reads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def found(self, replay_id: str, limit: int) -> Found:
        """The rows of the page."""

        def read(txn: Txn) -> Found:
            cheaper, dearer, less, more = (
                replay.sums(txn, replay_id, subject, losers=losers, limit=limit)
                for subject in ("item", "store")
                for losers in (True, False)
            )
            items = catalog.items(txn, sorted({row.key for row in (*cheaper, *dearer)}))
            names = {sku: (item.name, item.name_en or item.name) for sku, item in items.items()}
            names |= {key: (str(s["name"]), str(s["name"])) for key, s in chain_view(txn).stores.items()}
            kept = replay.baskets(txn, replay_id)
            odd, faults = [b for b in kept if b.oddness >= 0], [b for b in kept if b.oddness < 0]
            return Found(cheaper, dearer, less, more, odd, faults, names)

        return self._store.read(read)

    def basket(
        self, workstation_id: str, incarnation: int, number: int, prices: Prices
    ) -> tuple[PastSale, PastBasket]:
        """One past sale, ready to price both ways. Raises NoSuchBasket."""

        def read(txn: Txn) -> tuple[PastSale, PastBasket]:
            sale = replay.sale(txn, workstation_id, incarnation, number)
            if sale is None:
                raise NoSuchBasket("no such sale")
            try:
                return sale, past_basket(txn, chain_view(txn), sale, prices)
            except (InvalidInput, msgspec.DecodeError, KeyError, ValueError, TypeError):
                raise NoSuchBasket("cannot be priced") from None

        return self._store.read(read)
