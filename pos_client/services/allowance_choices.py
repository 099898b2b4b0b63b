"""The chain's choices about allowances, read again only when the replica has changed."""

from __future__ import annotations

from pos_client.replica.replica import Replica
from pos_core.sync.allowance_policy import AllowancePolicy, allowance_policy


class AllowanceChoices:
    """Any thread. Slices are looked at with every pricing; the policy behind that seldom changes."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._known: tuple[int, AllowancePolicy] | None = None

    def now(self) -> AllowancePolicy:
        """The policy `allowances`, with its defaults."""
        generation, known = self._replica.generation, self._known
        if known is None or known[0] != generation:
            known = self._known = (generation, allowance_policy(self._replica.policy("allowances")))
        return known[1]
