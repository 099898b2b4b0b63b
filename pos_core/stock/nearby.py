"""Stock of the stores around a store: which they are, and how much lies there in steps of two bits.

The stores and warehouses of the own region, or within NEAR_M, nearest first, at most NEIGHBOURS_MAX. Head
office packs one row an item for a whole region: a place in the row's list of places has a position, and the
same position in the text of every item says the step there. Both ends find the neighbours by this module.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from pos_core.catalog.store import Store

NEIGHBOURS_MAX = 40
NEAR_M = 300_000
Step = Literal["0", "1", "2-5", "6+"]
STEPS: tuple[Step, ...] = ("0", "1", "2-5", "6+")
LEAST_OF_STEP = (0, 1, 2, 6)
"""Whole pieces (or kg) at least, of each step."""

_EARTH_M = 6_371_009
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_VALUE_OF = {sign: value for value, sign in enumerate(_ALPHABET)}
_STEPS_A_SIGN = 3


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A place and how far it is as the crow flies; None: one of the two has no coordinates."""

    store: Store
    distance_m: int | None


def distance_m(here: Store, there: Store) -> int | None:
    """Along the great circle, within half a percent; None without coordinates."""
    ends = (here.latitude_e6, here.longitude_e6, there.latitude_e6, there.longitude_e6)
    if any(each is None for each in ends):
        return None
    from_lat, from_lon, to_lat, to_lon = (math.radians(each / 1e6) for each in ends if each is not None)
    across = math.sin((to_lat - from_lat) / 2) ** 2
    along = math.sin((to_lon - from_lon) / 2) ** 2
    half = across + math.cos(from_lat) * math.cos(to_lat) * along
    return round(2 * _EARTH_M * math.asin(min(1.0, math.sqrt(half))))


def others_of(here: Store, stores: Iterable[Store]) -> list[Neighbour]:
    """Every other place, nearest first; those whose distance nobody can tell come last, by id."""
    found = [Neighbour(store, distance_m(here, store)) for store in stores if store.store_id != here.store_id]
    return sorted(found, key=_order)


def neighbours_of(here: Store, stores: Iterable[Store]) -> list[Neighbour]:
    """Those of the own region, or not too far, in the same order."""
    found = [
        each
        for each in others_of(here, stores)
        if each.store.region == here.region or (each.distance_m is not None and each.distance_m <= NEAR_M)
    ]
    return found[:NEIGHBOURS_MAX]


def _order(each: Neighbour) -> tuple[bool, int, str]:
    return each.distance_m is None, each.distance_m or 0, each.store.store_id


def step_of(quantity_milli: int) -> int:
    """0 to 3: which of STEPS. Part of a piece or kg is left out, and below zero is nothing."""
    whole = quantity_milli // 1000
    return sum(whole >= least for least in LEAST_OF_STEP[1:])


def pack_steps(steps: Mapping[int, int]) -> str:
    """Position → step as text: three positions a sign, zeros at the end left out."""
    values: list[int] = []
    for position, step in steps.items():
        sign, place = divmod(position, _STEPS_A_SIGN)
        values.extend([0] * (sign + 1 - len(values)))
        values[sign] |= step << (2 * place)
    return "".join(_ALPHABET[value] for value in values).rstrip("A")


def packed_step(text: str, position: int) -> int:
    """The step at a position; 0 beyond the end, and for a sign that this version does not know."""
    sign, place = divmod(position, _STEPS_A_SIGN)
    value = _VALUE_OF.get(text[sign], 0) if sign < len(text) else 0
    return (value >> (2 * place)) & 3
