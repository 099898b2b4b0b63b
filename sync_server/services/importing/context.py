"""What every import needs to know of the chain: read once when the import begins."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from pos_core.money import currency_exponent
from pos_core.sync.reference import KINDS
from sync_server.services.keys import ChainKeys
from sync_server.store import chain_state, feed
from sync_server.store.engine import Store, Txn

DEFAULT_ZONE = "Asia/Shanghai"
DEFAULT_SCOPE = "region"
"""Which members a workstation knows."""


@dataclass(slots=True)
class ChainView:
    """The small reference tables, whole.

    Attributes:
        stores: store_id → row as a dict of the `store` kind's columns.
        price_lists: price_list_id → currency.
        policies: policy_key → value.
    """

    currency: str
    departments: dict[str, str | None]
    tax_classes: set[str]
    stores: dict[str, dict[str, Any]]
    price_lists: dict[str, str]
    policies: dict[str, Any]
    _zones: dict[str, str | None] = field(default_factory=dict)

    @property
    def exponent(self) -> int:
        """Decimals of the chain's currency."""
        return currency_exponent(self.currency)

    def zone_of_price_list(self, price_list_id: str) -> str | None:
        """The time zone that its stores share; the chain's own without stores; None when they differ."""
        if price_list_id not in self._zones:
            zones = {s["time_zone"] for s in self.stores.values() if s["price_list_id"] == price_list_id}
            default = self.policies.get("time_zone", DEFAULT_ZONE)
            self._zones[price_list_id] = (zones or {default}).pop() if len(zones) < 2 else None
        return self._zones[price_list_id]

    def stores_of_member(self, home_store_id: str) -> list[str]:
        """Stores whose workstations know the member: policy `member_scope` home_store | region | chain."""
        scope = self.policies.get("member_scope", DEFAULT_SCOPE)
        if scope == "chain":
            return sorted(self.stores)
        if scope == "home_store":
            return [home_store_id]
        region = self.stores[home_store_id]["region"]
        return sorted(store_id for store_id, store in self.stores.items() if store["region"] == region)


@dataclass(frozen=True, slots=True)
class ImportTarget:
    """The database and secrets that an import writes to, and the time it does so."""

    store: Store
    keys: ChainKeys
    now_ms: int


def chain_view(txn: Txn) -> ChainView:
    """Reads the small tables."""
    policies = {key: json.loads(value) for key, value in feed.rows_of(txn, "policy", "chain")}
    store_columns = KINDS["store"].column_names
    return ChainView(
        currency=chain_state.get(txn, "currency") or "CNY",
        departments={row[0]: row[1] for row in feed.rows_of(txn, "department", "chain")},
        tax_classes={row[0] for row in feed.rows_of(txn, "tax_class", "chain")},
        stores={
            row[0]: dict(zip(store_columns, row, strict=True)) for row in feed.rows_of(txn, "store", "chain")
        },
        price_lists={row[0]: row[2] for row in feed.rows_of(txn, "price_list", "chain")},
        policies=policies,
    )
