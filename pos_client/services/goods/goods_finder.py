"""From a scan or a typed text to an item, its quantity, lot and date: for everything besides selling.

An item that is no longer sold, or has no price, can still be counted, thrown away or received.
"""

from __future__ import annotations

from dataclasses import dataclass

from pos_client.devices.barcode import Code, read_code
from pos_client.services.basket.entry import Entry, read_entry
from pos_client.services.basket.find_item import found_items
from pos_client.services.counter import Counter
from pos_client.services.refusals.basket import UnknownCode
from pos_client.services.views.items import FoundItem
from pos_core.catalog.item import Item
from pos_core.quantity import PIECE_MILLI
from pos_core.sale.basket import pack_quantity
from pos_core.stock.goods_receipt import parse_day

CANDIDATES_MAX = 20


@dataclass(frozen=True, slots=True)
class FoundGoods:
    """What a text led to.

    Attributes:
        item: None where `candidates` must be chosen from, or the text was a number alone.
        quantity_milli: what it stands for: a case's pieces, a label's weight, times the number before the
            star. 0 is a weighed item whose weight nobody said.
        lot, expiry_day: GS1 AI 10 and 17; "" where the code says none.
    """

    item: Item | None
    quantity_milli: int
    lot: str = ""
    expiry_day: str = ""
    candidates: tuple[FoundItem, ...] = ()


class GoodsFinder:
    """Reads codes as the sale does."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def read(self, text: str) -> Entry:
        """A code, or a quantity for the chosen line. Raises EmptyEntry, BadQuantity."""
        return read_entry(text)

    def find(self, text: str, times_milli: int | None = None) -> FoundGoods:
        """What a code, number, SKU or name stands for, `times_milli` of it.

        Raises UnknownCode, BadCheckDigit, NotABarcode, BadQuantity.
        """
        rules = self._counter.rules
        code = read_code(text, rules.layouts, exponent=rules.exponent, currency=rules.currency)
        times = PIECE_MILLI if times_milli is None else times_milli
        if code.kind == "gtin":
            assert code.gtin is not None
            found = self._counter.replica.resolve_gtin(code.gtin)
            if found is None:
                raise UnknownCode("no item has this code", seen=code.seen)
            item, pack_milli = found
            if item.sale_kind == "weighed":
                weight_milli = self._weight(code, times_milli)
                return FoundGoods(item, weight_milli, code.lot, parse_day(code.expiry))
            pieces = pack_quantity(times * (code.count or 1), pack_milli)
            return FoundGoods(item, pieces, code.lot, parse_day(code.expiry))
        numbered = self._numbered(code)
        if numbered is not None:
            if numbered.sale_kind == "weighed":
                return FoundGoods(numbered, self._weight(code, times_milli))
            return FoundGoods(numbered, times)
        items = [] if code.kind != "text" or code.seen.isdigit() else self._search(code.seen)
        if not items:
            raise UnknownCode("no item answers to this", seen=code.seen)
        return FoundGoods(None, times, candidates=tuple(found_items(self._counter, items)))

    def of_sku(self, sku: str) -> FoundGoods:
        """One piece of an item, or an unknown weight. Raises UnknownCode."""
        item = self._counter.replica.item_by_sku(sku)
        if item is None:
            raise UnknownCode("no such item", seen=sku[:64])
        return FoundGoods(item, 0 if item.sale_kind == "weighed" else PIECE_MILLI)

    def _numbered(self, code: Code) -> Item | None:
        replica = self._counter.replica
        if code.kind == "in_store":
            label = code.label_code or ""
            found = replica.resolve_plu(label) or replica.resolve_plu(label.lstrip("0"))
            if found is None:
                raise UnknownCode("no item has the number on this label", seen=code.seen)
            return found
        text = code.plu or code.text or ""
        return (replica.resolve_plu(text) if code.plu else None) or replica.item_by_sku(text)

    def _search(self, text: str) -> list[Item]:
        return self._counter.replica.search(text, CANDIDATES_MAX)

    @staticmethod
    def _weight(code: Code, times_milli: int | None) -> int:
        return code.weight_milli or times_milli or 0
