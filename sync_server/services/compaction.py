"""What head office lets go: deletions that every workstation had time to hear of, and visitors long gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from pos_core.clock import Clock
from pos_core.sync.reference import KINDS
from sync_server.services.shared.joined import stores_of
from sync_server.store import feed, feed_age, masters
from sync_server.store.engine import Store, Txn

DAY_MS = 24 * 60 * 60_000
DELETIONS_KEPT_DAYS = 90
VISITOR_DAYS = 90
"""Policy `visitor_days`: for so long a store keeps a member of another region who shopped there."""
_SEEN = KINDS["member_detail"].column_names.index("last_seen_day")


@dataclass(frozen=True, slots=True)
class Compacted:
    """How much went."""

    deletions: int
    visitors: int


class Compaction:
    """Once a day, while everything goes on; again is fine."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def run(self) -> Compacted:
        """Marks today's heads, forgets deletions older than 90 days, and takes visitors out of slices."""
        now_ms = self._clock.now_ms()
        self._store.write(lambda txn: feed_age.mark(txn, now_ms))
        before_ms = now_ms - DELETIONS_KEPT_DAYS * DAY_MS
        deletions = self._store.write(lambda txn: feed_age.forget_deletions(txn, before_ms))
        scopes = [each for each in self._store.read(feed.scopes) if each.startswith("store:")]
        visitors = sum(
            self._store.write(lambda txn, scope=scope: _visitors_gone(txn, scope, now_ms))  # type: ignore[misc]
            for scope in scopes
        )
        return Compacted(deletions, visitors)


def _visitors_gone(txn: Txn, scope: str, now_ms: int) -> int:
    days = feed.policy(txn, "visitor_days") or VISITOR_DAYS
    last_day = datetime.fromtimestamp((now_ms - days * DAY_MS) / 1000, UTC).date().isoformat()
    old = [row[0] for row in feed.rows_of(txn, "member_detail", scope) if (row[_SEEN] or "9") < last_day]
    if not old:
        return 0
    store_id = scope.removeprefix("store:")
    known = masters.members(txn, old)
    homes = {row.home_store_id: stores_of(txn, row.home_store_id) for row in known.values()}
    gone = [each for each in old if each in known and store_id not in homes[known[each].home_store_id]]
    wallets = [row[0] for row in feed.rows_of(txn, "member_coupon", scope) if row[1] in set(gone)]
    rows = (("member", gone), ("member_detail", gone), ("member_pricing", gone), ("member_coupon", wallets))
    for kind, keys in rows:
        if keys:
            feed.put_rows(txn, kind, scope, [], [[key] for key in keys])
    return len(gone)
