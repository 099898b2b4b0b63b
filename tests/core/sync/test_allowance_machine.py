"""A leased budget is never overspent, whatever is lost, late, doubled, restarted, restored or cloned in time.

Three holders with clocks of their own lease from one budget. Answers travel slowly and twice, hand-overs
too; the server is put back to a backup. What holders really gave away stays within the budget, and the
worst case that the server publishes covers what it has not heard of yet.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pos_core.sync.allowance import (
    AllowanceRefused,
    Grant,
    HandOver,
    Instant,
    Rules,
    Slice,
    accept,
    give_up,
    hand_over,
    look,
    take_over,
    use,
)
from pos_core.sync.allowance_ledger import Freeze, GrantRefused, budget_room, exposure, top_up
from pos_core.sync.folds.allowance_use import FOLD, spent_units
from pos_core.sync.folds.facts import AllowanceSpent, AllowanceStep, Fact
from pos_core.sync.folds.fold import State
from pos_core.sync.folds.stamp import HQ
from tests.fakes.facts import stamp

HOUR = 3_600_000
TERM = 24 * HOUR
TOTAL = 100
RULES = Rules()
NAMES = ("ws-1", "ws-2", "ws-3")
names = st.sampled_from(NAMES)


@dataclass
class Holder:
    name: str
    wall_ms: int = 1_000 * HOUR
    monotonic_ms: int = 0
    boots: int = 1
    epoch: str = "E0"
    slices: dict[str, Slice] = field(default_factory=dict)
    journal: list[Fact] = field(default_factory=list)
    pushed: int = 0
    used: dict[str, int] = field(default_factory=dict)

    @property
    def series(self) -> str:
        return f"1:{self.name}"

    @property
    def now(self) -> Instant:
        return Instant(self.wall_ms, self.monotonic_ms, f"{self.name}-{self.boots}")

    def write(self, allowance_id: str, what: Any, amount: int) -> None:
        number = len(self.journal) + 1
        at = stamp(number, self.name, number)
        self.journal.append(AllowanceStep(at, "S1", allowance_id, what, amount))

    def write_use(self, allowance_id: str, units: int) -> None:
        number = len(self.journal) + 1
        at = stamp(number, self.name, number, 1)
        self.journal.append(AllowanceSpent(at, "S1", allowance_id, units))
        self.used[allowance_id] = self.used.get(allowance_id, 0) + units

    def look(self) -> None:
        for allowance_id, held in self.slices.items():
            after = look(held, self.now, RULES)
            if after.lost:
                after, freed = give_up(after, after.lost)
                if freed:
                    self.write(allowance_id, "expired", freed)
            self.slices[allowance_id] = after


class Leases(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.holders = {name: Holder(name) for name in NAMES}
        self.states: dict[str, State] = {}
        self.acked = dict.fromkeys(NAMES, 0)
        self.epoch = 0
        self.freeze: Freeze | None = None
        self.decisions = 0
        self.answers: list[tuple[str, Grant, Instant]] = []
        self.on_the_way: list[tuple[str, HandOver]] = []
        self.backup: tuple[dict[str, State], dict[str, int]] = ({}, dict(self.acked))

    @rule(name=names, ceiling=st.sampled_from((20, 60, 100)))
    def asks_for_more(self, name: str, ceiling: int) -> None:
        """A contact: the journal is pushed, a grant is made, and its answer begins to travel."""
        holder = self.holders[name]
        holder.epoch = f"E{self.epoch}"
        holder.look()
        for fact in holder.journal[self.acked[name] :]:
            self._fold(fact)
        self.acked[name] = len(holder.journal)
        if self.freeze is not None:
            self.freeze = self.freeze.reported(name)
        allowance_id = f"budget/K/{name}"
        state = self.states.get(allowance_id)
        room = budget_room(TOTAL, self.states.values())
        try:
            amount = top_up(state, ceiling=ceiling, room=room, freeze=self.freeze, now_ms=0)
        except GrantRefused:
            return
        self.decisions += 1
        at = stamp(self.decisions, HQ, self.decisions)
        self._fold(AllowanceStep(at, "S1", allowance_id, "granted", amount))
        renewal = self.states[allowance_id]["grants"]
        epoch = f"E{self.epoch}"
        grant = Grant(allowance_id, "budget", holder.series, amount, renewal, TERM, epoch)
        self.answers.append((name, grant, holder.now))

    def _fold(self, fact: AllowanceStep | AllowanceSpent | Fact) -> None:
        key = FOLD.key(fact)
        self.states[key] = FOLD.apply(self.states.get(key), fact)

    @rule(name=names, ceiling=st.sampled_from((20, 60, 100)))
    def asks_and_is_answered(self, name: str, ceiling: int) -> None:
        before = len(self.answers)
        self.asks_for_more(name, ceiling)
        for answer in self.answers[before:]:
            self._answered(answer)

    @precondition(lambda self: self.answers)
    @rule(data=st.data())
    def an_answer_arrives(self, data: Any) -> None:
        """Late, or for a second time; none is ever thrown away."""
        self._answered(data.draw(st.sampled_from(self.answers)))

    def _answered(self, answer: tuple[str, Grant, Instant]) -> None:
        name, grant, asked = answer
        holder = self.holders[name]
        before = holder.slices.get(grant.allowance_id)
        with suppress(AllowanceRefused):
            after = accept(before, grant, series=holder.series, epoch=holder.epoch, asked=asked)
            if after is not before:
                holder.write(grant.allowance_id, "accepted", grant.amount)
                holder.slices[grant.allowance_id] = after
        holder.look()

    @rule(name=names, units=st.sampled_from((1, 20, 60, 100)), data=st.data())
    def gives_away(self, name: str, units: int, data: Any) -> None:
        holder = self.holders[name]
        holder.look()
        if holder.slices:
            allowance_id = data.draw(st.sampled_from(sorted(holder.slices)))
            self._give(name, allowance_id, units)

    @rule(name=names, to=names, units=st.integers(1, 40), data=st.data())
    def hands_over(self, name: str, to: str, units: int, data: Any) -> None:
        holder = self.holders[name]
        holder.look()
        if name == to or not holder.slices:
            return
        allowance_id = data.draw(st.sampled_from(sorted(holder.slices)))
        transfer_id = f"{name}-{len(holder.journal)}"
        with suppress(AllowanceRefused):
            held, moved = hand_over(
                holder.slices[allowance_id],
                units,
                to_series=self.holders[to].series,
                transfer_id=transfer_id,
                now=holder.now,
            )
            holder.slices[allowance_id] = held
            holder.write(allowance_id, "handed_over", units)
            self.on_the_way.append((to, moved))

    @precondition(lambda self: self.on_the_way)
    @rule(data=st.data())
    def a_hand_over_arrives(self, data: Any) -> None:
        self._handed(data.draw(st.sampled_from(self.on_the_way)))

    def _handed(self, entry: tuple[str, HandOver]) -> None:
        name, moved = entry
        holder, allowance_id = self.holders[name], moved.grant.allowance_id
        before = holder.slices.get(allowance_id)
        after = take_over(before, moved, series=holder.series, now=holder.now)
        if after is not before:
            holder.write(allowance_id, "taken_over", moved.units)
            holder.slices[allowance_id] = after
        holder.look()

    def teardown(self) -> None:
        """The worst that can come: all that is on its way arrives, twice, and everything is given away."""
        for _ in range(2):
            for answer in self.answers:
                self._answered(answer)
            for entry in self.on_the_way:
                self._handed(entry)
            for name, holder in self.holders.items():
                holder.look()
                for allowance_id, held in sorted(holder.slices.items()):
                    if held.left:
                        self._give(name, allowance_id, held.left)
        self.the_budget_is_never_overspent()
        self.the_published_worst_case_covers_what_is_not_heard_of_yet()
        for name in NAMES:
            self.asks_for_more(name, 1)
        self.what_is_out_and_used_fits_the_budget()

    def _give(self, name: str, allowance_id: str, units: int) -> None:
        holder = self.holders[name]
        with suppress(AllowanceRefused):
            holder.slices[allowance_id] = use(holder.slices[allowance_id], units)
            holder.write_use(allowance_id, units)

    @rule(
        name=names, hours=st.sampled_from((1, 5, 30, -2)), what=st.sampled_from(("runs", "sleeps", "boots"))
    )
    def time_passes(self, name: str, hours: int, what: Literal["runs", "sleeps", "boots"]) -> None:
        """Below zero somebody sets the wall clock."""
        holder = self.holders[name]
        holder.wall_ms += hours * HOUR
        holder.monotonic_ms += hours * HOUR if what == "runs" and hours > 0 else 0
        if what == "boots":
            holder.boots, holder.monotonic_ms = holder.boots + 1, 0

    @rule()
    def backs_up(self) -> None:
        self.backup = (dict(self.states), dict(self.acked))

    @rule()
    def restores(self) -> None:
        self.states, self.acked = dict(self.backup[0]), dict(self.backup[1])
        self.epoch += 1
        # Terms do not end by themselves here: until all have reported, nothing is granted.
        self.freeze = Freeze(f"E{self.epoch}", 0, TERM, frozenset(NAMES))

    @rule(ceiling=st.sampled_from((20, 100)), order=st.permutations(NAMES))
    def a_restore_is_lived_through(self, ceiling: int, order: list[str]) -> None:
        """All report at once, so that what was granted before and is still on its way meets new grants."""
        self.restores()
        for name in order:
            self.asks_for_more(name, ceiling)

    @invariant()
    def the_budget_is_never_overspent(self) -> None:
        given = sum(sum(holder.used.values()) for holder in self.holders.values())
        assert given <= TOTAL

    @invariant()
    def the_published_worst_case_covers_what_is_not_heard_of_yet(self) -> None:
        if self.freeze is not None and self.freeze.waiting:
            return
        for allowance_id, state in self.states.items():
            given = sum(holder.used.get(allowance_id, 0) for holder in self.holders.values())
            assert given <= spent_units(state) + exposure(state)

    @invariant()
    def what_is_out_and_used_fits_the_budget(self) -> None:
        assert budget_room(TOTAL, self.states.values()) >= 0


TestLeases = Leases.TestCase
TestLeases.settings = settings(max_examples=150, stateful_step_count=40, deadline=None, derandomize=True)
