"""From a code that was read to the item behind it, and what one scan of it asks for."""

from __future__ import annotations

from dataclasses import replace

from pos_client.devices.barcode import Code
from pos_client.replica.replica import Replica
from pos_client.services.basket.find_item import found_items
from pos_client.services.basket.line_maker import Asked
from pos_client.services.counter import Counter
from pos_client.services.refusals.basket import UnknownCode
from pos_client.services.views.basket import Entered
from pos_core.catalog.item import Item
from pos_core.quantity import PIECE_MILLI
from pos_core.sale.basket import pack_quantity

SEARCH_CANDIDATES = 20


def asked_by(code: Code, multiplier: int | None, price_minor: int | None = None) -> Asked:
    """What the code and the number before the star say, before the item is known."""
    return Asked(
        multiplier or PIECE_MILLI,
        "scan",
        multiplied=multiplier is not None,
        weight_milli=code.weight_milli,
        label_minor=code.amount_minor,
        price_minor=price_minor,
        lot=code.lot,
    )


def item_behind(replica: Replica, code: Code, asked: Asked) -> tuple[Item, Asked] | None:
    """The item, and how it came in; None: no code that the shop knows, to be searched for as words.

    Raises UnknownCode for a barcode or a label that no item has, BadQuantity for a pack too large.
    """
    if code.kind == "gtin":
        return _by_gtin(replica, code, asked)
    if code.kind == "in_store":
        label = code.label_code or ""
        item = replica.resolve_plu(label) or replica.resolve_plu(label.lstrip("0"))
        if item is None:
            raise UnknownCode("no item has the number on this label", seen=code.seen)
        return item, replace(asked, entered="in_store")
    text = code.plu or code.text or ""
    by_number = (replica.resolve_plu(text) if code.plu else None) or replica.item_by_sku(text)
    return None if by_number is None else (by_number, replace(asked, entered="plu" if code.plu else "typed"))


def _by_gtin(replica: Replica, code: Code, asked: Asked) -> tuple[Item, Asked]:
    assert code.gtin is not None
    found = replica.resolve_gtin(code.gtin)
    if found is None:
        raise UnknownCode("no item has this code", seen=code.seen)
    item, pack_milli = found
    quantity_milli = asked.quantity_milli * (code.count or 1)
    if item.sale_kind != "weighed":
        quantity_milli = pack_quantity(quantity_milli, pack_milli)
    return item, replace(asked, quantity_milli=quantity_milli, gtin=code.gtin)


def searched(counter: Counter, code: Code, quantity_milli: int) -> Entered:
    """What answers to the words. Raises UnknownCode: digits that match nothing are never a list of names."""
    items = [] if code.plu else counter.replica.search(code.seen, SEARCH_CANDIDATES)
    if not items or code.seen.isdigit():
        raise UnknownCode("no item answers to this", seen=code.seen)
    candidates = tuple(found_items(counter, items))
    return Entered("ambiguous", quantity_milli=quantity_milli, candidates=candidates, seen=code.seen)
