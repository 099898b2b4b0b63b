"""What to order, from whom and why; what runs low and who can help; all of it without a network."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date, timedelta

from pos_client.journal.draft import Recorded
from pos_client.log import get_logger
from pos_client.replica import replenishment
from pos_client.services.counter import Counter
from pos_client.services.futures import then
from pos_client.services.nearby_stock import NearbyStock
from pos_client.services.purchases import purchases
from pos_client.services.refusals import ListEmpty, UnknownOrder, UnknownStore
from pos_client.services.stock_room import StockRoom
from pos_client.services.transferring import Transferring
from pos_core.catalog.item import Item
from pos_core.quantity import PIECE_MILLI
from pos_core.stock.goods_receipt import OrderedLine, PurchaseOrder
from pos_core.stock.nearby import LEAST_OF_STEP, STEPS
from pos_core.stock.purchase import order_body
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
_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
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
        spare_milli: what lies there, at least; exact where `is_exact`.
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
        self, counter: Counter, room: StockRoom, transferring: Transferring, nearby: NearbyStock
    ) -> None:
        self._counter = counter
        self._room = room
        self._transferring = transferring
        self._nearby = nearby

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
        read = self._counter.replica.read
        outlooks, as_of_ms = read(replenishment.outlooks), read(replenishment.worked_out_at_ms)
        positions, today = self._positions(outlooks), self._today()
        found: dict[tuple[SourceKind, str], list[Suggestion]] = {}
        for sku, outlook in sorted(outlooks.items()):
            made = suggest(outlook, positions[sku], today)
            if made.suggested_milli and outlook.supply.source_kind and self._is_sold(sku):
                source = (outlook.supply.source_kind, outlook.supply.source_id)
                found.setdefault(source, []).append(made)
        names = {"supplier": read(replenishment.supplier_names), "warehouse": self._transferring.stores()}
        proposals = [
            Proposal(kind, name, names[kind].get(name, name), tuple(lines))
            for (kind, name), lines in sorted(found.items())
        ]
        return Replenishment(as_of_ms, tuple(proposals))

    def alerts(self) -> list[StockAlert]:
        """What is out, low, standing or too much; the most urgent first. Raises NotSignedOn, NotAllowed."""
        self._room.require("replenish")
        outlooks = self._counter.replica.read(replenishment.outlooks)
        positions, today, over_days = self._positions(outlooks), self._today(), self.policy.over_days
        made = (alert_of(each, positions[sku], today, over_days=over_days) for sku, each in outlooks.items())
        found = [each for each in made if each is not None]
        return sorted(
            found, key=lambda a: (_ALERT_ORDER.index(a.alert), a.days_left or 0, -a.excess_milli, a.sku)
        )

    def helpers(self, sku: str) -> list[Helper]:
        """Who has some within the policy's distance, nearest first. Raises NotSignedOn, UnknownCode."""
        policy = self.policy
        found = []
        for place in self._nearby.known(sku).places:
            exact = place.on_hand_milli is not None
            step = 0 if place.step is None else LEAST_OF_STEP[STEPS.index(place.step)]
            spare = place.on_hand_milli if place.on_hand_milli is not None else step * PIECE_MILLI
            if place.distance_m is None or place.distance_m > policy.near_m or spare <= 0:
                continue
            cost = policy.trip_minor(place.distance_m)
            found.append(
                Helper(place.store_id, place.name, place.distance_m, spare, exact, cost, place.as_of_ms)
            )
        return found

    def send(self, kind: SourceKind, source_id: str, lines: Sequence[tuple[str, int]]) -> Future[str]:
        """Order: a transfer asked of a warehouse, or an order to a supplier. Resolves with its id.

        Raises NotSignedOn, NotAllowed, ListEmpty, UnknownStore, UnknownCode, BadQuantity.
        """
        if not lines:
            raise ListEmpty("nothing to order")
        if kind == "warehouse":
            here = self._counter.identity.store_id
            asked = self._transferring.begin("requested", from_store=source_id, to_store=here, lines=lines)
            return then(asked, lambda step: step.transfer_id)
        self._room.require("order")
        names = self._counter.replica.read(replenishment.supplier_names)
        if kind != "supplier" or source_id not in names:
            raise UnknownStore("no such supplier", store_id=source_id[:64])
        for sku, milli in lines:
            self._room.check(sku, milli, least=1)
        order, why = self._order(source_id, names[source_id], lines)
        return self._record("goods_ordered", order_body(order, why), order.order_id)

    def close(self, order_id: str, reason: str = "") -> Future[str]:
        """What has not come of an order will not come. Raises NotSignedOn, NotAllowed, UnknownOrder."""
        self._room.require("order")
        if not any(each.order.order_id == order_id for each in purchases(self._counter)):
            raise UnknownOrder("no order of this store", order_id=order_id[:64])
        return self._record("order_closed", {"order_id": order_id, "reason": reason[:200] or None}, order_id)

    def _order(
        self, supplier_id: str, name: str, lines: Sequence[tuple[str, int]]
    ) -> tuple[PurchaseOrder, dict[str, Mapping[str, int]]]:
        outlooks = self._counter.replica.read(replenishment.outlooks)
        known = {sku: outlooks[sku] for sku, _ in lines if sku in outlooks}
        positions, today = self._positions(known), self._today()
        why = {sku: suggest(each, positions[sku], today).why() for sku, each in known.items()}
        lead_days = max((each.supply.lead_days for each in known.values()), default=self.policy.lead_days)
        costs = {sku: each.supply.unit_cost_minor for sku, each in known.items()}
        mark = "".join(secrets.choice(_ALPHABET) for _ in range(6))
        order_id = f"{self._counter.identity.store_id}-{today:%m%d}-{mark}"
        ordered = tuple(OrderedLine(sku, milli, costs.get(sku)) for sku, milli in lines)
        expected = (today + timedelta(days=lead_days)).isoformat()
        return PurchaseOrder(order_id, supplier_id, name, expected, lines=ordered), dict(why)

    def _positions(self, outlooks: Mapping[str, Outlook]) -> dict[str, Position]:
        on_hand = self._counter.shared.on_hand_of(outlooks)
        today = self._today()
        coming: dict[str, int] = {}
        leaving: dict[str, int] = {}
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

    def _record(self, kind: str, body: dict[str, object], order_id: str) -> Future[str]:
        counter = self._counter

        def written(_: list[Recorded]) -> str:
            counter.changed()
            return order_id

        return then(counter.record([counter.draft(kind, body)]), written)


def _add(sums: dict[str, int], more: Mapping[str, int]) -> None:
    for sku, milli in more.items():
        sums[sku] = sums.get(sku, 0) + milli
