"""What a marketer may pick by name where the form wants a code: goods, stores, tiers, campaigns."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

from sync_server.services.console.price_lists import price_lists
from sync_server.services.console.try_basket import CHANNELS, tier_names
from sync_server.store import catalog, feed
from sync_server.store.catalog import ItemFilter
from sync_server.store.engine import Store, Txn

Pick = tuple[str, str, str]
"""What is written into the field, its name, its English name."""
AT_MOST = 20


class Picks:
    """Reads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, what: str, text: str, region: str | None = None) -> list[Pick]:
        """What fits a text, the best known first; of an unknown kind nothing. `region`: only its stores."""
        readers: dict[str, Callable[[Txn, str], list[Pick]]] = {
            "goods": _goods, "groups": _groups, "tiers": _tiers, "channels": _channels,
            "campaigns": _campaigns, "stores": partial(_stores, region=region),
        }  # fmt: skip
        read = readers.get(what)
        if read is None:
            return []
        return self._store.read(lambda txn: read(txn, text))[:AT_MOST]


def _goods(txn: Txn, text: str) -> list[Pick]:
    """Departments, brands and tags before single items: they are few."""
    departments = [
        (f"dept:{row[0]}", row[2], row[3] or row[2])
        for row in sorted(feed.rows_of(txn, "department", "chain"))
        if _fits(text, *row[:1], *row[2:4])
    ]
    brands = [(f"brand:{name}", name, name) for name in catalog.brands(txn, text, 6)]
    tags = [(f"tag:{name}", name, name) for name in catalog.tags(txn) if _fits(text, name)]
    items = catalog.page(txn, ItemFilter(text), offset=0, limit=AT_MOST)
    return [*departments[:6], *brands, *tags[:4], *((i.sku, i.name, i.name_en or i.name) for i in items)]


def _stores(txn: Txn, text: str, *, region: str | None) -> list[Pick]:
    stores = price_lists(txn, None)[0].stores
    named = (
        (store_id, str(row["name"]))
        for store_id, row in sorted(stores.items())
        if region in (None, row["region"])
    )
    return [(store_id, name, name) for store_id, name in named if _fits(text, store_id, name)]


def _groups(txn: Txn, text: str) -> list[Pick]:
    """Store groups with the number of their stores."""
    count: dict[str, int] = {}
    for row in price_lists(txn, None)[0].stores.values():
        for group in json.loads(row["store_groups"] or "[]"):
            count[group] = count.get(group, 0) + 1
    return [
        (name, f"{name} ({n})", f"{name} ({n})") for name, n in sorted(count.items()) if _fits(text, name)
    ]


def _tiers(txn: Txn, text: str) -> list[Pick]:
    tiers = tier_names(price_lists(txn, None)[0].policies.get("member_tiers"))
    return [each for each in tiers if _fits(text, *each)]


def _channels(txn: Txn, text: str) -> list[Pick]:
    return [(name, name, name) for name in CHANNELS if _fits(text, name)]


def _campaigns(txn: Txn, text: str) -> list[Pick]:
    rows = sorted(feed.rows_of(txn, "coupon_campaign", "chain"))
    return [(r[0], r[1], r[2] or r[1]) for r in rows if _fits(text, r[0], r[1], r[2])]


def _fits(text: str, *names: object) -> bool:
    return text.lower() in " ".join(str(name) for name in names if name).lower()
