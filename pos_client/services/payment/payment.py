"""Taking tenders for the basket and finishing the sale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from pos_client.journal.baskets import drop_basket
from pos_client.journal.draft import Draft, Recorded
from pos_client.receipts.from_document import ReceiptContext, receipt_of
from pos_client.services.accounts.stored_value import StoredValue
from pos_client.services.basket.adjusting import Adjusting
from pos_client.services.basket.basket_keeper import BasketKeeper
from pos_client.services.counter import Counter
from pos_client.services.futures import then
from pos_client.services.own_tenders import EXCHANGE_TENDER
from pos_client.services.papers.balances import balances_after
from pos_client.services.papers.printing import Printing
from pos_client.services.papers.receipt_maker import ReceiptMaker
from pos_client.services.payment.account_claims import require_still_let_go
from pos_client.services.payment.payment_view import FIXED_KINDS, view_of
from pos_client.services.payment.sale_claims import claim_fields, with_points
from pos_client.services.payment.vouchers import Vouchers
from pos_client.services.pricing.pricing import Priced
from pos_client.services.refusals.basket import BasketEmpty
from pos_client.services.refusals.payment import (
    AgeNotConfirmed,
    ChargePending,
    ClaimedTender,
    PaymentNotBegun,
    PriceChanged,
    SaleBeingWritten,
    UnknownTender,
)
from pos_client.services.reservations.redeeming import Redeeming
from pos_client.services.returns.returns import Returns
from pos_client.services.staff.approvals import basket_approvals
from pos_client.services.views.payment import CompletedSale, PaymentView
from pos_client.storage.connection import Connection
from pos_core.sale.basket import Basket
from pos_core.sale.manual import BASKET_DISCOUNT, LINE_DISCOUNT, PRICE_OVERRIDE
from pos_core.sale.refund_tenders import EXCHANGE_KIND
from pos_core.sale.sale_body import sale_body
from pos_core.sale.tender import NotFullyPaid
from pos_core.sale.tender import Payment as Tenders
from pos_core.sync.allowance import AllowanceRefused

REFERENCE_MAX = 64
MANUAL_KINDS = frozenset({PRICE_OVERRIDE, LINE_DISCOUNT, BASKET_DISCOUNT})


class Payment:
    """begin → add … → finish, or back to scanning. Main thread only."""

    def __init__(
        self,
        counter: Counter,
        keeper: BasketKeeper,
        maker: ReceiptMaker,
        printing: Printing,
        *,
        adjusting: Adjusting,
        returns: Returns,
        purses: StoredValue,
        vouchers: Vouchers,
        redeeming: Redeeming,
    ) -> None:
        self._counter = counter
        self._adjusting = adjusting
        self._returns = returns
        self._purses = purses
        self._vouchers = vouchers
        self._redeeming = redeeming
        self._keeper = keeper
        self._maker = maker
        self._printing = printing

    def begin(self, approval: str | None = None) -> PaymentView:
        """Lock the basket for payment. Refusals: basket_empty, no_open_shift, not_signed_on; approval_needed
        when a discount has grown beyond what was let go; no_member, top_up_not_taken, purse_too_full for
        a top-up; age_not_confirmed; claims_frozen; gift_card_blocked.

        Calling it again while a payment is under way shows that payment.
        """
        counter = self._counter
        if counter.payment is not None and not counter.writing:
            return self._view(counter.payment)
        counter.require_scanning()
        if counter.basket.is_empty:
            raise BasketEmpty("there is nothing to pay for")
        if counter.basket.age_needed is not None:
            raise AgeNotConfirmed("somebody must look first", years=counter.basket.age_needed)
        require_still_let_go(counter, counter.basket)
        self._purses.begin(counter.basket)
        self._adjusting.require_covered(approval)
        rules = counter.rules
        priced = counter.priced()
        payment = Tenders(
            net_minor=priced.totals.net_minor,
            rounding=rules.cash_rounding,
            change_max_minor=rules.change_max_minor,
            rules=rules.tender_rules,
        )
        counter.payment = counter.join_charges(self._with_exchange(with_points(payment, priced, rules)))
        return self._view(counter.payment)

    def _with_exchange(self, payment: Tenders) -> Tenders:
        """What goods that come back are worth pays first; no operator can change it."""
        pending = self._counter.pending_return
        due = payment.due_for(EXCHANGE_TENDER)
        if pending is None or not min(pending.refund_minor, due):
            return payment
        return payment.add(EXCHANGE_TENDER, min(pending.refund_minor, due), reference=pending.exchange_id)

    def view(self) -> PaymentView | None:
        """The payment under way, or None while scanning."""
        payment = self._counter.payment
        return None if payment is None else self._view(payment)

    def add(
        self,
        tender_code: str,
        amount_minor: int | None,
        reference: str | None = None,
        approval: str | None = None,
    ) -> PaymentView:
        """Add a tender; `amount_minor` None = what remains for this tender (rounded for cash).

        `reference` of stored value is a gift card's number, written nowhere; None: the member's purse.

        Refusals: payment_not_begun, unknown_tender, tender_too_high, change_too_high, already_paid,
        nothing_to_pay, bad_amount, and the chain's tender rules: tender_too_low, tender_must_cover,
        tender_over_most, tender_too_often, reference_required, reference_twice; of stored value what
        `StoredValue.spend` refuses; of a voucher voucher_used.
        """
        payment = self._open()
        tender_type = self._counter.rules.tender_type(tender_code)
        if tender_type is None:
            raise UnknownTender(f"no tender {tender_code}", tender_code=tender_code[:32])
        if tender_type.tender_kind == "stored_value":
            self._counter.payment = self._purses.spend(
                payment, tender_type, amount_minor, approval, number=reference
            )
            return self._view(self._counter.payment)
        if tender_type.tender_kind == "voucher":
            reference = self._vouchers.unused(tender_type, reference)
        paid = payment.add(
            tender_type,
            amount_minor,
            confirmed=None if tender_type.tender_kind == "cash" else "operator",
            reference=reference[:REFERENCE_MAX] if reference else None,
        )
        self._counter.payment = paid
        return self._view(paid)

    def remove(self, index: int) -> PaymentView:
        """Take a tender off again (0 = first). Refusals: unknown_tender_line, claimed_tender (points: they
        are changed in the basket), charge_pending (a charged card: the terminal gives it back first).
        """
        payment = self._open()
        if 0 <= index < len(payment.tendered) and payment.tendered[index].type.tender_kind in FIXED_KINDS:
            raise ClaimedTender("points are asked for in the basket")
        if 0 <= index < len(payment.tendered) and payment.tendered[index].confirmed == "terminal":
            amount_minor = payment.tendered[index].amount_minor
            raise ChargePending("the terminal must give it back first", amount_minor=amount_minor)
        payment = payment.remove(index)
        self._counter.payment = payment
        self._keeper.after_change()
        return self._view(payment)

    def back(self) -> None:
        """Back to scanning; the tenders so far are dropped. Refusal `sale_being_written`."""
        if self._counter.writing:
            raise SaleBeingWritten("the sale is being written")
        counter = self._counter
        if counter.payment is not None and not counter.basket.is_empty:
            counter.basket = replace(counter.basket, total_shown=True)
            self._keeper.keep(counter.basket)
        counter.payment = None
        counter.changed()  # who was locked meanwhile is signed off now
        self._keeper.after_change()

    def finish(self) -> Future[CompletedSale]:
        """Write the sale: one transaction; drawer and printer only after it is durable.

        Raises at once: not_fully_paid, payment_not_begun, sale_being_written, claims_frozen,
        gift_card_blocked; price_changed, and then this is scanning again. On the future: DiskFull,
        DiskTrouble, allowance_refused and the like; the basket and its tenders are then as they were, and
        nothing was opened or printed.
        """
        counter = self._counter
        payment = self._open()
        if not payment.can_finish:
            raise NotFullyPaid("not fully paid", remaining_minor=payment.remaining_minor)
        require_still_let_go(counter, counter.basket, payment.tendered)
        priced = counter.priced()
        self._require_same_price(priced, payment)
        body = sale_body(priced.basket, payment, totals=priced.totals, pricing=priced.record)
        body |= self._claims(priced, payment)
        body |= self._circumstances(priced.basket)
        returned = self._returned(payment, body)
        body |= balances_after(counter, body, [each.body for each in returned])
        draft = counter.draft("sale", body, release=priced.basket.release)
        lines = priced.basket.lines
        context = self._maker.context(
            [line.sku for line in lines],
            draft.operator_id,
            {line.sku: line.unit for line in lines},
            member_id=priced.basket.member_id,
        )
        before = self._document_before(body, draft)
        receipt_of(before, context)  # nothing that could fail is left for after the commit
        refund_minor = _paid_out(returned)
        opens_drawer = bool(refund_minor) or any(each.type.opens_drawer for each in payment.tendered)
        counter.writing = True
        self._keeper.forget()
        record = counter.record(
            [
                *returned,
                *basket_approvals(counter, priced.basket),
                *self._purses.approvals(payment),
                draft,
                *self._redeeming.closing(priced.basket),
            ],
            also=lambda connection: self._used_up(connection, body),
        )
        return then(
            record,
            lambda recorded: replace(
                self._written(_sale_among(recorded), before, context, opens_drawer), refund_minor=refund_minor
            ),
            otherwise=lambda: self._not_written(record.exception()),
        )

    def _claims(self, priced: Priced, payment: Tenders) -> dict[str, Any]:
        """Points, coupons, vouchers, and what the sale moves on purses and gift cards."""
        return claim_fields(
            priced,
            payment,
            put_on=self._purses.put_on(priced.basket),
            let_go=self._purses.let_go(payment),
            budgets=self._counter.budgets,
        )

    def _circumstances(self, basket: Basket) -> dict[str, Any]:
        """Optional fields: out of reach of the server; the role's limits where somebody gave by hand."""
        counter = self._counter
        found: dict[str, Any] = {"offline": True} if counter.is_offline() else {}
        operator = counter.operator
        if operator is not None and (basket.manual or any(line.manual_reason for line in basket.lines)):
            limits = counter.rules.limits.limits.get(operator.role, {})
            found["limits"] = {
                kind: {"rate_ppm": limit.rate_ppm, "amount_minor": limit.amount_minor}
                for kind, limit in sorted(limits.items())
                if kind in MANUAL_KINDS and limit is not None
            }
        return found

    def _returned(self, payment: Tenders, body: dict[str, Any]) -> list[Draft]:
        """The return side of an exchange: the documents that stand before the sale, in one transaction."""
        pending = self._counter.pending_return
        if pending is None:
            return []
        body["exchange_id"] = pending.exchange_id
        exchanged = [each for each in payment.tendered if each.type.tender_kind == EXCHANGE_KIND]
        return self._returns.pending_drafts(sum(each.amount_minor for each in exchanged))

    def _document_before(self, body: dict[str, Any], draft: Draft) -> dict[str, Any]:
        """The document but for its number and time."""
        counter, release = self._counter, draft.release
        return {
            "type": "sale",
            "workstation_id": counter.identity.workstation_id,
            "incarnation": counter.journal.series.incarnation,
            "number": 0,
            "document_id": "",
            "store_id": counter.identity.store_id,
            "occurred_at_ms": counter.time.now_ms(),
            "business_day": draft.business_day,
            "release": None if release is None else {"version": release.version},
            "body": body,
        }

    def _written(
        self, recorded: Recorded, before: Mapping[str, Any], context: ReceiptContext, opens_drawer: bool
    ) -> CompletedSale:
        """On the journal's thread, after COMMIT and witness: now, and only now, it has happened."""
        counter = self._counter
        document = {
            **before,
            "incarnation": recorded.series.incarnation,
            "number": recorded.number,
            "document_id": recorded.document_id,
            "occurred_at_ms": recorded.occurred_at_ms,
        }
        receipt = receipt_of(document, context)
        with counter.lock:
            counter.empty_basket()
            counter.writing = False
        self._printing.print_sale(receipt, open_drawer=opens_drawer, document=document)
        counter.changed()
        return CompletedSale(
            number=recorded.number,
            series_label=receipt.series_label,
            document_id=recorded.document_id,
            receipt=receipt,
            change_minor=receipt.change_minor,
            total_minor=receipt.total_minor,
            cash_rounding_minor=receipt.cash_rounding_minor,
            currency=receipt.currency,
            exponent=receipt.exponent,
        )

    def _used_up(self, connection: Connection, body: dict[str, Any]) -> None:
        """In the sale's transaction: what it used is gone."""
        drop_basket(connection)
        for used in self._counter.with_sale:
            used(connection, body)

    def _require_same_price(self, priced: Priced, payment: Tenders) -> None:
        """Raises PriceChanged and goes back to scanning: what was to be paid is another sum now.

        What a card terminal has charged stays charged, and joins the next payment.
        """
        points_minor = sum(each.amount_minor for each in payment.tendered if each.confirmed == "points")
        total_minor = priced.totals.net_minor
        if (total_minor, priced.points_paid_minor) == (payment.net_minor, points_minor):
            return
        self.back()
        raise PriceChanged("begin again", total_minor=total_minor, before_minor=payment.net_minor)

    def _not_written(self, error: BaseException | None) -> None:
        self._counter.writing = False
        if isinstance(error, AllowanceRefused):
            self._counter.pricing.ask_anew()  # a budget's part may be gone, and then it gives less
        self._keeper.keep(self._counter.basket)

    def _open(self) -> Tenders:
        """The payment that may be changed. Raises PaymentNotBegun, SaleBeingWritten."""
        counter = self._counter
        if counter.writing:
            raise SaleBeingWritten("the sale is being written")
        if counter.payment is None:
            raise PaymentNotBegun("no payment is under way")
        counter.require_shift()
        return counter.payment

    def _view(self, payment: Tenders) -> PaymentView:
        return view_of(payment, self._counter.rules)


def _sale_among(recorded: Sequence[Recorded]) -> Recorded:
    """The sale of the documents that one payment wrote."""
    return next(each for each in recorded if each.type == "sale")


def _paid_out(drafts: Sequence[Draft]) -> int:
    """What the return side of an exchange gives back in money."""
    returned = (draft.body for draft in drafts if draft.type == "return")
    tenders = (each for body in returned for each in body["tenders"])
    return sum(each["amount_minor"] for each in tenders if each["tender_kind"] not in FIXED_KINDS)
