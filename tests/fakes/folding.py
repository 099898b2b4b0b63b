"""A server in miniature for tests: states, a ledger by key, rulings restated as documents arrive."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pos_core.sync.folds import Fact, State, StateKey, folds_of, states_bytes
from pos_core.sync.rulings import Ruling, Terms, all_rulings, restate


class Folding:
    """What arrives is folded at once and ruled on at once."""

    def __init__(self, terms: Terms | None = None) -> None:
        self.terms = terms or Terms()
        self.states: dict[StateKey, State] = {}
        self.ledger: dict[StateKey, list[Fact]] = {}
        self.standing: dict[str, Ruling] = {}
        self.superseded: list[tuple[str, str]] = []
        self.looked_back = 0

    def take(self, facts: Iterable[Fact], *, rule: bool = True) -> None:
        for fact in facts:
            for fold, key in folds_of(fact):
                place = (fold.name, key)
                self.states[place] = fold.step(self.states.get(place), fact, lambda at=place: self._past(at))
                self.ledger.setdefault(place, []).append(fact)
        if rule:
            self.rule()

    def _past(self, place: StateKey) -> list[Fact]:
        self.looked_back += 1
        return self.ledger.get(place, [])

    def rule(self) -> None:
        now = all_rulings(self.states, self.terms)
        change = restate(self.standing.values(), now.values())
        for ruling in change.made:
            self.standing[ruling.ruling_id] = ruling
        for gone, by in change.superseded.items():
            del self.standing[gone]
            self.superseded.append((gone, by))
        assert self.standing == now

    def state(self, fold: str, key: str) -> Any:
        return self.states.get((fold, key))

    def bytes(self) -> bytes:
        return states_bytes(self.states)

    def rulings(self, rule: str) -> list[Ruling]:
        return [ruling for ruling in self.standing.values() if ruling.rule == rule]
