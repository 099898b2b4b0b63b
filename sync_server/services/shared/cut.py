"""Documents cut into facts, and these sorted by the states that take them: nothing of it asks the database.

So a batch is cut while it is read, before the transaction that takes it, and that one is the shorter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pos_core.sync.folds import Fact, Fold, StateKey, by_state, facts_of

Document = Mapping[str, Any]
"""A decoded document: its header's keys at the top level, beside `body`."""
_AT_THEIR_OWN_TIME: Final[Mapping[int, str]] = {}


@dataclass(frozen=True, slots=True)
class Cut:
    """Facts in their order, and those of each state with its fold. Never changed: transactions run again."""

    facts: Sequence[Fact]
    states: Mapping[StateKey, tuple[Fold, list[Fact]]]

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> Cut:
        """These facts."""
        found = list(facts)
        return cls(found, by_state(found))

    def with_more(self, more: Sequence[Fact]) -> Cut:
        """`more` behind these."""
        return Cut.of([*self.facts, *more]) if more else self


def cut(documents: Iterable[Document], bounds: Mapping[int, str] = _AT_THEIR_OWN_TIME) -> Cut:
    """What the documents of a series say. `bounds`: number → hybrid time, of those whose clock ran ahead."""
    return Cut.of(
        fact
        for document in documents
        for fact in facts_of(document, document["body"], hlc_bound=bounds.get(document["number"]), lean=True)
    )
