"""What one application takes from its members: the one home of the arithmetic of every kind.

docs/promotions.md, "Rounding and allocation" and "Kinds". The search, the result and the tests all ask here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from pos_core.allocation import deal_out
from pos_core.pricing.goods import Goods, each
from pos_core.pricing.offer import PRICE, Offer
from pos_core.pricing.rounding import divide, rate_of
from pos_core.pricing.standing import Unit
from pos_core.pricing.values import PPM


class Member(NamedTuple):
    """`units` units of class `unit` with running net `net`, in `role`."""

    unit: int
    net: int
    units: int
    role: str


class Taken(NamedTuple):
    """The amount of one application, and per member (amount of one unit, units) once or twice.

    Attributes:
        unplaced: what floors refused. cut: the budget had less left than the rule would give.
    """

    amount: int
    parts: tuple[tuple[tuple[int, int], ...], ...]
    unplaced: int = 0
    cut: bool = False


def take(
    goods: Goods,
    offer: Offer,
    members: Sequence[Member],
    *,
    value: int | None = None,
    multiple: int = 1,
    left: int | None = None,
    discounted: Sequence[int] | None = None,
) -> Taken:
    """One application over `members` in canonical order (class, net descending).

    `value`: the rate, amount or price in force when a ladder depends on the plan. `multiple`: of a 每满.
    `left`: what the budget has left; None: no budget. `discounted`: of an nth-kind, if somebody knows it.
    """
    if value is None:
        value = offer.value
    floors = offer.floors
    floor = goods.floor
    receives = goods.receives
    if floors:
        capacity = [
            max(0, m.net - floors.get(m.unit, floor[m.unit])) if receives[m.unit] else 0 for m in members
        ]
    else:
        capacity = [net - floor[c] if receives[c] and net > floor[c] else 0 for c, net, _, _ in members]
    unplaced = 0
    kind = offer.kind
    amount: int | None = None  # known where it is dealt out as a whole
    shares: list[tuple[tuple[int, int], ...]]
    if kind == "gift":
        shares = [((m.net, m.units),) for m in members]
    elif kind.startswith("basket"):
        meant = _basket_amount(goods, offer, members, value or 0, multiple)
        if offer.cap is not None:
            meant = min(meant, offer.cap)
        shares, unplaced = _together(meant, members, capacity)
        amount = meant - unplaced
    elif kind in ("group_amount", "bundle_amount"):
        shares, unplaced = _together(value or 0, members, capacity)
    elif kind in ("group_price", "bundle_price"):
        meant = max(0, sum([m.net * m.units for m in members]) - (value or 0))
        shares, unplaced = _together(meant, members, capacity)
    else:
        shares, unplaced = _each(goods, offer, members, capacity, value or 0, discounted)
    if amount is None:
        amount = sum([a * n for parts in shares for a, n in parts])
    limit = offer.cap
    by_budget = left is not None and offer.partial and (limit is None or left < limit)
    if by_budget:
        limit = left
    if limit is None or amount <= limit:
        return Taken(amount, tuple(shares), unplaced)
    return _capped(limit, shares, unplaced, by_budget)


def take_amount(goods: Goods, amount: int, units: Sequence[tuple[Unit, int]]) -> Taken:
    """`take` of a stated amount off all of the units, with no floors of its own, no cap and no budget.

    All of them receive: they are of a pool.
    """
    floor = goods.floor
    nets = [unit[1] for unit, _ in units]
    capacity = nets  # where nothing has a floor
    if any(floor):
        capacity = [net - floor[c] if net > floor[c] else 0 for (c, net, _, _), _ in units]
    shares, unplaced = _dealt(amount, nets, capacity, [n for _, n in units])
    return Taken(amount - unplaced, tuple(shares), unplaced)


def take_spread(
    goods: Goods, offer: Offer, units: Sequence[tuple[Unit, int, str]], gave: Sequence[int]
) -> Taken:
    """`take` of a percentage of so many units of each, dealt out over all of them: no cap, no budget.

    Every unit is rounded by itself.
    """
    floor, floors, receives, rate = goods.floor, offer.floors, goods.receives, offer.value or 0
    nets = [unit[1] for unit, _, _ in units]
    amount = 0
    for net, n in zip(nets, gave, strict=True):
        if n:
            amount += (2 * net * rate + PPM) // (2 * PPM) * n
    capacity = [max(0, net - floors.get(c, floor[c])) if receives[c] else 0 for (c, net, _, _), _, _ in units]
    shares, unplaced = _dealt(amount, nets, capacity, [n for _, n, _ in units])
    return Taken(amount - unplaced, tuple(shares), unplaced)


def _basket_amount(goods: Goods, offer: Offer, members: Sequence[Member], value: int, multiple: int) -> int:
    if offer.kind == "basket_amount":
        return value * multiple
    if offer.kind == "basket_price":
        return max(0, sum([m.net * m.units for m in members]) - value)
    bases = sum([base_of(goods, offer, m) * m.units for m in members])
    return rate_of(bases, value, offer.mode)


def base_of(goods: Goods, offer: Offer, m: Member) -> int:
    """What a percentage is taken of, of one unit."""
    base = getattr(offer.benefit, "base", "running")
    if base == "running":
        return m.net
    return goods.price[m.unit] if base == "price" else goods.list[m.unit]


def _together(
    amount: int, members: Sequence[Member], capacity: Sequence[int]
) -> tuple[list[tuple[tuple[int, int], ...]], int]:
    """An amount over all members by largest remainder on their nets."""
    return _dealt(amount, [net for _, net, _, _ in members], capacity, [n for _, _, n, _ in members])


def _dealt(
    amount: int, weights: Sequence[int], capacity: Sequence[int], units: Sequence[int]
) -> tuple[list[tuple[tuple[int, int], ...]], int]:
    low, more, rest = deal_out(amount, weights, capacity, units)
    shares: list[tuple[tuple[int, int], ...]] = [
        (((share, count),) if count else ())
        if not over
        else ((share + 1, count),)
        if over == count
        else ((share + 1, over), (share, count - over))
        for share, over, count in zip(low, more, units, strict=True)
    ]
    return shares, rest


def _capped(limit: int, shares: Sequence[tuple[tuple[int, int], ...]], unplaced: int, cut: bool) -> Taken:
    """The smaller amount, with the shares as weights and as capacities."""
    flat = [(i, a, n) for i, parts in enumerate(shares) for a, n in parts]
    amounts = [a for _, a, _ in flat]
    smaller, _ = _dealt(limit, amounts, amounts, [n for _, _, n in flat])
    result: list[dict[int, int]] = [{} for _ in shares]
    for (i, _, _), parts in zip(flat, smaller, strict=True):
        for amount, count in parts:
            result[i][amount] = result[i].get(amount, 0) + count
    ordered = tuple(tuple(sorted(found.items(), reverse=True)) for found in result)
    return Taken(limit, ordered, unplaced, cut)


def _each(
    goods: Goods,
    offer: Offer,
    members: Sequence[Member],
    capacity: Sequence[int],
    value: int,
    discounted: Sequence[int] | None,
) -> tuple[list[tuple[tuple[int, int], ...]], int]:
    """Kinds where every member has a share of its own; perhaps shared over the group afterwards."""
    kind = offer.kind
    if kind == "amount_progressive":
        return _progressive(goods, offer, members, capacity), 0
    benefiting = _benefiting(offer, members) if discounted is None else discounted
    together = rounds_the_sum(offer)
    if not together and not offer.spread_all:
        return [_own(goods, offer, m, capacity[i], value, benefiting[i]) for i, m in enumerate(members)], 0
    if together:
        value = offer.benefit.reward.rate_ppm if kind == "buy_get" else value
        bases = sum([base_of(goods, offer, m) * n for m, n in zip(members, benefiting, strict=True)])
        amount = rate_of(bases, value, offer.mode)
    elif offer.of_net:
        amount = sum(
            [
                (2 * net * value + PPM) // (2 * PPM) * n
                for (_, net, _, _), n in zip(members, benefiting, strict=True)
            ]
        )
    else:
        amount = sum(
            [raw_share(goods, offer, m, value) * n for m, n in zip(members, benefiting, strict=True)]
        )
    if offer.spread_all:
        return _together(amount, members, capacity)
    weights: list[int] = []
    rooms: list[int] = []
    counts: list[int] = []
    for m, c, n in zip(members, capacity, benefiting, strict=True):
        weights += (m.net, m.net)
        rooms += (c, 0)
        counts += (n, m.units - n)
    flat, unplaced = _dealt(amount, weights, rooms, counts)
    return [(*flat[2 * i], *flat[2 * i + 1]) for i in range(len(members))], unplaced


def rounds_the_sum(offer: Offer) -> bool:
    """True for percentages that are rounded once over all units of an application."""
    if offer.rule is None or offer.rule.rounding.at != "application":
        return False
    kind = offer.benefit.reward.kind if offer.kind == "buy_get" else offer.kind
    return "percent" in kind


def _own(
    goods: Goods, offer: Offer, m: Member, capacity: int, value: int, benefiting: int
) -> tuple[tuple[int, int], ...]:
    if not benefiting:
        return ((0, m.units),)
    share = min(raw_share(goods, offer, m, value), capacity)
    if benefiting == m.units:
        return ((share, m.units),)
    return ((share, benefiting), (0, m.units - benefiting))


def raw_share(goods: Goods, offer: Offer, m: Member, value: int) -> int:
    """What the rule gives one unit by itself, its floor not looked at."""
    kind = offer.kind
    if kind == "buy_get":
        reward: Any = offer.benefit.reward
        if reward.kind == "percent":
            return rate_of(m.net, reward.rate_ppm, offer.mode)
        if reward.kind == "amount":
            return each(reward.amount_minor, goods.quantity[m.unit])
        return max(0, m.net - each(reward.price_minor, goods.quantity[m.unit]))
    if kind.endswith("percent") or kind == "percent_each":
        return (
            (2 * base_of(goods, offer, m) * value + PPM) // (2 * PPM)
            if offer.mode == "half_up"
            else rate_of(base_of(goods, offer, m), value, offer.mode)
        )
    if kind in ("amount_each", "group_amount_each"):
        return each(value, goods.quantity[m.unit])
    if offer.phase == PRICE and offer.values is not None:
        return max(0, m.net - offer.values[m.unit])
    return max(0, m.net - each(value, goods.quantity[m.unit]))


def _benefiting(offer: Offer, members: Sequence[Member]) -> list[int]:
    """How many units of each member have a share: nth: the cheapest; buy_get: those got; else all.

    Ties of an nth go to the unit that is canonically last (cheapest) or first (dearest).
    """
    kind = offer.kind
    if kind == "buy_get":
        return [m.units if m.role == "get" else 0 for m in members]
    if not kind.startswith("nth"):
        return [m.units for m in members]
    return nth_counts(offer, [(net, n) for _, net, n, _ in members])


def nth_counts(offer: Offer, members: Sequence[tuple[int, int]]) -> list[int]:
    """Units of each (net, count), in canonical order, that an nth-kind discounts."""
    left = offer.benefit.discounted
    if len(members) == 1:
        return [min(left, members[0][1])]
    counts = [0] * len(members)
    if left <= members[-1][1] and offer.benefit.pick == "cheapest" and members[-1][0] <= min(members)[0]:
        counts[-1] = left  # nearly always: units stand dearest first, and the last ones are enough
        return counts
    order = sorted([(net, -i) for i, (net, _) in enumerate(members)])
    if offer.benefit.pick == "dearest":
        order.reverse()
    for _, place in order:
        there = members[-place][1]
        if there >= left:
            counts[-place] = left
            break
        counts[-place] = there
        left -= there
    return counts


def _progressive(
    goods: Goods, offer: Offer, members: Sequence[Member], capacity: Sequence[int]
) -> list[tuple[tuple[int, int], ...]]:
    first = max(range(len(members)), key=lambda i: (members[i].net, -i))
    shares: list[tuple[tuple[int, int], ...]] = []
    for i, m in enumerate(members):
        more = min(each(offer.benefit.additional_minor, goods.quantity[m.unit]), capacity[i])
        if i != first:
            shares.append(((more, m.units),))
            continue
        once = min(each(offer.benefit.first_minor, goods.quantity[m.unit]), capacity[i])
        if once == more or m.units == 1:
            shares.append(((once, m.units),))
        else:
            shares.append(((once, 1), (more, m.units - 1)))
    return shares


def shipping_amount(offer: Offer, net: int) -> int:
    """What a shipping kind takes off the running shipping amount."""
    benefit = offer.benefit
    if offer.kind == "shipping_percent":
        amount = rate_of(net, benefit.rate_ppm, offer.mode)
    elif offer.kind == "shipping_amount":
        amount = min(net, benefit.amount_minor)
    else:
        amount = max(0, net - benefit.price_minor)
    return amount if offer.cap is None else min(amount, offer.cap)


def rule_floor(goods: Goods, offer: Offer, c: int) -> int:
    """The lowest net that this promotion may leave a unit of the class."""
    return offer.floors.get(c, goods.floor[c])


def ceil_rate(amount_minor: int, rate_ppm: int) -> int:
    """A percentage rounded up: at least what any rounding of a sum gives this part of it."""
    return divide(amount_minor * rate_ppm, PPM, "up")
