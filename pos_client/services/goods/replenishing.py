"""What to order, from whom and why; what runs low and who can help; all of it without a network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pos_client.log import get_logger
from pos_client.replica import replenishment
from pos_client.services.counter import Counter
from pos_client.services.goods.nearby_stock import NearbyStock, NearbyView
from pos_client.services.goods.purchases import purchases
from pos_client.services.goods.stock_room import StockRoom
from pos_client.services.goods.transferring import Transferring
from pos_core.catalog.item import Item
from pos_core.quantity import PIECE_MILLI
from pos_core.stock.nearby import LEAST_OF_STEP, STEPS
from pos_core.stock.replenishment import (
    Outlook,
    Position,
    SourceKind,
    StockAlert,
    Suggestion,
    alert_of,
    suggest,
)
from pos_core.stock.replenishment_policy import (
    DEFAULT_REPLENISHMENT_POLICY,
    BadReplenishmentPolicy,
    ReplenishmentPolicy,
    parse_replenishment_policy,
)

_log = get_logger(__name__)
_ALERT_ORDER = ("out", "low", "still", "over")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is suggested of one source; `name` is the supplier's or the warehouse's."""

    source_kind: SourceKind
    source_id: str
    name: str
    lines: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class Replenishment:
    """All that is suggested. `as_of_ms`: when head office worked out the forecast; None: not yet."""

    as_of_ms: int | None
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True)
class Helper:
    """A place that can help out.

    Attributes:
        spare_milli: what it can give away; what lies there at least, where head office did not answer.
        cost_minor: of fetching it; None where nobody knows how far it is.
        as_of_ms: what the place had sent by then is in it.
    """

    store_id: str
    name: str
    distance_m: int | None
    spare_milli: int
    is_exact: bool
    cost_minor: int | None
    as_of_ms: int | None


class Replenishing:
    """Main thread."""

    def __init__(
        self,
        counter: Counter,
        room: StockRoom,
        transferring: Transferring,
        nearby: NearbyStock,
        reserved: Callable[[], Mapping[str, int]],
    ) -> None:
        """`reserved`: SKU → thousandths that lie here for shoppers."""
        self._counter = counter
        self._room = room
        self._transferring = transferring
        self._nearby = nearby
        self._reserved = reserved
        self._known: tuple[int, dict[str, Outlook]] | None = None

    @property
    def policy(self) -> ReplenishmentPolicy:
        """The chain's choices."""
        try:
            return parse_replenishment_policy(self._counter.replica.policy("replenishment"))
        except BadReplenishmentPolicy as error:  # a typing error at head office must not stop a store
            _log.error("policy_not_understood", **error.as_dict())
            return DEFAULT_REPLENISHMENT_POLICY

    def suggested(self) -> Replenishment:
        """What to order, by source; items from nowhere are left out. Raises NotSignedOn, NotAllowed."""
        self._room.require("replenish")
        found: dict[tuple[SourceKind, str], list[Suggestion]] = {}
        for sku, made in sorted(self.suggestions().items()):
            supply = made.outlook.supply
            if made.suggested_milli and supply.source_kind and self._is_sold(sku):
                found.setdefault((supply.source_kind, supply.source_id), []).append(made)
        proposals = [
            Proposal(kind, source_id, self.source_name(kind, source_id), tuple(lines))
            for (kind, source_id), lines in sorted(found.items())
        ]
        return Replenishment(self.as_of_ms(), tuple(proposals))

    def alerts(self) -> list[StockAlert]:
        """What is out, low, standing or too much; the most urgent first. Raises NotSignedOn, NotAllowed."""
        self._room.require("replenish")
        outlooks = self._outlooks()
        positions, today, over_days = self._positions(outlooks), self._today(), self.policy.over_days
        made = (alert_of(each, positions[sku], today, over_days=over_days) for sku, each in outlooks.items())
        found = [each for each in made if each is not None]
        return sorted(
            found, key=lambda a: (_ALERT_ORDER.index(a.alert), a.days_left or 0, -a.excess_milli, a.sku)
        )

    def as_of_ms(self) -> int | None:
        """When head office worked out the forecast; None: not yet."""
        return self._counter.replica.read(replenishment.worked_out_at_ms)

    def helpers(self, sku: str) -> list[Helper]:
        """Who has some within the policy's distance, nearest first, as it is known here. Raises NotSignedOn,

        UnknownCode.
        """
        return self.helpers_of(self._nearby.known(sku))

    def helpers_of(self, view: NearbyView) -> list[Helper]:
        """The same of an answer."""
        policy = self.policy
        found = []
        for place in view.places:
            exact = place.free_milli is not None
            step = 0 if place.step is None else LEAST_OF_STEP[STEPS.index(place.step)]
            lies = place.free_milli if place.free_milli is not None else step * PIECE_MILLI
            spare = lies if place.spare_milli is None else place.spare_milli
            if place.distance_m is None or place.distance_m > policy.near_m or spare <= 0:
                continue
            cost = policy.trip_minor(place.distance_m)
            found.append(
                Helper(place.store_id, place.name, place.distance_m, spare, exact, cost, place.as_of_ms)
            )
        return found

    def suggestions(self, skus: Iterable[str] | None = None) -> dict[str, Suggestion]:
        """SKU → what is suggested of it now, nothing too; only of items that head office forecasts."""
        outlooks = self._outlooks()
        known = outlooks if skus is None else {sku: outlooks[sku] for sku in skus if sku in outlooks}
        positions, today = self._positions(known), self._today()
        return {sku: suggest(each, positions[sku], today) for sku, each in known.items()}

    def source_name(self, kind: SourceKind, source_id: str) -> str:
        """Of a supplier or warehouse; the id of one that is not known."""
        if kind == "warehouse":
            return self._transferring.stores().get(source_id, source_id)
        known = self._counter.replica.read(replenishment.suppliers)
        return known[source_id].name if source_id in known else source_id

    def _outlooks(self) -> dict[str, Outlook]:
        """Head office's forecast, read once until something new has come down."""
        replica = self._counter.replica
        generation = replica.generation
        if self._known is None or self._known[0] != generation:
            self._known = generation, replica.read(replenishment.outlooks)
        return self._known[1]

    def _positions(self, outlooks: Mapping[str, Outlook]) -> dict[str, Position]:
        on_hand = self._counter.shared.on_hand_of(outlooks)
        today = self._today()
        coming: dict[str, int] = {}
        leaving: dict[str, int] = dict(self._reserved())
        for purchase in purchases(self._counter):
            if not purchase.is_late(today):
                _add(coming, purchase.outstanding)
        here = self._counter.identity.store_id
        for view in self._transferring.transfers():
            waiting = view.asked if view.status in ("requested", "approved", "picked") else view.in_transit
            if view.to_store == here:
                _add(coming, waiting)
            elif view.status in ("approved", "picked"):
                _add(leaving, waiting)
        return {sku: Position(on_hand[sku], coming.get(sku, 0), leaving.get(sku, 0)) for sku in outlooks}

    def _is_sold(self, sku: str) -> bool:
        item: Item | None = self._counter.replica.item_by_sku(sku)
        return item is not None and item.active

    def _today(self) -> date:
        return date.fromisoformat(self._counter.business_day())


def _add(sums: dict[str, int], more: Mapping[str, int]) -> None:
    for sku, milli in more.items():
        sums[sku] = sums.get(sku, 0) + milli
