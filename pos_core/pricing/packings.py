"""Every way to pack groups into the units that there are."""

from __future__ import annotations

from collections.abc import Sequence

from pos_core.pricing.groups import Counted, Use

Packing = tuple[tuple[Use, int], ...]
"""Groups, each with how often."""


def packings(uses: Sequence[Use], units: Counted, times: int | None, most: int) -> tuple[list[Packing], bool]:
    """Every multiset of groups that the units suffice for, the empty one included; complete or cut at `most`.

    Groups that take much come first, so a list that is cut holds the promising packings.
    """
    packer = _Packer(sorted(uses, key=lambda use: -use.amount), units, most)
    complete = packer.walk(packer.every, times, ())
    return packer.found, complete


class _Packer:
    """Groups are numbered; a set of them is a bit mask, so that the many that fit no more cost nothing."""

    __slots__ = ("every", "fitting", "found", "left", "most", "needs", "uses")

    def __init__(self, uses: Sequence[Use], units: Counted, most: int) -> None:
        self.uses = uses
        self.most = most
        self.found: list[Packing] = []
        place = {unit: number for number, (unit, _) in enumerate(units)}
        self.left = [count for _, count in units]
        self.needs = [tuple([(place[unit], n) for unit, n in use.needs().items()]) for use in uses]
        # Per unit and number of it that is left: the groups that do not need more of it.
        wanted: list[dict[int, int]] = [{} for _ in units]
        for number, need in enumerate(self.needs):
            for unit, n in need:
                wanted[unit][n] = wanted[unit].get(n, 0) | 1 << number
        everything = (1 << len(uses)) - 1
        self.fitting: list[list[int]] = []
        for by_count in wanted:
            fitting = [everything] * (max(by_count, default=0) + 1)
            for n, groups in by_count.items():
                for there in range(n):
                    fitting[there] &= ~groups
            self.fitting.append(fitting)
        self.every = everything
        for unit, there in enumerate(self.left):
            self.every &= self._with(unit, there)

    def _with(self, unit: int, there: int) -> int:
        """The groups for which so many of a unit are enough."""
        fitting = self.fitting[unit]
        return fitting[there] if there < len(fitting) else fitting[-1]

    def walk(self, groups: int, room: int | None, chosen: Packing) -> bool:
        """Adds what can be made of these groups beside those chosen; False: cut.

        Of the first group as many as fit, then one less, to none; each time all ways with the others.
        """
        if len(self.found) >= self.most:
            return False
        left = self.left
        while groups and room != 0:
            lowest = groups & -groups
            groups ^= lowest
            number = lowest.bit_length() - 1
            need = self.needs[number]
            fit = min([left[unit] // n for unit, n in need])
            if room is not None and room < fit:
                fit = room
            for unit, n in need:
                left[unit] -= fit * n
            for times in range(fit, 0, -1):
                others = groups
                for unit, _ in need:
                    others &= self._with(unit, left[unit])
                rest = None if room is None else room - times
                if not self.walk(others, rest, (*chosen, (self.uses[number], times))):
                    return False
                for unit, n in need:
                    left[unit] += n
            if len(self.found) >= self.most:
                return False
        self.found.append(chosen)
        return True
