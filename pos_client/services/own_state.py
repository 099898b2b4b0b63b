"""What the services read back from this workstation's own journal: shift, counters, basket, last sale."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from pos_client.journal import baskets, sessions
from pos_client.journal.append import SQL as DOCUMENTS
from pos_client.journal.draft import document_key
from pos_client.services.ports import JournalPort
from pos_client.services.views.till import ShiftView
from pos_client.storage.connection import Connection
from pos_core.sale.basket import Basket
from pos_core.sale.basket_json import BASKET_VERSION, BadBasket, basket_from_json


def current_shift(journal: JournalPort) -> ShiftView | None:
    """The shift that is open, as the journal folds it."""
    shift = journal.read(sessions.current_shift)
    if shift is None:
        return None
    return ShiftView(
        shift.shift_id, shift.business_day, shift.opened_at_ms, shift.operator_id or "", shift.float_minor
    )


def last_business_day(journal: JournalPort) -> str | None:
    """The latest business day of any shift; a new shift is never before it."""
    row = journal.read(lambda c: c.execute("SELECT max(business_day) FROM shift").fetchone())
    return None if row is None or row[0] is None else str(row[0])


def keep_basket(connection: Connection, basket: Basket, at_ms: int) -> None:
    """Keep the basket in progress over a crash; an empty one is forgotten."""
    if not basket.lines and not basket.voided:
        baskets.drop_basket(connection)
        return
    baskets.save_basket(connection, basket_bytes(basket), at_ms)


def basket_bytes(basket: Basket) -> bytes:
    """What `basket_to_json` would give, as bytes, some hundred times faster: it runs beside every scan."""
    return b'{"v":%d,' % BASKET_VERSION + msgspec.json.encode(basket)[1:]


def kept_basket(journal: JournalPort) -> Basket | None:
    """The basket that a crash interrupted; None when there is none or it cannot be read any more."""
    kept = journal.read(baskets.saved_basket)
    if kept is None:
        return None
    try:
        return basket_from_json(json.loads(kept[1]))
    except (BadBasket, ValueError):
        return None


def last_sale(journal: JournalPort) -> dict[str, Any] | None:
    """The newest sale document, decoded."""
    row = journal.read(lambda c: c.execute(DOCUMENTS["last_of_type"], ("sale",)).fetchone())
    return None if row is None else _decoded(row[6])


def sale_by_number(journal: JournalPort, incarnation: int, number: int) -> dict[str, Any] | None:
    """A sale of this workstation by its number; None when that number is no sale."""
    if not 0 < number < 1 << 40:
        return None
    key = document_key(incarnation, number)
    row = journal.read(lambda c: c.execute(DOCUMENTS["documents_between"], (key, key, 1)).fetchone())
    return None if row is None or row[2] != "sale" else _decoded(row[6])


def held_count(journal: JournalPort) -> int:
    """How many baskets are on hold."""
    return int(journal.read(lambda c: c.execute("SELECT count(*) FROM held_basket").fetchone())[0])


def _decoded(data: bytes) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(bytes(data))
    return document
