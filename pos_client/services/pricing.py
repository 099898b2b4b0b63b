"""The one place where a basket gets its price: everything that shows or sells asks here."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import Any

import structlog

from pos_client.replica.replica import Replica
from pos_client.services.chain_rules import Rules
from pos_client.services.pricing_answer import discounts_of, record_of
from pos_client.services.pricing_question import QuestionMaker
from pos_client.services.rule_sets import RuleSets
from pos_core.pricing.engine import EngineState, price_basket
from pos_core.sale.basket import Basket
from pos_core.sale.totals import BasketTotals, total_basket

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Priced:
    """A basket with its discounts and sums.

    Attributes:
        basket: the same lines, with what each was lowered by.
        totals: sums of `basket`; cash rounding as if all were paid in cash.
        record: what the sale's document stores about the pricing (question and answer); None: list prices.
    """

    basket: Basket
    totals: BasketTotals
    record: dict[str, Any] | None = None


class Pricing:
    """Prices baskets; remembers the last answer, since a till asks the same thing several times.

    A release without promotions sells at list price. So does one whose promotions cannot be read, and a
    basket that the engine fails on: both are logged as defects, and the shop goes on selling.
    """

    def __init__(self, replica: Replica, rule_sets: RuleSets) -> None:
        self._questions = QuestionMaker(replica)
        self._rule_sets = rule_sets
        self._state = EngineState()
        self._asked: tuple[Basket, Rules] | None = None
        self._answer: Priced | None = None

    def price(self, basket: Basket, rules: Rules) -> Priced:
        """The basket at its release's prices. Raises BadAmount when a sum passes 2**53 − 1."""
        asked = self._asked
        if self._answer is None or asked is None or asked[0] is not basket or asked[1] is not rules:
            self._answer = self._price(basket, rules)
            self._asked = (basket, rules)
        return self._answer

    def _price(self, basket: Basket, rules: Rules) -> Priced:
        at_list_price = total_basket(basket, cash_rounding=rules.cash_rounding)
        rule_set = None if basket.release is None else self._rule_sets.of(basket.release.version)
        if rule_set is None or not basket.lines:
            self._state = EngineState()
            return Priced(basket, at_list_price)
        try:
            question = self._questions.question(basket, rules)
            answer = price_basket(question, rule_set, previous=self._state)
            discounts = discounts_of(answer, rule_set, basket.lines)
        except Exception:
            self._state = EngineState()
            with contextlib.suppress(OSError):
                _log.exception("pricing_failed", release=basket.release.version if basket.release else None)
            return Priced(basket, at_list_price)
        priced = replace(
            basket,
            lines=tuple(replace(line, discounts=discounts.get(line.line_no, ())) for line in basket.lines),
        )
        totals = total_basket(priced, cash_rounding=rules.cash_rounding)
        return Priced(priced, totals, record_of(question, answer))
