"""A file of prices for one price change of the console: the same checks, another place to write to."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from sync_server.services.importing.context import ChainView, ImportTarget
from sync_server.services.importing.fields import ParsedRow, Values
from sync_server.services.importing.kinds.base import Plan
from sync_server.services.importing.kinds.places import Prices, understand
from sync_server.store import price_change
from sync_server.store.engine import Txn
from sync_server.store.masters import PriceRow

_NEEDED = {"price_list_id", "sku", "price"}


class ChangePrices(Prices):
    """Columns as for `prices`; without a start of its own a row has the change's period."""

    fields = tuple(dataclasses.replace(field, required=field.name in _NEEDED) for field in Prices.fields)

    def __init__(self, change_id: str, period: tuple[int, int | None]) -> None:
        self._change_id = change_id
        self._period = period

    def key(self, values: Values) -> tuple[str, ...]:
        """See ImportKind."""
        return values["price_list_id"], values["sku"], str(values.get("effective_from"))

    def plan(self, office: ImportTarget, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView) -> list[Plan]:
        """One row of the change each."""
        plans = []
        for row in rows:
            assert not list(understand(row, chain)), "a rejected row reached the plan"
            values = row.values
            start, end = values.get("effective_from_ms"), values.get("effective_to_ms")
            if start is None:
                start, end = self._period[0], self._period[1] if end is None else end
            new = PriceRow(values["price_list_id"], values["sku"], start, end, values["price_minor"])
            plans.append(Plan("created", masters=[(self._put, new)]))
        return plans

    def _put(self, txn: Txn, rows: Sequence[PriceRow]) -> None:
        price_change.put_rows(txn, self._change_id, rows)
