"""A reservation's steps, all that are known.

    {"steps": {"document": [stamp, step, at_store, for_store, {sku: milli}, until_ms, sale]}}

Only the step `made` has lines and an end; `sale` stands only where a sale closed it. What they mean together
is `pos_core.stock.reservation.reservation_of`: it depends on the set alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from pos_core.sync.folds.facts import ReservationMoved
from pos_core.sync.folds.fold import Fold, State


def apply(state: State | None, fact: ReservationMoved) -> State:
    """With one more step."""
    steps = dict(state["steps"]) if state else {}
    steps[fact.stamp.document] = [
        fact.stamp.as_value(),
        fact.step,
        fact.at_store,
        fact.for_store,
        dict(fact.lines),
        fact.until_ms,
        *([fact.sale] if fact.sale else []),
    ]
    return {"steps": steps}


@dataclass(frozen=True, slots=True)
class ClosingSale:
    """A sale that closed the reservation: its document key, and the stores at both ends."""

    sale: str
    at_store: str
    for_store: str


def sales_of(state: State) -> list[ClosingSale]:
    """The sales that closed a reservation, the earliest first."""
    closed = sorted((step for step in state["steps"].values() if len(step) > _SALE), key=lambda step: step[0])
    return [ClosingSale(step[_SALE], step[2], step[3]) for step in closed]


_SALE = 6


FOLD = Fold("reservation", (ReservationMoved,), lambda fact: fact.reservation_id, apply)
