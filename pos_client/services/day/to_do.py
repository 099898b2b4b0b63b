"""What waits for somebody in this store: the day's end, transfers, counts, rulings, releases, devices.

A list of pointers, worked out anew each time: nothing of it is kept, and what an operator's role may not see
is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from pos_client.receipts.numbers import document_label, series_label
from pos_client.replica import store_day
from pos_client.services.counter import Counter
from pos_client.services.day.day_end import restated_days
from pos_client.services.day.day_view import Days
from pos_client.services.devices import Devices
from pos_client.services.goods.ordering import Ordering
from pos_client.services.goods.replenishing import Replenishing
from pos_client.services.goods.shelf_labels import ShelfLabels
from pos_client.services.goods.transferring import Transferring
from pos_client.services.refusals.staff import NotAllowed
from pos_client.services.reservations.reserving import Reserving
from pos_client.services.staff.roles import require_act
from pos_client.services.stocktaking.stocktaking import Stocktaking
from pos_core.stock.transfer import TransferView

Topic = Literal[
    "day",
    "restated",
    "transfer",
    "reservation",
    "order",
    "alert",
    "count",
    "labels",
    "ruling",
    "release",
    "device",
    "documents",
]
TOPICS: tuple[Topic, ...] = get_args(Topic)
_ENDS = "near_end"
"""No trouble yet, but somebody should fetch a roll."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that waits.

    Attributes:
        subject: a workstation's name, the id of a transfer, reservation, order or count, a rule, a version, a
            kind of device, a day.
        state: what is the matter, a word that a front end says in its language: silent, open, restated,
            approve, ship, receive, close, to_answer, late, out, low, to_approve, to_hang, the ruling's cause,
            staged, a device's state, waiting.
        at_ms: since when, or when it takes effect; None: not known.
        amount_minor: what it costs, of a ruling; what was taken, of a workstation.
        count: how many, of labels, documents and items.
        ref: the ruling's id, of a ruling.
    """

    topic: Topic
    subject: str
    state: str
    at_ms: int | None = None
    amount_minor: int | None = None
    count: int | None = None
    ref: str = ""


@dataclass(frozen=True, slots=True)
class RulingCard:
    """A ruling as a person reads it. `stands`, `against`: documents as they are printed; `bearer`: chain or

    a store's id.
    """

    rule: str
    cause: str
    made_at_ms: int
    stands: tuple[str, ...]
    against: tuple[str, ...]
    cost_minor: int
    points: int
    bearer: str


@dataclass(frozen=True, slots=True)
class Places:
    """The services that know what waits with them."""

    transferring: Transferring
    stocktaking: Stocktaking
    labels: ShelfLabels
    devices: Devices
    reserving: Reserving
    ordering: Ordering
    replenishing: Replenishing


class ToDo:
    """Wired by `assemble`."""

    def __init__(self, counter: Counter, days: Days, places: Places) -> None:
        self._counter = counter
        self._days = days
        self._places = places

    def tasks(self) -> tuple[Task, ...]:
        """In the order of TOPICS. Raises NotSignedOn, NotAllowed."""
        require_act(self._counter, "x_report")
        parts: tuple[Callable[[], Iterator[Task]], ...] = (
            self._day,
            self._restated,
            self._transfers,
            self._reservations,
            self._late_orders,
            self._alerts,
            self._counts,
            self._shelf,
            self._rulings,
            self._releases,
            self._device_states,
            self._documents,
        )
        found: list[Task] = []
        for part in parts:
            try:
                found += part()
            except NotAllowed:
                continue
        return tuple(found)

    def ruling(self, ruling_id: str) -> RulingCard | None:
        """One that stands; None: it was superseded. Raises NotSignedOn, NotAllowed."""
        require_act(self._counter, "x_report")
        found = next((each for each in self._counter.shared.rulings() if each.ruling_id == ruling_id), None)
        if found is None:
            return None
        said = found.ruling
        identity = self._counter.identity
        names = self._counter.replica.read(store_day.workstation_names)
        names[identity.workstation_id] = identity.workstation_name
        return RulingCard(
            said["rule"],
            said["cause"],
            found.made_at_ms,
            tuple(_as_printed(each, names) for each in said.get("stands", ())),
            tuple(_as_printed(each, names) for each in said["against"]),
            said["cost_minor"],
            said["points"],
            said.get("bearer", "chain").removeprefix("store:"),
        )

    def _day(self) -> Iterator[Task]:
        for each in self._days.view().workstations:
            if each.is_missing:
                state = "silent" if each.is_silent else "open"
                yield Task("day", each.name, state, each.as_of_ms, each.total_minor)

    def _restated(self) -> Iterator[Task]:
        for each in restated_days(self._counter, self._days):
            printed = each.printed
            yield Task("restated", printed.business_day, "restated", printed.at_ms, each.difference_minor)

    def _transfers(self) -> Iterator[Task]:
        here = self._counter.identity.store_id
        for view in self._places.transferring.transfers():
            state = _next_step(view, here)
            if state is not None:
                yield Task("transfer", view.transfer_id, state)

    def _reservations(self) -> Iterator[Task]:
        """What other stores asked us to put aside, while it is not over."""
        here, now_ms = self._counter.identity.store_id, self._places.reserving.now_ms()
        for each in self._places.reserving.reservations():
            if each.at_store == here and each.state_at(now_ms) == "asked":
                yield Task("reservation", each.reservation_id, "to_answer", each.until_ms)

    def _late_orders(self) -> Iterator[Task]:
        for each in self._places.ordering.open_orders():
            if self._places.ordering.is_late(each):
                name = each.order.supplier_name or each.order.supplier_id
                yield Task("order", f"{each.order.order_id} {name}", "late", count=len(each.outstanding))

    def _alerts(self) -> Iterator[Task]:
        """What is out or runs low, and nothing is on its way."""
        found = self._places.replenishing.alerts()
        for alert in ("out", "low"):
            bare = [each for each in found if each.alert == alert and each.position.coming_milli <= 0]
            if bare:
                yield Task("alert", "", alert, count=len(bare))

    def _counts(self) -> Iterator[Task]:
        for view in self._places.stocktaking.sessions():
            if not view.approved:
                yield Task("count", view.session_id, "to_approve", view.last_ms, count=view.item_count)

    def _shelf(self) -> Iterator[Task]:
        left = self._places.labels.labels().left
        if left:
            yield Task("labels", "", "to_hang", count=left)

    def _rulings(self) -> Iterator[Task]:
        for view in self._counter.shared.rulings():
            ruling = view.ruling
            yield Task(
                "ruling",
                ruling["rule"],
                ruling["cause"],
                view.made_at_ms,
                ruling["cost_minor"],
                ref=view.ruling_id,
            )

    def _releases(self) -> Iterator[Task]:
        counter = self._counter
        for each in counter.replica.staged_releases(counter.time.instant_ms()):
            yield Task("release", str(each.ref.version), "staged", each.effective_from_ms)

    def _device_states(self) -> Iterator[Task]:
        troubles = self._places.devices.in_trouble()
        for each in self._places.devices.views():
            if each.state == _ENDS or each in troubles:
                yield Task("device", each.kind, each.state)

    def _documents(self) -> Iterator[Task]:
        waiting = self._counter.journal.documents_waiting()
        if waiting:
            yield Task("documents", "", "waiting", self._counter.heard_at_ms(), count=waiting)


def _as_printed(document: str, names: Mapping[str, str]) -> str:
    """`workstation/incarnation/number` as it stands on its paper."""
    workstation_id, incarnation, number = document.rsplit("/", 2)
    series = series_label(names.get(workstation_id, workstation_id), int(incarnation))
    return document_label(series, int(number))


def _next_step(view: TransferView, here: str) -> str | None:
    """What this store has to do next; None: nothing, or it is the other end's turn."""
    leaves = view.from_store == here
    if view.status == "requested":
        return "approve" if leaves else None
    if view.status in ("approved", "picked"):
        return "ship" if leaves else None
    if view.status in ("shipped", "partly_received"):
        return None if leaves else "receive"
    return "close" if view.status == "received" and view.differences and not leaves else None
