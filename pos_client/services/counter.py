"""What the services of one workstation share: who stands here, which shift, which basket."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pos_client.journal.allowance_book import AllowanceBook
from pos_client.journal.draft import Draft, PersonalFields, Recorded
from pos_client.journal.time_guard import ClockJump
from pos_client.log import get_logger
from pos_client.peers.store import PeerStore
from pos_client.receipts import numbers
from pos_client.replica.replica import Replica
from pos_client.services.allowance_choices import AllowanceChoices
from pos_client.services.chain_rules import ChainRules, Rules
from pos_client.services.futures import then
from pos_client.services.ports import JournalPort, TimePort
from pos_client.services.pricing.budget_leases import BudgetLeases
from pos_client.services.pricing.pricing import Priced, Pricing
from pos_client.services.pricing.rule_sets import RuleSets
from pos_client.services.refusals.basket import BasketLocked
from pos_client.services.refusals.payment import SaleBeingWritten
from pos_client.services.refusals.staff import NotSignedOn
from pos_client.services.refusals.till import NoOpenShift
from pos_client.services.refusals.workstation import RevokedHere
from pos_client.services.shared_state import SharedState
from pos_client.services.views.members import MemberView
from pos_client.services.views.staff import OperatorView
from pos_client.services.views.till import ShiftView
from pos_client.storage.connection import Connection
from pos_core.cash.shift import business_day_of
from pos_core.catalog.price_list import PriceRow
from pos_core.sale.basket import Basket
from pos_core.sale.tender import Payment
from pos_core.sync.document import ReleaseRef

if TYPE_CHECKING:
    from pos_client.services.returns.return_origin import PendingReturn

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """Which workstation this is, from `workstation.json`."""

    workstation_id: str
    workstation_name: str
    store_id: str
    chain_id: str = ""

    def series_label(self, incarnation: int) -> str:
        """What is printed before a number: the name, and the incarnation from the second on."""
        return numbers.series_label(self.workstation_name, incarnation)


class Counter:
    """State shared by the services; changed on the front end's thread, and under `lock` by the one

    callback of a finished write. `changed` tells the status bar.
    """

    def __init__(
        self,
        *,
        identity: Identity,
        journal: JournalPort,
        replica: Replica,
        time: TimePort,
        peers: PeerStore | None = None,
    ) -> None:
        self.identity = identity
        self.journal = journal
        self.replica = replica
        self.time = time
        choices = AllowanceChoices(replica)
        self.allowance_book = AllowanceBook(journal, time, lambda: choices.now().rules)
        self.peers = peers
        self.shared = SharedState(journal, replica, identity.workstation_id, peers)
        self.chain_rules = ChainRules(replica)
        self.rule_sets = RuleSets(replica)
        self.budgets = BudgetLeases(replica, self.allowance_book, lambda: self.is_training)
        self.pricing = Pricing(
            replica, self.rule_sets, journal, self.shared, self.budgets.left, used_up=self.budgets.used_up
        )
        self.lock = threading.RLock()
        self.operator: OperatorView | None = None
        self.shift: ShiftView | None = None
        self.basket = Basket()
        self.member: MemberView | None = None
        self.proven_member_id: str | None = None
        self.payment: Payment | None = None
        self.chosen_line_no: int | None = None
        self.pending_return: PendingReturn | None = None
        self.writing = False
        self.basket_restored = False
        self.clock_jump: ClockJump | None = None
        self.is_training = False
        self.join_charges: Callable[[Payment], Payment] = lambda payment: payment
        self.with_sale: list[Callable[[Connection, dict[str, Any]], None]] = []
        self.is_revoked: Callable[[], bool] = lambda: False
        self.is_offline: Callable[[], bool] = lambda: False
        self.heard_at_ms: Callable[[], int | None] = lambda: None
        self.after_record: Callable[[], None] = lambda: None
        self._listeners: list[Callable[[], None]] = []

    @property
    def rules(self) -> Rules:
        """The chain's rules in force."""
        return self.chain_rules.now()

    def priced(self) -> Priced:
        """The basket in progress with its prices; waits for promotions."""
        return self.pricing.price(self.basket, self.rules)

    def priced_at_once(self) -> Priced:
        """The same with what is known of its prices; `final` says whether that is all."""
        return self.pricing.at_once(self.basket, self.rules)

    def pricing_moment(self) -> tuple[ReleaseRef | None, int]:
        """The release and instant that price the next line: the basket's own once it has begun."""
        basket = self.basket
        if basket.instant_ms is not None:
            return basket.release, basket.instant_ms
        instant_ms = self.time.instant_ms()
        return self.replica.active_release(instant_ms), instant_ms

    def list_price(self, sku: str, moment: tuple[ReleaseRef | None, int] | None = None) -> PriceRow | None:
        """The list price of an item at `moment` (default: the one that counts now); None: no price."""
        release, instant_ms = moment or self.pricing_moment()
        if release is None:
            return None
        return self.replica.price_at(
            sku,
            release_version=release.version,
            instant_ms=instant_ms,
            price_list_id=self.rules.store.price_list_id,
        )

    def require_operator(self) -> OperatorView:
        """Raises RevokedHere, NotSignedOn."""
        self.require_not_revoked()
        if self.operator is None:
            raise NotSignedOn("nobody is signed on")
        return self.operator

    def require_not_revoked(self) -> None:
        """Raises RevokedHere."""
        if self.is_revoked():
            raise RevokedHere("head office has revoked this workstation")

    def require_shift(self) -> ShiftView:
        """Raises NotSignedOn, NoOpenShift."""
        self.require_operator()
        if self.shift is None:
            raise NoOpenShift("no shift is open")
        return self.shift

    def require_scanning(self) -> None:
        """Raises NotSignedOn, NoOpenShift, SaleBeingWritten, BasketLocked."""
        self.require_shift()
        if self.writing:
            raise SaleBeingWritten("the sale is being written")
        if self.payment is not None:
            raise BasketLocked("a payment has begun")

    def business_day(self) -> str:
        """The open shift's day, else the day of the clock in the store's zone."""
        if self.shift is not None:
            return self.shift.business_day
        rules = self.rules
        now_ms = self.time.instant_ms()
        return business_day_of(
            now_ms,
            utc_offset_minutes=rules.utc_offset_minutes(now_ms),
            day_start_minutes=rules.day_start_minutes,
        )

    def draft(
        self,
        kind: str,
        body: dict[str, Any],
        *,
        release: ReleaseRef | None = None,
        personal: PersonalFields | None = None,
        operator_id: str | None = None,
        shift_id: str | None = None,
        business_day: str | None = None,
    ) -> Draft:
        """A document of this moment: operator, shift and business day are filled in where not given."""
        operator, shift = self.operator, self.shift
        return Draft(
            type=kind,
            body=body,
            business_day=business_day or self.business_day(),
            operator_id=operator_id or (operator.operator_id if operator else None),
            shift_id=shift_id or (shift.shift_id if shift else None),
            release=release,
            personal=personal,
        )

    def record(
        self, drafts: Sequence[Draft], *, also: Callable[[Connection], Any] | None = None
    ) -> Future[list[Recorded]]:
        """Write documents, and before them a clock's jump that nobody has written down yet.

        Resolves with the records of `drafts` alone.
        """
        jump = self.time.observe()
        extra: list[Draft] = []
        if jump is not None:
            if jump.needs_manager:
                self.clock_jump = jump
            extra.append(
                jump.as_draft(
                    self.business_day(),
                    operator_id=self.operator.operator_id if self.operator else None,
                    shift_id=self.shift.shift_id if self.shift else None,
                )
            )

        def alongside(connection: Connection) -> None:
            self.time.keep_if_changed(connection)
            for draft in drafts:
                if draft.type == "sale":
                    self.allowance_book.charge(connection, draft.body)
            if also is not None:
                also(connection)

        def written(recorded: list[Recorded]) -> list[Recorded]:
            self.time.recorded(recorded[-1].occurred_at_ms)
            self.after_record()
            return recorded[len(extra) :]

        return then(self.journal.record([*extra, *drafts], also=alongside), written)

    def for_member(self) -> dict[str, str]:
        """What a document says of the shopper whose goods it is about: the basket's member, if any."""
        member_id = self.basket.member_id
        return {} if member_id is None else {"member_id": member_id}

    def empty_basket(self) -> None:
        """Start anew: after a sale, or when a basket was abandoned."""
        self.basket = self.basket.clear()
        self.pending_return = None
        self.member = None
        self.proven_member_id = None
        self.payment = None
        self.chosen_line_no = None
        self.basket_restored = False

    def on_change(self, callback: Callable[[], None]) -> None:
        """`callback` may be called on any thread."""
        self._listeners.append(callback)

    def changed(self) -> None:
        """Tell the listeners that something in the status may have changed."""
        for listener in self._listeners:
            try:
                listener()
            except Exception:  # a front end's fault must not turn a durable sale into a failure
                with contextlib.suppress(OSError):
                    _log.exception("status_listener_failed")
