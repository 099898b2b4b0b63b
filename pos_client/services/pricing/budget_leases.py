"""Budgets of promotions and campaigns, as far as this workstation holds a part of them.

What it holds is an input of pricing (`UsageCounter.left_minor`), so the same basket with the same part is
priced alike everywhere; what a sale gave is charged to the slices in the sale's own transaction. Nothing
held, or its term in doubt: the promotion gives nothing here (docs/rulings.md, "Budgets"). Where head office
never answered about allowances, and in training, budgets count by this journal's own sales alone.

Uses over the chain (`in_all`) are held in the same way: pricing is told that all others are used up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pos_client.journal.allowance_book import ANSWERED, AllowanceBook
from pos_client.replica import coupons
from pos_client.replica.replica import Replica
from pos_core.sync.allowance_policy import allowance_policy, budget_id
from pos_core.sync.budget_leases import handed_out, promotion_budget, uses_budget

if TYPE_CHECKING:
    from pos_core.pricing.basket import PricingInput
    from pos_core.pricing.compiled import RuleSet
    from pos_core.pricing.result import PricedBasket

Parts = Sequence[tuple[str, int]]
"""`(allowance id, units)`, the own one first."""
Leased = Callable[["RuleSet"], Mapping[str, int]]
"""Promotion of the set → what allowances leave to this workstation of its budgets (minor units)."""


def nothing_leased(_rules: RuleSet) -> Mapping[str, int]:
    """Where nobody hands out budgets."""
    return {}


class _Bound(NamedTuple):
    """What is handed out of what a rule gives: of its own budget, of its coupon's campaign, of its uses."""

    promotion_id: str
    own: str | None
    campaign: coupons.Campaign | None
    uses_max: int | None


