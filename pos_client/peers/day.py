"""A business day as neighbours of the store told it: what they sold and which shifts, beyond a known point.

The newest documents are read first and reading ends where an earlier day begins: business days of one series
never go back.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pos_client.storage.connection import Connection
from pos_core.cash.store_day import ShiftPart, over_of
from pos_core.customer.stored_value import purse_minor
from pos_core.errors import InvalidInput
from pos_core.sync.envelope import check_body

HourOf = Callable[[int], int]
"""UTC milliseconds → the hour on the store's clock."""
_SERIES = "SELECT workstation_id, incarnation FROM peer_series ORDER BY workstation_id, incarnation"
_TRADE = (
    "SELECT number, data FROM peer_document WHERE workstation_id = ? AND incarnation = ? AND number > ?"
    " AND type = ? ORDER BY number DESC"
)


@dataclass
class ToldDay:
    """One neighbour's day beyond a point.

    Attributes:
        newest_ms: when the newest of its documents that are here was written, of whatever kind and day.
        hours, operators: as in `WorkstationPart`; items: SKU → (name, minor units, returns off).
        shifts: shift → what is known; `settled` ones have their number.
        shelves: shelf prices looked at, and how many hung wrong.
        tenders: tender code → minor units taken, change and returns off.
    """

    newest_ms: int = 0
    sales: int = 0
    hours: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    operators: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    items: dict[str, tuple[str, int]] = field(default_factory=dict)
    shifts: dict[str, ShiftPart] = field(default_factory=dict)
    shelves: tuple[int, int] = (0, 0)
    tenders: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def told_day(
    connection: Connection, day: str, upto: Mapping[str, Mapping[int, int]], hour_of: HourOf
) -> dict[str, ToldDay]:
    """Workstation → its day. `upto`: workstation → incarnation → last document that is counted elsewhere."""
    found: dict[str, ToldDay] = {}
    for workstation_id, incarnation in connection.execute(_SERIES).fetchall():
        told = found.setdefault(workstation_id, ToldDay())
        after = upto.get(workstation_id, {}).get(incarnation, 0)
        newest = connection.execute(_NEWEST, (workstation_id, incarnation)).fetchone()
        if newest is not None:
            told.newest_ms = max(told.newest_ms, json.loads(bytes(newest[0]))["occurred_at_ms"])
        for kind, take in (
            ("sale", _trade),
            ("return", _trade),
            ("shift_opened", _shift),
            ("shift_settled", _shift),
            ("shelf_checked", _shelves),
        ):
            place = (workstation_id, incarnation, after, kind)
            for _, data in connection.execute(_TRADE, place):
                document = json.loads(bytes(data))
                if document["business_day"] < day:
                    break
                if document["business_day"] == day and _is_sound(document):
                    take(told, document, hour_of)
    return found


def _is_sound(document: Mapping[str, Any]) -> bool:
    """What head office will set aside counts nowhere."""
    try:
        check_body(document["type"], document["body"])
    except InvalidInput:
        return False
    return True


_NEWEST = (
    "SELECT data FROM peer_document WHERE workstation_id = ? AND incarnation = ? ORDER BY number DESC LIMIT 1"
)


def _trade(told: ToldDay, document: Mapping[str, Any], hour_of: HourOf) -> None:
    body, sign = document["body"], -1 if document["type"] == "return" else 1
    net = sign * (body["total_minor"] - purse_minor(body["lines"]))
    told.sales += sign > 0
    told.hours[hour_of(document["occurred_at_ms"])] += net
    entry = told.operators[document["operator_id"] or ""]
    entry[0] += sign > 0
    entry[1] += net
    for tender in body["tenders"]:
        told.tenders[tender["tender_code"]] += sign * (tender["amount_minor"] - tender["change_minor"])
    for line in body["lines"]:
        _, before = told.items.get(line["sku"], ("", 0))
        told.items[line["sku"]] = (line["name"], before + sign * line["net_minor"])


def _shift(told: ToldDay, document: Mapping[str, Any], _hour_of: HourOf) -> None:
    """Opened and settled come in either order; what is settled stays so."""
    shift_id = document["shift_id"]
    before = told.shifts.get(shift_id)
    if document["type"] == "shift_settled":
        opened_ms = document["occurred_at_ms"] if before is None else before.opened_at_ms
        body = document["body"]
        told.shifts[shift_id] = ShiftPart(shift_id, opened_ms, body["z_number"], over_of(body["tenders"]))
    elif before is None:
        told.shifts[shift_id] = ShiftPart(shift_id, document["occurred_at_ms"], None, 0)


def _shelves(told: ToldDay, document: Mapping[str, Any], _hour_of: HourOf) -> None:
    body = document["body"]
    told.shelves = (told.shelves[0] + body["checked"], told.shelves[1] + body["wrong"])
