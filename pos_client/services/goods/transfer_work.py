"""Transfers as a person does them: each step on a list that survives, with its paper."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from pos_client.receipts.goods_slip import GoodsSlip, lay_out_goods_slip
from pos_client.receipts.words import word
from pos_client.services.counter import Counter
from pos_client.services.futures import then
from pos_client.services.goods import transfer_slips
from pos_client.services.goods.goods_list import GoodsList
from pos_client.services.goods.stock_room import StockRoom
from pos_client.services.goods.transfer_slips import SlipReading
from pos_client.services.goods.transferring import StepWritten, Transferring
from pos_client.services.papers.printing import Printing
from pos_core.quantity import format_quantity
from pos_core.stock.transfer import TransferStep, TransferView, next_steps
from pos_core.stock.transfer_slip import SlipPart

KIND = "transfer"
WITH_LINES: tuple[TransferStep, ...] = ("requested", "approved", "picked", "shipped", "received")


class TransferWork:
    """See the module."""

    def __init__(
        self, counter: Counter, room: StockRoom, transferring: Transferring, printing: Printing
    ) -> None:
        self._counter = counter
        self._room = room
        self._transferring = transferring
        self._printing = printing

    def next_steps(self, view: TransferView) -> tuple[TransferStep, ...]:
        """What may be done here now."""
        return next_steps(view, self._counter.identity.store_id)

    def lists(self) -> list[GoodsList]:
        """Steps that were begun and not finished. Raises NotSignedOn."""
        self._counter.require_operator()
        return GoodsList.kept_lists(self._counter, self._room, KIND)

    def begin(self, step: TransferStep, *, other_store: str) -> GoodsList:
        """A list for a first step: `requested` from, or `shipped` to, another store."""
        here = self._counter.identity.store_id
        ends = (other_store, here) if step == "requested" else (here, other_store)
        return self._begin(step, None, ends, {}, fill=False)

    def go_on(self, view: TransferView, step: TransferStep) -> GoodsList:
        """A list for a further step, with what is expected on it; an approval and a shipment are filled."""
        expected: Mapping[str, int] = {
            "picked": view.asked,
            "shipped": view.picked or view.asked,
            "received": view.in_transit,
        }.get(step, view.asked)
        fill = step == "approved" or (step == "shipped" and bool(view.picked))
        return self._begin(step, view.transfer_id, (view.from_store, view.to_store), expected, fill=fill)

    def read_slip(self, text: str, reading: SlipReading) -> list[int]:
        """One more code of a slip; returns the numbers of those that are missing.

        Raises SlipTorn, SlipUnknownKey, SlipAltered, SlipNotForUs, SlipOfAnother, AlreadyBooked.
        """
        part = transfer_slips.believe(self._counter, text)
        self._transferring.require_unbooked(part.transfer_id, part.shipment)
        reading.add(part)
        return reading.missing

    def begin_by_slip(self, reading: SlipReading) -> GoodsList:
        """The list of a whole slip."""
        part = reading.parts[0]
        ends = (part.from_store, part.to_store)
        slip = {"workstation_id": part.workstation_id, "place": part.place}
        return self._begin("received", part.transfer_id, ends, reading.lines, fill=False, slip=slip)

    def finish(self, working: GoodsList) -> Future[StepWritten]:
        """Write the step; what ships gets its paper. Lines of quantity 0 of a receipt did not come.

        Raises what `Transferring` raises, ListBeingWritten.
        """
        data = working.kept.data
        step, ends = data["step"], (data["from_store"], data["to_store"])
        listed = [working.line(place) for place in range(len(working.order))]
        shown = listed if step == "received" else working.filled  # what did not come is said too
        lines = [(line["sku"], line["milli"]) for line in shown]
        moving, record = self._transferring, working.kept.finish
        operator = self._counter.require_operator()
        if data["slip"] is not None:
            return moving.receive_by_slip(_part(data), lines, record=record)
        if data["transfer_id"] is None:
            written = moving.begin(step, from_store=ends[0], to_store=ends[1], lines=lines, record=record)
        else:
            written = moving.go_on(data["transfer_id"], step, lines, record=record)
        if step != "shipped":
            return written
        printed = [(line["name"], line["milli"], line["unit"]) for line in working.filled]

        def print_slip(done: StepWritten) -> StepWritten:
            self._print(done, ends, lines, printed, operator.name)
            return done

        return then(written, print_slip)

    def codes_again(self, transfer_id: str) -> list[str]:
        """The codes of every shipment of a transfer that this workstation wrote. Raises UnknownTransfer."""
        view, found = self._transferring.of(transfer_id), list[str]()
        for number, lines in self._shipped_here(view):
            ends = (view.from_store, view.to_store)
            found += transfer_slips.signed_codes(
                self._counter, transfer_id, number, ends, list(lines.items())
            )
        return found

    def prints_again(self, view: TransferView) -> bool:
        """Whether this workstation can print the slip of a transfer that is on its way."""
        return view.status != "closed" and bool(self._shipped_here(view))

    def print_again(self, view: TransferView) -> None:
        """The paper of what this workstation shipped: a slip that is lost or torn. Raises NotSignedOn."""
        operator = self._counter.require_operator()
        for number, lines in self._shipped_here(view):
            printed = []
            for sku, milli in lines.items():
                item = self._counter.replica.item_by_sku(sku)
                printed.append((sku, milli, "") if item is None else (item.name, milli, item.unit))
            done = StepWritten(view.transfer_id, number)
            ends = (view.from_store, view.to_store)
            self._print(done, ends, list(lines.items()), printed, operator.name, is_copy=True)

    def _shipped_here(self, view: TransferView) -> list[tuple[int, Mapping[str, int]]]:
        """Number and lines of each shipment of this workstation's present series."""
        mine = (self._counter.identity.workstation_id, str(self._counter.journal.series.incarnation))
        named = ((shipment.rsplit("/", 2), lines) for shipment, lines in view.shipments.items())
        return [(int(number), lines) for (*series, number), lines in named if tuple(series) == mine]

    def _begin(
        self,
        step: TransferStep,
        transfer_id: str | None,
        ends: tuple[str, str],
        expected: Mapping[str, int],
        *,
        fill: bool,
        slip: Mapping[str, str] | None = None,
    ) -> GoodsList:
        data = {
            "step": step,
            "transfer_id": transfer_id,
            "from_store": ends[0],
            "to_store": ends[1],
            "slip": slip,
        }
        made = GoodsList.begin(self._counter, self._room, KIND, data)
        for sku, milli in expected.items():
            item = self._counter.replica.item_by_sku(sku)
            if item is not None:
                made.expect(item, ordered=milli, milli=milli if fill else 0)
        return made

    def _print(
        self,
        done: StepWritten,
        ends: tuple[str, str],
        lines: list[tuple[str, int]],
        printed: list[tuple[str, int, str]],
        operator_name: str,
        *,
        is_copy: bool = False,
    ) -> None:
        counter, printing = self._counter, self._printing
        language, store = printing.language, counter.rules.store
        names = self._transferring.stores()
        codes = transfer_slips.signed_codes(counter, done.transfer_id, done.number, ends, lines)
        slip = GoodsSlip(
            title=" ".join(word(each, language) for each in ("slip_transfer", "copy")[: 1 + is_copy]),
            store_id=store.store_id,
            store_name=store.name,
            number=self._room.document_label(counter.journal.series.incarnation, done.number),
            operator_name=operator_name,
            occurred_at_ms=counter.time.now_ms(),
            time_zone=store.time_zone,
            facts=(
                (word("slip_transfer_id", language), done.transfer_id),
                (word("slip_to", language), f"{ends[1]} {names.get(ends[1], '')}"),
            ),
            lines=tuple((name, f"{format_quantity(milli)} {unit}", "") for name, milli, unit in printed),
            codes=() if counter.is_training else tuple(codes),
            language=language,
            is_training=counter.is_training,
        )
        printing.print_rows(lay_out_goods_slip(slip, printing.columns))


def _part(data: Mapping[str, Any]) -> SlipPart:
    """Of a kept list: whose shipment its lines are."""
    slip = data["slip"]
    return SlipPart(
        data["transfer_id"],
        slip["workstation_id"],
        slip["place"],
        data["from_store"],
        data["to_store"],
        1,
        1,
        (),
    )
