"""Replay before push: a draft over past baskets, with the engine of the tills, in the background.

What was drafted is kept with the replay, so editing the draft meanwhile changes nothing. Sums and the place
of the last basket are written in one transaction: a restart goes on there, and no basket counts twice.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import structlog

from pos_core.clock import Clock
from pos_core.errors import InvalidInput, Refusal
from sync_server.services.acts import Act
from sync_server.services.console.past_baskets import PastBasket, past_basket
from sync_server.services.console.promotion_changes import PromotionChanges
from sync_server.services.console.replay_session import Session
from sync_server.services.console.replay_sums import Stretch
from sync_server.services.console.replay_ways import Ways
from sync_server.services.console.rule_sets import Rule, RuleSets, compiled
from sync_server.services.identity import new_id
from sync_server.services.importing.context import chain_view
from sync_server.store import price_change, promotion_change, replay
from sync_server.store.engine import Store, Txn
from sync_server.store.replay import PastSale, ReplayRow

BASKETS_AT_ONCE = 500
ODDEST = 10
FAULTS_KEPT = 50
DAYS_MAX = 400
_log = structlog.get_logger("sync_server.replay")


class BadReplay(InvalidInput):
    """Unknown stores, or days that are none, end before they begin or are too many."""

    code = "bad_replay"


class NoSuchReplay(Refusal):
    """No replay has this id."""

    code = "no_such_replay"


class NothingDrafted(Refusal):
    """No draft of promotions or prices has this id, or it is empty."""

    code = "replay_nothing_drafted"


class Replays:
    """Begins, works through, shows."""

    def __init__(self, store: Store, sets: RuleSets, changes: PromotionChanges, clock: Clock) -> None:
        self._store = store
        self._sets = sets
        self._changes = changes
        self._clock = clock
        self._session: Session | None = None

    # --- reading ------------------------------------------------------------------------------------

    def newest(self) -> list[ReplayRow]:
        """The newest first."""
        return self._store.read(lambda txn: replay.newest(txn, 100))

    def get(self, replay_id: str) -> ReplayRow:
        """One. Raises NoSuchReplay."""
        found = self._store.read(lambda txn: replay.get(txn, replay_id))
        if found is None:
            raise NoSuchReplay("no such replay")
        return found

    # --- changing -----------------------------------------------------------------------------------

    def begin(self, act: Act, change_id: str, store_ids: Sequence[str], day_from: str, day_to: str) -> str:
        """A draft over the sales of some stores (none named: all) and business days, both inside.

        Raises BadReplay, NothingDrafted, PromotionsRefused.
        """
        _check_days(day_from, day_to)
        title, question = self._drafted(change_id)
        compiled(question["before"])
        compiled(question["after"])
        now = self._clock.now_ms()

        def write(txn: Txn) -> str:
            known = set(chain_view(txn).stores)
            if not set(store_ids) <= known:
                raise BadReplay("unknown stores", field=" ".join(sorted(set(store_ids) - known)))
            stores = sorted(set(store_ids) or known)
            row = ReplayRow(
                replay_id=new_id(self._clock),
                change_id=change_id,
                title=title,
                why=act.why,
                created_login=act.actor,
                created_at_ms=now,
                store_ids=json.dumps(stores),
                day_from=day_from,
                day_to=day_to,
                question=json.dumps(question, ensure_ascii=False),
                state="running",
                cursor="[]",
                total=replay.count_sales(txn, stores, day_from, day_to),
                changed_at_ms=now,
            )
            replay.put(txn, row)
            act.note(txn, now, "replay_begun", row.replay_id, draft=change_id, days=[day_from, day_to])
            return row.replay_id

        return self._store.write(write)

    def stop(self, act: Act, replay_id: str) -> None:
        """No further basket; what is there stays. Raises NoSuchReplay."""

        def write(txn: Txn) -> None:
            row = replay.get(txn, replay_id)
            if row is None:
                raise NoSuchReplay("no such replay")
            if row.state == "running":
                replay.put(txn, dataclasses.replace(row, state="stopped"))
            act.note(txn, self._clock.now_ms(), "replay_stopped", replay_id)

        self._store.write(write)

    def run_some(self, batches: int) -> bool:
        """Works through some baskets of the oldest replay that runs; False: there is none."""
        for _ in range(batches):
            row = self._store.read(replay.oldest_running)
            if row is None:
                return False
            self._batch(row)
        return True

    def ways_of(self, row: ReplayRow) -> Ways:
        """The promotions before and after, compiled."""
        return self._session_of(row).ways

    def _session_of(self, row: ReplayRow) -> Session:
        known = self._session
        if known is None or known.replay_id != row.replay_id:
            known = self._session = Session.of(row)
        return known

    def _batch(self, row: ReplayRow) -> None:
        session = self._session_of(row)
        cursor, sales = self._store.read(lambda txn: _next(txn, row))
        stretch = self._store.read(lambda txn: _count(txn, sales, session)) if sales else Stretch()

        def keep(txn: Txn) -> None:
            now = replay.get(txn, row.replay_id)
            if now is None or now.state != "running" or now.cursor != row.cursor:
                return  # stopped, or another process was quicker
            sums = {
                name: getattr(now, name) + getattr(stretch, name)
                for name in ("baskets", "touched", "failed", "before_minor", "after_minor",
                             "costed_before_minor", "costed_after_minor", "cost_minor", "bound", "gap_minor")
            }  # fmt: skip
            replay.put(
                txn,
                dataclasses.replace(
                    now,
                    **sums,
                    cursor=json.dumps(cursor),
                    state="running" if cursor else "done",
                    changed_at_ms=self._clock.now_ms(),
                ),
            )
            replay.add_sums(txn, row.replay_id, "item", stretch.items)
            replay.add_sums(txn, row.replay_id, "store", stretch.stores)
            replay.keep_baskets(txn, row.replay_id, stretch.kept, ODDEST, FAULTS_KEPT)

        self._store.write(keep)

    def _drafted(self, change_id: str) -> tuple[str, dict[str, Any]]:
        """Title, and the question that the replay keeps."""
        prepared = self._sets.prepared()

        def prices(txn: Txn) -> tuple[str, dict[str, dict[str, int]]] | None:
            head = price_change.get(txn, change_id)
            if head is None:
                return None
            found: dict[str, dict[str, int]] = {}
            for row in price_change.rows(txn, change_id):
                found.setdefault(row.price_list_id, {})[row.sku] = row.price_minor
            return head.title, found

        drafted = self._store.read(prices)
        if drafted is not None and drafted[1]:
            rules = list(prepared.values())
            return drafted[0], {"before": rules, "after": rules, "prices": drafted[1]}
        head = self._store.read(lambda txn: promotion_change.get(txn, change_id))
        touched = [row.promotion_id for row in self._changes.get(change_id)[1]] if head else []
        if head is None or not touched:
            raise NothingDrafted("nothing is drafted there")
        after = self._changes.with_draft(change_id)
        question = {"before": _at_any_time(prepared, touched), "after": _at_any_time(after, touched)}
        return head.title, {**question, "prices": {}}


def _at_any_time(rules: Mapping[str, Rule], touched: Sequence[str]) -> list[Rule]:
    """Drafted promotions as if they had been in force all the time: days to come have no past baskets."""
    return [_undated(rule) if name in touched else rule for name, rule in rules.items()]


def _undated(rule: Rule) -> Rule:
    window = (rule.get("scope") or {}).get("window")
    if not window:
        return rule
    weekly = {key: value for key, value in window.items() if key == "weekly"}
    return {**rule, "scope": {**rule["scope"], "window": weekly}}


def _next(txn: Txn, row: ReplayRow) -> tuple[list[Any], list[PastSale]]:
    """The sales behind the place of a replay, and the place behind them; [] when there are no more."""
    stores = json.loads(row.store_ids)
    place = json.loads(row.cursor)
    at = stores.index(place[0]) if place else 0
    after = place[1:]
    while at < len(stores):
        found = replay.sales(txn, stores[at], (row.day_from, row.day_to), after, BASKETS_AT_ONCE)
        if found:
            last = found[-1]
            return [
                last.store_id, last.business_day, last.workstation_id, last.incarnation, last.number,
            ], found  # fmt: skip
        at, after = at + 1, []
    return [], []


def _count(txn: Txn, sales: Sequence[PastSale], session: Session) -> Stretch:
    """One basket's trouble is that basket's own."""
    chain = chain_view(txn)
    stretch = Stretch()
    baskets: list[tuple[PastSale, PastBasket]] = []

    def failed(sale: PastSale, error: Exception) -> None:
        _log.warning("replay_basket", number=sale.number, kind=type(error).__name__)
        stretch.fail(sale, f"{type(error).__name__}: {error}")

    for sale in sales:
        try:
            baskets.append((sale, past_basket(txn, chain, sale, session.prices)))
        except Exception as error:
            failed(sale, error)
    costs = session.costs(txn, {line.sku for _, basket in baskets for line in basket.before.lines})
    for sale, basket in baskets:
        try:
            stretch.add(sale, basket, session.ways, costs)
        except Exception as error:
            failed(sale, error)
    return stretch


def _check_days(day_from: str, day_to: str) -> None:
    try:
        days = (date.fromisoformat(day_to) - date.fromisoformat(day_from)).days
    except ValueError:
        raise BadReplay("not a day", field="days") from None
    if not 0 <= days < DAYS_MAX:
        raise BadReplay(f"from 1 to {DAYS_MAX} days", field="days")
