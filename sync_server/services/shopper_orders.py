"""Members are told when what they wait for is ready: kept for them at a store, or come in from another.

Documents are looked at once, with the sums (services/sales_sums.py), and in any order: the answer of the
store with the goods may be here before the wish is. A reservation says itself until when the goods lie there;
what was sent for a member lies there from its receipt on, for as long as the chain puts goods aside.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec

from pos_core.errors import InvalidInput
from pos_core.stock.policy import DEFAULT_STOCK_POLICY, parse_stock_policy
from sync_server.services.importing.context import chain_view
from sync_server.services.notices.kinds import ORDER_READY
from sync_server.services.notices.outbox import Fact, Wanted, queue
from sync_server.store import catalog, document, feed, shopper_order, sold
from sync_server.store.engine import Txn
from sync_server.store.shopper_order import OrderRow

HOUR_MS = 3_600_000
KEPT_MS = 90 * 86_400_000
_MADE, _ASKED = "reservation_made", "transfer_requested"
TYPES = (_MADE, "reservation_reported", _ASKED, "transfer_received", "transfer_refused")
_OVER = ("refused", "picked_up", "released")


class _Line(msgspec.Struct):
    sku: str = ""
    quantity_milli: int = 0


class _Body(msgspec.Struct):
    reservation_id: str = ""
    transfer_id: str = ""
    member_id: str | None = None
    at_store_id: str = ""
    for_store_id: str = ""
    to_store_id: str = ""
    until_ms: int | None = None
    step: str = ""
    lines: list[_Line] = []


class _Document(msgspec.Struct):
    body: _Body


_decoder = msgspec.json.Decoder(_Document)


def gather(txn: Txn, own: tuple[str, int], span: tuple[int, int], now_ms: int) -> None:
    """What a part of a series says of goods that somebody waits for."""
    for _, kind, _, _, at_ms, data in document.of_types(txn, own, span, TYPES):
        try:
            body = _decoder.decode(data).body
        except msgspec.DecodeError:
            continue  # of a newer program, in a shape that this one does not know
        name = f"reservation:{body.reservation_id}" if body.reservation_id else f"transfer:{body.transfer_id}"
        before = shopper_order.get(txn, name) or OrderRow(name)
        heard = _heard(before, kind, body)
        if kind == "transfer_received" and heard.is_ready:
            until_ms = min(at_ms, now_ms) + lie_ms(txn)  # a clock that is ahead gains nobody time
            heard = replace(heard, until_ms=max(until_ms, before.until_ms or 0))
        after = replace(heard, heard_at_ms=now_ms)
        if replace(after, heard_at_ms=before.heard_at_ms) == before:
            continue
        shopper_order.put(txn, after)
        if after.member_id and after.is_ready and not after.is_over:
            queue(txn, [_ready(txn, after)], now_ms)


def lie_ms(txn: Txn) -> int:
    """For so long goods are put aside for a shopper."""
    try:
        hours = parse_stock_policy(feed.policy(txn, "stock")).reserve_hours
    except InvalidInput:
        hours = DEFAULT_STOCK_POLICY.reserve_hours
    return hours * HOUR_MS


def is_waiting(txn: Txn, order_id: str, now_ms: int) -> bool:
    """Do the goods lie there still. What was sent for a member is fetched once he bought it there."""
    row = shopper_order.get(txn, order_id)
    if row is None or row.is_over or (row.until_ms is not None and now_ms >= row.until_ms):
        return False
    if row.until_ms is None or not order_id.startswith("transfer:"):
        return True
    since_ms = row.until_ms - lie_ms(txn)
    return not sold.has_bought(txn, row.member_id or "", row.sku or "", row.place or "", since_ms)


def _heard(row: OrderRow, kind: str, body: _Body) -> OrderRow:
    if kind in (_MADE, _ASKED):
        sku = body.lines[0].sku if body.lines else None
        place = body.at_store_id if kind == _MADE else body.to_store_id
        until_ms = body.until_ms if kind == _MADE else row.until_ms
        return replace(row, member_id=body.member_id, sku=sku, place=place, until_ms=until_ms)
    if kind == "transfer_received":
        came = any(line.quantity_milli > 0 for line in body.lines)
        return replace(row, is_ready=1) if came else row
    if kind == "reservation_reported" and body.step == "kept":
        return replace(row, is_ready=1)
    gone = kind == "transfer_refused" or body.step in _OVER
    return replace(row, is_over=1) if gone else row


def _ready(txn: Txn, row: OrderRow) -> Wanted:
    item = catalog.items(txn, [row.sku or ""]).get(row.sku or "")
    name = item.name if item else row.sku or ""
    place = chain_view(txn).stores.get(row.place or "")
    facts: dict[str, Fact] = {
        "order": row.order_id.partition(":")[2],
        "goods": {"zh": name, "en": item.name_en or name if item else name},
        "place": str(place["name"]) if place else row.place or "",
        "until": "" if row.until_ms is None else row.until_ms,
    }
    return Wanted(ORDER_READY, row.member_id or "", row.order_id, "", facts, row.until_ms)
