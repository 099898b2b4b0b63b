"""Every application of a choice kind that the units as they stand allow: groups, and sets of single units.

Equal units are counted, not repeated, so a group is a multiset. docs/promotions.md, "Kinds".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from pos_core.pricing.goods import Goods
from pos_core.pricing.offer import Offer
from pos_core.pricing.standing import Unit, admitted
from pos_core.pricing.take import Member, nth_counts, take, take_spread

Counted = Sequence[tuple[Unit, int]]
Group = tuple[tuple[Unit, int, str], ...]
"""(unit, units of it, role)."""


class Use(NamedTuple):
    """One application: (unit, role, units, ((amount, units), …)) per member, and what it takes."""

    members: tuple[tuple[Unit, str, int, tuple[tuple[int, int], ...]], ...]
    amount: int
    unplaced: int
    cut: bool

    def needs(self) -> dict[Unit, int]:
        """Units that it uses up, the roles put together."""
        found: dict[Unit, int] = {}
        for unit, _, count, _ in self.members:
            found[unit] = found.get(unit, 0) + count
        return found


def use_of(
    goods: Goods, offer: Offer, chosen: Sequence[tuple[Unit, int, str]], left: int | None
) -> Use | None:
    """The application over the chosen (unit, units, role), or None when it takes nothing."""
    return use_in_order(goods, offer, sorted(chosen, key=_canonical) if len(chosen) > 1 else chosen, left)


def use_in_order(
    goods: Goods, offer: Offer, ordered: Sequence[tuple[Unit, int, str]], left: int | None
) -> Use | None:
    """`use_of` units that stand in canonical order."""
    if offer.kind.startswith("nth"):
        return _use_of_nth(goods, offer, ordered, left)
    members = [Member(unit[0], unit[1], count, role) for unit, count, role in ordered]
    taken = take(goods, offer, members, left=left)
    if not taken.amount:
        return None
    found = [
        (unit, role, count, parts if len(parts) == 1 else tuple(sorted(parts, reverse=True)))
        for (unit, count, role), parts in zip(ordered, taken.parts, strict=True)
    ]
    return Use(tuple(found), taken.amount, taken.unplaced, taken.cut)


def _use_of_nth(
    goods: Goods, offer: Offer, ordered: Sequence[tuple[Unit, int, str]], left: int | None
) -> Use | None:
    counts = nth_counts(offer, [(unit[1], n) for unit, n, _ in ordered])
    if offer.of_each_net and offer.spread_all and offer.cap is None and left is None:
        taken = take_spread(goods, offer, ordered, counts)
    else:
        members = [Member(unit[0], unit[1], count, role) for unit, count, role in ordered]
        taken = take(goods, offer, members, left=left, discounted=counts)
    if not taken.amount:
        return None
    found: list[tuple[Unit, str, int, tuple[tuple[int, int], ...]]] = []
    for (unit, units, _), parts, n in zip(ordered, taken.parts, counts, strict=True):
        split = [("discounted", n)] if n else []
        if units > n:
            split.append(("member", units - n))
        if len(parts) == 1:
            amount = parts[0][0]
            found += [(unit, role, count, ((amount, count),)) for role, count in split]
        else:
            found += _split(unit, parts, split)
    return Use(tuple(found), taken.amount, taken.unplaced, taken.cut)


def _canonical(entry: tuple[Unit, int, str]) -> tuple[int, int, Unit, str]:
    return (entry[0][0], -entry[0][1], entry[0], entry[2])


def _split(
    unit: Unit, parts: tuple[tuple[int, int], ...], roles: list[tuple[str, int]]
) -> list[tuple[Unit, str, int, tuple[tuple[int, int], ...]]]:
    """Larger shares go to the discounted units first: the same for everybody who deals them out."""
    found: list[tuple[Unit, str, int, tuple[tuple[int, int], ...]]] = []
    if len(parts) == 2 and parts[0] > parts[1]:
        # Nearly always: what does not divide evenly, the units with one minor unit more first.
        (more, left), (less, _) = parts
        for role, wanted in roles:
            if left >= wanted:
                found.append((unit, role, wanted, ((more, wanted),)))
                left -= wanted
            else:
                few = ((more, left), (less, wanted - left)) if left else ((less, wanted),)
                found.append((unit, role, wanted, few))
                left = 0
        return found
    queue = [[amount, n] for amount, n in sorted(parts, reverse=True)]
    for role, wanted in roles:
        got: list[tuple[int, int]] = []
        room = wanted
        while room:
            amount, n = queue[0]
            used = min(n, room)
            got.append((amount, used))
            room -= used
            queue[0][1] -= used
            if not queue[0][1]:
                queue.pop(0)
        found.append((unit, role, wanted, tuple(got)))
    return found


class Groups:
    """All groups of one offer over units as they stand, worked out as far as somebody has looked.

    `look`: those with a positive amount, how many were looked at, and whether these are all of them.
    `uses`: groups of the offer that were met over other units, with what they give.
    """

    def __init__(
        self, goods: Goods, offer: Offer, units: Counted, uses: dict[Group, Use | None] | None = None
    ) -> None:
        self._goods = goods
        self._offer = offer
        self._units = units
        self._uses: dict[Group, Use | None] = {} if uses is None else uses
        self._fillings = _Fillings(goods, offer, units).slot(0, ())
        self._found: dict[Group, Use] = {}
        self._after: list[int] = [0]
        """How many groups had been found after so many looks."""
        self._ended = False

    def look(self, most: int) -> tuple[list[Use], int, bool]:
        """Not more than `most` looks; when they do not suffice, blocks of the units in their order beside."""
        after = self._after
        while len(after) - 1 <= most and not self._ended:
            chosen = next(self._fillings, None)
            if chosen is None:
                self._ended = True
                break
            group = self._group(chosen)
            if group not in self._found:
                use = self._use(group)
                if use is not None:
                    self._found[group] = use
            after.append(len(self._found))
        if len(after) - 1 <= most:
            return list(self._found.values()), len(after) - 1, True
        found = dict(islice(self._found.items(), after[most]))
        for block in _blocks(self._offer, self._units, most):
            group = self._group(block)
            if group not in found:
                use = self._use(group)
                if use is not None:
                    found[group] = use
        return list(found.values()), most, False

    def _group(self, chosen: Sequence[tuple[Unit, int, str]]) -> Group:
        if len(self._offer.slots) == 1:
            return tuple(chosen)  # each unit once, in the order of the units
        merged: dict[tuple[Unit, str], int] = {}
        for unit, count, role in chosen:
            merged[unit, role] = merged.get((unit, role), 0) + count
        return tuple(sorted([(unit, count, role) for (unit, role), count in merged.items()]))

    def _use(self, group: Group) -> Use | None:
        if group in self._uses:
            return self._uses[group]
        use = None
        if _legal_group(self._goods, self._offer, group):
            use = use_of(self._goods, self._offer, group, None)
        self._uses[group] = use
        return use


def _blocks(offer: Offer, units: Counted, most: int) -> Iterator[list[tuple[Unit, int, str]]]:
    """Groups one after the other in the order of the units: a packing even when not all can be looked at."""
    if len(offer.slots) != 1:
        return
    classes, size, role = offer.slots[0]
    block: list[tuple[Unit, int, str]] = []
    room = size
    for unit, count in units:
        while count and unit[0] in classes and most:
            used = min(room, count)
            block.append((unit, used, role))
            room -= used
            count -= used
            if not room:
                yield block
                block, room, most = [], size, most - 1


def _legal_group(goods: Goods, offer: Offer, group: Group) -> bool:
    benefit = offer.benefit
    if getattr(benefit, "same_sku", False) and len({goods.sku[unit[0]] for unit, _, _ in group}) > 1:
        return False
    if offer.kind == "buy_get" and benefit.pick == "cheapest":
        dearest_got = max(unit[1] for unit, _, role in group if role == "get")
        return all(unit[1] >= dearest_got for unit, _, role in group if role == "buy")
    return True


def _slot_selects(goods: Goods, offer: Offer) -> tuple[int, ...]:
    """The selection of each slot, where any of them leaves reduced goods out; else nothing."""
    if not goods.rules.index.sale_goods or offer.compiled is None:
        return ()
    slots = (*offer.compiled.slots, *offer.compiled.buy, offer.compiled.get)
    selects = tuple([slot.select for slot in slots if slot is not None])
    return selects if any(select in goods.rules.index.sale_goods for select in selects) else ()


class _Fillings:
    """Slot by slot every multiset of units that fit, as long as there are enough: of the first many."""

    __slots__ = ("_goods", "_left", "_offer", "_selects", "_units")

    def __init__(self, goods: Goods, offer: Offer, units: Counted) -> None:
        self._goods = goods
        self._offer = offer
        self._selects = _slot_selects(goods, offer)
        self._units = [unit for unit, _ in units]
        self._left = [count for _, count in units]

    def slot(self, number: int, chosen: Group) -> Iterator[Group]:
        """What has been chosen, with every way to fill the slots from this one on."""
        if number == len(self._offer.slots):
            yield chosen
            return
        classes, count, role = self._offer.slots[number]
        fitting = [place for place, unit in enumerate(self._units) if unit[0] in classes]
        if self._selects:
            # An optional price may have reduced what this slot asks for in full.
            select = self._selects[number]
            fitting = [place for place in fitting if admitted(self._goods, select, self._units[place])]
        rest = [0]
        for place in reversed(fitting):
            rest.append(rest[-1] + self._left[place])
        rest.reverse()
        counts = range(count, 0, -1) if role == "get" and self._offer.benefit.partial else (count,)
        for wanted in counts:
            yield from self._pick(number, fitting, rest, 0, wanted, role, chosen)

    def _pick(
        self,
        number: int,
        fitting: Sequence[int],
        rest: Sequence[int],
        at: int,
        wanted: int,
        role: str,
        chosen: Group,
    ) -> Iterator[Group]:
        """`rest`: units that are left from each place in `fitting` on."""
        left, units = self._left, self._units
        while rest[at] >= wanted:
            place = fitting[at]
            there = left[place]
            at += 1
            for n in range(min(wanted, there), 0, -1):
                left[place] = there - n
                longer = (*chosen, (units[place], n, role))
                if n == wanted:
                    yield from self.slot(number + 1, longer)
                else:
                    yield from self._pick(number, fitting, rest, at, wanted - n, role, longer)
            left[place] = there


def single_choices(
    goods: Goods, offer: Offer, units: Counted, most: int, quota: Mapping[int, int] | None = None
) -> tuple[list[tuple[tuple[Unit, int], ...]], bool]:
    """Every choice of units for an each-kind, the empty one included; complete or cut at `most`.

    `quota`: the most units of each class, which may stand in several entries.
    """
    left = None if quota is None else dict(quota)
    found: list[tuple[tuple[Unit, int], ...]] = []
    per_sku = offer.per_sku
    of_sku: dict[str, int] = {}

    def walk(at: int, room: int | None, chosen: tuple[tuple[Unit, int], ...]) -> bool:
        if len(found) >= most:
            return False
        if at == len(units) or room == 0:
            found.append(chosen)
            return True
        unit, there = units[at]
        sku = goods.sku[unit[0]]
        if room is not None:
            there = min(there, room)
        if per_sku is not None:
            there = min(there, per_sku - of_sku.get(sku, 0))
        if left is not None:
            there = min(there, left[unit[0]])
        for n in range(there, -1, -1):
            of_sku[sku] = of_sku.get(sku, 0) + n
            if left is not None:
                left[unit[0]] -= n
            done = walk(at + 1, None if room is None else room - n, (*chosen, (unit, n)) if n else chosen)
            of_sku[sku] -= n
            if left is not None:
                left[unit[0]] += n
            if not done:
                return False
        return True

    complete = walk(0, offer.members_max, ())
    return found, complete
