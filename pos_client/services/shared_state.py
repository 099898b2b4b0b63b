"""Shared state as the operator sees it: what head office folded, with this store's later documents on top.

The replica's rows and `series_point` are read in one snapshot; our documents above that point, and those of
the peers that were heard on the local network, are added by the same folds that head office uses. So a sale
counts at once, and never twice, whoever brought it here first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from pos_client.journal import own_facts
from pos_client.journal.handed_over import handed_over
from pos_client.journal.stock_card import Entry
from pos_client.log import get_logger
from pos_client.peers import card as peer_card
from pos_client.peers import facts as peer_facts
from pos_client.peers.facts import PeerAfter
from pos_client.peers.store import PeerStore
from pos_client.replica import (
    coupons,
    gift_cards,
    member_details,
    receipt_returns,
    rulings,
    series_points,
    shelf_labels,
    stock,
)
from pos_client.replica.replica import Replica
from pos_client.services.ports import JournalPort
from pos_client.services.views.items import StockView
from pos_client.services.views.members import CouponView, GiftCardView
from pos_client.services.views.status import RulingView
from pos_client.storage.connection import Connection
from pos_client.storage.errors import StorageTrouble
from pos_core.customer.gift_card import ACTIVE, NEW
from pos_core.customer.stored_value import member_account
from pos_core.sale.receipt_return import Known
from pos_core.sync.folds import FOLDS, Fact, Stamp, State
from pos_core.sync.folds.coupon_use import live_uses
from pos_core.sync.folds.extract_trade import coupon_key
from pos_core.sync.folds.facts import Counted, LabelMarked
from pos_core.sync.folds.points import balance
from pos_core.sync.folds.stock import doubtful, on_hand
from pos_core.sync.folds.stored_value import balance_minor

T = TypeVar("T")
V = TypeVar("V")
_log = get_logger(__name__)


def other_side(counts: Iterable[Counted]) -> str:
    """Where the others counted, as far as that can be told: not on the one side where we did."""
    sides = {each.area for each in counts}
    return {frozenset({"floor"}): "back", frozenset({"back"}): "floor"}.get(frozenset(sides), "")


@dataclass(frozen=True, slots=True)
class Folded:
    """What head office said of an item here, and the last document of each series that is in it."""

    row: stock.StockRow | None
    points: PeerAfter


class SharedState:
    """Any thread; each call is a few reads."""

    def __init__(
        self, journal: JournalPort, replica: Replica, workstation_id: str, peers: PeerStore | None = None
    ) -> None:
        self._journal = journal
        self._peers = peers
        self._replica = replica
        self._workstation_id = workstation_id

    def points_of(self, member_id: str) -> int:
        """A member's points: the sum of the ledger as far as it is known here."""
        known, after, others = self._snapshot(lambda c: member_details.points_balance(c, member_id))
        own = self._journal.read(lambda c: own_facts.points_facts(c, after, member_id))
        theirs = self._theirs(lambda c: peer_facts.points_facts(c, others, member_id))
        return (known or 0) + balance(FOLDS["points"].refold([*own, *theirs]))

    def pricing_facts_of(self, member_id: str) -> tuple[int, int | None]:
        """A member's finished orders as far as they are known here, and the day of the birthday.

        Sales elsewhere that head office has not told of yet are not in it.
        """
        known, after, others = self._snapshot(lambda c: member_details.pricing_facts(c, member_id))
        own = self._journal.read(lambda c: own_facts.orders(c, after, member_id))
        theirs = self._theirs(lambda c: [peer_facts.orders(c, others, member_id)])
        return known[0] + own + sum(theirs), known[1]

    def returns_by_others(self) -> dict[tuple[int, int], list[Known]]:
        """Returns of our own sales that were made elsewhere, by the sale's incarnation and number.

        Those that head office told of, and those that peers did; the same one twice is one.
        """
        own = self._workstation_id
        found = self._replica.read(lambda c: receipt_returns.by_others(c, own))
        for (_, incarnation, number), known in self._theirs(lambda c: peer_facts.returns_of_sales(c, own)):
            found.setdefault((incarnation, number), []).append(known)
        return found

    def stored_value_of(self, member_id: str) -> int:
        """Minor units on a member's account."""
        known, after, others = self._snapshot(lambda c: member_details.member_detail(c, member_id))
        before = 0 if known is None else known.stored_value_minor
        return before + balance_minor(self._late_stored_value(after, others, member_account(member_id)))

    def gift_card(self, account_id: str) -> GiftCardView | None:
        """A gift card with what is on it; None: this store does not know it.

        Sold at this store a moment ago is sold, whatever head office has heard.
        """
        known, after, others = self._snapshot(lambda c: gift_cards.of_account(c, account_id))
        if known is None:
            return None
        late = self._late_stored_value(after, others, account_id)
        status = ACTIVE if known.status == NEW and late is not None else known.status
        return GiftCardView(account_id, known.last_four, status, known.balance_minor + balance_minor(late))

    def _late_stored_value(self, after: dict[int, int], others: PeerAfter, account_id: str) -> State | None:
        own = self._journal.read(lambda c: own_facts.stored_value_facts(c, after, account_id))
        theirs = self._theirs(lambda c: peer_facts.stored_value_facts(c, others, account_id))
        return FOLDS["stored_value"].refold([*own, *theirs])

    def on_hand(self, sku: str, folded: Folded | None = None) -> StockView:
        """Stock of an item at this store.

        This store's documents that head office has not folded come on top of its figure: the replica's, or
        `folded` where it has just answered. Where its newest count is another workstation's, the hybrid clock
        says which of the movements that count saw.
        """
        if folded is None:
            known, after, others = self._snapshot(lambda c: stock.stock_of(c, sku))
        else:
            known, others = folded.row, folded.points
            after = self._own_of(others)
        milli = 0 if known is None else known.on_hand_milli
        counted_at_hlc = None if known is None else known.counted_at_hlc
        since = counted_at_hlc or ""
        theirs = self._theirs(lambda c: peer_facts.stock_facts(c, others, sku))
        moved_milli = None
        if not theirs:
            moved_milli = self._journal.read(lambda c: own_facts.moved_without_count(c, after, sku, since))
        newest = counted_at_hlc
        doubtful_milli = 0 if known is None else known.doubtful_milli
        if moved_milli is None:  # counted here too, or heard of by peers
            own = [*self._journal.read(lambda c: own_facts.stock_facts(c, after, sku)), *theirs]
            session = "" if known is None else known.session_id
            area = other_side(each for each in own if isinstance(each, Counted))
            base = Counted(Stamp(since, "", 0, 0), "", sku, milli, 0, {}, session, area=area)
            state = FOLDS["stock"].refold([base, *own])
            assert state is not None
            newest = state["count"][0][0] or None
            moved_milli = on_hand(state) - milli
            if newest != counted_at_hlc:
                doubtful_milli = sum(abs(each[3]) for each in doubtful(state))
        return StockView(
            sku=sku,
            on_hand_milli=milli + moved_milli,
            known=known is not None,
            counted_at_hlc=newest,
            doubtful_milli=doubtful_milli,
            own_milli=moved_milli,
        )

    def card_there(self, sku: str) -> list[Entry]:
        """Rows of an item's stock card that peers told of."""
        return self._theirs(lambda c: peer_card.entries(c, sku))

    def on_hand_of(self, skus: Iterable[str]) -> dict[str, int]:
        """Thousandths of many items, 0 of those that never moved; one look at each that moved here since."""
        known, after, others = self._snapshot(stock.on_hand_of_all)
        moved = self._journal.read(lambda c: own_facts.moved_items(c, after)) | self._moved_there(others)
        rows = {sku: known.get(sku) for sku in skus}
        return {
            sku: self.on_hand(sku).on_hand_milli if sku in moved else (row.on_hand_milli if row else 0)
            for sku, row in rows.items()
        }

    def below_zero(self) -> list[StockView]:
        """Items of which less than nothing is here, the lowest first."""
        known, after, others = self._snapshot(stock.below_zero)
        moved = self._journal.read(lambda c: own_facts.touched_items(c, after))
        views = [self.on_hand(sku) for sku in {*known, *moved, *self._moved_there(others)}]
        return sorted(
            (view for view in views if view.on_hand_milli < 0),
            key=lambda view: (view.on_hand_milli, view.sku),
        )

    def coupon_state(
        self, campaign_id: str, coupon_id: str | None, member_id: str | None = None
    ) -> CouponView:
        """A coupon by its own number, or (None) a member's use of a shared code."""
        known, after, others = self._snapshot(
            lambda c: None if coupon_id is None else coupons.coupon_of(c, coupon_id)
        )
        key = coupon_key({"campaign_id": campaign_id, "coupon_code": coupon_id, "member_id": member_id})
        own: list[Any] = []
        if key is not None:
            own = self._journal.read(lambda c: own_facts.coupon_facts(c, after, campaign_id, key))
            own += self._theirs(lambda c: peer_facts.coupon_facts(c, others, campaign_id, key))
        uses = len(live_uses(FOLDS["coupon_use"].refold(own)))
        state = "unknown" if known is None else known.state
        if known is None and coupon_id is not None and self.uses_ever(campaign_id, coupon_id):
            state = "used"  # head office tells of members' coupons; of others each store knows what it saw
        return CouponView(campaign_id, coupon_id, "used" if uses and state != "void" else state, uses)

    def joined_at_peers(self) -> list[tuple[dict[str, Any], dict[str, str]]]:
        """Members who joined at another workstation of this store and whom head office has not folded:

        each document and what its box holds.
        """
        if self._peers is None:
            return []
        points = self._replica.read(series_points.all_folded)
        return self._theirs(lambda c: peer_facts.joined_members(c, points))

    def uses_ever(self, campaign_id: str, coupon_id: str) -> list[Any]:
        """Uses of a coupon or voucher that this store knows of, ours and those of peers, earliest first."""
        key = coupon_key({"campaign_id": campaign_id, "coupon_code": coupon_id, "member_id": None})
        assert key is not None
        own = self._journal.read(lambda c: own_facts.coupon_facts_ever(c, campaign_id, coupon_id, key))
        own += self._theirs(lambda c: peer_facts.coupon_facts_ever(c, campaign_id, coupon_id, key))
        return live_uses(FOLDS["coupon_use"].refold(own))

    def rulings(self, *, superseded_too: bool = False, limit: int = 500) -> list[RulingView]:
        """What head office ruled that concerns this store, the newest first."""
        rows = self._replica.read(lambda c: rulings.rulings(c, superseded_too=superseded_too, limit=limit))
        return [RulingView(row.ruling_id, row.data, row.superseded_by, row.made_at_ms) for row in rows]

    def labels_of(self, skus: Iterable[str]) -> dict[str, State]:
        """SKU → the fold `shelf_label`, of those whose label anybody of the store ever printed or hung."""
        wanted = set(skus)
        known, after, others = self._snapshot(lambda c: shelf_labels.states(c, wanted))
        states: dict[str, State] = dict(known)
        own = self._journal.read(lambda c: own_facts.label_facts(c, after))
        for fact in [*own, *self._theirs(lambda c: peer_facts.label_facts(c, others))]:
            if isinstance(fact, LabelMarked) and fact.sku in wanted:
                states[fact.sku] = FOLDS["shelf_label"].apply(states.get(fact.sku), fact)
        return states

    def credentials_there(self) -> list[Fact]:
        """Changes of employees' sign-on that peers told of."""
        return self._theirs(peer_facts.credential_facts)

    def reservations_there(self) -> list[Fact]:
        """Steps of reservations that peers told of."""
        return self._theirs(peer_facts.reservation_facts)

    def transfers_there(self) -> list[Fact]:
        """Steps of transfers that peers told of, and what they moved."""
        return self._theirs(peer_facts.transfer_facts)

    def orders_there(self) -> list[Fact]:
        """Steps of orders to suppliers that peers told of, and what came."""
        return self._theirs(peer_facts.order_facts)

    def told_by_peers(self, query: Callable[[Connection], dict[str, V]]) -> dict[str, V]:
        """By workstation, of what peers did; nothing where their file cannot be read."""
        return dict(self._theirs(lambda c: list(query(c).items())))

    def _moved_there(self, others: PeerAfter) -> set[str]:
        """SKUs that moved at peers, as far as they told."""
        return set(self._theirs(lambda c: list(peer_facts.moved_items(c, others))))

    def _theirs(self, query: Callable[[Connection], list[T]]) -> list[T]:
        """What peers did; nothing where their file cannot be read: they tell it again."""
        if self._peers is None:
            return []
        try:
            return self._peers.read(query)
        except StorageTrouble as error:
            _log.warning("peers_not_read", code=error.code)
            return []

    def _snapshot(self, query: Callable[[Connection], T]) -> tuple[T, dict[int, int], PeerAfter]:
        """State rows and the points that they stand for, of one moment: our series', and all of the store's.

        Our side of a fork counts as heard: head office has it aside, and no other workstation counts it.
        """

        def both(connection: Connection) -> tuple[T, PeerAfter]:
            return query(connection), series_points.all_folded(connection)

        rows, points = self._replica.read(both)
        return rows, self._own_of(points), points

    def _own_of(self, points: PeerAfter) -> dict[int, int]:
        own = self._workstation_id
        folded = {incarnation: number for (ws, incarnation), number in points.items() if ws == own}
        for incarnation, number in self._journal.read(handed_over).items():
            folded[incarnation] = max(number, folded.get(incarnation, 0))
        return folded
