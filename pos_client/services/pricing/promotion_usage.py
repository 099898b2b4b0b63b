"""What this workstation knows of promotions' uses: its own sales, read from the journal and as they come.

Less what came back of them here and, as far as it was heard of, elsewhere.

Uses at other workstations, and what head office counts, are not known here; a limit over all of them is kept
by whoever counts them (docs/promotions.md, "Counters"). Read on the pricing thread.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from pos_client.journal.carried import carried_promotion_uses
from pos_client.journal.pruning import last_pruned_key
from pos_client.services.ports import JournalPort
from pos_client.services.pricing.budget_leases import Leased, nothing_leased
from pos_client.services.pricing.uses_elsewhere import BackElsewhere, OwnSale, UsesElsewhere, own_sale
from pos_client.services.shared_state import SharedState
from pos_client.storage.connection import Connection
from pos_core.pricing.basket import PricingInput, UsageCounter
from pos_core.pricing.compiled import RuleSet
from pos_core.pricing.local_time import DAY_SECONDS, local_second

PAGE = 500
_Use = tuple[str, str | None, int, int]
"""Promotion, member, times used, minor units given: of sales that were pruned."""
_TRADE = """
SELECT document_key,
       json_extract(text, '$.body.member_id'),
       json_extract(text, '$.body.pricing.input.instant_ms'),
       json_extract(text, '$.body.pricing.input.utc_offset_minutes'),
       json_extract(text, '$.body.pricing.result.usage'),
       CASE WHEN json_extract(text, '$.body.origin.workstation_id') = json_extract(text, '$.workstation_id')
            THEN json_extract(text, '$.body.uses_restored') END,
       json_extract(text, '$.body.origin.incarnation'), json_extract(text, '$.body.origin.number')
  FROM (SELECT document_key, CAST(data AS TEXT) AS text FROM document
         WHERE document_key > ? AND type IN ('sale', 'return') ORDER BY document_key LIMIT ?)
"""
"""Of returns, what came back of sales that were counted here."""


class _Sum(NamedTuple):
    counted: int = 0
    spent_minor: int = 0

    def more(self, counted: int, spent_minor: int) -> _Sum:
        return _Sum(self.counted + counted, self.spent_minor + spent_minor)


class PromotionUsage:
    """Sums by promotion: in all, by day, by member, by member and day. Days are the store's, of the sale."""

    def __init__(
        self,
        journal: JournalPort,
        shared: SharedState,
        leased: Leased = nothing_leased,
        used_up: Leased = nothing_leased,
    ) -> None:
        self._journal = journal
        self._leased = leased
        self._used_up = used_up
        self._elsewhere = UsesElsewhere(journal, shared)
        self._own_returns: dict[OwnSale, int] = defaultdict(int)
        self._lock = threading.Lock()
        self._seen = 0
        self._pruned_key = -1
        self._sums: dict[tuple[str, str | None, int | None], _Sum] = defaultdict(_Sum)
        self._limited: tuple[str, frozenset[str]] = ("", frozenset())

    def counters(
        self, question: PricingInput, rule_set: RuleSet, member_id: str | None
    ) -> tuple[UsageCounter, ...]:
        """Counters of the release's limited promotions that have been used here, sorted by id."""
        leased, used_up = self._leased(rule_set), self._used_up(rule_set)
        limited = self._with_limits(rule_set) | leased.keys()
        if not limited:
            return ()
        with self._lock:
            self._catch_up()
            today = _day(question.instant_ms, question.utc_offset_minutes)
            back = [each for each in self._elsewhere.found(self._own_returns) if each.promotion_id in limited]
            own = [self._counter(name, member_id, today, back) for name in sorted(limited)]
        found = [
            replace(
                each,
                in_all=max(each.in_all, used_up.get(each.promotion_id, 0)),
                left_minor=leased.get(each.promotion_id),
            )
            for each in own
        ]
        return tuple(each for each in found if each.in_all or each.spent_minor or each.left_minor is not None)

    def _counter(
        self, name: str, member_id: str | None, today: int, back: Sequence[BackElsewhere]
    ) -> UsageCounter:
        back = [each for each in back if each.promotion_id == name]

        def left(member: str | None, day: int | None) -> _Sum:
            less = [
                each
                for each in back
                if (member is None or each.member_id == member) and (day is None or each.day == day)
            ]
            return self._sums.get((name, member, day), _Sum()).more(
                -sum(each.counted for each in less), -sum(each.amount_minor for each in less)
            )

        everything, mine = left(None, None), member_id is not None
        return UsageCounter(
            promotion_id=name,
            in_all=max(0, everything.counted),
            day=max(0, left(None, today).counted),
            member=max(0, left(member_id, None).counted) if mine else 0,
            member_day=max(0, left(member_id, today).counted) if mine else 0,
            spent_minor=max(0, everything.spent_minor),
        )

    def _with_limits(self, rule_set: RuleSet) -> frozenset[str]:
        if self._limited[0] != rule_set.release_hash:
            self._limited = (rule_set.release_hash, rule_set.limited())
        return self._limited[1]

    def _catch_up(self) -> None:
        while True:
            rows, pruned_key, carried = self._journal.read(self._page)
            if carried is not None:  # the first time, or documents went that were not all counted yet
                self._begin(pruned_key, carried)
                continue
            for key, member_id, instant_ms, offset, usage, restored, *origin in rows:
                self._seen = key
                sale = own_sale(*origin)
                if sale is not None:
                    self._own_returns[sale] += 1
                if usage is not None:
                    self._add(member_id, _day(instant_ms, offset), json.loads(usage))
                for back in json.loads(restored) if restored is not None else ():
                    less = {name: -back[name] for name in ("counted", "amount_minor")}
                    self._add(member_id, back["day"], [{**back, **less}])
            if len(rows) < PAGE:
                return

    def _begin(self, pruned_key: int, carried: list[_Use]) -> None:
        """Count from the beginning of what is kept, on top of what was pruned."""
        self._pruned_key = self._seen = pruned_key
        self._sums.clear()
        self._own_returns.clear()
        for name, member_id, counted, spent_minor in carried:
            for key in {(name, None, None), (name, member_id, None)}:
                self._sums[key] = self._sums[key].more(counted, spent_minor)

    def _page(self, connection: Connection) -> tuple[list[tuple[Any, ...]], int, list[_Use] | None]:
        """The next sales; or, when the journal begins elsewhere than these sums do, what was pruned."""
        pruned_key = last_pruned_key(connection)
        if pruned_key != self._pruned_key and (pruned_key > self._seen or self._pruned_key < 0):
            return [], pruned_key, carried_promotion_uses(connection)
        self._pruned_key = pruned_key
        return connection.execute(_TRADE, (self._seen, PAGE)).fetchall(), pruned_key, None

    def _add(self, member_id: str | None, day: int, usage: list[dict[str, int | str]]) -> None:
        for used in usage:
            name, counted, spent = str(used["promotion_id"]), int(used["counted"]), int(used["amount_minor"])
            keys: list[tuple[str, str | None, int | None]] = [(name, None, None), (name, None, day)]
            if member_id is not None:
                keys += [(name, member_id, None), (name, member_id, day)]
            for key in keys:
                self._sums[key] = self._sums[key].more(counted, spent)


def _day(instant_ms: int, utc_offset_minutes: int) -> int:
    return local_second(instant_ms, utc_offset_minutes) // DAY_SECONDS
