"""The one place where a basket gets its price: everything that shows or sells asks here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pos_client.services.chain_rules import Rules
from pos_core.sale.basket import Basket
from pos_core.sale.totals import BasketTotals, total_basket


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
    """Prices baskets; remembers the last answer, since a till asks the same thing several times."""

    def __init__(self) -> None:
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
        return Priced(basket, total_basket(basket, cash_rounding=rules.cash_rounding))
