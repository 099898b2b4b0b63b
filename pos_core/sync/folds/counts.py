"""The counts of one SKU at one store, all of them.

    {"counts": {"document#place": [stamp, counted_milli, recorded_milli, cut]}}

On hand needs the newest only (`stock`); the report of variances needs each with the one before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pos_core.sync.folds.facts import Counted, StockMoved
from pos_core.sync.folds.fold import Fold, State
from pos_core.sync.folds.stamp import Stamp, stamp_from
from pos_core.sync.folds.stock import stock_key


@dataclass(frozen=True, slots=True)
class Variance:
    """What a count found against the books as they are known now; late sales from before it restate it.

    Attributes:
        expected_milli: the count before plus the movements between the two cuts.
        recorded_milli: what the books said to the counter.
    """

    stamp: Stamp
    counted_milli: int
    recorded_milli: int
    expected_milli: int

    @property
    def variance_milli(self) -> int:
        """Above zero: more lay there than the books say."""
        return self.counted_milli - self.expected_milli


def apply(state: State | None, fact: Counted) -> State:
    """With one more count."""
    counts = dict(state["counts"]) if state else {}
    name = f"{fact.stamp.document}#{fact.stamp.place}"
    counts[name] = [fact.stamp.as_value(), fact.counted_milli, fact.recorded_milli, dict(fact.cut)]
    return {"counts": counts}


def variances(state: State | None, movements: Iterable[StockMoved]) -> list[Variance]:
    """One for each count, earliest first, from the ledger's movements of the key (each once)."""
    moved = list(movements)
    found: list[Variance] = []
    before, known_milli = None, 0
    for count in sorted(state["counts"].values()) if state else ():
        between = sum(
            each.quantity_milli for each in moved if _saw(count, each) and not (before and _saw(before, each))
        )
        found.append(Variance(stamp_from(count[0]), count[1], count[2], known_milli + between))
        before, known_milli = count, count[1]
    return found


def _saw(count: list[object], moved: StockMoved) -> bool:
    stamp, cut = count[0], count[3]
    assert isinstance(stamp, list) and isinstance(cut, dict)
    if moved.stamp.series in cut:
        return bool(moved.stamp.number <= cut[moved.stamp.series])
    return bool(moved.stamp.hlc <= stamp[0])


FOLD = Fold("counts", (Counted,), lambda fact: stock_key(fact.store_id, fact.sku), apply)
