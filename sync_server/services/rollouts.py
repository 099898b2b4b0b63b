"""Staged roll-outs: canary stores first, then waves, then all; guards stop one by themselves.

A release on its way is offered in the scopes of its stores (kind `release_offer`); once it is for all it
stands in the chain's scope (kind `release`) like any other. Taking one back is a new, higher release that
carries every price of before. docs/adr/0015 says why.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pos_core.clock import Clock
from pos_core.errors import InvalidInput, Refusal
from sync_server.services import budgets_in_force
from sync_server.services.acts import Act
from sync_server.services.importing.context import chain_view
from sync_server.services.publish import Published, Publisher
from sync_server.services.releases import Releases
from sync_server.services.rollout_guards import POLICY_KEY, Guards, breached
from sync_server.services.take_back import restore_before
from sync_server.store import feed, release, rollout
from sync_server.store.engine import Store, Txn
from sync_server.store.rollout import RolloutRow

BASELINE_MS = 7 * 86_400_000
WAVES_MAX = 20
WAIT_MINUTES_MAX = 7 * 24 * 60


Publishing = Callable[[Txn, str], Published]
"""Makes a release inside a transaction, given its note."""


class BadPlan(InvalidInput):
    """A roll-out plan that names unknown stores or waves that do not grow."""

    code = "bad_rollout_plan"


class NoRollout(Refusal):
    """There is no such roll-out, or it is over."""

    code = "no_such_rollout"


@dataclass(frozen=True, slots=True)
class Plan:
    """Waves of stores, the first being the canaries; after the last wave the release is for all.

    Attributes:
        wait_minutes: between two waves; 0 waits for a person each time.
    """

    waves: tuple[tuple[str, ...], ...]
    wait_minutes: int
    guards: Guards = field(default_factory=Guards)

    def as_json(self) -> str:
        """What the row keeps."""
        return json.dumps(dataclasses.asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """What the row kept."""
        value = json.loads(text)
        waves = tuple(tuple(wave) for wave in value["waves"])
        return cls(waves, value["wait_minutes"], Guards(**value["guards"]))

    def offered(self, waves_done: int) -> list[str]:
        """Stores of the waves so far."""
        return [store_id for wave in self.waves[:waves_done] for store_id in wave]


def make_plan(
    every_store: Sequence[str], canaries: Sequence[str], percents: Sequence[int], wait_minutes: int
) -> Plan:
    """Canaries, then growing shares of the other stores in the order of their ids' hashes. Raises BadPlan."""
    known = set(every_store)
    first = list(dict.fromkeys(canaries))
    if not first or not set(first) <= known:
        raise BadPlan("name one canary store or more of this chain", unknown=" ".join(set(first) - known))
    if len(percents) >= WAVES_MAX or not 0 <= wait_minutes <= WAIT_MINUTES_MAX:
        raise BadPlan("too many waves, or too long a wait")
    if list(percents) != sorted(set(percents)) or any(not 1 <= p <= 99 for p in percents):
        raise BadPlan("waves are growing percentages between 1 and 99")
    others = sorted(known - set(first), key=lambda s: hashlib.sha256(s.encode()).digest())
    waves, taken = [tuple(first)], 0
    for percent in percents:
        upto = max(taken, len(others) * percent // 100)
        if upto > taken:
            waves.append(tuple(others[taken:upto]))
            taken = upto
    return Plan(tuple(waves), wait_minutes)


class Rollouts:
    """Begins, widens, pauses, and takes back."""

    def __init__(self, store: Store, publisher: Publisher, releases: Releases, clock: Clock) -> None:
        self._store = store
        self._publisher = publisher
        self._releases = releases
        self._clock = clock

    def plan(self, canaries: Sequence[str], percents: Sequence[int], wait_minutes: int) -> Plan:
        """See make_plan, over the chain's stores."""
        chain = self._store.read(chain_view)
        made = make_plan(list(chain.stores), canaries, percents, wait_minutes)
        return dataclasses.replace(made, guards=Guards.of_policy(chain.policies.get(POLICY_KEY, {})))

    def at_once(self, act: Act, effective_from_ms: int | None) -> Publishing:
        """Publishes to every store inside the caller's transaction; it is on from that moment (None: now)."""

        def publish(txn: Txn, note: str) -> Published:
            return self._publisher.publish_in(
                txn, effective_from_ms=effective_from_ms, note=note, actor=act.actor
            )

        return publish

    def beginning(self, act: Act, plan: Plan, effective_from_ms: int | None = None) -> Publishing:
        """Publishes to the canaries inside the caller's transaction (PriceDecisions.publish takes it).

        With a moment ahead the canaries stage it and switch then; waves count from that moment.
        """

        def publish(txn: Txn, note: str) -> Published:
            made = self._publisher.publish_in(
                txn,
                effective_from_ms=effective_from_ms,
                note=note,
                actor=act.actor,
                stores=list(plan.waves[0]),
            )
            now = self._clock.now_ms()
            row = RolloutRow(
                version=made.release.version,
                state="running",
                plan=plan.as_json(),
                waves_done=1,
                next_wave_at_ms=_next_wave(plan, max(now, made.release.effective_from_ms)),
                started_at_ms=now,
                started_by=act.actor,
                changed_at_ms=now,
                stopped_by=None,
                figures=None,
            )
            rollout.put(txn, row)
            act.note(
                txn, now, "rollout_begun", str(row.version),
                canaries=len(plan.waves[0]), waves=len(plan.waves),
            )  # fmt: skip
            return made

        return publish

    def widen(self, act: Act, version: int) -> None:
        """The next wave now, or all after the last one; goes on from a pause too. Raises NoRollout."""
        self._store.write(lambda txn: self._widen(txn, act, _open(txn, version)))

    def to_all(self, act: Act, version: int) -> None:
        """Every store now. Raises NoRollout."""

        def write(txn: Txn) -> None:
            row = _open(txn, version)
            waves = len(Plan.from_json(row.plan).waves)
            self._widen(txn, act, dataclasses.replace(row, waves_done=waves))

        self._store.write(write)

    def pause(self, act: Act, version: int) -> None:
        """No further wave; stores that have it keep it. Raises NoRollout."""

        def write(txn: Txn) -> None:
            row = _open(txn, version, "running")
            self._put(txn, act, "rollout_paused", row, state="paused", next_wave_at_ms=None)

        self._store.write(write)

    def resume(self, act: Act, version: int) -> None:
        """Goes on with its waves. Raises NoRollout."""

        def write(txn: Txn) -> None:
            row = _open(txn, version, "paused")
            due = _next_wave(Plan.from_json(row.plan), max(self._clock.now_ms(), _switched(txn, row)))
            self._put(txn, act, "rollout_resumed", row, state="running", next_wave_at_ms=due, stopped_by=None)

        self._store.write(write)

    def take_back(self, act: Act, version: int) -> Published:
        """A new, higher release for all with every price and promotion of before.

        The one that is on its way, or the newest one. Raises NoRollout.
        """

        def write(txn: Txn) -> Published:
            row = self._to_take_back(txn, act, version)
            self._withdraw(txn, row)
            before = restore_before(txn, self._releases, version)
            self._put(txn, act, "rollout_taken_back", row, state="rolled_back", next_wave_at_ms=None)
            note = taking_back_note(version)
            return self._publisher.publish_in(txn, note=note, actor=act.actor, before=before)

        return self._store.write(write)

    def _to_take_back(self, txn: Txn, act: Act, version: int) -> RolloutRow:
        """Its roll-out; one that never had any gets a row that says what became of it."""
        if not may_take_back(txn, version):
            raise NoRollout("not the newest release, or there is nothing before it")
        row = rollout.get(txn, version)
        now = self._clock.now_ms()
        return row or RolloutRow(
            version, "done", Plan((), 0).as_json(), 0, None, now, act.actor, now, None, None
        )  # fmt: skip

    def run_due(self) -> None:
        """The job: looks at the guards, then widens what is due; budgets of what takes effect now."""
        self._budgets()
        row = self._store.read(rollout.under_way)
        if row is None or row.state != "running":
            return
        now = self._clock.now_ms()
        plan = Plan.from_json(row.plan)
        figures = self._store.read(lambda txn: _figures(txn, row, plan, now))
        guard = breached(plan.guards, *figures)
        act = Act("job", why="guard" if guard else "plan")

        def write(txn: Txn) -> None:
            current = rollout.get(txn, row.version)
            if current is None or current.state != "running":
                return
            seen = json.dumps([dataclasses.asdict(each) for each in figures])
            current = dataclasses.replace(current, figures=seen)
            if guard is not None:
                self._put(
                    txn, act, "rollout_stopped", current,
                    state="paused", next_wave_at_ms=None, stopped_by=guard,
                )  # fmt: skip
            elif current.next_wave_at_ms is not None and now >= current.next_wave_at_ms:
                self._widen(txn, act, current)
            else:
                rollout.put(txn, current)

        self._store.write(write)

    def _budgets(self) -> None:
        now = self._clock.now_ms()
        names = self._store.read(budgets_in_force.uncounted)
        if names:
            given = self._store.read(lambda txn: budgets_in_force.count(txn, names))
            self._store.write(lambda txn: budgets_in_force.counted(txn, given))
        due = self._store.read(lambda txn: budgets_in_force.is_due(txn, now))
        if names or due:
            self._store.write(self._releases.settle_budgets)

    def _widen(self, txn: Txn, act: Act, row: RolloutRow) -> None:
        plan = Plan.from_json(row.plan)
        known = release.by_version(txn, row.version)
        assert known is not None
        offer = [known.version, known.manifest, known.signatures]
        if row.waves_done >= len(plan.waves):
            self._withdraw(txn, row)
            feed.put_rows(txn, "release", "chain", [offer])
            self._put(txn, act, "rollout_done", row, state="done", next_wave_at_ms=None, stopped_by=None)
            self._releases.settle_budgets(txn)
            return
        for store_id in plan.waves[row.waves_done]:
            feed.put_rows(txn, "release_offer", f"store:{store_id}", [offer])
        due = _next_wave(plan, self._clock.now_ms())
        self._put(
            txn, act, "rollout_widened", row,
            state="running", waves_done=row.waves_done + 1, next_wave_at_ms=due, stopped_by=None,
        )  # fmt: skip

    def _withdraw(self, txn: Txn, row: RolloutRow) -> None:
        """Takes the offers out of the stores' scopes."""
        for store_id in Plan.from_json(row.plan).offered(row.waves_done):
            feed.put_rows(txn, "release_offer", f"store:{store_id}", [], [[row.version]])

    def _put(self, txn: Txn, act: Act, action: str, row: RolloutRow, **changes: Any) -> None:
        now = self._clock.now_ms()
        after = dataclasses.replace(row, changed_at_ms=now, **changes)
        rollout.put(txn, after)
        act.note(txn, now, action, str(row.version), waves_done=after.waves_done, guard=after.stopped_by)


def _figures(txn: Txn, row: RolloutRow, plan: Plan, now: int) -> tuple[rollout.Sent, rollout.Sent]:
    before, since = (rollout.sent_by(txn, *each) for each in guarded(txn, row, plan, now))
    return before, since


def guarded(
    txn: Txn, row: RolloutRow, plan: Plan, now: int
) -> tuple[tuple[Sequence[str], int, int], tuple[Sequence[str], int, int]]:
    """What guards compare, stores and from when to when: the canaries before the roll-out began, and the

    offered stores since they switched to it.
    """
    switched = max(row.started_at_ms, _switched(txn, row))
    return (
        (plan.waves[0], row.started_at_ms - BASELINE_MS, row.started_at_ms),
        (plan.offered(row.waves_done), switched, max(switched, now + 1)),
    )


def taking_back_note(version: int) -> str:
    """What the manifest of a taking back says."""
    return f"takes back release {version}"


def may_take_back(txn: Txn, version: int) -> bool:
    """Only the newest, when there is one before it and it is no taking back and no confirmation itself."""
    newest = release.newest(txn)
    previous = rollout.get(txn, version - 1)
    if newest is None or newest.version != version or version < 2 or newest.confirms is not None:
        return False
    return previous is None or previous.state != "rolled_back"


def _switched(txn: Txn, row: RolloutRow) -> int:
    """When its stores switch to it."""
    known = release.by_version(txn, row.version)
    assert known is not None
    return known.effective_from_ms


def _next_wave(plan: Plan, now: int) -> int | None:
    return now + plan.wait_minutes * 60_000 if plan.wait_minutes else None


def _open(txn: Txn, version: int, *states: str) -> RolloutRow:
    row = rollout.get(txn, version)
    if row is None or row.state not in (states or ("running", "paused")):
        raise NoRollout("no such roll-out, or not in this state")
    return row
