"""Units with their history while a plan is carried out: the bridge from the search to the result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pos_core.pricing.conflicts import Conflicts
from pos_core.pricing.goods import Goods
from pos_core.pricing.offer import ITEM, PRICE
from pos_core.pricing.plan import Step
from pos_core.pricing.standing import GIFTED, REDUCED, Unit, unit_order

Share = tuple[int, str, int]
"""(application, role, amount of one unit)."""
History = tuple[Share, ...]
Entry = tuple[int, int, History, int, int]
"""(class, −net, shares, tags, units): units that stand alike after the plan and came there in one way."""
Held = dict[Unit, dict[History, int]]
"""Unit → history → units."""


class Ledger:
    """All units of a basket; `begin` a phase, `apply` promotions in the order of evaluation, read `held`.

    Attributes:
        held: unit → history → units.
        steps: the applications so far; their places are the application numbers in the histories.
        gave: of each, the units that it took something from.
        ended: what became of the units, where that is all that is known of them (`one_each.py`).
    """

    __slots__ = (
        "conflicts", "ended", "gave", "goods", "held", "phase", "shipping", "shipping_shares", "steps",
    )  # fmt: skip

    def __init__(self, goods: Goods, conflicts: Conflicts, shipping: int, *, empty: bool = False) -> None:
        """`empty`: of no units, for whoever carries out the plan without them."""
        self.goods = goods
        self.conflicts = conflicts
        self.shipping = shipping
        self.shipping_shares: list[tuple[int, int]] = []
        self.phase = PRICE
        self.steps: list[Step] = []
        self.gave: list[int] = []
        self.ended: list[Entry] | None = None
        price, reduced, units = goods.price, goods.reduced, goods.units
        self.held: Held = (
            {}
            if empty
            else {
                (c, price[c], price[c], REDUCED if reduced[c] else 0): {(): units[c]}
                for c in range(len(price))
            }
        )

    def begin(self, phase: int) -> None:
        """As the search does when a phase begins."""
        before, self.phase = self.phase, phase
        if phase == before or (phase == ITEM and not self.steps):
            return  # as they were made, units stand as the item phase finds them
        goods = self.goods
        first, items = before == PRICE, phase == ITEM
        if not (first or items):
            held = {(c, net, net, tags): histories for (c, net, _, tags), histories in self.held.items()}
            if len(held) == len(self.held):
                self.held = held  # nearly always: none of them look alike now
                return
        held = {}
        for (c, net, _, tags), histories in self.held.items():
            if first and net < goods.list[c]:
                tags |= REDUCED
            unit = (c, net, goods.price[c] if items else net, tags)
            mine = held.setdefault(unit, histories)
            if mine is histories:
                continue
            for history, count in histories.items():
                mine[history] = mine.get(history, 0) + count
        self.held = held

    def entries(self) -> list[Entry]:
        """What became of the units, in no order."""
        if self.ended is not None:
            return self.ended
        return [
            (c, -net, history, tags, n)
            for (c, net, _, tags), held in self.held.items()
            for history, n in held.items()
        ]

    def units(self) -> tuple[tuple[Unit, int], ...]:
        """The units as they stand, histories put together, in canonical order."""
        held = self.held
        found = [(unit, sum(histories.values())) for unit, histories in held.items()]
        if len(held) == len(self.goods.price):
            found.sort()  # nearly always: units of a class stand alike, so the class alone decides
        else:
            found.sort(key=unit_order)
        return tuple(found)

    def apply(self, steps: Iterable[Step]) -> None:
        """Carry out all applications of one promotion, each with the next number.

        They have no unit in common, so what one leaves is put aside until all have taken: it may look like
        what another is about to take.
        """
        after: Held = {}
        held, done, tag_of = self.held, self.steps, self.conflicts.tag
        for step in steps:
            number = len(done)
            done.append(step)
            if not step.members:
                self.shipping -= step.amount
                self.shipping_shares.append((number, step.amount))
                self.gave.append(0)
                continue
            tag = tag_of[step.offer.rank]
            if step.offer.kind == "gift":
                tag |= GIFTED
            times = step.times
            gave = 0
            for unit, role, count, parts in step.members:
                for amount, n in parts:
                    if amount:
                        gave += n
                mine = held[unit]
                if len(mine) == 1:
                    # Nearly always: one history, all of the units.
                    ((history, there),) = mine.items()
                    if there == count * times:
                        del held[unit]
                        c, net, began, tags = unit
                        for amount, n in parts:
                            left = (c, net - amount, began, tags | tag)
                            into = after.get(left)
                            if into is None:
                                after[left] = {(*history, (number, role, amount)): n * times}
                            else:
                                longer = (*history, (number, role, amount))
                                into[longer] = into.get(longer, 0) + n * times
                        continue
                self._take(unit, role, parts, count * times, times, number, tag, after)
            self.gave.append(gave * times)
        if held.keys().isdisjoint(after):
            held.update(after)
            return
        for unit, histories in after.items():
            there_already = held.setdefault(unit, histories)
            if there_already is histories:
                continue
            for history, count in histories.items():
                there_already[history] = there_already.get(history, 0) + count

    def _take(
        self,
        unit: Unit,
        role: str,
        parts: Sequence[tuple[int, int]],
        count: int,
        times: int,
        number: int,
        tag: int,
        into_held: Held,
    ) -> None:
        """From units that look alike those with the smallest history first get the larger shares."""
        held = self.held
        mine = held[unit]
        c, net, began, tags = unit
        tags |= tag
        # Nearly always all units that look alike share one history.
        queue = sorted(mine) if len(mine) > 1 else list(mine)
        place = 0
        for amount, n in parts:
            room = n * times
            count -= room
            after = (c, net - amount, began, tags)
            entry = (number, role, amount)
            while room:
                history = queue[place]
                there = mine[history]
                used = min(room, there)
                if used == there:
                    del mine[history]
                    place += 1
                else:
                    mine[history] = there - used
                if not mine:
                    del held[unit]
                into = into_held.setdefault(after, {})
                longer = (*history, entry)
                into[longer] = into.get(longer, 0) + used
                room -= used
        assert not count
