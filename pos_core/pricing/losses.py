"""The least sum at or above a mark, when each part of a plan offers a few ways to lose something.

Sums are bits of one big integer, so a few thousand of them cost a shift and an `or`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeVar

from pos_core.pricing.offer import Offer


class Option(NamedTuple):
    """Losing `loss` minor units by dropping a group of a machine and giving units other single offers."""

    loss: int
    component: int
    machine: int
    drop: tuple[tuple[int, int], ...]
    singles: tuple[tuple[int, Offer | None], ...]


class Loss(Protocol):
    """Anything that costs `loss` minor units to choose."""

    @property
    def loss(self) -> int:
        """Minor units."""


L = TypeVar("L", bound=Loss)


def least_loss(parts: Sequence[Sequence[L]], mark: int, high: int) -> tuple[int, list[L]] | None:
    """The least reachable loss in [mark, high] with the options that make it; None: there is none."""
    if high < mark:
        return None
    keep = (1 << (high + 1)) - 1
    reach = 1
    layers = [reach]
    for options in parts:
        now = reach
        for option in options:
            now |= reach << option.loss
        reach = now & keep
        layers.append(reach)
        if reach >> mark & 1:
            break
    above = reach >> mark
    if not above:
        return None
    loss = mark + (above & -above).bit_length() - 1
    chosen: list[L] = []
    left = loss
    for at in range(len(layers) - 2, -1, -1):
        before = layers[at]
        if before >> left & 1:
            continue
        for option in parts[at]:
            if option.loss <= left and before >> (left - option.loss) & 1:
                chosen.append(option)
                left -= option.loss
                break
    assert left == 0
    return loss, chosen
