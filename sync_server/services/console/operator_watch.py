"""What operators did that somebody should look at, counted from the same documents as at their tills.

It accuses nobody: it counts, sets each figure against the operator's sales and against the middle of all
operators shown, and opens the documents behind it. Names: docs/cash.md, "Watch".
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from pos_core.sync.folds.stamp import hlc_ms
from pos_core.sync.folds.watch import AFTER_VOID_MS, NAMES, WATCHED_TYPES, counts_of, has_void, watch_key
from sync_server.services.console.documents import stores_in
from sync_server.services.console.periods import Period
from sync_server.services.importing.context import chain_view
from sync_server.store import fold_state, masters, watch
from sync_server.store.engine import Store, Txn

WATCHED = (
    "voids_after_total",
    "drawer_without_sale",
    "return_without_receipt",
    "overrides",
    "near_limit",
)
"""What stands in the table of all operators; the rest on each one's own page."""
TIMES_MIDDLE = 3
COUNT_MIN = 3
PER = 100
SHOWN = 200
"""Documents of a list; a day is never cut."""
"""Rates are per so many sales."""

Counts = Mapping[str, tuple[int, int]]
_Sums = dict[str, tuple[int, int]]
_Counted = Mapping[str, Sequence[int]]
"""As a state has it: without what there was none of."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator at one store. `counts`: name → (how often, amount); `stands_out`: names of `WATCHED`."""

    store_id: str
    store_name: str
    operator_id: str
    operator_number: str
    name: str
    counts: Counts
    stands_out: frozenset[str] = frozenset()

    def rate(self, name: str) -> float | None:
        """Per hundred sales; None without any sale."""
        sales = self.counts["sales"][0]
        return self.counts[name][0] * PER / sales if sales else None


@dataclass(frozen=True, slots=True)
class Overview:
    """Of a period: operators, who stands out first; `middle`: name → rate in the middle of all of them."""

    operators: Sequence[Operator]
    middle: Mapping[str, float]
    stores: Sequence[tuple[str, str]]

    def middle_place(self, by: str) -> int | None:
        """Among operators in the order of their rates of `by`: the first below the middle, if any."""
        below = (
            place
            for place, one in enumerate(self.operators)
            if (rate := one.rate(by)) is None or rate < self.middle[by]
        )
        return next(below, None)


@dataclass(frozen=True, slots=True)
class Behind:
    """A document that a figure counts: its place, moment, and what it adds."""

    workstation_id: str
    incarnation: int
    number: int
    type: str
    occurred_at_ms: int
    count: int
    amount_minor: int


class OperatorWatch:
    """Reads. With `region` its stores alone."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def overview(self, region: str | None, period: Period, store_id: str = "", by: str = "") -> Overview:
        """Every operator of the period, of one store or of all that the person sees.

        With `by`, one of `WATCHED`, the highest rate of it comes first, and who has none comes last.
        """
        found = self._store.read(lambda txn: _overview(txn, region, period, store_id))
        if by not in WATCHED:
            return found
        return replace(found, operators=sorted(found.operators, key=lambda each: -(each.rate(by) or -1.0)))

    def days(
        self, region: str | None, period: Period, store_id: str, operator_id: str
    ) -> tuple[Operator | None, dict[str, Counts]]:
        """The operator's sums and each business day on which anything was counted, the newest first.

        None: nothing of this operator there, or a store of another region.
        """

        def read(txn: Txn) -> tuple[Operator | None, dict[str, Counts]]:
            known = chain_view(txn).stores
            if store_id not in known or region not in (None, known[store_id]["region"]):
                return None, {}
            found = {
                day: _whole(state["counts"])
                for day, who, state in watch.days(txn, store_id, period.day_from, period.day_to)
                if who == operator_id
            }
            sums: _Sums = {}
            for counts in found.values():
                _add(sums, counts)
            who = _operators(txn, known, {(store_id, operator_id): _whole(sums)})[0] if found else None
            return who, dict(sorted(found.items(), reverse=True))

        return self._store.read(read)

    def behind(
        self, region: str | None, place: tuple[str, str], period: Period, name: str
    ) -> tuple[list[Behind], str]:
        """The documents that a figure of an operator's days counts, the newest first; of `NAMES`, else none.

        `place`: store and operator. Gives the day from which older ones are to be asked; "": these are all.
        """
        if name not in NAMES:
            return [], ""
        return self._store.read(lambda txn: _behind_days(txn, region, place, period, name))


def _overview(txn: Txn, region: str | None, period: Period, store_id: str) -> Overview:
    known = chain_view(txn).stores
    there = sorted(name for name, row in known.items() if region in (None, row["region"]))
    read = [store_id] if store_id in there else there
    found: dict[tuple[str, str], _Sums] = defaultdict(dict)
    for each, who, counts in watch.counts(txn, read, period.day_from, period.day_to):
        _add(found[each, who], counts)
    operators = _operators(txn, known, {place: _whole(sums) for place, sums in found.items()})
    rates = {
        name: sorted(rate for one in operators if (rate := one.rate(name)) is not None) for name in WATCHED
    }
    marked = [_marked(each, rates) for each in operators]
    marked.sort(key=lambda each: (-len(each.stands_out), each.store_id, each.operator_number))
    middle = {name: median(found) if found else 0.0 for name, found in rates.items()}
    return Overview(marked, middle, [(name, str(known[name]["name"])) for name in there])


def _operators(
    txn: Txn, known: Mapping[str, Mapping[str, Any]], sums: Mapping[tuple[str, str], Counts]
) -> list[Operator]:
    """`known`: the chain's stores."""
    people = masters.employees(txn, sorted({who for _, who in sums}))
    made = []
    for (store_id, who), counts in sums.items():
        person, about = people.get(who), known.get(store_id)
        made.append(
            Operator(
                store_id,
                str(about["name"]) if about else "",
                who,
                person.operator_number if person else "",
                person.name if person else who,
                counts,
            )
        )
    return made


