"""What hangs on the shelves: labels to change for tomorrow, and prices checked against what the till asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from pos_client.devices.labels import Label
from pos_client.devices.printer import PrinterState
from pos_client.journal.draft import Recorded
from pos_client.replica.price_changes import price_changes
from pos_client.services.counter import Counter
from pos_client.services.futures import done, then
from pos_client.services.goods.label_list import LabelList
from pos_client.services.goods.stock_room import StockRoom
from pos_client.services.goods.working_list import WorkingList
from pos_client.services.papers.printing import Printing
from pos_client.services.refusals.goods import ListEmpty
from pos_core.catalog.item import Item
from pos_core.stock.stocktake import LINES_A_DOCUMENT, in_documents

LABELS, CHECK = "labels", "price_check"
MINUTE_MS = 60_000
NOON_MINUTES = 12 * 60
"""Prices that hold tomorrow by noon: what starts in the small hours or at opening hangs in time."""
PrintLabels = Callable[[Sequence[Label]], Future[PrinterState]]


@dataclass(frozen=True, slots=True)
class Checked:
    """A price check that is on disk: how many shelves, how many hung wrong."""

    number: int
    checked: int
    wrong: int


class ShelfLabels:
    """See the module."""

    def __init__(
        self, counter: Counter, room: StockRoom, printing: Printing, print_labels: PrintLabels
    ) -> None:
        self._counter = counter
        self._room = room
        self._printing = printing
        self._print_labels = print_labels

    def labels(self) -> LabelList:
        """Labels to change for tomorrow's prices, brought up to date. Raises NotSignedOn, NotAllowed.

        A price that changes again makes its label due again; what hangs and changes no more is dropped. So is
        a change that was taken back before anybody printed or hung it; one that hangs already is due back.
        What was printed or hung at another workstation counts, as far as it is known here.
        """
        self._room.require("labels")
        counter = self._counter
        kept = WorkingList.kept_lists(counter, LABELS)
        found = LabelList(kept[0] if kept else WorkingList.begin(counter, LABELS, {}))
        changes = {sku: (was, now) for sku, was, now in self._changes()}
        skus = {line["sku"] for line in found.kept.lines.values()} | changes.keys()
        marked = counter.shared.labels_of(skus)
        for line_no in found.kept.lines:
            found.hear(line_no, marked.get(found.line(line_no)["sku"]))
        self.tell(found).exception()  # waits; what could not be told now is told later
        for line_no in list(found.kept.lines):
            if found.line(line_no)["sku"] not in changes:
                self._settle(found, line_no)
        for sku, (was, now) in changes.items():
            known = found.find(sku)
            item = counter.replica.item_by_sku(sku)
            if item is None or not item.active or (known is not None and found.line(known)["now"] == now):
                continue
            line = self._line(item, was, now)
            if known is None:
                known = found.kept.add(line)
            else:
                found.kept.put(known, line)
            found.hear(known, marked.get(sku))
        return found

    def tell(self, listed: LabelList, *, least: int = 1) -> Future[None]:
        """Write down what was printed and hung, for the store's other workstations, once it is `least` steps.

        What a power cut left untold is told when the list is opened next.
        """
        steps = listed.begin_telling(least)
        if not steps:
            return done(None)
        rules, told = self._counter.rules, sorted(steps)
        drafts = [
            self._counter.draft(
                "labels_changed",
                {
                    "currency": rules.currency,
                    "exponent": rules.exponent,
                    "lines": [
                        {
                            "line_no": place,
                            "sku": listed.line(line_no)["sku"],
                            "price_minor": listed.line(line_no)["now"],
                            "step": step,
                        }
                        for place, (line_no, step) in enumerate(part, start=1)
                    ],
                },
            )
            for part in in_documents(told, LINES_A_DOCUMENT)
        ]
        written = self._counter.record(drafts, also=lambda c: listed.write_told(c, steps))

        def on_disk(_: list[Recorded]) -> None:
            listed.told(steps)
            self._counter.changed()

        return then(written, on_disk, otherwise=lambda: listed.not_told(steps))

    def _settle(self, found: LabelList, line_no: int) -> None:
        """A line whose price does not change tomorrow: it changed already, or the change was taken back."""
        line = found.line(line_no)
        item, price_minor = self._counter.replica.item_by_sku(line["sku"]), self._price(line["sku"])
        if item is None or not item.active or price_minor is None:
            found.kept.remove(line_no)
        elif line["now"] == price_minor:
            if line["ticked"]:
                found.kept.remove(line_no)
        elif line["printed"] or line["ticked"]:
            found.kept.put(line_no, self._line(item, line["now"], price_minor))
        else:
            found.kept.remove(line_no)

    def print(self, listed: LabelList, line_nos: Sequence[int]) -> Future[PrinterState]:
        """Labels of these lines, in order; whoever asks says `printed` once the printer took them.

        Raises NotSignedOn, NotAllowed, ListEmpty.
        """
        self._room.require("labels")
        if not line_nos:
            raise ListEmpty("no label to print")
        return self._print_labels([self._label(listed.line(each)) for each in line_nos])

    def begin_check(self) -> WorkingList:
        """The price check in progress, or a new one. Raises NotSignedOn, NotAllowed."""
        self._room.require("price_check")
        kept = WorkingList.kept_lists(self._counter, CHECK)
        return kept[0] if kept else WorkingList.begin(self._counter, CHECK, {})

    def check(self, working: WorkingList, item: Item) -> int:
        """A shelf looked at; its price is right until somebody says otherwise. Raises ListBeingWritten."""
        known = next((each for each, line in working.lines.items() if line["sku"] == item.sku), None)
        line = {"sku": item.sku, "name": item.name, "price": self._price(item.sku), "shelf": None}
        if known is not None:
            working.put(known, line)
            return known
        return working.add(line)

    def print_right(self, working: WorkingList) -> Future[PrinterState]:
        """Labels with the till's price for every shelf that hangs wrong.

        Raises NotSignedOn, NotAllowed, ListEmpty.
        """
        self._room.require("price_check")
        wrong = [line for line in working.lines.values() if is_wrong(line) and line["price"] is not None]
        items = [self._counter.replica.item_by_sku(line["sku"]) for line in wrong]
        lines = [
            self._line(item, line["shelf"], line["price"])
            for item, line in zip(items, wrong, strict=True)
            if item is not None
        ]
        if not lines:
            raise ListEmpty("no label to print")
        return self._print_labels([self._label(line) for line in lines])

    def finish_check(self, working: WorkingList) -> Future[Checked]:
        """Write down how many shelves were looked at and which hung wrong.

        Raises NotSignedOn, NotAllowed, ListEmpty, ListBeingWritten.
        """
        self._room.require("price_check")
        if not working.lines:
            raise ListEmpty("nothing was looked at")
        wrong = [line for line in working.lines.values() if is_wrong(line)]
        checked = len(working.lines)
        written = working.finish(
            [self._counter.draft("shelf_checked", body) for body in self._found(checked, wrong)]
        )

        def told(recorded: list[Recorded]) -> Checked:
            self._counter.changed()
            return Checked(recorded[-1].number, checked, len(wrong))

        return then(written, told)

    def _found(self, checked: int, wrong: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """What is written down: as many documents as it takes, whose figures add up to the whole."""
        rules = self._counter.rules
        right = checked - len(wrong)
        for number, part in enumerate(in_documents(wrong, LINES_A_DOCUMENT)):
            yield {
                "currency": rules.currency,
                "exponent": rules.exponent,
                "checked": len(part) + (0 if number else right),
                "wrong": len(part),
                "lines": [
                    {
                        "line_no": place,
                        "sku": line["sku"],
                        "shelf_minor": line["shelf"],
                        "price_minor": line["price"],
                    }
                    for place, line in enumerate(part, start=1)
                ],
            }

    def _changes(self) -> list[tuple[str, int | None, int]]:
        counter = self._counter
        instant_ms = counter.time.instant_ms()
        active = counter.replica.active_release(instant_ms)
        version, then_ms = 0 if active is None else active.version, self._tomorrow_ms()
        later = max(
            (
                staged.ref.version
                for staged in counter.replica.staged_releases(instant_ms)
                if staged.effective_from_ms <= then_ms
            ),
            default=version,
        )
        price_list_id = counter.rules.store.price_list_id
        return counter.replica.read(
            lambda c: price_changes(c, price_list_id, (version, instant_ms), (later, then_ms))
        )

    def _tomorrow_ms(self) -> int:
        counter = self._counter
        day = datetime.fromisoformat(counter.business_day()).date() + timedelta(days=1)
        midnight_ms = int(datetime.combine(day, time(), UTC).timestamp()) * 1000
        offset = counter.rules.utc_offset_minutes(midnight_ms)
        return midnight_ms + (NOON_MINUTES - offset) * MINUTE_MS

    def _price(self, sku: str) -> int | None:
        price = self._counter.list_price(sku)
        return None if price is None else price.price_minor

    def _line(self, item: Item, was: int | None, now: int) -> dict[str, Any]:
        return {
            "sku": item.sku,
            "name": item.name,
            "unit": item.unit,
            "was": was,
            "now": now,
            "printed": False,
            "ticked": False,
            "due_ms": self._counter.time.now_ms(),
            "untold": [],
        }

    def _label(self, line: dict[str, Any]) -> Label:
        rules = self._counter.rules
        gtins = self._counter.replica.gtins_of_item(line["sku"])
        return Label(
            "shelf",
            line["name"],
            line["sku"],
            line["now"],
            rules.currency,
            rules.exponent,
            unit=line["unit"],
            code=gtins[0].gtin if gtins else "",
            language=self._printing.language,
        )


def is_wrong(line: dict[str, Any]) -> bool:
    """Whether the shelf says another price than the till asks."""
    return line["shelf"] is not None and line["shelf"] != line["price"]
