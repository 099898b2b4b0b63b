"""Stored value (储值): money put on a member's purse or a gift card, spent as a tender, and paid out again.

A top-up is a line of the chain's top-up item, so it is paid, printed and reported like everything that is
sold; the sale's document moves the purse (docs/documents.md, `stored_value_movements`). Inside an allowance
nobody has to be asked to spend, with or without a network; beyond it head office is, and where it does not
answer a second person, up to his own limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

from pos_client.journal.draft import Draft
from pos_client.replica import gift_cards
from pos_client.replica.member_details import member_detail
from pos_client.services.accounts.allowances import Allowances, Lease
from pos_client.services.accounts.authorising import Authorising, Wanted
from pos_client.services.accounts.gift_card_book import GiftCardBook
from pos_client.services.basket.line_maker import Asked, LineMaker
from pos_client.services.basket.ring_up import RingUp
from pos_client.services.counter import Counter
from pos_client.services.members.member_codes import MemberCodes
from pos_client.services.refusals.accounts import NotEnoughStoredValue, NothingForPurse, NoTopUp
from pos_client.services.refusals.basket import BasketNotEmpty
from pos_client.services.refusals.members import NoMember
from pos_client.services.returns.return_writer import ReturnWriter, cash_back_body
from pos_client.services.staff.approvals import Action, Approvals, approval_drafts
from pos_client.services.views.basket import Entered
from pos_client.services.views.members import PurseView
from pos_client.services.views.returns import CompletedReturn
from pos_core.catalog.store import TenderType
from pos_core.customer.stored_value import member_account, member_of
from pos_core.quantity import PIECE_MILLI
from pos_core.sale.basket import Basket
from pos_core.sale.claims import Authority
from pos_core.sale.manual import GivenApproval
from pos_core.sale.tender import Payment

PAID_OUT = "stored_value_out"
"""`reason_code` of the document that pays a purse out."""


@dataclass(frozen=True, slots=True)
class LetGo:
    """Who let the money of an account go in the payment under way: a person, or parts of allowances.

    Attributes:
        parts: `(allowance id, minor units)`; nothing where a person did.
    """

    authority: Authority
    parts: tuple[tuple[str, int], ...] = ()
    given: GivenApproval | None = None


class StoredValue:
    """Front end's thread. What was let go belongs to one payment; `begin` forgets it."""

    def __init__(
        self,
        counter: Counter,
        ring_up: RingUp,
        approvals: Approvals,
        codes: MemberCodes,
        *,
        writer: ReturnWriter,
        allowances: Allowances,
        cards: GiftCardBook,
        authorising: Authorising,
    ) -> None:
        self._authorising = authorising
        authorising.in_payment = self.in_use
        self._counter = counter
        self._ring_up = ring_up
        self._approvals = approvals
        self._codes = codes
        self._writer = writer
        self._allowances = allowances
        self.cards = cards
        self._let_go: dict[str, LetGo] = {}

    def purse(self) -> PurseView:
        """The purse of the member on the basket. Raises NoMember."""
        member_id = self._member_id()
        policy = self._counter.rules.top_up
        balance = self._counter.shared.stored_value_of(member_id)
        return PurseView(
            balance_minor=balance,
            free_minor=max(0, min(balance, self._allowances.stored_value().left)),
            can_top_up=bool(policy.sku),
            least_minor=policy.least_minor,
            most_minor=policy.most_minor,
            bonus=policy.bonus,
        )

    # topping up

    def top_up(self, amount_minor: int) -> Entered:
        """Put a line on the basket that tops the member's purse up once it is paid.

        Refusals: no_member, no_top_up (the chain has none), top_up_not_taken, purse_too_full, and what
        ringing up refuses.
        """
        self._counter.require_scanning()
        member_id, policy = self._member_id(), self._counter.rules.top_up
        if not policy.sku:
            raise NoTopUp("this chain takes no top-ups")
        already = _for_purse(self._counter.basket)
        policy.check(amount_minor + already, self._counter.shared.stored_value_of(member_id))
        return self._ring_up.add_sku(policy.sku, PIECE_MILLI, price_minor=amount_minor, entered="typed")

    def begin(self, basket: Basket) -> None:
        """A payment begins. Raises NoMember, TopUpNotTaken, PurseTooFull for a basket with a top-up, and for

        gift cards GiftCardBlocked.
        """
        self._let_go.clear()
        topped_up = _for_purse(basket)
        if topped_up:
            balance = self._counter.shared.stored_value_of(self._member_id())
            self._counter.rules.top_up.check(topped_up, balance)
        for account_id, amount_minor in loaded(basket).items():
            self.cards.check_load(account_id, amount_minor)

    def put_on(self, basket: Basket) -> list[dict[str, Any]]:
        """`stored_value_movements` of what the basket's lines of stored value put on purse and cards."""
        rows: list[dict[str, Any]] = []
        topped_up = _for_purse(basket)
        if topped_up:
            assert basket.member_id is not None, "stored value goes on somebody's purse"
            account_id = member_account(basket.member_id)
            rows.append({"account_id": account_id, "amount_minor": topped_up, "reason": "topped_up"})
            bonus_minor = self._counter.rules.top_up.bonus_minor(topped_up)
            if bonus_minor:
                rows.append({"account_id": account_id, "amount_minor": bonus_minor, "reason": "bonus"})
        for account_id, amount_minor in loaded(basket).items():
            reason = self.cards.reason_of_load(account_id)
            rows.append({"account_id": account_id, "amount_minor": amount_minor, "reason": reason})
        return rows

    # spending

    def spend(
        self,
        payment: Payment,
        tender_type: TenderType,
        amount_minor: int | None,
        approval: str | None,
        *,
        number: str | None = None,
    ) -> Payment:
        """The payment with money of the member's purse, or of the gift card with this `number`.

        Amount None: as much as there is, at most what is due. Refusals: no_member, member_frozen,
        member_not_proven; of a card not_a_gift_card, unknown_gift_card, gift_card_not_sold,
        gift_card_blocked; not_enough_stored_value (balance_minor), nothing_for_purse (top-ups and what is
        paid are all that remains), what `Payment.add` raises, and beyond the allowance, or beyond what is
        known here, authorisation_needed while head office can be asked, else allowance_asked (peers may
        help: again) or approval_needed.
        """
        account_id, there = self._account(number)
        already = sum(each.amount_minor for each in payment.tendered if each.reference == account_id)
        balance = there - already
        room = self._room(payment)
        wanted = min(payment.due_for(tender_type), room, balance) if amount_minor is None else amount_minor
        covered = 0 < wanted <= payment.due_for(tender_type) and self._let_online(
            account_id, already + wanted, only_beyond=there
        )
        if (balance <= 0 or wanted > balance) and not covered:
            raise NotEnoughStoredValue("not that much on the purse", balance_minor=max(0, balance))
        if room <= 0 or (amount_minor is not None and wanted > room and wanted <= payment.remaining_minor):
            raise NothingForPurse("a purse does not pay for a top-up", amount_minor=max(0, room))
        paid = payment.add(tender_type, wanted, confirmed="stored_value", reference=account_id)
        self._let_go[account_id] = self._authority(payment, account_id, already + wanted, approval)
        return paid

    def let_go(self, payment: Payment) -> Mapping[str, LetGo]:
        """Account → who let its money go, for the sale's document."""
        return {
            account_id: each
            for account_id, each in self._let_go.items()
            if any(tendered.reference == account_id for tendered in payment.tendered)
        }

    def approvals(self, payment: Payment) -> list[Draft]:
        """The documents of what a second person let go in this payment."""
        spent = self.let_go(payment)
        given = tuple(
            each.given for name, each in self._let_go.items() if name in spent and each.given is not None
        )
        return approval_drafts(self._counter, given)

    # paying out

    def pay_out(
        self,
        amount_minor: int | None,
        reason: str = "",
        approval: str | None = None,
        *,
        number: str | None = None,
    ) -> Future[CompletedReturn]:
        """Money of the purse, or of the gift card with this `number`, in cash, down to a coin; None: all.

        A second person lets it go. Refusals: as `spend` of the account, basket_not_empty, no_top_up,
        not_enough_stored_value, approval_needed.
        """
        counter = self._counter
        counter.require_scanning()
        if not counter.basket.is_empty:
            raise BasketNotEmpty("pay, hold or clear the basket first")
        account_id, balance = self._account(number)
        wanted = balance if amount_minor is None else amount_minor
        coins = wanted - wanted % counter.rules.cash_rounding.step_minor
        if not 0 < coins <= balance:
            raise NotEnoughStoredValue("not that much on the purse", balance_minor=max(0, balance))
        action = Action("stored_value_out", amount_minor=coins, subject=f"{account_id}/{coins}")
        given = self._approvals.let(action, approval, reason or None)
        body = self._paid_out(account_id, coins)
        return self._writer.write(body, approval_drafts(counter, (given,) if given else ()))

    def _paid_out(self, account_id: str, amount_minor: int) -> dict[str, Any]:
        counter = self._counter
        rules, moment = counter.rules, counter.pricing_moment()
        item = counter.replica.item_by_sku(rules.top_up.sku)
        if item is None:
            raise NoTopUp("this chain has no item for stored value")
        made = LineMaker(counter).make(item, Asked(PIECE_MILLI, "typed", price_minor=amount_minor), moment)
        assert not isinstance(made, str), "a typed price was given"
        move = {
            "account_id": account_id,
            "amount_minor": -amount_minor,
            "reason": "paid_out",
            "authority": "manager",  # a person's doing: where it overdraws, his store bears it
        }
        more = {
            "reason_code": PAID_OUT,
            "stored_value_movements": [move],
        }
        line = replace(made, line_no=1)
        return cash_back_body(counter, [line], paid_minor=amount_minor, instant_ms=moment[1], more=more)

    def in_use(self) -> set[str]:
        """What head office let go and the payment under way spends."""
        payment = self._counter.payment
        spent = self.let_go(payment) if payment is not None else {}
        return {allowance_id for each in spent.values() for allowance_id, _ in each.parts}

    # steps

    def _let_online(self, account_id: str, amount_minor: int, *, only_beyond: int = -1) -> str | None:
        """The allowance that head office gave for the account. Raises AuthorisationNeeded."""
        if amount_minor <= only_beyond:
            return None
        wanted = Wanted("stored_value", account_id, amount_minor, unheard=self._unheard(account_id))
        found = self._authorising.let(wanted)
        return None if found is None else found.allowance_id

    def _known(self, account_id: str) -> int:
        """What is on it as known here."""
        member_id = member_of(account_id)
        if member_id is not None:
            return self._counter.shared.stored_value_of(member_id)
        card = self._counter.shared.gift_card(account_id)
        return 0 if card is None else card.balance_minor

    def _unheard(self, account_id: str) -> int:
        """What was taken of it, as known here, that head office has not heard of."""
        member_id, read = member_of(account_id), self._counter.replica.read
        if member_id is not None:
            detail = read(lambda c: member_detail(c, member_id))
            heard = None if detail is None else detail.stored_value_minor
        else:
            card = read(lambda c: gift_cards.of_account(c, account_id))
            heard = None if card is None else card.balance_minor
        return 0 if heard is None else max(0, heard - self._known(account_id))

    def _account(self, number: str | None) -> tuple[str, int]:
        """Whose money it is, and how much; who holds a gift card need prove nothing."""
        if number is not None:
            card = self.cards.spendable(number)
            return card.account_id, card.balance_minor
        self._codes.require_proven()
        member_id = self._member_id()
        return member_account(member_id), self._counter.shared.stored_value_of(member_id)

    def _member_id(self) -> str:
        member = self._counter.member
        if member is None:
            raise NoMember("there is no member on the basket")
        return member.member_id

    def _room(self, payment: Payment) -> int:
        """What a purse may still pay: goods, less what purses, points and exchanges pay of them."""
        spoken_for = sum(
            each.amount_minor
            for each in payment.tendered
            if each.type.tender_kind in ("stored_value", "points", "exchange")
        )
        return payment.net_minor - topped_up_minor(self._counter.basket) - spoken_for

    def _authority(self, payment: Payment, account_id: str, amount_minor: int, approval: str | None) -> LetGo:
        """The allowance is one for all accounts: what others of this payment take of it is gone."""
        lease = self._lease_beside(payment, account_id)
        if amount_minor <= lease.left and amount_minor <= self._known(account_id):
            return LetGo("allowance", lease.parts(amount_minor))
        online = self._let_online(account_id, amount_minor)
        if online is not None:
            return LetGo("online", ((online, amount_minor),))
        if approval is None:
            self._allowances.ask_peers(lease, amount_minor)
        action = Action("stored_value", amount_minor=amount_minor, subject=f"{account_id}/{amount_minor}")
        return LetGo("manager", (), self._approvals.let(action, approval))

    def _lease_beside(self, payment: Payment, account_id: str) -> Lease:
        taken: dict[str, int] = {}
        paying = {each.reference for each in payment.tendered} - {account_id}
        for name, each in self._let_go.items():
            if name in paying:
                for allowance_id, units in each.parts:
                    taken[allowance_id] = taken.get(allowance_id, 0) + units
        return self._allowances.stored_value().without(taken)


def topped_up_minor(basket: Basket) -> int:
    """What the basket puts on purse and cards once it is paid."""
    return sum(line.net_minor for line in basket.lines if line.kind == "stored_value")


def loaded(basket: Basket) -> dict[str, int]:
    """Account of a gift card → what the basket puts on it."""
    found: dict[str, int] = {}
    for line in basket.lines:
        if line.kind == "stored_value" and line.account_id is not None:
            found[line.account_id] = found.get(line.account_id, 0) + line.net_minor
    return found


def _for_purse(basket: Basket) -> int:
    return topped_up_minor(basket) - sum(loaded(basket).values())
