"""Which rulings follow from the states that changed, and what that does to those that stood."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pos_core.sync.folds import State, StateKey
from pos_core.sync.folds.facts import ClockBounded
from pos_core.sync.folds.member_links import pair_key
from pos_core.sync.rulings import (
    BY_FOLD,
    Ruling,
    Terms,
    clock_out_of_bounds,
    one_phone,
    points_overdrawn,
    restate,
    rulings_of,
)
from sync_server.services.shared.groups import groups_of, missing_in
from sync_server.store import fold_state, ruling
from sync_server.store.engine import Txn

RULE_OF_FOLD = {fold: sys.modules[rule.__module__].RULE for fold, rule in BY_FOLD.items()}


class Standing:
    """Collects the changes of one transaction; `write` keeps them."""

    def __init__(self, txn: Txn, terms: Terms, now_ms: int) -> None:
        self._txn = txn
        self._terms = terms
        self._now_ms = now_ms
        self.made: list[Ruling] = []
        self.superseded: list[tuple[Ruling, str]] = []
        self._put = self._marked = 0

    def of_states(self, states: Mapping[StateKey, State]) -> None:
        """Everything that follows from changed states."""
        self._restate({(one_phone.RULE, index): self._one_phone(index) for index in self._phones(states)})
        now = self._of_groups(states)
        for (fold, key), state in states.items():
            if fold in RULE_OF_FOLD and (RULE_OF_FOLD[fold], key) not in now:
                now[RULE_OF_FOLD[fold], key] = rulings_of(fold, key, state, self._terms)
        self._restate(now)

    def _of_groups(self, states: Mapping[StateKey, State]) -> dict[tuple[str, str], tuple[Ruling, ...]]:
        """Members of several ids: what one ledger lacks, the others may make up for."""
        merged = self._merged()
        concerned = {key for fold, key in states if fold == "points"} | merged
        if not concerned:
            return {}
        self.write()  # groups follow from merges that stand
        groups = set(groups_of(self._txn, concerned).values())
        alone = merged - {each for group in groups for each in group}
        now: dict[tuple[str, str], tuple[Ruling, ...]] = {}
        for group in sorted([*groups, *((each,) for each in alone)]):
            found = fold_state.get(self._txn, [("points", each) for each in group])
            ledgers = {member_id: state for (_, member_id), state in found.items()}
            missing = missing_in(group, ledgers)
            for member_id, state in ledgers.items():
                now[points_overdrawn.RULE, member_id] = points_overdrawn.rule(
                    member_id, state, self._terms, missing[member_id]
                )
        return now

    def _merged(self) -> set[str]:
        """Whose merges this transaction made or ended."""
        changed = [*self.made, *(gone for gone, _ in self.superseded)]
        return {
            str(value)
            for each in changed
            if each.rule == one_phone.RULE
            for name, value in each.detail
            if name in ("alias", "survivor")
        }

    def of_clocks(self, late: Iterable[ClockBounded]) -> None:
        """One ruling for each series and day whose clock ran ahead; it stands for good."""
        first: dict[str, ClockBounded] = {}
        for fact in late:
            first.setdefault(clock_out_of_bounds.key_of(fact), fact)
        ruled = {row.key for row in ruling.standing(self._txn, sorted(first))}
        self.made += [clock_out_of_bounds.rule(fact) for key, fact in first.items() if key not in ruled]

    def add(self, rulings: Sequence[Ruling]) -> None:
        """Rulings that no state leads to; those that stand already stay as they are."""
        there = {row.ruling_id for row in ruling.standing(self._txn, sorted({each.key for each in rulings}))}
        self.made += [each for each in rulings if each.ruling_id not in there]

    def state_anew(self, rule: str, now: Mapping[str, Sequence[Ruling]]) -> None:
        """What is found about these keys of one rule now: what stood and is not among it stands no more."""
        self._restate({(rule, key): tuple(found) for key, found in now.items()})

    def write(self) -> None:
        """Keeps what was made and marks what was superseded since it was called last."""
        ruling.put(self._txn, self.made[self._put :], self._now_ms)
        self._put = len(self.made)
        for gone, by in self.superseded[self._marked :]:
            ruling.supersede(self._txn, gone.key, gone.ruling_id, by, self._now_ms)
        self._marked = len(self.superseded)

    def _restate(self, now: Mapping[tuple[str, str], tuple[Ruling, ...]]) -> None:
        before: dict[tuple[str, str], list[Ruling]] = {place: [] for place in now}
        for row in ruling.standing(self._txn, sorted({key for _, key in now})):
            if (row.rule, row.key) in before:
                before[row.rule, row.key].append(row.ruling)
        for place, rulings in now.items():
            change = restate(before[place], rulings)
            self.made += change.made
            by_id = {each.ruling_id: each for each in before[place]}
            self.superseded += [(by_id[gone], by) for gone, by in change.superseded.items()]

    def _phones(self, states: Mapping[StateKey, State]) -> list[str]:
        """Blind indexes whose rulings a changed profile or link may change."""
        profiles = {key: state for (fold, key), state in states.items() if fold == "member_profile"}
        pairs = [key.split("|") for fold, key in states if fold == "member_links"]
        linked = [member_id for pair in pairs for member_id in pair if member_id not in profiles]
        found = fold_state.get(self._txn, [("member_profile", member_id) for member_id in linked])
        everyone: list[Any] = [*profiles.values(), *found.values()]
        return sorted({claim[1] for state in everyone for claim in state["phones"] if claim[1] is not None})

    def _one_phone(self, index: str) -> tuple[Ruling, ...]:
        claims = fold_state.get(self._txn, [("phone_claims", index)]).get(("phone_claims", index))
        members: list[str] = list(claims["members"]) if claims else []
        if len(members) < 2:
            return ()
        profiles = fold_state.get(self._txn, [("member_profile", each) for each in members])
        pairs = [pair_key(a, b) for place, a in enumerate(members) for b in members[place + 1 :]]
        links = fold_state.get(self._txn, [("member_links", pair) for pair in pairs])
        return one_phone.rule(
            index,
            {key: state for (_, key), state in profiles.items()},
            {key: state for (_, key), state in links.items()},
            self._terms,
        )
