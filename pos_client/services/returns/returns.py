"""Goods that come back: the receipt found, what is left of it, the refund, and an exchange for new goods.

What was returned before, here or as far as others told, is known; what nobody here heard of is head
office's to rule on. A refund goes to the tenders that paid. docs/documents.md, "Returns".
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from pos_client.journal.draft import Draft
from pos_client.services.basket.line_maker import Asked, LineMaker
from pos_client.services.counter import Counter
from pos_client.services.papers.printing import Printing
from pos_client.services.papers.receipt_maker import ReceiptMaker
from pos_client.services.refusals.basket import BasketNotEmpty, UnknownCode
from pos_client.services.refusals.returns import NotCapped, PayOutInstead
from pos_client.services.refusals.staff import UnknownReason
from pos_client.services.returns.return_origin import Origin, PendingReturn
from pos_client.services.returns.return_writer import ReturnWriter
from pos_client.services.returns.sold_receipts import Sold, SoldReceipts
from pos_client.services.staff.approvals import Action, Approvals, approval_drafts
from pos_client.services.views.returns import (
    CompletedReturn,
    ReceiptRow,
    RefundTenderView,
    RefundView,
    SoldReceiptView,
)
from pos_core.customer.stored_value import STORED_VALUE_TAG
from pos_core.ids import uuid7
from pos_core.sale.basket import Basket
from pos_core.sale.refunding import RefundPlan, plan_refund
from pos_core.sale.return_body import return_body, returned_lines_body
from pos_core.sale.sale_body import sold_line
from pos_core.sale.totals import total_lines

if TYPE_CHECKING:
    from pos_core.pricing.compiled import RuleSet

Document = dict[str, Any]


class Returns:
    """Main thread only; futures resolve when the document is durable."""

    def __init__(
        self,
        counter: Counter,
        approvals: Approvals,
        maker: ReceiptMaker,
        printing: Printing,
        receipts: SoldReceipts,
    ) -> None:
        self._counter = counter
        self._approvals = approvals
        self._receipts = receipts
        self._writer = ReturnWriter(counter, maker, printing)

    # finding

    def find(self, text: str) -> SoldReceiptView:
        """See `SoldReceipts.find`. Raises NotSignedOn too."""
        self._counter.require_operator()
        return self._receipts.find(text)

    def code_of(self, text: str) -> str:
        """See `SoldReceipts.code_of`. Raises NotSignedOn too."""
        self._counter.require_operator()
        return self._receipts.code_of(text)

    def search(
        self,
        *,
        business_day: str | None = None,
        total_minor: int | None = None,
        item: str | None = None,
        member_id: str | None = None,
        limit: int = 20,
    ) -> list[ReceiptRow]:
        """See `SoldReceipts.search`. Raises NotSignedOn too."""
        self._counter.require_operator()
        return self._receipts.search(
            business_day=business_day, total_minor=total_minor, item=item, member_id=member_id, limit=limit
        )

    @property
    def pending_minor(self) -> int | None:
        """What waits for an exchange; None: no exchange is under way."""
        pending = self._counter.pending_return
        return None if pending is None else pending.refund_minor

    @property
    def member_id(self) -> str | None:
        """The member on the basket: whose receipts are looked for first."""
        member = self._counter.member
        return None if member is None else member.member_id

    def sku_of(self, code: str) -> str | None:
        """The item of a scanned code; None: nothing answers to it."""
        try:
            return self._receipts.sku(code)
        except UnknownCode:
            return None

    # giving back

    def plan(self, origin: Origin, wanted: Mapping[int, int]) -> RefundView:
        """What would go back, and by which tenders. Raises what `plan_refund` raises, NoReceipt."""
        sold = self._receipts.of(origin)
        return _refund_view(self._plan(sold, wanted), sold.body)

    def give_back(
        self, origin: Origin, wanted: Mapping[int, int], reason: str, approval: str | None = None
    ) -> Future[CompletedReturn]:
        """Take the goods back and the money out: one transaction, then the drawer and the paper.

        Raises NotSignedOn, NoOpenShift, BasketNotEmpty, UnknownReason, ApprovalNeeded and what
        `plan_refund` raises.
        """
        self._require_free()
        code = self._reason("return", reason)
        sold = self._receipts.of(origin)
        plan = self._plan(sold, wanted)
        given = self._approvals.let(_action("return", plan.total_minor, origin, wanted), approval, code)
        return self._writer.write(
            self._body(sold, plan, code), approval_drafts(self._counter, (given,) if given else ())
        )

    def exchange(
        self, origin: Origin, wanted: Mapping[int, int], reason: str, approval: str | None = None
    ) -> RefundView:
        """Keep the refund for the goods that are rung up next; the payment takes it first.

        Raises as `give_back`.
        """
        counter = self._counter
        counter.require_scanning()
        code = self._reason("return", reason)
        sold = self._receipts.of(origin)
        plan = self._plan(sold, wanted)
        given = self._approvals.let(_action("return", plan.total_minor, origin, wanted), approval, code)
        exchange_id = uuid7(counter.time.now_ms(), secrets.token_bytes(10))
        points = sum(each.amount_minor for each in plan.tenders if each.tender_kind == "points")
        counter.pending_return = PendingReturn(
            origin, dict(wanted), code, given, plan.total_minor - points, exchange_id
        )
        counter.changed()
        return _refund_view(plan, sold.body)

    def give_up_exchange(self) -> None:
        """The goods go home again."""
        self._counter.pending_return = None
        self._counter.changed()

    def pending_drafts(self, exchanged_minor: int) -> list[Draft]:
        """The documents of the exchange's return side, to stand before its sale. Called by the payment."""
        counter = self._counter
        pending = counter.pending_return
        if pending is None:
            return []
        sold = self._receipts.of(pending.origin)
        plan = self._plan(sold, pending.wanted, exchanged_minor)
        made = self._body(sold, plan, pending.reason, exchange_id=pending.exchange_id)
        given = approval_drafts(counter, (pending.given,) if pending.given else ())
        return [*given, counter.draft("return", made)]

    def without_receipt(
        self, sku: str, quantity_milli: int, reason: str, approval: str | None = None
    ) -> Future[CompletedReturn]:
        """At the price of now, in cash, never above the chain's cap; by the role's limit or a second person.

        Raises as `give_back`, UnknownCode, QuantityTooHigh, NotCapped (`maximum_minor`), and what ringing up
        the item raises.
        """
        counter = self._counter
        self._require_free()
        code = self._reason("return_without_receipt", reason)
        rules = counter.rules
        rules.require_line_quantity(quantity_milli)
        basket = Basket(rules.currency, rules.exponent, rules.store.price_list_id)
        item = counter.replica.item_by_sku(sku)
        if item is None:
            raise UnknownCode("no such item", seen=sku[:64])
        asked = Asked(quantity_milli, "typed")
        if item.sale_kind == "weighed":
            asked = Asked(1000, "weighed", weight_milli=quantity_milli)
        release, instant_ms = counter.pricing_moment()
        made = LineMaker(counter).make(item, asked, (release, instant_ms))
        if isinstance(made, str):
            raise UnknownCode("this item has no price of its own", seen=sku[:64])
        basket = basket.add_item(made, release=release, instant_ms=instant_ms)
        priced = counter.pricing.price(basket, rules)  # what a single one costs with promotions
        lines = priced.basket.lines
        net = priced.totals.net_minor
        if net > rules.return_without_receipt_max_minor:
            raise NotCapped("above the chain's cap", maximum_minor=rules.return_without_receipt_max_minor)
        total = net - net % rules.cash_rounding.step_minor
        action = Action("return_without_receipt", amount_minor=total, subject=f"{sku} {quantity_milli}")
        given = self._approvals.let(action, approval, code)
        cash = next((each for each in rules.tender_types if each.tender_kind == "cash"), None)
        tender = {
            "tender_code": cash.tender_code if cash else "cash",
            "tender_kind": "cash",
            "amount_minor": total,
            "change_minor": 0,
            "confirmed": None,
            "reference": None,
        }
        about = {
            "currency": rules.currency,
            "exponent": rules.exponent,
            "price_list_id": rules.store.price_list_id,
            "channel": "pos",
            "member_id": None,
            "instant_ms": instant_ms,
        }
        body = returned_lines_body(
            about,
            [sold_line(line, total_) for line, total_ in zip(lines, total_lines(lines).lines, strict=True)],
            [tender],
            cash_rounding_minor=total - net,
            more={"origin": None, "reason_code": code},
        )
        return self._writer.write(body, approval_drafts(counter, (given,) if given else ()))

    # steps

    def _require_free(self) -> None:
        counter = self._counter
        counter.require_scanning()
        if not counter.basket.is_empty:
            raise BasketNotEmpty("pay, hold or clear the basket first, or exchange")

    def _plan(self, sold: Sold, wanted: Mapping[int, int], exchange_minor: int = 0) -> RefundPlan:
        self._refuse_top_ups(sold, wanted)
        return plan_refund(
            sold.body,
            self._receipts.earlier(sold),
            wanted,
            rounding=self._counter.rules.cash_rounding,
            exchange_minor=exchange_minor,
            rules=self._rules(sold),
        )

    def _refuse_top_ups(self, sold: Sold, wanted: Mapping[int, int]) -> None:
        """Money on a purse may be spent by now: it goes out of the purse (`StoredValue.pay_out`), or stays.

        The code on a receipt says no kinds of lines, so the item is asked as well.
        """
        for line in sold.body["lines"]:
            if line["line_no"] not in wanted:
                continue
            item = self._counter.replica.item_by_sku(line["sku"])
            if line.get("kind") == "stored_value" or (item is not None and STORED_VALUE_TAG in item.tags):
                raise PayOutInstead("a top-up is paid out of the purse", line_no=line["line_no"])

    def _rules(self, sold: Sold) -> RuleSet | None:
        """The promotions of the sale's own release, where they are still kept and asked for."""
        pricing = sold.body.get("pricing")
        terms = pricing["terms"] if pricing else ()
        if sold.release is None or not any(each.get("method") == "reprice" for each in terms):
            return None
        return self._counter.rule_sets.of(sold.release)

    def _body(self, sold: Sold, plan: RefundPlan, reason: str, *, exchange_id: str | None = None) -> Document:
        made = return_body(
            self._receipts.body_with_names(sold),
            plan,
            origin=sold.as_origin(),
            reason_code=reason,
            instant_ms=self._counter.time.instant_ms(),
        )
        if exchange_id is not None:
            made["exchange_id"] = exchange_id
        if self._counter.is_offline():
            made["offline"] = True
        return made

    def _reason(self, kind: str, code: str) -> str:
        known = self._counter.rules.reasons.get(kind, ())
        if known and all(each.code != code for each in known):
            raise UnknownReason("no such reason", reason_code=code[:32])
        return code


def _action(kind: Any, amount_minor: int, origin: Origin, wanted: Mapping[int, int]) -> Action:
    subject = f"{origin.workstation_id}.{origin.incarnation}.{origin.number} {sorted(wanted.items())}"
    return Action(kind, amount_minor=amount_minor, subject=subject)


def _refund_view(plan: RefundPlan, body: Mapping[str, Any]) -> RefundView:
    return RefundView(
        total_minor=plan.total_minor,
        cash_rounding_minor=plan.cash_rounding_minor,
        tenders=tuple(
            RefundTenderView(each.tender_code, each.tender_kind, each.amount_minor) for each in plan.tenders
        ),
        points_given_back=plan.points_given_back,
        points_taken_back=plan.points_taken_back,
        coupons_back=sum(plan.coupons.values()),
        currency=body["currency"],
        exponent=body["exponent"],
    )
