"""What may be let go here while head office does not answer, as the checkout asks for it.

Where it does not reach, and head office is away, the store's other workstations are asked for a part of
theirs (docs/rulings.md, "One holder"): once, then a second person lets it go as ever.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from pos_client.journal.allowance_book import AllowanceBook
from pos_client.replica.replica import Replica
from pos_client.services.futures import done
from pos_client.services.ports import NoPeers, PeersPort
from pos_client.services.refusals.accounts import AllowanceAsked
from pos_client.services.views.members import AllowanceView
from pos_core.sync.allowance_policy import AllowancePolicy, allowance_policy, points_id, stored_value_id
from pos_core.sync.authorisation_messages import is_online

ASK_AGAIN_MS = 20_000
"""Whoever could not help is not asked for the same again so soon: the shopper is waiting for a person."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Everything that may go for one purpose.

    Attributes:
        purpose: `allowance_policy.purpose_of` of each slice.
        own_id: the allowance of this series, held or not.
        slices: `(allowance id, units left)`, the own first, then what peers gave.
    """

    purpose: str
    own_id: str
    slices: tuple[tuple[str, int], ...] = ()

    @property
    def left(self) -> int:
        """Units, out of all slices."""
        return sum(units for _, units in self.slices)

    def without(self, taken: dict[str, int]) -> Lease:
        """Less what something else in the same sale takes: allowance id → units."""
        rest = ((name, units - taken.get(name, 0)) for name, units in self.slices)
        return Lease(self.purpose, self.own_id, tuple(each for each in rest if each[1] > 0))

    def parts(self, units: int) -> tuple[tuple[str, int], ...]:
        """`units` over the slices, the own first. There must be so many left."""
        found = []
        for name, left in self.slices:
            part = min(left, units)
            if part > 0:
                found.append((name, part))
                units -= part
        assert units == 0, "more than the lease has"
        return tuple(found)


@dataclass(frozen=True, slots=True)
class _Asked:
    at_ms: int
    came: Future[int]


class Allowances:
    """Front end's thread.

    The ids of a lease's parts go into the sale, which charges them in its own transaction
    (`Counter.record`); where a term ended meanwhile the sale is refused with `allowance_refused`, nothing is
    written, and a manager may let it go instead.
    """

    def __init__(
        self,
        book: AllowanceBook,
        replica: Replica,
        *,
        peers: PeersPort | None = None,
        is_offline: Callable[[], bool] = lambda: False,
    ) -> None:
        self._book = book
        self._replica = replica
        self._peers = peers or NoPeers()
        self._is_offline = is_offline
        self._asked: dict[str, _Asked] = {}
        self._last: Future[int] = done(0)

    @property
    def policy(self) -> AllowancePolicy:
        """The chain's choices."""
        return allowance_policy(self._replica.policy("allowances"))

    def points(self, tier: str) -> Lease:
        """Points that members of a tier may redeem here."""
        tier = self.policy.tier_of(tier)
        return self._lease(f"points/{tier}", points_id(self._book.series, tier))

    def stored_value(self) -> Lease:
        """Money of members and cards, in minor units."""
        return self._lease("stored_value", stored_value_id(self._book.series))

    def ask_peers(self, lease: Lease, units: int) -> None:
        """Before a second person is asked for what goes beyond the lease.

        Raises AllowanceAsked where the other workstations were asked and may help: repeat it once
        `coming` is there. Returns where nobody can be asked, or was just now.
        """
        if units <= lease.left or not self._is_offline() or not self._peers.seen():
            return
        now_ms, before = self._book.now().monotonic_ms, self._asked.get(lease.purpose)
        if before is not None and before.came.done() and now_ms - before.at_ms < ASK_AGAIN_MS:
            return
        short = units - lease.left
        if before is None or before.came.done():
            before = _Asked(now_ms, self._peers.bring_units(lease.purpose, short))
            self._asked[lease.purpose] = before
        self._last = before.came
        kind = lease.purpose.partition("/")[0]
        raise AllowanceAsked("the store's other workstations were asked", kind=kind, units=short)

    def coming(self) -> Future[int]:
        """How many units came of what was asked for last; resolves within seconds and does not fail."""
        return self._last

    def views(self) -> list[AllowanceView]:
        """Every allowance of this workstation, but for what was let go for one shopper."""
        own = self._book.series
        return [
            AllowanceView(
                allowance_id=each.grant.allowance_id,
                kind=each.grant.kind,
                left=each.left,
                used=each.used,
                ends_in_ms=0 if each.lost else max(0, each.grant.term_ms - each.elapsed_ms),
                lost=each.lost or None,
                from_peer=own not in each.grant.allowance_id.split("/"),
            )
            for each in self._book.slices().values()
            if not is_online(each.grant.allowance_id)
        ]

    def _lease(self, purpose: str, own_id: str) -> Lease:
        return Lease(purpose, own_id, self._book.for_purpose(purpose))
