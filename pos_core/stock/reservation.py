"""Goods put aside for a shopper: asked of a store, kept there, fetched, given up, or over with their time.

A reservation moves no goods: they lie where they lay until somebody buys them. What it means follows from
whatever steps are known, in any order, and from the moment at which one looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

ReservationStep = Literal["made", "kept", "refused", "picked_up", "released"]
STEPS: tuple[ReservationStep, ...] = get_args(ReservationStep)
ANSWERS: tuple[ReservationStep, ...] = ("kept", "refused", "picked_up", "released")
ReservationState = Literal["asked", "kept", "refused", "picked_up", "released", "expired"]
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Reservation:
    """One reservation as far as its steps are known.

    Attributes:
        at_store: where the goods lie; for_store: where the shopper asked.
        until_ms: UTC; from then on nothing is held.
        lines: SKU → thousandths; empty while only later steps are known.
        steps: which steps are known; changed_hlc: hybrid time of the newest.
    """

    reservation_id: str
    at_store: str
    for_store: str
    until_ms: int
    lines: Mapping[str, int]
    steps: frozenset[str]
    changed_hlc: str

    def state_at(self, now_ms: int) -> ReservationState:
        """Fetched goods are gone whatever else was said; a store's no and the shopper's no weigh the same.

        A store that asks itself has put them aside already.
        """
        for step in ("picked_up", "refused", "released"):
            if step in self.steps:
                return step
        if now_ms >= self.until_ms:
            return "expired"
        asked_itself = bool(self.lines) and self.at_store == self.for_store
        return "kept" if "kept" in self.steps or asked_itself else "asked"

    def held_at(self, now_ms: int) -> Mapping[str, int]:
        """SKU → thousandths that are not free to others at `at_store`."""
        return self.lines if self.state_at(now_ms) in {"asked", "kept"} else {}


def next_steps(found: Reservation, here: str, now_ms: int) -> tuple[ReservationStep, ...]:
    """What may be done at the store `here`: only where goods lie are they kept, refused or fetched."""
    state = found.state_at(now_ms)
    if state in {"picked_up", "refused", "released"}:
        return ()
    steps: list[ReservationStep] = []
    if here == found.at_store:
        if state == "asked":
            steps += ["kept", "picked_up", "refused"]
        else:
            steps.append("picked_up")
    if here in {found.at_store, found.for_store}:
        steps.append("released")
    return tuple(steps)


def reservation_of(reservation_id: str, steps: Mapping[str, Sequence[Any]]) -> Reservation:
    """From the fold's steps `{document: [stamp, step, at_store, for_store, {sku: milli}, until_ms]}`."""
    assert steps
    by_time = sorted(steps.values(), key=lambda step: step[0])
    made = next((step for step in by_time if step[1] == "made"), None)
    first = made or by_time[0]
    return Reservation(
        reservation_id=reservation_id,
        at_store=first[2],
        for_store=first[3],
        until_ms=0 if made is None else made[5],
        lines={} if made is None else dict(made[4]),
        steps=frozenset(step[1] for step in by_time),
        changed_hlc=by_time[-1][0][0],
    )
