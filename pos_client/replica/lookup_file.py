"""What a scan, a sign-on and a receipt ask of the replica."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pos_client.replica import lookups, search
from pos_client.replica.replica_file import ReplicaFile
from pos_client.replica.search_pending import PendingItems, any_pending
from pos_client.storage.connection import Connection
from pos_core.catalog.item import Department, GtinRow, Item, PriceRow, TaxClass
from pos_core.catalog.price_list import PriceList
from pos_core.catalog.store import Employee, Store, TenderType
from pos_core.customer.member import Member


class LookupFile(ReplicaFile):
    """Look-ups over one cached connection: each is over in microseconds."""

    def __init__(self, path: Path, key: bytes, *, store_id: str) -> None:
        super().__init__(path, key)
        self.store_id = store_id
        self._pending: tuple[int, PendingItems] | None = None
        self._tax_classes: tuple[int, dict[str, TaxClass | None]] = (0, {})

    def item_by_sku(self, sku: str) -> Item | None:
        """Also one that is no longer sold: `active` says so."""
        return self.read(lambda c: lookups.item_by_sku(c, sku))

    def resolve_gtin(self, gtin14: str) -> tuple[Item, int] | None:
        """The item behind a 14-digit code and what one scan of it sells, in thousandths."""
        return self.read(lambda c: lookups.item_by_gtin(c, gtin14))

    def resolve_plu(self, plu: str) -> Item | None:
        """The item behind a number typed by hand or inside an in-store code."""
        return self.read(lambda c: lookups.item_by_plu(c, plu))

    def gtins_of_item(self, sku: str) -> list[GtinRow]:
        """Single pieces first."""
        return self.read(lambda c: lookups.gtins_of_item(c, sku))

    def gtins_of(self, sku: str) -> list[str]:
        """The 14-digit codes of an item, single pieces first."""
        return [row.gtin for row in self.gtins_of_item(sku)]

    def price_at(
        self, sku: str, *, release_version: int, instant_ms: int, price_list_id: str
    ) -> PriceRow | None:
        """The list price under a release at an instant; None when there is none."""
        return self.read(
            lambda c: lookups.price_at(
                c, sku, release_version=release_version, instant_ms=instant_ms, price_list_id=price_list_id
            )
        )

    def search(self, text: str, limit: int = 20) -> list[Item]:
        """Sold items by name, part of a name, brand, pinyin or initials; best sellers first."""

        def run(connection: Connection) -> list[Item]:
            pending = self._pending_items(connection)
            skus = search.search_skus(connection, text, limit=limit, pending=pending)
            found = (lookups.item_by_sku(connection, sku) for sku in skus)
            return [item for item in found if item is not None and item.active]

        return self.read(run)

    def _pending_items(self, connection: Connection) -> PendingItems | None:
        """Kept as long as no row changes: what catches up meanwhile is answered alike by both."""
        if not any_pending(connection):
            self._pending = None
            return None
        if self._pending is None or self._pending[0] != self.generation:
            self._pending = (self.generation, PendingItems(connection))
        return self._pending[1]

    def store(self) -> Store | None:
        """This workstation's store; None until the chain's feed has brought it."""
        return self.read(lambda c: lookups.store(c, self.store_id))

    def price_list(self, price_list_id: str) -> PriceList | None:
        """A price list by its id."""
        return self.read(lambda c: lookups.price_list(c, price_list_id))

    def tax_class(self, code: str) -> TaxClass | None:
        """A tax class by its code. A handful of rows, asked for at each scan: kept until rows change."""
        generation, known = self._tax_classes
        if generation != self.generation:
            generation, known = self._tax_classes = (self.generation, {})
        if code not in known:
            known[code] = self.read(lambda c: lookups.tax_class(c, code))
        return known[code]

    def department(self, code: str) -> Department | None:
        """A department by its code."""
        return self.read(lambda c: lookups.department(c, code))

    def policy(self, key: str) -> Any:
        """The decoded value of a policy; None when HQ set none."""
        return self.read(lambda c: lookups.policy(c, key))

    def tender_types(self) -> list[TenderType]:
        """In the order of their keys in the payment dialog."""
        return self.read(lookups.tender_types)

    def employee_by_number(self, operator_number: str) -> Employee | None:
        """Who signs on with this number."""
        return self.read(lambda c: lookups.employee_by_number(c, operator_number))

    def employee(self, employee_id: str) -> Employee | None:
        """Somebody of this store, for a name on a reprint."""
        return self.read(lambda c: lookups.employee_by_id(c, employee_id))

    def member_by_blind_index(self, blind_index: str) -> Member | None:
        """A member of this store's slice, by the keyed index of the phone (32 hex digits)."""
        return self.read(lambda c: lookups.member_by_blind_index(c, blind_index))

    def member(self, member_id: str) -> Member | None:
        """A member of this store's slice."""
        return self.read(lambda c: lookups.member_by_id(c, member_id))
