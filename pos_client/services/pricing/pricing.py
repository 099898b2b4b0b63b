"""The one place where a basket gets its price: everything that shows or sells asks here."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from pos_client.log import get_logger
from pos_client.replica.replica import Replica
from pos_client.services.chain_rules import Rules
from pos_client.services.futures import done
from pos_client.services.pricing.budget_leases import Leased, nothing_leased
from pos_client.services.pricing.rule_sets import RuleSets
from pos_core.sale.basket import Basket
from pos_core.sale.line_item import LineItem
from pos_core.sale.manual import override_discount, with_manual, without_last
from pos_core.sale.totals import BasketTotals, total_basket

if TYPE_CHECKING:
    from pos_client.services.ports import JournalPort
    from pos_client.services.pricing.promotion_pricer import PromotionPricer
    from pos_client.services.shared_state import SharedState
    from pos_core.pricing.basket import PricingInput
    from pos_core.pricing.compiled import RuleSet
    from pos_core.pricing.result import PricedBasket

_log = get_logger(__name__)

T = TypeVar("T")
QUICK_MS = 12.0
"""A pricing that is expected to take longer than this is done beside the front end's thread."""


@dataclass(frozen=True)
class Priced:
    """A basket with its discounts and sums.

    Attributes:
        basket: the same lines, with what each was lowered by.
        totals: sums of `basket`; cash rounding as if all were paid in cash.
        final: False while promotions are still to be worked out: new lines stand at list price.
    """

    basket: Basket
    totals: BasketTotals
    final: bool = True
    _proof: tuple[PricingInput, PricedBasket, RuleSet] | None = field(default=None, repr=False)

    @property
    def proof(self) -> tuple[PricingInput, PricedBasket, RuleSet] | None:
        """Question, answer and rules; None: sold at list price."""
        return self._proof

    @property
    def points_paid_minor(self) -> int:
        """What points pay of the total; 0 without promotions."""
        return 0 if self._proof is None else self._proof[1].points_paid_minor

    def coupon_outcome(self, coupon_id: str) -> tuple[str, int]:
        """Why a presented coupon gives nothing ("" where it gives), and what it takes off."""
        if self._proof is None:
            return "no_promotions", 0
        answer = self._proof[1]
        found = next((each for each in answer.coupons if each.coupon_id == coupon_id), None)
        amount_minor = sum(
            each.amount_minor * each.times for each in answer.applications if coupon_id in each.coupons
        )
        return (found.reason or "") if found is not None else "unknown_campaign", amount_minor

    @property
    def points_paid(self) -> int:
        """The points that `points_paid_minor` costs."""
        uses = () if self._proof is None else self._proof[1].points
        return sum(use.points for use in uses if use.paid_minor)

    @cached_property
    def record(self) -> dict[str, Any] | None:
        """What the sale's document stores (pos_core/pricing/sale_record.py); None: list prices."""
        if self._proof is None:
            return None
        from pos_core.pricing.sale_record import sale_record

        return sale_record(*self._proof)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A basket and the rules it is priced under; the same objects mean the same price."""

    basket: Basket
    rules: Rules

    def same(self, basket: Basket, rules: Rules) -> bool:
        return self.basket is basket and self.rules is rules


class Pricing:
    """Prices baskets; remembers the last answer, since a till asks the same thing several times.

    `price` waits for promotions. `at_once` does not: it shows what is known, and `settle` has the rest
    worked out, here when that is quick, else on a thread of its own. All three are called on the front
    end's thread.

    A release without promotions sells at list price. So does one whose promotions cannot be read, and a
    basket that the engine fails on: both are logged as defects, and the shop goes on selling.
    """

    def __init__(
        self,
        replica: Replica,
        rule_sets: RuleSets,
        journal: JournalPort,
        shared: SharedState,
        leased: Leased = nothing_leased,
        *,
        used_up: Leased = nothing_leased,
    ) -> None:
        self._leases = leased, used_up
        self._replica = replica
        self._journal = journal
        self._shared = shared
        self._rule_sets = rule_sets
        self._engine = threading.Lock()
        self._wanted: _Asked | None = None
        self._known: tuple[_Asked, Priced] | None = None
        self._shown: tuple[_Asked, Priced] | None = None
        self._lately_ms = (0.0, 0.0)
        self._worker: ThreadPoolExecutor | None = None

    def price(self, basket: Basket, rules: Rules) -> Priced:
        """The basket at its release's prices. Raises BadAmount when a sum passes 2**53 − 1."""
        known = self._answer(basket, rules)
        if known is None:
            asked = self._wanted = _Asked(basket, rules)
            known = self._work_out(asked, self._question(basket, rules))
        return known

    def at_once(self, basket: Basket, rules: Rules) -> Priced:
        """The answer, or while it is not known: lines as they were priced last, changed ones at list price.

        Raises BadAmount as `price`.
        """
        known = self._answer(basket, rules)
        if known is not None:
            return known
        shown = self._shown
        if shown is None or not shown[0].same(basket, rules):
            shown = self._shown = (_Asked(basket, rules), self._provisional(basket, rules))
        return shown[1]

    def settle(self, basket: Basket, rules: Rules) -> Future[bool]:
        """Have the answer worked out. Resolves with True when it still is the answer to the newest question.

        Quick ones are done here and now. The future resolves on any thread and does not fail.
        """
        if self._answer(basket, rules) is not None:
            return done(True)
        asked = self._wanted = _Asked(basket, rules)
        question = self._question(basket, rules)
        if self._is_quick(basket):
            self._work_out(asked, question)
            return done(True)
        return self._thread().submit(self._work_out_newest, asked, question)

    def ask_anew(self) -> None:
        """What the last answer built on has changed: a budget's part is gone."""
        self._known = self._shown = None

    def _thread(self) -> ThreadPoolExecutor:
        if self._worker is None:
            self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pricing")
        return self._worker

    def beside(self, work: Callable[[], T]) -> Future[T]:
        """Do something with the engine on the pricing thread, never beside a pricing."""

        def alone() -> T:
            with self._engine:
                return work()

        return self._thread().submit(alone)

    def close(self) -> None:
        """End the thread."""
        if self._worker is not None:
            self._worker.shutdown(wait=True, cancel_futures=True)

    @cached_property
    def _promotions(self) -> PromotionPricer:
        from pos_client.services.pricing.promotion_pricer import PromotionPricer

        return PromotionPricer(self._replica, self._journal, self._shared, *self._leases)

    def _answer(self, basket: Basket, rules: Rules) -> Priced | None:
        known = self._known
        return known[1] if known is not None and known[0].same(basket, rules) else None

    def _is_quick(self, basket: Basket) -> bool:
        """Both of the last two were: a slow one seldom comes alone."""
        if self._engine.locked():
            return False
        if basket.release is not None and not self._rule_sets.ready(basket.release.version):
            return False
        return max(self._lately_ms) <= QUICK_MS

    def _question(self, basket: Basket, rules: Rules) -> PricingInput | None:
        """None: nothing to ask. Built on the caller's thread."""
        if basket.release is None or not basket.lines or self._sells_at_list_price(basket):
            return None
        try:
            return self._promotions.question(basket, rules)
        except Exception:
            _defect(basket)
            return None

    def _work_out_newest(self, asked: _Asked, question: PricingInput | None) -> bool:
        """On the pricing thread; a question that is no longer the newest is dropped."""
        if self._wanted is asked:
            with contextlib.suppress(Exception):  # BadAmount: `at_once` has raised it already
                self._work_out(asked, question)
        return self._wanted is asked

    def _work_out(self, asked: _Asked, question: PricingInput | None) -> Priced:
        with self._engine:
            known = self._known
            if known is not None and known[0].same(asked.basket, asked.rules):
                return known[1]
            started = time.thread_time()
            priced = self._price(asked, question)
            self._lately_ms = (self._lately_ms[1], (time.thread_time() - started) * 1000)
            self._known = (asked, priced)
            return priced

    def _price(self, asked: _Asked, question: PricingInput | None) -> Priced:
        basket, rounding = asked.basket, asked.rules.cash_rounding
        rule_set = None
        if question is not None and basket.release is not None:
            rule_set = self._rule_sets.of(basket.release.version)
        if rule_set is None or question is None:
            if "_promotions" in self.__dict__:
                self._promotions.forget()
            self._lately_ms = (0.0, 0.0)
            at_list = _by_hand(_at_list_price(basket))
            return Priced(at_list, total_basket(at_list, cash_rounding=rounding))
        try:
            priced, question, answer = self._promotions.answer(question, rule_set, basket)
        except Exception:
            _defect(basket)
            at_list = _by_hand(_at_list_price(basket))
            return Priced(at_list, total_basket(at_list, cash_rounding=rounding))
        reserved = {int(line.line_id): line.points_paid_minor for line in answer.lines}
        priced = _by_hand(priced, reserved)
        return Priced(
            priced, total_basket(priced, cash_rounding=rounding), _proof=(question, answer, rule_set)
        )

    def _sells_at_list_price(self, basket: Basket) -> bool:
        """As far as is known without waiting for the compiler."""
        release = basket.release
        if release is None:
            return True
        return self._rule_sets.ready(release.version) and self._rule_sets.of(release.version) is None

    def _provisional(self, basket: Basket, rules: Rules) -> Priced:
        final = not basket.lines or self._sells_at_list_price(basket)
        shown = _by_hand(_at_list_price(basket) if final else self._with_known_discounts(basket))
        return Priced(shown, total_basket(shown, cash_rounding=rules.cash_rounding), final=final)

    def _with_known_discounts(self, basket: Basket) -> Basket:
        """A line that is still the very same keeps the discounts of the last answer meanwhile."""
        known = self._known
        if known is None or known[0].basket.release != basket.release:
            return _at_list_price(basket)
        last: dict[int, tuple[LineItem, LineItem]] = {
            line.line_no: (line, priced)
            for line, priced in zip(known[0].basket.lines, known[1].basket.lines, strict=True)
        }
        lines = [
            without_last(last[line.line_no][1])
            if line.line_no in last and last[line.line_no][0] is line
            else _line_at_list_price(line)
            for line in basket.lines
        ]
        return replace(basket, lines=tuple(lines))


def _line_at_list_price(line: LineItem) -> LineItem:
    discount = override_discount(line)
    return line if discount is None else replace(line, discounts=(discount,))


def _at_list_price(basket: Basket) -> Basket:
    """Without promotions: list prices, but for those that an operator gave."""
    if all(line.manual_price_minor is None for line in basket.lines):
        return basket
    return replace(basket, lines=tuple(_line_at_list_price(line) for line in basket.lines))


def _by_hand(basket: Basket, reserved: Mapping[int, int] | None = None) -> Basket:
    """With the discounts given by hand, which come last."""
    if not basket.manual:
        return basket
    return replace(basket, lines=with_manual(basket.lines, basket.manual, reserved=reserved))


def _defect(basket: Basket) -> None:
    with contextlib.suppress(OSError):
        _log.exception("pricing_failed", release=basket.release.version if basket.release else None)
