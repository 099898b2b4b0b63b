"""What some past baskets add to a replay: counted in memory, kept with the place in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from pos_core.pricing.values import PPM
from sync_server.services.console.past_baskets import PastBasket
from sync_server.services.console.replay_ways import Ways
from sync_server.store.replay import BasketRow, PastSale

DEARER = PPM
"""A basket that becomes dearer is odder than any that becomes cheaper."""


@dataclass(slots=True)
class Stretch:
    """Sums over some baskets. `items` and `stores`: touched ones, [baskets, before, after].

    `bound`: baskets whose price is not proven to be the lowest; `gap_minor`: what they might cost less.
    """

    baskets: int = 0
    touched: int = 0
    failed: int = 0
    before_minor: int = 0
    after_minor: int = 0
    costed_before_minor: int = 0
    costed_after_minor: int = 0
    cost_minor: int = 0
    bound: int = 0
    gap_minor: int = 0
    items: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0]))
    stores: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0]))
    kept: list[BasketRow] = field(default_factory=list)

    def add(self, sale: PastSale, basket: PastBasket, ways: Ways, costs: Mapping[str, int]) -> None:
        """Prices it both ways. Raises what pricing raises, before anything is counted."""
        then, now = ways.prices(basket)
        for sku, net in then.nets.items():
            if sku in costs:
                self.costed_before_minor += net
                self.costed_after_minor += now.nets[sku]
        for line in basket.before.lines:
            if line.sku in costs:
                self.cost_minor += costs[line.sku] * line.quantity_milli // 1000
        self.baskets += 1
        gap = 0 if now is then else max(then.gap_minor, now.gap_minor)  # left alone: the difference is none
        self.bound += gap > 0
        self.gap_minor += gap
        self.before_minor += then.goods_net_minor
        self.after_minor += now.goods_net_minor
        touched = {} if now is then else _changed(then.nets, now.nets)
        if touched or then.payable_minor != now.payable_minor:
            self._touch(sale, then.goods_net_minor, now.goods_net_minor, touched)

    def fail(self, sale: PastSale, fault: str) -> None:
        """A basket that could not be priced: counted, kept, passed by."""
        self.failed += 1
        self.kept.append(BasketRow(*_place(sale), 0, 0, -1, fault[:200]))

    def _touch(self, sale: PastSale, before: int, after: int, items: Mapping[str, tuple[int, int]]) -> None:
        self.touched += 1
        for sums, key, pair in (
            *((self.items, sku, pair) for sku, pair in items.items()),
            (self.stores, sale.store_id, (before, after)),
        ):
            row = sums[key]
            row[0] += 1
            row[1] += pair[0]
            row[2] += pair[1]
        odd = abs(after - before) * PPM // max(before, 1) + (DEARER if after > before else 0)
        self.kept.append(BasketRow(*_place(sale), before, after, min(odd, 2 * DEARER), ""))


def _changed(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    return {sku: (net, after[sku]) for sku, net in before.items() if net != after[sku]}


def _place(sale: PastSale) -> tuple[str, int, int, str, str]:
    return (sale.workstation_id, sale.incarnation, sale.number, sale.store_id, sale.business_day)
