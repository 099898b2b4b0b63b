"""Finding an item for a stock page: the sale's search, with scan and hit handed to the page."""

from __future__ import annotations

from collections.abc import Callable

from pos_client.services.views.items import FoundItem
from pos_client.ui.sale.find_mode import FindMode
from pos_client.ui.shell.bench import Bench
from pos_core.quantity import PIECE_MILLI


class FindGoods(FindMode):
    """`scan` gets a code that comes meanwhile, `take` the chosen hit."""

    def __init__(
        self,
        bench: Bench,
        scan: Callable[[str], None],
        take: Callable[[FoundItem], None],
        *,
        candidates: tuple[FoundItem, ...] = (),
        seen: str = "",
    ) -> None:
        super().__init__(bench.desk, bench.stack, bench.sale, PIECE_MILLI, candidates=candidates, seen=seen)
        self._scan = scan
        self._take = take

    def scanned(self, text: str) -> None:
        self._scan(text)

    def taken(self, item: FoundItem) -> None:
        self._take(item)
