"""Who brought a delivery that nobody ordered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pos_client.ui.goods.narrow_mode import Choice, NarrowMode
from pos_client.ui.goods.sheet import Column
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.modes import EntryLook
from pos_core.stock.purchase import Supplier

_COLUMNS = (Column("goods.supplier_code", 30), Column("goods.supplier", 70))


class SupplierMode(NarrowMode):
    """`picked("")`: nobody knows, or he is not in the list."""

    nothing = "goods.no_such_supplier"

    def __init__(self, bench: Bench, suppliers: Sequence[Supplier], picked: Callable[[str], None]) -> None:
        look = EntryLook("goods.which_supplier", "narrow.hint")
        choices = [Choice(each.supplier_id, (each.supplier_id, each.name)) for each in suppliers]
        unknown = ("", bench.desk.texts.say("goods.supplier_unknown"))
        super().__init__(bench, look, _COLUMNS, choices, picked, unknown)
