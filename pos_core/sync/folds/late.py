"""A fact that comes after its successors: its document was let out of quarantine.

In normal work a fold takes each series in order and remembers how far it is (`marks`), so that a repetition
changes nothing. A released document lies before that mark. It is applied once, by the transaction that
releases it, with its series' mark out of the way; sums and newest-of lists do not care for the order. Only
stock, which knows its movements by their place in the series, is folded anew from the ledger. (Known limit:
whether an opened drawer came within a minute of a void is not judged again for the watch.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pos_core.sync.folds.facts import Fact
from pos_core.sync.folds.fold import Fold, State


def step_late(fold: Fold, state: State | None, fact: Fact, history: Callable[[], Iterable[Fact]]) -> State:
    """The state with a fact that its series' later ones came before. Never call it twice for one fact."""
    if state is None:
        return fold.step(None, fact, history)
    if fold.name == "stock":
        after = fold.refold([*history(), fact])
        assert after is not None
        return after
    series = fact.stamp.series
    late = fold.apply(_without_mark(state, series), fact)
    return _with_mark(late, state, series)


def _without_mark(state: State, series: str) -> State:
    hidden = dict(state)
    if "marks" in state:
        hidden["marks"] = {name: mark for name, mark in state["marks"].items() if name != series}
    if series in state.get("spent", ()):
        hidden["spent"] = {**state["spent"], series: {**state["spent"][series], "mark": [0, 0]}}
    return hidden


def _with_mark(after: State, before: State, series: str) -> dict[str, Any]:
    """Never below the mark that was there."""
    found = dict(after)
    if "marks" in found:
        found["marks"] = _raised(found["marks"], before["marks"], series)
    if series in before.get("voided_ms", ()):
        newest = max(found["voided_ms"][series], before["voided_ms"][series])
        found["voided_ms"] = {**found["voided_ms"], series: newest}
    if series in before.get("spent", ()):
        entry = found["spent"][series]
        mark = max(entry["mark"], before["spent"][series]["mark"])
        found["spent"] = {**found["spent"], series: {**entry, "mark": mark}}
    return found


def _raised(after: Mapping[str, Any], before: Mapping[str, Any], series: str) -> dict[str, Any]:
    marks = [each[series] for each in (after, before) if series in each]
    return {**after, series: max(marks)} if marks else dict(after)
