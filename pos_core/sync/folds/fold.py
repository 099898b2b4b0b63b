"""What a fold is: facts of one key, in any interleaving of series, into one state.

The order of arrival is free between series and fixed within one; a fact that comes again changes
nothing. A state is a plain JSON value, never changed in place, so it can be kept as its canonical bytes.
A document that is let out of quarantine comes after its successors: its keys are folded anew (`refold`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pos_core.canonical import canonical_bytes
from pos_core.sync.folds.count_group import session_of
from pos_core.sync.folds.facts import Counted, Fact

State = Mapping[str, Any]


class NeedsHistory(Exception):
    """The state has forgotten what this fact asks for: fold the key anew from its ledger (`Fold.refold`)."""


@dataclass(frozen=True, slots=True)
class Fold:
    """One noun's fold.

    Attributes:
        takes: the fact types it takes.
        key: the key that a fact belongs to.
        apply: `(state or None, fact) -> state`. May raise NeedsHistory, which changes nothing.
        apply_all: the same for several facts in their order at once, where a batch has many of one key;
            None: one by one. Never raises NeedsHistory.
    """

    name: str
    takes: tuple[type[Fact], ...]
    key: Callable[[Any], str]
    apply: Callable[[State | None, Any], State]
    apply_all: Callable[[State | None, Sequence[Any]], State] | None = None

    def refold(self, facts: Iterable[Fact]) -> State | None:
        """The state of one key from all its facts, in any order and with doubles. None without facts."""
        state: State | None = None
        for fact in _in_order(facts):
            state = self.apply(state, fact)
        return state

    def step(self, state: State | None, fact: Fact, history: Callable[[], Iterable[Fact]]) -> State:
        """`apply`, or `refold` of `history()` (every fact of the key so far) and the fact where it must."""
        try:
            return self.apply(state, fact)
        except NeedsHistory:
            after = self.refold([*history(), fact])
            assert after is not None
            return after

    def steps(
        self, state: State | None, facts: Sequence[Fact], history: Callable[[], Iterable[Fact]]
    ) -> State | None:
        """`step` for each of `facts`, which are of one key, in their order."""
        if self.apply_all is not None:
            return self.apply_all(state, facts)
        for fact in facts:
            state = self.step(state, fact, history)
        return state


def _in_order(facts: Iterable[Fact]) -> list[Fact]:
    """Counts first, a session at a time and its newest part first: such a state never has to look back."""
    known = list(facts)
    counts = [fact for fact in known if isinstance(fact, Counted)]
    counts.sort(key=lambda fact: fact.stamp, reverse=True)
    counts.sort(key=session_of)
    others = [fact for fact in known if not isinstance(fact, Counted)]
    others.sort(key=lambda fact: (fact.stamp.series, fact.stamp.number, fact.stamp.place))
    return [*counts, *others]


def state_bytes(state: State) -> bytes:
    """The canonical bytes of a state: equal for every interleaving of the same facts."""
    return canonical_bytes(state)