class BudgetLeases:
    """Any thread: reads of the replica and of the journal."""

    def __init__(
        self, replica: Replica, book: AllowanceBook, is_training: Callable[[], bool] = lambda: False
    ) -> None:
        self._replica = replica
        self._book = book
        self._is_training = is_training
        self._was_answered = False
        self._known: tuple[tuple[int, str, str], tuple[_Bound, ...]] | None = None

    def left(self, rules: RuleSet) -> dict[str, int]:
        """Promotion → minor units that it may still give here; one that is not in it has no leased budget."""
        names = self._names(rules)
        if not names or not self._is_answered():
            return {}
        left = self._held()
        return {each: min(left.get(f"budget/{name}", 0) for name in own) for each, own in names.items()}

    def used_up(self, rules: RuleSet) -> dict[str, int]:
        """Promotion → uses of its `in_all` that are not to be had here; others' are not handed out."""
        most = self._uses_max(rules)
        if not most or not self._is_answered():
            return {}
        left = self._held()
        here = {name: left.get(f"budget/{uses_budget(name)}", 0) for name in most}
        return {name: max(0, each - here[name]) for name, each in most.items()}

    def _held(self) -> dict[str, int]:
        return {name: sum(units for _, units in held) for name, held in self._book.parts().items()}

    def uses(
        self,
        proof: tuple[PricingInput, PricedBasket, RuleSet] | None,
        coupon_uses: Sequence[Mapping[str, Any]],
    ) -> list[dict[str, Any]]:
        """`budget_uses` of the sale: what it took of each leased budget, by slice, the own first.

        What no slice covers any more is asked of the own one, which then refuses the sale; but only as far
        as the price was bounded by it. Otherwise another price could not be had, and the sale stands.
        """
        spent: dict[str, int] = {}
        if proof is not None:
            spent = {promotion_budget(use.promotion_id): use.amount_minor for use in proof[1].usage}
            spent |= {uses_budget(use.promotion_id): use.counted for use in proof[1].usage}
        for use in coupon_uses:
            spent[use["campaign_id"]] = spent.get(use["campaign_id"], 0) + use["amount_minor"]
        if proof is None or not any(spent.values()) or self._is_training():
            return []
        held, bounded = self._book.parts(), self._bounded(*proof)
        return [
            {"budget": name, "amount_minor": units, "allowance_id": allowance_id}
            for name in sorted(spent)
            for allowance_id, units in _shared_out(
                held.get(f"budget/{name}", ()),
                spent[name],
                due=min(spent[name], bounded.get(name, 0)),
                own=budget_id(name, self._book.series),
            )
        ]

    def _bounded(self, question: PricingInput, answer: PricedBasket, rules: RuleSet) -> dict[str, int]:
        """Budget → minor units of it that pricing gave under a bound.

        Two rules that share a budget are each bounded by the whole of it, so no more than that is due.
        """
        bounds = {each.promotion_id: each.left_minor for each in question.usage}
        names = self._names(rules)
        given: dict[str, int] = {}
        most: dict[str, int] = {}
        for use in answer.usage:
            bound = bounds.get(use.promotion_id)
            for name in names.get(use.promotion_id, ()) if bound is not None else ():
                given[name] = given.get(name, 0) + use.amount_minor
                most[name] = max(most.get(name, 0), bound or 0)
        found = {name: min(minor, most[name]) for name, minor in given.items()}
        leased = self._uses_max(rules).keys() & bounds.keys() if self._is_answered() else set()
        here = [use for use in answer.usage if use.promotion_id in leased]
        return found | {uses_budget(use.promotion_id): use.counted for use in here}

    def _is_answered(self) -> bool:
        """Head office has spoken of allowances: an old one never does, and what it leaves is not nothing."""
        if not self._was_answered:
            self._was_answered = self._book.has_any() or self._replica.setting(ANSWERED) is not None
        return self._was_answered

    def _names(self, rules: RuleSet) -> dict[str, tuple[str, ...]]:
        """Promotion of the set → the budgets that this chain hands out and that it gives of."""
        known = self._bounds_known(rules)
        if not known:
            return {}
        now_ms = self._book.now().wall_ms
        found: dict[str, tuple[str, ...]] = {}
        for each in known:
            campaign = each.campaign
            leased = campaign.campaign_id if campaign is not None and campaign.is_leased(now_ms) else None
            names = tuple(name for name in (each.own, leased) if name is not None)
            if names:
                found[each.promotion_id] = names
        return found

    def _uses_max(self, rules: RuleSet) -> dict[str, int]:
        """Promotion of the set → its `in_all`, where that is handed out."""
        known = self._bounds_known(rules)
        return {each.promotion_id: each.uses_max for each in known if each.uses_max is not None}

    def _bounds_known(self, rules: RuleSet) -> tuple[_Bound, ...]:
        if self._is_training():
            return ()
        as_of = (self._replica.generation, rules.release_hash, self._book.series)
        known = self._known
        if known is None or known[0] != as_of:
            known = self._known = (as_of, self._bounds(rules))
        return known[1]

    def _bounds(self, rules: RuleSet) -> tuple[_Bound, ...]:
        """Of the rules with a budget or a coupon; whether a campaign is over is looked at each time."""
        every = [each.rule for each in rules.promotions]
        with_one = [
            rule
            for rule in every
            if rule.limits.budget_minor is not None or rule.limits.in_all is not None or rule.coupon
        ]
        if not with_one:
            return ()
        campaigns = {each.campaign_id: each for each in self._replica.read(coupons.campaigns)}
        budgets = handed_out(self._replica.policy)
        budgets |= {name: each.budget_minor or 0 for name, each in campaigns.items()}
        series = self._book.series
        wanted = allowance_policy(self._replica.policy("allowances")).wanted(series, budgets)
        leased = {name for name in budgets if budget_id(name, series) in wanted}
        found = []
        for rule in with_one:
            own = promotion_budget(rule.id) if rule.limits.budget_minor is not None else None
            asked = rule.coupon.campaign if rule.coupon is not None else None
            found.append(
                _Bound(
                    rule.id,
                    own if own in leased else None,
                    campaigns[asked] if asked is not None and asked in leased else None,
                    rule.limits.in_all if uses_budget(rule.id) in leased else None,
                )
            )
        return tuple(each for each in found if any(part is not None for part in each[1:]))


def _shared_out(held: Parts, units: int, *, due: int, own: str) -> list[tuple[str, int]]:
    """Takes units off what is held; what is due and not covered is asked of the own one."""
    parts: dict[str, int] = {}
    for allowance_id, left in held:
        taken = min(left, units - sum(parts.values()))
        if taken:
            parts[allowance_id] = taken
    missing = due - sum(parts.values())
    if missing > 0:
        parts[own] = parts.get(own, 0) + missing
    return list(parts.items())
