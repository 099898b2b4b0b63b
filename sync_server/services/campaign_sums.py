"""What coupons of campaigns brought, gathered with the sums of sales: each basket once for each campaign.

A basket in which coupons of two campaigns were taken counts whole for both. What is brought back is taken
off the campaigns of its sale, on the day and in the store of the sale.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sync_server.store import campaign_sums, sales
from sync_server.store.engine import Txn

Worth = tuple[int, int, int]
"""Net, net of lines whose cost is known, and their cost."""
Taken = tuple[str, str | None, int]
"""Campaign, member, what it gave."""
_NOTHING: Worth = (0, 0, 0)


def gather(
    txn: Txn,
    own: tuple[str, int],
    span: tuple[int, int],
    found: Mapping[int, Any],
    worth: Mapping[int, Worth],
) -> None:
    """A part of a series: `span` after, last; `found`: number → number, store, day, type, member, moment."""
    taken: dict[int, list[Taken]] = defaultdict(list)
    for number, campaign_id, member_id, amount in campaign_sums.uses(txn, own, *span):
        taken[number].append((campaign_id, member_id, amount))
    sums = _Sums()
    sold = [number for number in taken if number in found and found[number][3] == "sale"]
    for number in sold:
        sums.sale(found[number][1:3], taken[number], worth.get(number, _NOTHING))
    for number, net, costed, cost, restored in campaign_sums.take_waiting(txn, own, sold):
        named = {campaign_id for campaign_id, _, _ in taken[number]}
        sums.back(found[number][1:3], named, (net, costed, cost), json.loads(restored))
    back = {n: (worth.get(n, _NOTHING), taken.get(n, [])) for n, row in found.items() if row[3] == "return"}
    _returns(txn, (own, span[1]), back, sums)
    sums.write(txn)


class _Sums:
    """What is to be added."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0] * 6)
        self._redeemed: dict[tuple[str, str], int] = defaultdict(int)

    def sale(self, at: Sequence[str], taken: Sequence[Taken], worth: Worth) -> None:
        store_id, day = at
        for campaign_id, member_id, amount in taken:
            self._add((campaign_id, day, store_id), (1, amount, 0, 0, 0, 0))
            if member_id is not None:
                self._redeemed[campaign_id, member_id] += 1
        for campaign_id in {each[0] for each in taken}:
            self._add((campaign_id, day, store_id), (0, 0, 1, *worth))

    def back(
        self, at: Sequence[str], named: set[str], worth: Worth, restored: Sequence[Sequence[Any]]
    ) -> None:
        store_id, day = at
        for campaign_id in named:
            self._add((campaign_id, day, store_id), (0, 0, 0, *(-each for each in worth)))
        for campaign_id, member_id, amount in restored:
            if campaign_id in named:
                self._add((campaign_id, day, store_id), (-1, -amount, 0, 0, 0, 0))
                if member_id is not None:
                    self._redeemed[campaign_id, member_id] -= 1

    def write(self, txn: Txn) -> None:
        if self._sums:
            sums = {place: tuple(figures) for place, figures in self._sums.items()}
            campaign_sums.add(txn, sums, self._redeemed)

    def _add(self, place: tuple[str, str, str], figures: Sequence[int]) -> None:
        self._sums[place] = [a + b for a, b in zip(self._sums[place], figures, strict=True)]


def _returns(
    txn: Txn, until: tuple[tuple[str, int], int], back: Mapping[int, tuple[Worth, list[Taken]]], sums: _Sums
) -> None:
    """`until`: the series, and up to where it is gathered with this part."""
    own, last = until
    waiting = []
    for number, data in campaign_sums.bodies(txn, own, sorted(back)).items():
        origin = json.loads(data).get("body", {}).get("origin")
        if origin is None:
            continue  # without a receipt: of which sale, nobody knows
        place = (origin["workstation_id"], origin["incarnation"], origin["number"])
        worth, restored = back[number]
        sale = campaign_sums.campaigns_of(txn, place)
        if sale is not None and _is_gathered(txn, place, own, last):
            sums.back(sale[:2], sale[2], worth, restored)
        else:
            waiting.append((*own, number, *place, *worth, json.dumps(restored)))
    campaign_sums.wait(txn, waiting)


def _is_gathered(txn: Txn, place: tuple[str, int, int], own: tuple[str, int], last: int) -> bool:
    series = (place[0], place[1])
    return place[2] <= (last if series == own else sales.gathered_number(txn, series))