def _marked(one: Operator, rates: Mapping[str, Sequence[float]]) -> Operator:
    """Whoever did it at least three times, and at three times the rate in the middle of the others."""
    names = frozenset(
        name
        for name in WATCHED
        if one.counts[name][0] >= COUNT_MIN
        and ((rate := one.rate(name)) is None or rate > TIMES_MIDDLE * _middle_without(rates[name], rate))
    )
    return replace(one, stands_out=names)


def _middle_without(rates: Sequence[float], own: float) -> float:
    """The median of sorted rates but for one of `own`; 0 where nobody else is."""
    count, at = len(rates) - 1, bisect_left(rates, own)
    if count < 1:
        return 0.0
    low, high = ((count - 1) // 2, count // 2)
    return (rates[low + (low >= at)] + rates[high + (high >= at)]) / 2


def _whole(counts: _Counted) -> Counts:
    return {name: (found[0], found[1]) for name in NAMES for found in (counts.get(name, (0, 0)),)}


def _add(sums: _Sums, counts: _Counted) -> None:
    """One day more, which names what there was alone; of thousands of days none is kept."""
    for name, (count, amount_minor) in counts.items():
        before = sums.get(name)
        sums[name] = (
            (count, amount_minor) if before is None else (before[0] + count, before[1] + amount_minor)
        )


def _behind_days(
    txn: Txn, region: str | None, place: tuple[str, str], period: Period, name: str
) -> tuple[list[Behind], str]:
    store_id, operator_id = place
    if store_id not in stores_in(txn, region):
        return [], ""
    days = [
        day
        for day, who, state in watch.days(txn, store_id, period.day_from, period.day_to)
        if who == operator_id and state["counts"].get(name, (0, 0))[0]
    ]
    found: list[Behind] = []
    for day in reversed(days):
        if len(found) >= SHOWN:
            return found, day
        found += _behind(txn, region, (store_id, day, operator_id), name)
    return found, ""


def _behind(txn: Txn, region: str | None, place: tuple[str, str, str], name: str) -> list[Behind]:
    store_id, day, operator_id = place
    key = ("watch", watch_key(*place))
    state = fold_state.get(txn, [key]).get(key) if store_id in stores_in(txn, region) else None
    found = []
    for series, (last, _) in (state or {"marks": {}})["marks"].items():
        incarnation, _, workstation_id = series.partition(":")
        own = (workstation_id, int(incarnation))
        bounds = fold_state.bounds(txn, *own)
        void_ms: int | None = None
        rows = watch.documents(txn, (*own, last), day, operator_id, WATCHED_TYPES)
        for number, at_ms, data in reversed(rows):
            header = json.loads(data)
            added = dict(counts_of(header["type"], header["body"]))
            clock_ms = hlc_ms(min(header["hlc"], bounds.get(number, header["hlc"])))
            since_ms = AFTER_VOID_MS + 1 if void_ms is None else clock_ms - void_ms
            if "drawer_without_sale" in added and since_ms <= AFTER_VOID_MS:
                added["no_sale_after_void"] = (1, 0)
            if has_void(header["type"], header["body"]):
                void_ms = clock_ms
            if name in added:
                found.append(Behind(*own, number, header["type"], at_ms, *added[name]))
    return sorted(found, key=lambda each: (-each.occurred_at_ms, each.workstation_id, -each.number))
