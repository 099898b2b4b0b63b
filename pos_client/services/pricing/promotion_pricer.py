"""Asking the pricing engine about a basket. Loaded with the first promotion: a start does not wait for it."""

from __future__ import annotations

from dataclasses import replace

from pos_client.replica.replica import Replica
from pos_client.services.chain_rules import Rules
from pos_client.services.ports import JournalPort
from pos_client.services.pricing.answer import discounts_of
from pos_client.services.pricing.budget_leases import Leased, nothing_leased
from pos_client.services.pricing.promotion_usage import PromotionUsage
from pos_client.services.pricing.question import QuestionMaker
from pos_client.services.shared_state import SharedState
from pos_core.pricing.basket import PricingInput, PricingMember
from pos_core.pricing.compiled import RuleSet
from pos_core.pricing.engine import EngineState, price_basket
from pos_core.pricing.result import PricedBasket
from pos_core.sale.basket import Basket
from pos_core.sale.line_item import Discount, LineItem


class PromotionPricer:
    """`question` on the front end's thread, `answer` on one thread at a time.

    Remembers the work of the last answer: a scan changes a basket by one line.
    """

    def __init__(
        self,
        replica: Replica,
        journal: JournalPort,
        shared: SharedState,
        leased: Leased = nothing_leased,
        used_up: Leased = nothing_leased,
    ) -> None:
        self._shared = shared
        self._questions = QuestionMaker(replica)
        self._usage = PromotionUsage(journal, shared, leased, used_up)
        self._state = EngineState()
        self._priced: dict[int, tuple[LineItem, LineItem]] = {}

    def question(self, basket: Basket, rules: Rules) -> PricingInput:
        """What the engine is told but for counters and balances; read from the replica's memory of items."""
        return self._questions.question(basket, rules)

    def answer(
        self, question: PricingInput, rule_set: RuleSet, basket: Basket
    ) -> tuple[Basket, PricingInput, PricedBasket]:
        """`basket` with its discounts, the whole question with member's and rules' counters, the answer."""
        try:
            question = replace(question, member=self._member(question.member, basket.member_id))
            usage = self._usage.counters(question, rule_set, basket.member_id)
            question = replace(question, usage=usage) if usage else question
            answer = price_basket(question, rule_set, previous=self._state)
            discounts = discounts_of(answer, rule_set, basket.lines, self._questions.name_of)
        except BaseException:
            self._state = EngineState()
            raise
        lines = tuple([self._with_discounts(line, discounts.get(line.line_no, ())) for line in basket.lines])
        pairs = zip(basket.lines, lines, strict=True)
        self._priced = {line.line_no: (line, priced) for line, priced in pairs}
        return replace(basket, lines=lines), question, answer

    def _member(self, member: PricingMember | None, member_id: str | None) -> PricingMember | None:
        """With what this store's later documents make of points and orders: the last sale counts at once."""
        if member is None or member_id is None:
            return member
        orders, day = self._shared.pricing_facts_of(member_id)
        return replace(
            member,
            new=not orders,
            orders_before=orders,
            birthday_day=None if member.birthday_month is None else day,
            points_balance=max(self._shared.points_of(member_id), 0),
        )

    def _with_discounts(self, line: LineItem, discounts: tuple[Discount, ...]) -> LineItem:
        """The same object as last time where nothing changed: what shows it need not look twice."""
        asked, priced = self._priced.get(line.line_no, (None, line))
        if asked is line and priced.discounts == discounts:
            return priced
        return replace(line, discounts=discounts)

    def forget(self) -> None:
        """A new basket begins."""
        self._state = EngineState()
        self._priced = {}
