"""A list of goods in progress: a delivery, waste, own use, a correction, markdowns, a shipment. Durable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pos_client.services.counter import Counter
from pos_client.services.goods.goods_finder import FoundGoods
from pos_client.services.goods.stock_room import StockRoom
from pos_client.services.goods.working_list import WorkingList
from pos_core.catalog.item import Item
from pos_core.stock.goods_receipt import ReceivedLine

EMPTY: Mapping[str, Any] = {"milli": 0, "damaged": 0, "lot": "", "expiry": "", "cost": None, "reason": None}


class GoodsList:
    """`lines` by number: `{sku, name, unit, milli, damaged, lot, expiry, cost, reason}`.

    A line is of one item and one lot and date; a list may begin with lines of quantity 0 that are expected.
    """

    def __init__(self, counter: Counter, room: StockRoom, kept: WorkingList) -> None:
        self._room = room
        self._counter = counter
        self.kept = kept
        self.order: list[int] = sorted(kept.lines)

    @classmethod
    def begin(cls, counter: Counter, room: StockRoom, kind: str, data: Mapping[str, Any]) -> GoodsList:
        """A new one."""
        return cls(counter, room, WorkingList.begin(counter, kind, data))

    @classmethod
    def kept_lists(cls, counter: Counter, room: StockRoom, kind: str) -> list[GoodsList]:
        """What was begun and not finished, oldest first."""
        return [cls(counter, room, kept) for kept in WorkingList.kept_lists(counter, kind)]

    def line(self, place: int) -> dict[str, Any]:
        """The line at a place of the list."""
        return self.kept.lines[self.order[place]]

    @property
    def filled(self) -> list[dict[str, Any]]:
        """Lines with a quantity."""
        lines = [self.kept.lines[each] for each in self.order]
        return [line for line in lines if line["milli"] or line["damaged"]]

    def expect(self, item: Item, **more: Any) -> None:
        """A line of quantity 0."""
        self._append({**EMPTY, **more, "sku": item.sku, "name": item.name, "unit": item.unit})

    def add(self, found: FoundGoods) -> int:
        """More of an item; returns its place. Raises BadQuantity, QuantityTooHigh, ListBeingWritten."""
        item = found.item
        assert item is not None
        self._room.check(item.sku, found.quantity_milli, least=0)
        for place, line_no in enumerate(self.order):
            line = self.kept.lines[line_no]
            free = not line["lot"] and not line["expiry"] and not line["milli"]
            same = (line["lot"], line["expiry"]) == (found.lot, found.expiry_day)
            if line["sku"] == item.sku and (same or free):
                said = {"lot": found.lot, "expiry": found.expiry_day} if not same else {}
                milli = line["milli"] + found.quantity_milli
                self._room.check(item.sku, milli, least=min(milli, 0))
                self.kept.put(line_no, {**line, **said, "milli": milli})
                return place
        fresh = {**EMPTY, "sku": item.sku, "name": item.name, "unit": item.unit}
        fresh |= {"lot": found.lot, "expiry": found.expiry_day, "milli": found.quantity_milli}
        return self._append(fresh)

    def set(self, place: int, milli: int, *, signed: bool = False) -> None:
        """The quantity of a line. Raises BadQuantity, QuantityTooHigh, ListBeingWritten."""
        line = self.line(place)
        self._room.check(line["sku"], abs(milli) if signed else milli, least=0)
        self.kept.put(self.order[place], {**line, "milli": milli})

    def change(self, place: int, **more: Any) -> None:
        """Details of a line: damaged, lot, expiry, cost, reason. Raises BadQuantity, ListBeingWritten."""
        line = {**self.line(place), **more}
        self._room.check(line["sku"], line["damaged"], least=0)
        self.kept.put(self.order[place], line)

    def say_note(self, note: str) -> None:
        """The number on the supplier's paper. Raises ListBeingWritten."""
        self.kept.change(delivery_note=note[:100])

    def remove(self, place: int) -> None:
        """Take a line off. Raises ListBeingWritten."""
        self.kept.remove(self.order.pop(place))

    def received(self) -> list[ReceivedLine]:
        """The filled lines as a delivery's."""
        return [
            ReceivedLine(
                number,
                line["sku"],
                line["milli"],
                line["damaged"],
                line["lot"],
                line["expiry"],
                line["cost"],
                line["reason"],
            )
            for number, line in enumerate(self.filled, start=1)
        ]

    def undated(self) -> int | None:
        """Place of the first filled line whose item asks for a date or lot that nobody said; None: none."""
        policy, replica = self._room.policy, self._counter.replica
        for place, line_no in enumerate(self.order):
            line = self.kept.lines[line_no]
            item = replica.item_by_sku(line["sku"])
            tags = frozenset(item.tags) if item is not None else frozenset()
            dated = line["expiry"] or not tags & policy.expiry_tags
            if line["milli"] and not (dated and (line["lot"] or not tags & policy.lot_tags)):
                return place
        return None

    def _append(self, line: dict[str, Any]) -> int:
        self.order.append(self.kept.add(line))
        return len(self.order) - 1
