"""Budgets of promotions and campaigns, as far as this workstation holds a part of them.

What it holds is an input of pricing (`UsageCounter.left_minor`), so the same basket with the same part is
priced alike everywhere; what a sale gave is charged to the slices in the sale's own transaction. Nothing
held, or its term in doubt: the promotion gives nothing here (docs/rulings.md, "Budgets").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pos_client.journal.allowance_book import AllowanceBook
from pos_client.replica import coupons
from pos_client.replica.replica import Replica
from pos_core.sync.allowance_policy import allowance_policy, budget_id
from pos_core.sync.budget_leases import POLICY, leased_budgets, promotion_budget


class BudgetLeases:
    """Any thread: reads of the replica and of the journal."""

    def __init__(self, replica: Replica, book: AllowanceBook) -> None:
        self._replica = replica
        self._book = book

    def left(self) -> dict[str, int]:
        """Promotion → minor units that it may still give here; one that is not in it has no leased budget."""
        names = self._names()
        if not names:
            return {}
        found: dict[str, int] = {}
        for name, promotion_id in names.items():
            units = self._book.left_of(f"budget/{name}")
            found[promotion_id] = min(units, found.get(promotion_id, units))
        return found

    def uses(
        self, result: Mapping[str, Any] | None, coupon_uses: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """`budget_uses` of the sale: what it took of each leased budget, by slice, the own first.

        What no slice covers any more is asked of the own one, which then refuses the sale.
        """
        names = self._names() if result is not None else {}
        if result is None or not names:
            return []
        given = {use["promotion_id"]: int(use["amount_minor"]) for use in result.get("usage", ())}
        spent = {promotion_budget(name): minor for name, minor in given.items()}
        for use in coupon_uses:
            spent[use["campaign_id"]] = spent.get(use["campaign_id"], 0) + use["amount_minor"]
        return [
            {"budget": name, "amount_minor": units, "allowance_id": allowance_id}
            for name in sorted(names)
            for allowance_id, units in self._parts(name, spent.get(name, 0))
        ]

    def _names(self) -> dict[str, str]:
        """Budget → the promotion that gives of it; only those that this chain hands out."""
        now_ms = self._book.now().wall_ms
        promotions = leased_budgets(self._replica.policy(POLICY))
        campaigns = [each for each in self._replica.read(coupons.campaigns) if each.is_leased(now_ms)]
        if not promotions and not campaigns:
            return {}
        budgets = {promotion_budget(name): minor for name, minor in promotions.items()}
        budgets |= {each.campaign_id: each.budget_minor or 0 for each in campaigns}
        promotion_of = {promotion_budget(name): name for name in promotions}
        promotion_of |= {each.campaign_id: each.promotion_id for each in campaigns}
        series = self._book.series
        wanted = allowance_policy(self._replica.policy("allowances")).wanted(series, budgets)
        return {name: promotion_of[name] for name in budgets if budget_id(name, series) in wanted}

    def _parts(self, name: str, units: int) -> list[tuple[str, int]]:
        parts: list[tuple[str, int]] = []
        for allowance_id, left in self._book.for_purpose(f"budget/{name}"):
            taken = min(left, units)
            if taken:
                parts.append((allowance_id, taken))
                units -= taken
        if units:
            own = budget_id(name, self._book.series)
            merged = dict(parts)
            merged[own] = merged.get(own, 0) + units
            parts = list(merged.items())
        return parts
