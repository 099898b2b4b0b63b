"""A usual plan carried out in one pass: each unit in one application at most, then in one over the goods.

`replay.py` does the same with a ledger for any plan, step by step. Here nobody looks at units half-way, so
what becomes of them is written down at once.
"""

from __future__ import annotations

from collections.abc import Sequence

from pos_core.pricing.conflicts import Conflicts
from pos_core.pricing.goods import Goods
from pos_core.pricing.ledger import Entry, History, Ledger
from pos_core.pricing.offer import SHIPPING, Offer
from pos_core.pricing.plan import Plan, Step
from pos_core.pricing.replay import in_order, use_later
from pos_core.pricing.standing import REDUCED, Unit

_Piece = tuple[int, int, int, History, int]
"""(class, −net, tags, shares, units); sorted, units that look alike stand together."""


def fits(plan: Plan) -> bool:
    """True when the plan can be carried out here."""
    return plan.one_each and (not plan.later or (len(plan.later) == 1 and plan.later[0].phase != SHIPPING))


def carry_out_once(goods: Goods, conflicts: Conflicts, plan: Plan, shipping: int) -> Ledger:
    """A ledger that holds what became of the units, and no units. `plan`: one that `fits`."""
    ledger = Ledger(goods, conflicts, shipping, empty=True)
    pieces = _after_choices(goods, in_order(plan.steps), ledger)
    if plan.later:
        ledger.ended = _after_one(goods, plan.later[0], pieces, ledger)
    else:
        ledger.ended = [(c, less, history, tags, n) for c, less, tags, history, n in pieces]
    return ledger


def _after_choices(goods: Goods, steps: Sequence[Step], ledger: Ledger) -> list[_Piece]:
    """The units after the choices of phase item."""
    price, tag_of = goods.price, ledger.conflicts.tag
    marks = [REDUCED if reduced else 0 for reduced in goods.reduced] if any(goods.reduced) else None
    left = list(goods.units)
    pieces: list[_Piece] = []
    for number, step in enumerate(steps):
        tag, times = tag_of[step.offer.rank], step.times
        gave = 0
        for (c, net, _, mark), role, count, parts in step.members:
            left[c] -= count * times
            for amount, n in parts:
                if amount:
                    gave += n
                pieces.append((c, amount - net, mark | tag, ((number, role, amount),), n * times))
        ledger.gave.append(gave * times)
    ledger.steps += steps
    for c, n in enumerate(left):
        if n:
            pieces.append((c, -price[c], marks[c] if marks else 0, (), n))
    return pieces


def _after_one(goods: Goods, offer: Offer, pieces: list[_Piece], ledger: Ledger) -> list[Entry]:
    """The units after a promotion over the goods has taken its part of those that it may touch."""
    units, alike = _looks(pieces)
    step = use_later(goods, offer, units, ledger)
    number, tag = len(ledger.steps), ledger.conflicts.tag[offer.rank]
    ledger.steps.append(step)
    ended: list[Entry] = []
    at = gave = 0
    for unit, role, _, parts in step.members:
        while units[at][0] != unit:  # one that it does not touch
            ended += [(c, less, history, tags, n) for c, less, tags, history, n in alike[at]]
            at += 1
        for amount, n in parts:
            if amount:
                gave += n
        if len(alike[at]) == 1:
            ((c, less, tags, history, _),) = alike[at]
            tags |= tag
            for amount, n in parts:
                ended.append((c, less + amount, (*history, (number, role, amount)), tags, n))
        else:
            ended += _dealt(alike[at], parts, number, role, tag)
        at += 1
    for rest in alike[at:]:
        ended += [(c, less, history, tags, n) for c, less, tags, history, n in rest]
    ledger.gave.append(gave)
    return ended


def _looks(pieces: list[_Piece]) -> tuple[list[tuple[Unit, int]], list[list[_Piece]]]:
    """The units as a later promotion sees them, in canonical order, and of each entry its pieces."""
    pieces.sort()
    units: list[tuple[Unit, int]] = []
    alike: list[list[_Piece]] = []
    last: Unit | None = None
    for piece in pieces:
        c, less, tags, _, n = piece
        unit = (c, -less, -less, tags)
        if unit == last:
            units[-1] = (unit, units[-1][1] + n)
            alike[-1].append(piece)
        else:
            units.append((unit, n))
            alike.append([piece])
            last = unit
    return units, alike


def _dealt(
    alike: Sequence[_Piece], parts: Sequence[tuple[int, int]], number: int, role: str, tag: int
) -> list[Entry]:
    """Of units that look alike those with the smallest history first get the larger shares."""
    ended: list[Entry] = []
    queue = list(reversed(parts))
    for c, less, tags, history, there in alike:
        left = there
        while left:
            amount, n = queue.pop()
            used = min(n, left)
            ended.append((c, less + amount, (*history, (number, role, amount)), tags | tag, used))
            left -= used
            if n > used:
                queue.append((amount, n - used))
    return ended
