"""Shared state as operations: stock, rulings, allowances held here, erasures carried out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pos_client.headless.desk import Desk
from pos_client.headless.fields import Fields

Answer = dict[str, Any]


def _stock(desk: Desk, fields: Fields) -> Answer:
    sku = fields.text("sku")
    fields.end()
    return {"stock": desk.workstation.shared.on_hand(sku)}


def _stock_nearby(desk: Desk, fields: Fields) -> Answer:
    sku, ask = fields.text("sku"), fields.flag("ask", True)
    fields.end()
    service = desk.workstation.nearby_stock
    return {"nearby": desk.wait(service.now(sku)) if ask else service.known(sku)}


def _rulings(desk: Desk, fields: Fields) -> Answer:
    superseded_too, limit = fields.flag("superseded_too", False), fields.integer("limit", 100)
    fields.end()
    limit = min(max(limit, 1), 1000)
    return {"rulings": desk.workstation.shared.rulings(superseded_too=superseded_too, limit=limit)}


def _allowances(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    return {"allowances": desk.workstation.allowances.views()}


def _peers(desk: Desk, fields: Fields) -> Answer:
    """The store's other workstations, and the certificates."""
    fields.end()
    return {"peers": desk.workstation.status.peers()}


def _erasures(desk: Desk, fields: Fields) -> Answer:
    fields.end()
    erased = desk.workstation.members.erased()
    return {"erasures": [{"member_id": member_id, "erased_at_ms": at_ms} for member_id, at_ms in erased]}


OPERATIONS: dict[str, Callable[[Desk, Fields], Answer]] = {
    "stock": _stock,
    "stock_nearby": _stock_nearby,
    "rulings": _rulings,
    "allowances": _allowances,
    "peers": _peers,
    "erasures": _erasures,
}
