"""A promotion over units that come by one after the other, dearest first: a small counting machine.

A unit may pass or join; the state is what is still open. Because a group's discounted units are its cheapest,
counting suffices: no state remembers which units were taken. docs/promotions.md, "Kinds".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from pos_core.pricing.offer import Offer

STATES_MAX = 200


class Move(NamedTuple):
    """From one state to `to`: the unit's own gain if `own`, plus `more`; `slot`: only units of that slot."""

    to: int
    own: bool
    more: int
    role: int
    slot: int


def _no_groups(joined: list[tuple[int, int]]) -> list[list[tuple[int, str]]]:
    return []


class Automaton:
    """One promotion (for `same_sku`: one SKU of it) over the units of a component.

    Attributes:
        units: places of its units in the component's order; gains: of each, in minor units.
        moves: state → moves; accept: states in which it may end; state 0 is the beginning.
        fits: per unit the slots it fits, as bits (always 1 if one_slot: a kind with one slot).
        exact: False: real amounts may be lower than counted here (floors, caps, limits, rounding once).
        form: the groups made of what joined, as lists of (place, role).
        together: what its units gain if all must join or none can; None: not so, or not asked yet.
        shape: what its moves follow from but for `more`, which each group adds; None: nobody else has them.
    """

    __slots__ = (
        "accept", "exact", "fits", "form", "gains", "more", "moves", "offer", "one_slot", "shape", "together",
        "units",
    )  # fmt: skip

    def __init__(self, offer: Offer, units: list[int], gains: list[int], exact: bool) -> None:
        self.offer = offer
        self.units = units
        self.gains = gains
        self.exact = exact
        self.fits = [1] * len(units)
        self.one_slot = True
        self.shape: tuple[object, ...] | None = None
        self.more = 0
        self.together: int | None = None
        self.moves: list[list[Move]] = []
        self.accept: list[bool] = []
        self.form: Callable[[list[tuple[int, int]]], list[list[tuple[int, str]]]] = _no_groups

    def over(self, places: frozenset[int] | set[int]) -> Automaton:
        """The same machine over those of its units that are among `places`."""
        kept = [t for t, place in enumerate(self.units) if place in places]
        found = Automaton(
            self.offer, [self.units[t] for t in kept], [self.gains[t] for t in kept], self.exact
        )
        found.fits = [self.fits[t] for t in kept]
        found.one_slot = self.one_slot
        found.moves, found.accept, found.form = self.moves, self.accept, self.form
        return found
