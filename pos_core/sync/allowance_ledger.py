"""Allowances as head office counts them: what is out, the worst case, what may be granted, the freeze.

A lease that nobody reported counts in full until its holder reports or is revoked, however long ago its
term ended: the holder may have used it, and its documents still come. The published worst case is the sum
of what is out, plus what managers may let go on their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from pos_core.errors import Refusal
from pos_core.sync.budget_leases import counts_uses
from pos_core.sync.folds.allowance_use import not_taken, spent_units, workstation_of
from pos_core.sync.folds.fold import State


class GrantRefused(Refusal):
    """No allowance now; `facts["reason"]`: frozen, nothing_left, revoked."""

    code = "grant_refused"


def kind_of(allowance_id: str) -> str:
    """`points`, `coupon` or `budget`: what the id begins with."""
    return allowance_id.partition("/")[0]


def granted(state: State) -> int:
    """Cumulative units: the highest that was granted, or that a holder says it accepted.

    After a restore the server may have forgotten a grant; the holder's `accepted` brings it back.
    """
    return int(state["granted"])


def given_up(state: State) -> int:
    """Units that holders reported as returned, expired or lost, and those written off with a revoked one.

    What a revoked one used after all, in documents that it could still hand in, was not given up.
    """
    reported: int = sum(holder["given_up"] for holder in state["holders"].values())
    off: Mapping[str, int] = state.get("written_off") or {}
    return reported + sum(min(units, taken_and_kept(state, who)) for who, units in off.items())


def taken_and_kept(state: State, workstation_id: str) -> int:
    """Units that others let go of for a workstation, and that it neither used, passed on nor gave up."""
    kept = 0
    for name, holder in state["holders"].items():
        if workstation_of(name) == workstation_id and holder["taken_over"]:
            spent = state["spent"].get(name)
            gone = holder["handed_over"] + holder["given_up"] + (spent["units"] if spent else 0)
            kept += max(0, holder["taken_over"] - gone)
    return kept + not_taken(state, workstation_id)


def is_revoked(state: State) -> bool:
    """The holder's key was revoked: its later documents do not come, so nothing more can be owed to it."""
    return bool(state["revoked"])


def exposure(state: State) -> int:
    """Units that may still turn out to be used: granted − used − given up; 0 once revoked."""
    if is_revoked(state):
        return 0
    return max(0, granted(state) - spent_units(state) - given_up(state))


def store_of(state: State) -> str:
    """The store that the lease was given to."""
    return str(state["store"][1]) if state["store"] else ""


@dataclass(frozen=True, slots=True)
class WorstCase:
    """What could be overdrawn at most if every absent holder used everything, and every manager all he may.

    Attributes:
        by_kind: kind → units out. `by_store`: (kind, store) → units out.
        headroom_points: managers' capped points beyond allowances, over all stores.
    """

    by_kind: Mapping[str, int]
    by_store: Mapping[tuple[str, str], int]
    headroom_points: int = 0

    @property
    def points(self) -> int:
        """The published sum for points."""
        silent = self.by_kind.get("online_points", 0)  # let go by head office, and nobody says if it was used
        return self.by_kind.get("points", 0) + silent + self.headroom_points


def measure_of(allowance_id: str) -> str:
    """What its units are: its kind, and `uses` for budgets that are no money."""
    kind = kind_of(allowance_id)
    return "uses" if kind == "budget" and counts_uses(allowance_id.partition("/")[2]) else kind


def worst_case(states: Mapping[str, State], headroom_points: Mapping[str, int] | None = None) -> WorstCase:
    """From the states by allowance id, and managers' headroom by store."""
    by_kind: dict[str, int] = {}
    by_store: dict[tuple[str, str], int] = {}
    for allowance_id, state in sorted(states.items()):
        units, kind = exposure(state), measure_of(allowance_id)
        if units:
            by_kind[kind] = by_kind.get(kind, 0) + units
            place = (kind, store_of(state))
            by_store[place] = by_store.get(place, 0) + units
    return WorstCase(by_kind, by_store, sum((headroom_points or {}).values()))


@dataclass(frozen=True, slots=True)
class Freeze:
    """After a restore: no new allowance until every holder has reported, or every term has run out.

    The restored server does not know what it granted after its backup, so it waits for every workstation
    that may hold something, and at most for the longest term that it ever grants.
    """

    epoch: str
    since_ms: int
    term_max_ms: int
    waiting: frozenset[str] = field(default_factory=frozenset)

    def reported(self, workstation_id: str) -> Freeze:
        """With one holder's journal complete in this epoch (its push has caught up), or its key revoked."""
        return replace(self, waiting=self.waiting - {workstation_id})

    def holds(self, now_ms: int) -> bool:
        """Whether nothing may be granted."""
        return bool(self.waiting) and now_ms < self.since_ms + self.term_max_ms


def top_up(
    state: State | None,
    *,
    ceiling: int,
    room: int | None,
    freeze: Freeze | None,
    now_ms: int,
) -> int:
    """The cumulative amount of the next grant, so that the holder has `ceiling` units again.

    `room` is what the chain may still hand out over all holders (a budget minus what was used and what is
    out); None is no such limit. What the holder has stays counted as its own. Raises GrantRefused.
    """
    if freeze is not None and freeze.holds(now_ms):
        raise GrantRefused(
            "waiting for holders after a restore", reason="frozen", waiting=len(freeze.waiting)
        )
    if state is not None and is_revoked(state):
        raise GrantRefused("this holder was revoked", reason="revoked")
    out = exposure(state) if state is not None else 0
    fresh = max(0, ceiling - out)
    if room is not None:
        fresh = min(fresh, max(0, room))
    if out + fresh == 0:
        raise GrantRefused("everything is out or used", reason="nothing_left")
    return (granted(state) if state is not None else 0) + fresh


def budget_room(total: int, states: Iterable[State]) -> int:
    """Units of a budget that are neither used nor out."""
    return total - sum(spent_units(state) + exposure(state) for state in states)
