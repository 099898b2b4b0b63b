"""What is below zero: goods that were sold before their papers came. Enter opens the card."""

from __future__ import annotations

from pos_client.ui.goods.card_mode import CardMode
from pos_client.ui.goods.sheet import Column, Fact, SheetMode, SheetRow
from pos_client.ui.shell.bench import Bench
from pos_client.ui.shell.modes import EntryLook
from pos_client.ui.text.formats import format_quantity_text
from pos_core.errors import TidemarkError


class BelowZeroMode(SheetMode):
    """Read once, when it is opened."""

    columns = (
        Column("stock.item", 46),
        Column("stock.sku", 20),
        Column("stock.on_hand", 13, right=True),
        Column("stock.own", 21, right=True),
    )

    def __init__(self, bench: Bench) -> None:
        """Raises NotSignedOn, NotAllowed."""
        super().__init__(bench, EntryLook("stock.below_zero", "sheet.hint"))
        self._rows = bench.desk.workstation.stock_room.below_zero()

    @property
    def title(self) -> str:
        return self.desk.texts.say("stock.below_zero")

    @property
    def facts(self) -> tuple[Fact, ...]:
        return (Fact(self.desk.texts.say("stock.items"), str(len(self._rows))),)

    @property
    def row_count(self) -> int:
        return len(self._rows)

    def row(self, at: int) -> SheetRow:
        item, stock = self._rows[at]
        return SheetRow(
            (
                "" if item is None else item.name,
                stock.sku,
                format_quantity_text(stock.on_hand_milli),
                format_quantity_text(stock.own_milli),
            ),
            "danger",
        )

    @property
    def empty_words(self) -> str:
        return self.desk.texts.say("stock.below_zero.none")

    def opened(self, row: int) -> None:
        try:
            mode = CardMode(self.bench, self._rows[row][1].sku)
        except TidemarkError as error:
            self.desk.refuse(error)
            return
        self.bench.stack.push(mode)


def below_zero(bench: Bench) -> None:
    """The menu's entry."""
    try:
        mode = BelowZeroMode(bench)
    except TidemarkError as error:
        bench.desk.refuse(error)
        return
    bench.stack.push(mode)
