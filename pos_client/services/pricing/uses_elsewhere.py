"""Uses of promotions that our own sales got back at other workstations, here and in other stores.

A return there lowers the counters here as one here does: what all returns of a sale bring back together, less
what our own have already said. Two that took back the same units without knowing of each other count once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pos_client.journal import sold
from pos_client.services.ports import JournalPort
from pos_client.services.shared_state import SharedState
from pos_core.sale.claims_back import uses_back
from pos_core.sale.earlier_returns import back_of, covered
from pos_core.sale.receipt_return import Known, in_order, place_of, return_data
from pos_core.sale.sold_units import sold_lines

OwnSale = tuple[int, int]
"""Incarnation and number."""


class BackElsewhere(NamedTuple):
    """What a promotion gets back for a sale of ours; `day` is the sale's, in store time."""

    promotion_id: str
    member_id: str | None
    day: int
    counted: int
    amount_minor: int


class UsesElsewhere:
    """Remembers what it worked out for each sale until another return of it is heard of."""

    def __init__(self, journal: JournalPort, shared: SharedState) -> None:
        self._journal = journal
        self._shared = shared
        self._known: dict[OwnSale, tuple[object, tuple[BackElsewhere, ...]]] = {}

    def found(self, own_returns: Mapping[OwnSale, int]) -> Iterator[BackElsewhere]:
        """`own_returns`: how many returns of each sale were made here."""
        for sale, known in self._shared.returns_by_others().items():
            state = (frozenset(place for place, _ in known), own_returns.get(sale, 0))
            before = self._known.get(sale)
            if before is None or before[0] != state:
                before = self._known[sale] = (state, self._of(sale, known))
            yield from before[1]

    def _of(self, sale: OwnSale, known: list[Known]) -> tuple[BackElsewhere, ...]:
        """() where the sale has been pruned: its uses stay counted."""
        document = self._journal.read(lambda c: sold.sale_at(c, *sale))
        if document is None or not document["body"].get("pricing"):
            return ()
        place = place_of(document)
        own = self._journal.read(lambda c: sold.returns_of(c, *place))
        every = in_order([*known, *((place_of(each), return_data(each)) for each in own)])
        body = document["body"]
        lines = sold_lines(body)
        said: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for each in own:
            for use in each["body"].get("uses_restored") or ():
                said[use["promotion_id"]][0] += use["counted"]
                said[use["promotion_id"]][1] += use["amount_minor"]
        return tuple(
            BackElsewhere(
                use.promotion_id,
                body["member_id"],
                use.day,
                max(0, use.counted - said[use.promotion_id][0]),
                max(0, use.amount_minor - said[use.promotion_id][1]),
            )
            for use in uses_back(body, lines, back_of(covered(lines, every)))
        )


def own_sale(incarnation: Any, number: Any) -> OwnSale | None:
    """None where a return names no sale."""
    return None if incarnation is None or number is None else (int(incarnation), int(number))
