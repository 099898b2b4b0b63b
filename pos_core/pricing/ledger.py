"""Units with their history while a plan is carried out: the bridge from the search to the result."""

from __future__ import annotations

from collections.abc import Sequence

from pos_core.pricing.conflicts import Conflicts
from pos_core.pricing.goods import Goods
from pos_core.pricing.offer import ITEM, PRICE
from pos_core.pricing.plan import Step
from pos_core.pricing.standing import GIFTED, REDUCED, Unit, unit_order

Share = tuple[int, str, int]
"""(application, role, amount of one unit)."""
History = tuple[Share, ...]


class Ledger:
    """All units of a basket; `begin` a phase, `apply` steps in the order of evaluation, read `held`.

    Attributes:
        held: (unit, history) → units.
        steps: the applications so far; their places are the application numbers in the histories.
    """

    __slots__ = ("conflicts", "goods", "held", "phase", "shipping", "shipping_shares", "steps")

    def __init__(self, goods: Goods, conflicts: Conflicts, shipping: int) -> None:
        self.goods = goods
        self.conflicts = conflicts
        self.shipping = shipping
        self.shipping_shares: list[tuple[int, int]] = []
        self.phase = PRICE
        self.steps: list[Step] = []
        price, reduced, units = goods.price, goods.reduced, goods.units
        self.held: dict[tuple[Unit, History], int] = {
            ((c, price[c], price[c], REDUCED if reduced[c] else 0), ()): units[c] for c in range(len(price))
        }

    def begin(self, phase: int) -> None:
        """As the search does when a phase begins."""
        if phase == self.phase:
            return
        goods = self.goods
        held: dict[tuple[Unit, History], int] = {}
        for ((c, net, _, tags), history), count in self.held.items():
            if self.phase == PRICE and net < goods.list[c]:
                tags |= REDUCED
            key = ((c, net, goods.price[c] if phase == ITEM else net, tags), history)
            held[key] = held.get(key, 0) + count
        self.held = held
        self.phase = phase

    def units(self) -> tuple[tuple[Unit, int], ...]:
        """The units as they stand, histories put together, in canonical order."""
        found: dict[Unit, int] = {}
        for (unit, _), count in self.held.items():
            found[unit] = found.get(unit, 0) + count
        return tuple(sorted(found.items(), key=unit_order))

    def apply(self, step: Step) -> None:
        """Carry out one application (`times` equal ones): the next number is its."""
        number = len(self.steps)
        self.steps.append(step)
        if not step.members:
            self.shipping -= step.amount
            self.shipping_shares.append((number, step.amount))
            return
        tag = self.conflicts.tag[step.offer.rank]
        for unit, role, count, parts in step.members:
            self._take(unit, role, parts, count, step.times, number, tag)

    def _take(
        self,
        unit: Unit,
        role: str,
        parts: Sequence[tuple[int, int]],
        count: int,
        times: int,
        number: int,
        tag: int,
    ) -> None:
        """From units that look alike those with the smallest history first get the larger shares."""
        assert sum(n for _, n in parts) == count
        held = self.held
        # Nearly always all units that look alike share one history.
        histories = [()] if (unit, ()) in held and held[unit, ()] >= count * times else self._histories(unit)
        c, net, began, tags = unit
        tags |= tag | (GIFTED if role == "gift" else 0)
        place = 0
        for amount, n in parts:
            room = n * times
            while room:
                history = histories[place]
                there = held.get((unit, history), 0)
                used = min(room, there)
                if used == there:
                    held.pop((unit, history), None)
                    place += 1
                else:
                    held[unit, history] = there - used
                if used:
                    key = ((c, net - amount, began, tags), (*history, (number, role, amount)))
                    held[key] = held.get(key, 0) + used
                room -= used

    def _histories(self, unit: Unit) -> list[History]:
        return sorted(history for held, history in self.held if held == unit)
