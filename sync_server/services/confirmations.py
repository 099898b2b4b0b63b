"""The newest release is confirmed before its date: a chain that changes nothing goes on selling freshly.

A release expires so that nobody can hold tills back on old prices unseen. Where nothing is published for a
while head office says itself that what it said last still holds: a new, higher release with the same prices
and promotions. It is no roll-out and no change; nothing that waits for a release is carried by it.
"""

from __future__ import annotations

from pos_core.clock import Clock
from sync_server.services.publish import Publisher
from sync_server.services.releases import DAY_MS
from sync_server.store import release, rollout
from sync_server.store.engine import Store, Txn
from sync_server.store.release import ReleaseRow

CONFIRM_BEFORE_MS = 10 * DAY_MS
"""A third of what a release lasts. A till may be away for ten days, or head office for a week, and no till
says that its prices are old; and a chain that changes nothing makes eighteen releases a year, no more."""
ACTOR = "head office"


class Confirmations:
    """Looks at the newest release's date."""

    def __init__(self, store: Store, publisher: Publisher, clock: Clock) -> None:
        self._store = store
        self._publisher = publisher
        self._clock = clock

    def run_due(self) -> ReleaseRow | None:
        """The release that confirms the newest, when it is due; None when it is not, or has to wait.

        While a roll-out is under way nothing follows it (docs/adr/0015). Raises NotDelegated.
        """
        if not self._store.read(self._is_due):
            return None

        def write(txn: Txn) -> ReleaseRow | None:
            if not self._is_due(txn) or rollout.under_way(txn) is not None:
                return None
            return self._publisher.confirm_in(txn, actor=ACTOR)

        return self._store.write(write)

    def _is_due(self, txn: Txn) -> bool:
        newest = release.newest(txn)
        return newest is not None and _wants_a_date(newest, self._clock.now_ms())


def held_up(txn: Txn, now_ms: int) -> ReleaseRow | None:
    """The release for all that would be confirmed by now, were there no roll-out under way."""
    if rollout.under_way(txn) is None:
        return None
    newest = max(release.for_all(txn), key=lambda row: row.version, default=None)
    return newest if newest is not None and _wants_a_date(newest, now_ms) else None


def _wants_a_date(row: ReleaseRow, now_ms: int) -> bool:
    return now_ms >= row.expires_at_ms - CONFIRM_BEFORE_MS
