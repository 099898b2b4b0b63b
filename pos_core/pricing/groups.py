"""Every application of a choice kind that the units as they stand allow: groups, and sets of single units.

Equal units are counted, not repeated, so a group is a multiset. docs/promotions.md, "Kinds".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pos_core.pricing.goods import Goods
from pos_core.pricing.offer import Offer
from pos_core.pricing.standing import Unit
from pos_core.pricing.take import Member, nth_counts, take

Counted = Sequence[tuple[Unit, int]]


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
    ordered = sorted(chosen, key=_canonical) if len(chosen) > 1 else chosen
    members = [Member(unit[0], unit[1], count, role) for unit, count, role in ordered]
    taken = take(goods, offer, members, left=left)
    if not taken.amount:
        return None
    found: list[tuple[Unit, str, int, tuple[tuple[int, int], ...]]] = []
    if not offer.kind.startswith("nth"):
        for (unit, count, role), parts in zip(ordered, taken.parts, strict=True):
            found.append(
                (unit, role, count, parts if len(parts) == 1 else tuple(sorted(parts, reverse=True)))
            )
        return Use(tuple(found), taken.amount, taken.unplaced, taken.cut)
    for (unit, _, _), parts, split in zip(ordered, taken.parts, _roles(offer, members), strict=True):
        found += _split(unit, parts, split)
    return Use(tuple(found), taken.amount, taken.unplaced, taken.cut)


def _canonical(entry: tuple[Unit, int, str]) -> tuple[int, int, Unit, str]:
    return (entry[0][0], -entry[0][1], entry[0], entry[2])


def _roles(offer: Offer, members: Sequence[Member]) -> list[list[tuple[str, int]]]:
    """Roles of each member's units: an nth-kind discounts some of them."""
    counts = nth_counts(offer, [(m.net, m.units) for m in members])
    return [
        [(role, n) for role, n in (("discounted", d), ("member", m.units - d)) if n]
        for m, d in zip(members, counts, strict=True)
    ]


def _split(
    unit: Unit, parts: tuple[tuple[int, int], ...], roles: list[tuple[str, int]]
) -> Iterator[tuple[Unit, str, int, tuple[tuple[int, int], ...]]]:
    """Larger shares go to the discounted units first: the same for everybody who deals them out."""
    if len(parts) == 1:
        amount = parts[0][0]
        for role, wanted in roles:
            yield (unit, role, wanted, ((amount, wanted),))
        return
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
        yield (unit, role, wanted, tuple(got))


def groups_of(goods: Goods, offer: Offer, units: Counted, most: int) -> tuple[list[Use], int, bool]:
    """All groups with a positive amount, how many were looked at, and whether these are all of them."""
    found: dict[tuple[tuple[Unit, int, str], ...], Use] = {}
    work = 0
    for chosen in _fillings(goods, offer, units):
        work += 1
        if work > most:
            for block in _blocks(offer, units, most):
                _file(goods, offer, block, found)
            return list(found.values()), most, False
        _file(goods, offer, chosen, found)
    return list(found.values()), work, True


def _file(
    goods: Goods,
    offer: Offer,
    chosen: Sequence[tuple[Unit, int, str]],
    found: dict[tuple[tuple[Unit, int, str], ...], Use],
) -> None:
    merged: dict[tuple[Unit, str], int] = {}
    for unit, count, role in chosen:
        merged[unit, role] = merged.get((unit, role), 0) + count
    key = tuple(sorted((unit, count, role) for (unit, role), count in merged.items()))
    if key in found or not _legal_group(goods, offer, key):
        return
    use = use_of(goods, offer, key, None)
    if use is not None:
        found[key] = use


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


def _legal_group(goods: Goods, offer: Offer, group: tuple[tuple[Unit, int, str], ...]) -> bool:
    benefit = offer.benefit
    if getattr(benefit, "same_sku", False) and len({goods.sku[unit[0]] for unit, _, _ in group}) > 1:
        return False
    if offer.kind == "buy_get" and benefit.pick == "cheapest":
        dearest_got = max(unit[1] for unit, _, role in group if role == "get")
        return all(unit[1] >= dearest_got for unit, _, role in group if role == "buy")
    return True


def _fillings(goods: Goods, offer: Offer, units: Counted) -> Iterator[list[tuple[Unit, int, str]]]:
    """Slot by slot every multiset of units that fit, as long as there are enough."""
    left = dict(units)
    order = [unit for unit, _ in units]

    def slot(number: int, chosen: list[tuple[Unit, int, str]]) -> Iterator[list[tuple[Unit, int, str]]]:
        if number == len(offer.slots):
            yield chosen
            return
        classes, count, role = offer.slots[number]
        fitting = [unit for unit in order if unit[0] in classes]
        counts = range(count, 0, -1) if role == "get" and offer.benefit.partial else (count,)
        for wanted in counts:
            yield from pick(number, fitting, 0, wanted, role, chosen)

    def pick(
        number: int, fitting: list[Unit], at: int, wanted: int, role: str, chosen: list[tuple[Unit, int, str]]
    ) -> Iterator[list[tuple[Unit, int, str]]]:
        if not wanted:
            yield from slot(number + 1, chosen)
            return
        if at == len(fitting):
            return
        unit = fitting[at]
        for n in range(min(wanted, left[unit]), -1, -1):
            left[unit] -= n
            yield from pick(
                number, fitting, at + 1, wanted - n, role, [*chosen, (unit, n, role)] if n else chosen
            )
            left[unit] += n

    return slot(0, [])


def packings(
    uses: Sequence[Use], units: Counted, times: int | None, most: int
) -> tuple[list[tuple[tuple[Use, int], ...]], bool]:
    """Every multiset of groups that the units suffice for, the empty one included; complete or cut at `most`.

    Groups that take much come first, so a list that is cut holds the promising packings.
    """
    ordered = sorted(uses, key=lambda use: -use.amount)
    needs = [tuple(use.needs().items()) for use in ordered]
    left = dict(units)
    found: list[tuple[tuple[Use, int], ...]] = []

    def walk(at: int, room: int | None, chosen: tuple[tuple[Use, int], ...]) -> bool:
        if len(found) >= most:
            return False
        if at == len(ordered) or room == 0:
            found.append(chosen)
            return True
        fit = min(left[unit] // n for unit, n in needs[at])
        if room is not None and room < fit:
            fit = room
        for n in range(fit, -1, -1):
            for unit, count in needs[at]:
                left[unit] -= n * count
            done = walk(
                at + 1, None if room is None else room - n, (*chosen, (ordered[at], n)) if n else chosen
            )
            for unit, count in needs[at]:
                left[unit] += n * count
            if not done:
                return False
        return True

    complete = walk(0, times, ())
    return found, complete


def single_choices(
    goods: Goods, offer: Offer, units: Counted, most: int
) -> tuple[list[tuple[tuple[Unit, int], ...]], bool]:
    """Every choice of units for an each-kind, the empty one included; complete or cut at `most`."""
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
        for n in range(there, -1, -1):
            of_sku[sku] = of_sku.get(sku, 0) + n
            done = walk(at + 1, None if room is None else room - n, (*chosen, (unit, n)) if n else chosen)
            of_sku[sku] -= n
            if not done:
                return False
        return True

    complete = walk(0, offer.members_max, ())
    return found, complete
