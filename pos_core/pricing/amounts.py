"""Of plain amounts off the basket of which one may be used, those that may be the best for this basket.

Whatever the item promotions take, what they can take at most is known. An amount whose threshold is reached
even then can always be used, and no smaller one beside it is ever the better choice.
docs/promotions.md, "Ways of searching".
"""

from __future__ import annotations

from collections.abc import Sequence

from pos_core.pricing.goods import Goods
from pos_core.pricing.outdone import Alike, Amount


def reached(alike: Alike, goods: Goods) -> Sequence[Amount]:
    """Those whose threshold prices reach; nets never exceed prices."""
    conditions = alike.any.conditions
    if not conditions:
        return alike.amounts
    there = goods.measure_at(conditions[0].at_price)
    return [amount for amount in alike.amounts if amount[0] <= there]


def worth_a_look(
    alike: Alike, amounts: Sequence[Amount], goods: Goods, pool: frozenset[int], most: int
) -> Sequence[Amount]:
    """Of `amounts`, which are reached, those that no surer one outdoes.

    `pool`: classes that they take from. `most`: minor units that item promotions take at most.
    """
    sure = 0
    for condition in alike.any.conditions:
        there = goods.measure_at(condition.at_price)
        sure = there if condition.basis in ("list", "price") else there - most
    best, last = 0, -1
    for asks, gives, number in amounts:
        if asks <= sure and gives > best:
            best, last = gives, number
    if not best or best > goods.worth(pool) - most - goods.at_their_floors(pool):
        return amounts  # where the goods have no room for it, a smaller amount gives as much
    # Exact ties go to the earlier id.
    return [a for a in amounts if a[1] > best or (a[1] == best and a[2] <= last)]
