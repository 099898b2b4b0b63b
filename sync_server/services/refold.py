"""Shared state folded anew from the ledger, in any interleaving of the series: is it what is kept? (P11)

The same facts in another order must give the same bytes; whoever doubts a balance, a coupon or a stock
figure gets it again from the documents alone. What followed from the moment of receipt is input here, not
outcome: the bounds of clocks that ran ahead are taken as they were recorded.

Left out, and why: `known_id`, because whether an item was known is a matter of when its first sale was
received; `budget`, because spending is folded only from when a limit was set; profile and phone claims of
erased members, because their boxes can no longer be opened; `watch`, where documents were ever let out of
quarantine after their successors (`pos_core.sync.folds.late`).
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from pos_core.sync.folds import FOLDS, Fact, State, StateKey, facts_of, folds_of, state_bytes
from pos_core.sync.folds.facts import LineReturned, LineSold
from pos_core.sync.folds.returned_line import line_key
from sync_server.services.keys import ChainKeys
from sync_server.services.shared.boxes import open_boxes
from sync_server.services.shared.folding import history
from sync_server.services.shared.hq_facts import hq_fact_from
from sync_server.services.shared.joined import Joined
from sync_server.services.shared.members import MemberRows
from sync_server.services.shared.releasing import RESOLUTION
from sync_server.store import document, erasure, fold_state, quarantine
from sync_server.store.engine import Txn

SLICE = 200
LEFT_OUT = frozenset({"known_id", "budget"})
_KINDS: dict[str, type[Fact]] = {kind.__name__: kind for fold in FOLDS.values() for kind in fold.takes}

OnSlice = Callable[[int], None]
"""Called with the number of documents folded since the last call."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A state that is not what the ledger gives; None: there is none."""

    fold: str
    key: str
    kept: str | None
    refolded: str | None


class Refold:
    """Reads one transaction's view; holds the states of the whole chain in memory while it works."""

    def __init__(self, txn: Txn, keys: ChainKeys) -> None:
        self._txn = txn
        self._keys = keys
        self._joined = Joined(keys, MemberRows(keys))
        self._returned = self._lines_that_came_back()

    def states(
        self, dice: random.Random | None = None, on_slice: OnSlice = lambda _: None
    ) -> dict[StateKey, State]:
        """Every state but those left out; series one after another, or interleaved as `dice` fall."""
        states: dict[StateKey, State] = {}
        for facts in self._slices(dice, on_slice):
            for fact in facts:
                for fold, key in folds_of(fact):
                    if fold.name not in LEFT_OUT:
                        before = states.get((fold.name, key))
                        states[fold.name, key] = fold.step(
                            before, fact, partial(history, self._txn, fold, key)
                        )
        return states

    def differences(
        self, dice: random.Random | None = None, on_slice: OnSlice = lambda _: None
    ) -> Iterator[Difference]:
        """Where the states that are kept are not those that the documents give."""
        again = self.states(dice, on_slice)
        hidden = self._of_erased(again)
        left_out = LEFT_OUT | ({"watch"} if quarantine.was_ever(self._txn, RESOLUTION) else set())
        for place, kept in fold_state.everything(self._txn):
            refolded = again.pop(place, None)
            text = None if refolded is None else state_bytes(refolded).decode()
            if kept != text and place[0] not in left_out and place not in hidden:
                yield Difference(*place, kept, text)
        for place, refolded in sorted(again.items()):
            if place[0] not in left_out and place not in hidden:
                yield Difference(*place, None, state_bytes(refolded).decode())

    def _slices(self, dice: random.Random | None, on_slice: OnSlice) -> Iterator[Sequence[Fact]]:
        waiting = [self._hq(), *(self._series(*each) for each in sorted(document.every_series(self._txn)))]
        while waiting:
            source = waiting[0] if dice is None else dice.choice(waiting)
            found = next(source, None)
            if found is None:
                waiting.remove(source)
                continue
            documents, facts = found
            yield facts
            on_slice(documents)

    def _hq(self) -> Iterator[tuple[int, list[Fact]]]:
        for number, kind, text in fold_state.hq_facts(self._txn):
            yield 0, [hq_fact_from(number, _KINDS[kind], text)]

    def _series(self, workstation_id: str, incarnation: int) -> Iterator[tuple[int, list[Fact]]]:
        bounds = fold_state.bounds(self._txn, workstation_id, incarnation)
        after = 0
        while rows := document.stored(self._txn, workstation_id, incarnation, after=after, limit=SLICE):
            after = rows[-1][document.NUMBER]
            documents = [json.loads(bytes(row[document.DATA])) for row in rows]
            facts: list[Fact] = []
            for each in documents:
                facts += self._facts(each, bounds.get(each["number"]))
            yield len(rows), self._joined.with_phones(facts, open_boxes(self._txn, self._keys, documents))

    def _facts(self, each: dict[str, object], bound: str | None) -> Iterator[Fact]:
        for fact in facts_of(each, each["body"], hlc_bound=bound):  # type: ignore[arg-type]
            if (
                not isinstance(fact, LineSold)
                or line_key(fact.stamp.document, fact.line_no) in self._returned
            ):
                yield fact

    def _lines_that_came_back(self) -> set[str]:
        """Keys of sold lines that a return names: only those have a state."""
        found = set()
        for data in document.of_type(self._txn, "return"):
            value = json.loads(data)
            for fact in facts_of(value, value["body"], lean=True):
                if isinstance(fact, LineReturned):
                    found.add(line_key(fact.origin, fact.line_no))
        return found

    def _of_erased(self, states: dict[StateKey, State]) -> set[StateKey]:
        """The places that erased members' facts touch in the folds of persons."""
        members = sorted({key for fold, key in states if fold == "member_profile"})
        erased = erasure.erased_among(self._txn, members)
        hidden: set[StateKey] = {("member_profile", member_id) for member_id in erased}
        for (fold, key), state in states.items():
            if fold == "phone_claims" and erased.intersection(state["members"]):
                hidden.add((fold, key))
        return hidden
