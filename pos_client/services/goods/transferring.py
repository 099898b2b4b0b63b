"""Goods to and from other stores: each step a document here, joined with what neighbours told and head office

knows.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pos_client.journal import stock_card
from pos_client.journal.draft import Recorded
from pos_client.replica import goods, nearby
from pos_client.services.counter import Counter
from pos_client.services.futures import then
from pos_client.services.goods.stock_room import Record, StockRoom
from pos_client.services.refusals.goods import AlreadyBooked, ListEmpty, UnknownStore, UnknownTransfer
from pos_core.stock.nearby import Neighbour, others_of
from pos_core.stock.transfer import STEPS, TransferStep, TransferView, view_of
from pos_core.stock.transfer_slip import SlipPart
from pos_core.sync.folds import FOLDS, Fact, facts_of
from pos_core.sync.folds.facts import TransferMoved

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


@dataclass(frozen=True, slots=True)
class StepWritten:
    """A step that is on disk: its transfer, and the number of its document."""

    transfer_id: str
    number: int


class Transferring:
    """See the module. Both ends may be offline; nothing here waits for the other."""

    def __init__(self, counter: Counter, room: StockRoom) -> None:
        self._counter = counter
        self._room = room

    def transfers(self) -> list[TransferView]:
        """Every transfer of this store as far as it is known here, the newest first."""
        return self._views(self._counter.replica.read(goods.transfers), self._known())

    def on_its_way(self, sku: str) -> int:
        """Thousandths of an item that were shipped here and not received, as far as it is known here."""
        here, mark = self._counter.identity.store_id, f'"{sku}"'.encode()
        told = self._counter.replica.read(lambda c: goods.transfers(c, sku))
        written = self._counter.journal.read(stock_card.transfer_documents)
        names = {json.loads(data)["body"]["transfer_id"] for data in written if mark in data}
        wanted = [each.encode() for each in {*told, *names}]
        ours = [data for data in written if mark in data or any(name in data for name in wanted)]
        views = self._views(told, _moved(_facts(ours) + self._counter.shared.transfers_there()))
        return sum(view.in_transit.get(sku, 0) for view in views if view.to_store == here)

    def _views(
        self, told: Mapping[str, Mapping[str, Any]], known: Iterable[TransferMoved]
    ) -> list[TransferView]:
        steps: dict[str, dict[str, Any]] = {name: dict(found) for name, found in told.items()}
        for fact in known:
            state = FOLDS["transfer"].apply({"steps": steps.get(fact.transfer_id, {})}, fact)
            steps[fact.transfer_id] = dict(state["steps"])
        views = [view_of(name, found) for name, found in steps.items()]
        return sorted(views, key=lambda view: (view.changed_hlc, view.transfer_id), reverse=True)

    def of(self, transfer_id: str) -> TransferView:
        """Raises UnknownTransfer."""
        found = next((view for view in self.transfers() if view.transfer_id == transfer_id), None)
        if found is None:
            raise UnknownTransfer("no such transfer here", transfer_id=transfer_id[:64])
        return found

    def new_id(self) -> str:
        """A name that no other workstation gives."""
        mark = "".join(secrets.choice(_ALPHABET) for _ in range(6))
        day = self._counter.business_day().replace("-", "")[4:]
        return f"{self._counter.identity.store_id}-{day}-{mark}"

    def stores(self) -> dict[str, str]:
        """Every other store and warehouse with its name."""
        names = self._counter.replica.read(goods.store_names)
        return {each: name for each, name in names.items() if each != self._counter.identity.store_id}

    def places(self) -> list[Neighbour]:
        """The same, nearest first."""
        return others_of(self._counter.rules.store, self._counter.replica.read(nearby.stores))

    def begin(
        self,
        step: TransferStep,
        *,
        from_store: str,
        to_store: str,
        lines: Sequence[tuple[str, int]],
        record: Record | None = None,
        more: Mapping[str, Any] = _NOTHING,
    ) -> Future[StepWritten]:
        """The first step: `requested` by the store that wants goods, or `shipped` unasked.

        `more` goes into the document as it is; `record` as in `StockRoom.move`. Raises NotSignedOn,
        NotAllowed, UnknownStore, ListEmpty, UnknownCode, BadQuantity.
        """
        here = self._counter.identity.store_id
        other = to_store if from_store == here else from_store
        exists = self._counter.replica.read(lambda c: goods.has_store(c, other))
        if here not in (from_store, to_store) or other == here or not exists:
            raise UnknownStore("no such store", store_id=other[:64])
        return self._step(self.new_id(), step, (from_store, to_store), lines, record=record, more=more)

    def ask_for(self, sku: str, quantity_milli: int, *, of_store: str) -> Future[StepWritten]:
        """A request for one item, for the basket's member where it has one. Raises what `begin` raises."""
        here, line = self._counter.identity.store_id, (sku, quantity_milli)
        wanted = self._counter.for_member()
        return self.begin("requested", from_store=of_store, to_store=here, lines=[line], more=wanted)

    def go_on(
        self,
        transfer_id: str,
        step: TransferStep,
        lines: Sequence[tuple[str, int]] | None = None,
        *,
        reason: str = "",
        record: Record | None = None,
    ) -> Future[StepWritten]:
        """A further step. Without `lines`: what was asked, or for `received` all that is on its way.

        `received` books against the newest shipment that was not booked. Raises NotSignedOn, NotAllowed,
        UnknownTransfer, AlreadyBooked, ListEmpty, UnknownCode, BadQuantity.
        """
        view = self.of(transfer_id)
        shipment: str | None = None
        if step == "received":
            shipment = self._unbooked(view)
        wanted = lines
        if wanted is None:
            source: Mapping[str, int] = view.asked
            if shipment is not None:
                source = view.shipments[shipment]
            wanted = list(source.items())
        ends = (view.from_store, view.to_store)
        return self._step(transfer_id, step, ends, wanted, shipment=shipment, reason=reason, record=record)

    def receive_by_slip(
        self, slip: SlipPart, lines: Sequence[tuple[str, int]], *, record: Record | None = None
    ) -> Future[StepWritten]:
        """Book what came with a paper slip; nothing else needs to be known of the transfer.

        Raises NotSignedOn, NotAllowed, AlreadyBooked, ListEmpty, UnknownCode, BadQuantity.
        """
        self.require_unbooked(slip.transfer_id, slip.shipment)
        ends = (slip.from_store, slip.to_store)
        return self._step(
            slip.transfer_id, "received", ends, lines, shipment=slip.shipment, by_slip=True, record=record
        )

    def require_unbooked(self, transfer_id: str, shipment: str) -> None:
        """Raises AlreadyBooked."""
        if shipment in self._booked(transfer_id):
            raise AlreadyBooked("booked in already", transfer_id=transfer_id)

    def _unbooked(self, view: TransferView) -> str | None:
        """The newest shipment that nobody booked in, as far as is known here; None: unknown."""
        booked = self._booked(view.transfer_id)
        left = [name for name in view.shipments if name not in booked]
        if view.shipments and not left:
            raise AlreadyBooked("booked in already", transfer_id=view.transfer_id)
        return left[-1] if left else None

    def _booked(self, transfer_id: str) -> set[str | None]:
        """Shipments of a transfer that somebody booked in, as far as is known here."""
        booked = {fact.shipment for fact in self._known() if fact.transfer_id == transfer_id}
        known = self._counter.replica.read(goods.transfers).get(transfer_id, {})
        return booked | {step[5] for step in known.values()}

    def _step(
        self,
        transfer_id: str,
        step: TransferStep,
        ends: tuple[str, str],
        lines: Sequence[tuple[str, int]],
        *,
        shipment: str | None = None,
        reason: str = "",
        by_slip: bool = False,
        record: Record | None = None,
        more: Mapping[str, Any] = _NOTHING,
    ) -> Future[StepWritten]:
        assert step in STEPS
        act = {"received": "receive", "shipped": "ship", "picked": "pick", "closed": "close"}.get(step)
        self._room.require(f"transfer_{act or ('request' if step == 'requested' else 'approve')}")
        if not lines and step not in ("refused", "closed"):
            raise ListEmpty("nothing to move")
        for sku, milli in lines:
            self._room.check(sku, milli, least=0 if step == "received" else 1)
        body: dict[str, Any] = {
            "transfer_id": transfer_id,
            "from_store_id": ends[0],
            "to_store_id": ends[1],
            "reason": reason[:200] or None,
            "lines": [
                {"line_no": line_no, "sku": sku, "quantity_milli": milli}
                for line_no, (sku, milli) in enumerate(lines, start=1)
            ],
            **more,
        }
        if step == "received":
            body["shipment"] = None if shipment is None else _numbered(shipment)
            body["by_slip"] = by_slip
        counter = self._counter

        def written(recorded: list[Recorded]) -> StepWritten:
            counter.changed()
            return StepWritten(transfer_id, recorded[-1].number)

        write = record or counter.record
        return then(write([counter.draft(f"transfer_{step}", body)]), written)

    def _known(self) -> list[TransferMoved]:
        """Steps that were written here, and those that neighbours of the store told of."""
        written = self._counter.journal.read(stock_card.transfer_documents)
        return _moved(_facts(written) + self._counter.shared.transfers_there())


def _facts(documents: Iterable[bytes]) -> list[Fact]:
    found: list[Fact] = []
    for data in documents:
        document = json.loads(data)
        found += facts_of(document, document["body"], lean=True)
    return found


def _moved(facts: Iterable[Fact]) -> list[TransferMoved]:
    return [fact for fact in facts if isinstance(fact, TransferMoved)]


def _numbered(shipment: str) -> dict[str, Any]:
    workstation_id, incarnation, number = shipment.rsplit("/", 2)
    return {"workstation_id": workstation_id, "incarnation": int(incarnation), "number": int(number)}
