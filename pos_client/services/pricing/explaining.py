"""Why the basket costs what it costs: of each promotion, applied, lost to which, or short by how much.

Worked out beside the front end's thread from the very question and answer that priced the basket.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING

from pos_client.services.counter import Counter
from pos_client.services.futures import done
from pos_client.services.pricing.pricing import Priced
from pos_client.services.views.basket import WhyView
from pos_core.sale.manual import MANUAL

if TYPE_CHECKING:
    from pos_core.pricing.compiled import RuleSet
    from pos_core.pricing.result import Explanation
    from pos_core.pricing.words import Words

ORDER = ("by_hand", "applied", "missing", "beaten", "blocked", "exhausted", "out_of_scope")
HINT_LINES_MAX = 60
_SYMBOLS = {"CNY": "¥", "JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}
_NOT_HERE = ("goods", "shipping", "saving")
_NEAR = ("units", "amount", "units_of_one_sku", "distinct_skus")


class Explaining:
    """Main thread only; the futures resolve on the pricing thread."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def why(self, language: str) -> Future[list[WhyView]]:
        """What an operator says to a shopper who asks: what was given first, then what is near."""
        priced = self._counter.priced()
        by_hand = _by_hand(priced)
        if priced.proof is None:
            return done(by_hand)
        return self._counter.pricing.beside(lambda: by_hand + _explained(priced, language))

    def hint(self, language: str) -> Future[str]:
        """The one next step that is nearest; "" where there is none, or the basket is large."""
        priced = self._counter.priced_at_once()
        if priced.proof is None or not priced.final or len(priced.basket.lines) > HINT_LINES_MAX:
            return done("")
        try:
            return self._counter.pricing.beside(lambda: _hint(priced, language))
        except RuntimeError:  # closing: the thread takes nothing more
            return done("")


def _explained(priced: Priced, language: str) -> list[WhyView]:
    from pos_core.pricing.explain import explain

    assert priced.proof is not None
    question, answer, rules = priced.proof
    words = _words(priced, rules, language)
    found = explain(question, rules, answer)
    ordered = sorted(found, key=lambda each: (ORDER.index(_state(each)), _near(each)))
    return [
        WhyView(each.promotion_id, _state(each), words.lines(each), each.amount_minor) for each in ordered
    ]


def _state(each: Explanation) -> str:
    """The outcome as a till shows it: what no more goods of the basket's would change is not near."""
    return "out_of_scope" if each.what in _NOT_HERE else each.outcome


def _hint(priced: Priced, language: str) -> str:
    from pos_core.pricing.explain import explain

    assert priced.proof is not None
    question, answer, rules = priced.proof
    words = _words(priced, rules, language)
    found = explain(question, rules, answer, forced_max=0)
    near = [each for each in found if each.outcome == "missing" and each.what in _NEAR]
    if near:
        return words.lines(min(near, key=_near))[0]
    more = [each for each in found if each.outcome == "applied" and each.next_tier is not None]
    return words.lines(min(more, key=_near))[-1] if more else ""


def _words(priced: Priced, rules: RuleSet, language: str) -> Words:
    from pos_core.pricing.words import Words

    symbol = _SYMBOLS.get(priced.basket.currency, priced.basket.currency + " ")
    return Words(rules, "en" if language == "en" else "zh", exponent=priced.basket.exponent, symbol=symbol)


def _near(each: Explanation) -> tuple[int, int]:
    """How far it is: units before money, few before many."""
    tier = each.next_tier
    if tier is None and each.outcome == "missing" and each.what in _NEAR:
        return (1 if each.what == "amount" else 0, each.short)
    if tier is None:
        return (2, 0)
    return (0, tier.short_units) if tier.short_units else (1, tier.short_minor)


def _by_hand(priced: Priced) -> list[WhyView]:
    found: dict[str, int] = {}
    for line in priced.basket.lines:
        for each in line.discounts:
            if each.source == MANUAL:
                found[each.name] = found.get(each.name, 0) + each.amount_minor
    return [WhyView("", "by_hand", (name,), amount) for name, amount in found.items()]
