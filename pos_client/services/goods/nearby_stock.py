"""Stock of the stores around: exact where head office answers, else the last known step with its age.

One path for both: what the replica holds, and over it the figures of an answer where there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass

from pos_client.replica import nearby
from pos_client.services.counter import Counter
from pos_client.services.refusals.basket import UnknownCode
from pos_client.storage.connection import Connection
from pos_core.catalog.store import Store
from pos_core.errors import Trouble
from pos_core.stock.nearby import STEPS, Step, neighbours_of, step_of
from pos_core.sync.stock_messages import StockAnswer, StockPlace, StockQuestion

LIVE_MS = 10 * 60_000
"""A place that head office heard of within this is live: tills are in contact every five minutes."""
Ask = Callable[[StockQuestion], "Future[StockAnswer]"]


@dataclass(frozen=True, slots=True)
class NearbyPlace:
    """An item at one store or warehouse.

    Attributes:
        distance_m: as the crow flies; None where coordinates are missing.
        step: of what is free to others there; None while nothing is known of the place.
        reserved_milli: put aside for shoppers there, of an answer.
        on_hand_milli: exact, of an answer; below zero it is as it is. None: only the step is known.
        spare_milli: what it can give away, as head office answered; None where that was not said.
        as_of_ms: what the place had sent by then is in the figure. `is_live`: head office answered, and
            the place was in contact with it just now.
    """

    store_id: str
    name: str
    distance_m: int | None
    step: Step | None
    on_hand_milli: int | None
    as_of_ms: int | None
    is_live: bool
    spare_milli: int | None = None
    reserved_milli: int = 0

    @property
    def free_milli(self) -> int | None:
        """What lies there less what is put aside for shoppers; None where only the step is known."""
        return None if self.on_hand_milli is None else self.on_hand_milli - self.reserved_milli


@dataclass(frozen=True, slots=True)
class NearbyView:
    """The nearest first. `answered`: head office said it now; else it is what was known here."""

    sku: str
    answered: bool
    places: tuple[NearbyPlace, ...]


class NearbyStock:
    """Main thread."""

    def __init__(self, counter: Counter, ask: Ask) -> None:
        self._counter = counter
        self._ask = ask

    def known(self, sku: str) -> NearbyView:
        """What was heard last, at once and without the network. Raises NotSignedOn, UnknownCode."""
        self._counter.require_operator()
        if self._counter.replica.item_by_sku(sku) is None:
            raise UnknownCode("no such item", seen=sku[:64])
        return self._view(sku, None)

    def now(self, sku: str) -> Future[NearbyView]:
        """What head office says, within seconds; where it does not answer, what is known here.

        Raises NotSignedOn, UnknownCode; the future fails with nothing but defects.
        """
        self.known(sku)
        seen: Future[NearbyView] = Future()

        def answered(asked: Future[StockAnswer]) -> None:
            error = asked.exception()
            try:
                if error is not None and not isinstance(error, Trouble):
                    raise error
                seen.set_result(self._view(sku, None if error is not None else asked.result()))
            except Exception as defect:  # whoever waits is told, else he waits for ever
                seen.set_exception(defect)

        self._ask(StockQuestion(sku)).add_done_callback(answered)
        return seen

    def _view(self, sku: str, answer: StockAnswer | None) -> NearbyView:
        here = self._counter.rules.store

        def read(connection: Connection) -> tuple[list[Store], dict[str, nearby.PackedPlace]]:
            return nearby.stores(connection), nearby.packed(connection, here.region, sku)

        stores, packed = self._counter.replica.read(read)
        exact = {} if answer is None else {each.store_id: each for each in answer.places}
        as_of_ms = 0 if answer is None else answer.as_of_ms
        places = [
            _place(each.store, each.distance_m, packed, exact, as_of_ms)
            for each in neighbours_of(here, stores)
        ]
        return NearbyView(sku, answer is not None, tuple(places))


def _place(
    store: Store,
    distance_m: int | None,
    packed: Mapping[str, nearby.PackedPlace],
    exact: Mapping[str, StockPlace],
    as_of_ms: int,
) -> NearbyPlace:
    said, known = exact.get(store.store_id), packed.get(store.store_id)
    if said is not None:
        heard_ms = as_of_ms if said.heard_at_ms is None else min(said.heard_at_ms, as_of_ms)
        step = STEPS[step_of(said.on_hand_milli - said.reserved_milli)]
        live = as_of_ms - heard_ms <= LIVE_MS
        return NearbyPlace(
            store.store_id,
            store.name,
            distance_m,
            step,
            said.on_hand_milli,
            heard_ms,
            is_live=live,
            spare_milli=said.spare_milli,
            reserved_milli=said.reserved_milli,
        )
    step_known = None if known is None else STEPS[known.step]
    known_ms = None if known is None else known.as_of_ms
    return NearbyPlace(store.store_id, store.name, distance_m, step_known, None, known_ms, is_live=False)
