"""What may be let go here while head office does not answer, as the checkout asks for it."""

from __future__ import annotations

from pos_client.journal.allowance_book import AllowanceBook
from pos_client.replica.replica import Replica
from pos_client.services.views import AllowanceView
from pos_core.sync.allowance_policy import (
    AllowancePolicy,
    allowance_policy,
    budget_id,
    points_id,
    stored_value_id,
)


class Allowances:
    """Each `…_left` answers `(allowance id, units left)`: the id goes into the sale, which charges it.

    The charge happens in the sale's own transaction (`Counter.record`); where a term ended meanwhile the sale
    is refused with `allowance_refused`, nothing is written, and a manager may let it go instead.
    """

    def __init__(self, book: AllowanceBook, replica: Replica) -> None:
        self._book = book
        self._replica = replica

    @property
    def policy(self) -> AllowancePolicy:
        """The chain's choices."""
        return allowance_policy(self._replica.policy("allowances"))

    def points_left(self, tier: str) -> tuple[str, int]:
        """Points that members of a tier may redeem here."""
        return self._of(points_id(self._book.series, self.policy.tier_of(tier)))

    def stored_value_left(self) -> tuple[str, int]:
        """Money of members and cards, in minor units."""
        return self._of(stored_value_id(self._book.series))

    def budget_left(self, campaign_id: str) -> tuple[str, int]:
        """What a campaign may still give here, in minor units."""
        return self._of(budget_id(campaign_id, self._book.series))

    def views(self) -> list[AllowanceView]:
        """Every allowance of this workstation."""
        return [
            AllowanceView(
                allowance_id=each.grant.allowance_id,
                kind=each.grant.kind,
                left=each.left,
                used=each.used,
                ends_in_ms=0 if each.lost else max(0, each.grant.term_ms - each.elapsed_ms),
                lost=each.lost or None,
            )
            for each in self._book.slices().values()
        ]

    def _of(self, allowance_id: str) -> tuple[str, int]:
        return allowance_id, self._book.left(allowance_id)
