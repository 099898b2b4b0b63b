"""A stocktake in progress at one place of one workstation: scans, quantities, and at the end the count.

Each line remembers when it was last touched and which document was the last one then, of this workstation and
of each neighbour that was heard live: that is its cut, so sales may go on meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from pos_client.services.counter import Counter
from pos_client.services.futures import then
from pos_client.services.goods.stock_room import StockRoom
from pos_client.services.goods.working_list import WorkingList
from pos_client.services.refusals.goods import ListEmpty
from pos_client.services.refusals.stocktaking import NotInCount, RecountByAnother
from pos_client.services.stocktaking.count_scope import CountScope
from pos_client.services.stocktaking.count_sources import CountSources
from pos_core.catalog.item import Item
from pos_core.clock import HybridTime
from pos_core.stock.stocktake import CountedLine, count_bodies

KIND = "count"


class CountList:
    """`lines` in the order of their first scan: `{sku, name, unit, milli, recorded, hlc, number, heard}`.

    `milli` None is an item that is to be counted here and was not yet. `counted` lines have a quantity;
    `pieces_milli` is their sum.
    """

    def __init__(
        self,
        counter: Counter,
        room: StockRoom,
        kept: WorkingList,
        sources: CountSources,
        live: Callable[[], Mapping[tuple[str, int], int]],
    ) -> None:
        self._counter = counter
        self._room = room
        self.kept = kept
        self._sources = sources
        self._live = live
        self._scope = CountScope(counter.replica) if kept.data["kind"] == "department" else None
        self._of_item = {line["sku"]: line_no for line_no, line in kept.lines.items()}
        self.order: list[int] = sorted(kept.lines)
        self.counted = 0
        self.pieces_milli = 0
        for line in kept.lines.values():
            self._tell(line, 1)

    @property
    def session_id(self) -> str:
        """`20261128-1`."""
        return str(self.kept.data["session_id"])

    @property
    def departments(self) -> str:
        """Names of the departments that it is limited to; "" for none."""
        return "" if self._scope is None else self._scope.names(self.kept.data["scope"])

    @property
    def is_blind(self) -> bool:
        """Whether the counter must not see what the books say."""
        return bool(self.kept.data["blind"])

    def counted_by_me(self) -> list[str]:
        """SKUs that whoever is signed on counted in an earlier round, here or, as far as anybody told,

        elsewhere: he does not count them again. None where the chain lets him. Raises NotSignedOn.
        """
        round_, me = self.kept.data["round"], self._counter.require_operator().operator_id
        if round_ < 2 or not self._room.policy.recount_by_another:
            return []
        counted = self._sources.counters(self.session_id)
        mine = {
            sku
            for sku, seen in counted.items()
            if any(earlier < round_ and person == me for earlier, person in seen)
        }
        return [line["sku"] for line in map(self.line, self.order) if line["sku"] in mine]

    def line(self, line_no: int) -> dict[str, Any]:
        """A line by its number."""
        return self.kept.lines[line_no]

    def want(self, item: Item) -> None:
        """An item that must be counted here."""
        if item.sku not in self._of_item:
            line_no = self.kept.add(self._fresh(item, None))
            self._of_item[item.sku] = line_no
            self.order.append(line_no)

    def add(self, item: Item, milli: int) -> int:
        """So much more of an item lies here; returns its line. Raises BadQuantity, NotInCount,

        ListBeingWritten. What was left in the wrong place is not all that there is of an item.
        """
        scope = self.kept.data["scope"]
        if self._scope is not None and scope and not self._scope.is_within(item.department_code, scope):
            raise NotInCount(
                "of another department",
                name=item.name,
                department=self._scope.name_of(item.department_code) or "–",
                scope=self.departments,
            )
        line_no = self._of_item.get(item.sku)
        before = 0 if line_no is None else self.kept.lines[line_no]["milli"] or 0
        return self._set(item, line_no, before + milli)

    def set(self, line_no: int, milli: int) -> None:
        """So much lies here in all. Raises BadQuantity, ListBeingWritten."""
        self._set(self._room.item(self.kept.lines[line_no]["sku"]), line_no, milli)

    def remove(self, line_no: int) -> None:
        """This item was not counted here. Raises ListBeingWritten."""
        self._tell(self.kept.lines[line_no], -1)
        self.kept.remove(line_no)
        self.order.remove(line_no)
        self._of_item = {sku: each for sku, each in self._of_item.items() if each != line_no}

    def finish(self) -> Future[int]:
        """Sign the count; resolves with the number of its last document.

        Raises NotSignedOn, NotAllowed, RecountByAnother, ListEmpty, ListBeingWritten.
        """
        self._room.require("count")
        mine = set(self.counted_by_me())
        names = [line["name"] for line in self._filled() if line["sku"] in mine]
        if names:
            raise RecountByAnother("another person counts again", name=names[0], count=len(names))
        data = self.kept.data
        lines = [
            CountedLine(
                place,
                line["sku"],
                line["milli"],
                line["recorded"],
                hlc=line["hlc"],
                number=line["number"] if line["incarnation"] == self._incarnation else None,
                area=data["area"],
                shelf=data["shelf"],
                cut=tuple((name, incarnation, number) for name, incarnation, number in line.get("heard", ())),
            )
            for place, line in enumerate(self._filled(), start=1)
        ]
        if not lines:
            raise ListEmpty("nothing was counted")
        bodies = count_bodies(self.session_id, lines, round_=data["round"])
        counter = self._counter
        written = self.kept.finish([counter.draft("count", body) for body in bodies])

        def told(recorded: list[Any]) -> int:
            counter.changed()
            return int(recorded[-1].number)

        return then(written, told)

    def _filled(self) -> Sequence[dict[str, Any]]:
        return [self.kept.lines[each] for each in self.order if self.kept.lines[each]["milli"] is not None]

    @property
    def _incarnation(self) -> int:
        return self._counter.journal.series.incarnation

    def _set(self, item: Item, line_no: int | None, milli: int) -> int:
        self._room.check(item.sku, milli, least=0)
        line = self._fresh(item, milli)
        if line_no is None:
            line_no = self.kept.add(line)
            self._of_item[item.sku] = line_no
            self.order.append(line_no)
        else:
            self._tell(self.kept.lines[line_no], -1)
            self.kept.put(line_no, line)
        self._tell(line, 1)
        return line_no

    def _tell(self, line: dict[str, Any], sign: int) -> None:
        """Keep the sums: a page of five thousand lines shows them at each scan."""
        if line["milli"] is not None:
            self.counted += sign
            self.pieces_milli += sign * line["milli"]

    def _fresh(self, item: Item, milli: int | None) -> dict[str, Any]:
        counter = self._counter
        return {
            "sku": item.sku,
            "name": item.name,
            "unit": item.unit,
            "milli": milli,
            "recorded": counter.shared.on_hand(item.sku).on_hand_milli,
            "hlc": HybridTime(counter.time.instant_ms()).as_text(),
            "number": counter.journal.head().number,
            "incarnation": self._incarnation,
            "heard": [[*series, number] for series, number in sorted(self._live().items())],
        }
