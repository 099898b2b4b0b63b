"""From an item and what was asked for to a line: by piece, by weight, by label, at a typed price."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from pos_client.services.counter import Counter
from pos_client.services.refusals.workstation import NoRelease
from pos_core.catalog.item import DEPOSIT_TAG, Item, TaxClass
from pos_core.customer.stored_value import STORED_VALUE_TAG
from pos_core.quantity import PIECE_MILLI, BadQuantity
from pos_core.sale.line_item import (
    Entered,
    ItemNotSold,
    LineItem,
    NoPrice,
    label_line,
    piece_line,
    weighed_line,
)
from pos_core.sync.document import ReleaseRef


@dataclass(frozen=True, slots=True)
class Asked:
    """What the operator, the label or the element string said beside the item.

    Attributes:
        multiplied: a number stood before the star; for a weighed item it is the weight.
        label_minor: the price of this very pack.
        price_minor: typed, for an open-price item.
        account_id, note: of stored value for a gift card: which, and what the shopper reads of it.
        lot: as the scanned code says it; "" where it says none.
    """

    quantity_milli: int
    entered: Entered
    multiplied: bool = False
    gtin: str | None = None
    weight_milli: int | None = None
    label_minor: int | None = None
    price_minor: int | None = None
    account_id: str | None = None
    note: str = ""
    lot: str = ""


class LineMaker:
    """Makes lines under the chain's rules."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def make(
        self, item: Item, asked: Asked, moment: tuple[ReleaseRef | None, int]
    ) -> LineItem | Literal["needs_weight", "needs_price"]:
        """The line, or what is missing. Raises ItemNotSold, NoRelease, NoPrice, BadQuantity, …"""
        made = self._make(item, asked, moment)
        if isinstance(made, str):
            return made
        made = replace(made, age_minimum=item.age_minimum, lot=asked.lot)
        if STORED_VALUE_TAG in item.tags:
            return replace(
                made, kind="stored_value", discountable=False, account_id=asked.account_id, note=asked.note
            )
        if DEPOSIT_TAG in item.tags:
            return replace(made, kind="deposit", discountable=False)
        return made

    def deposit_for(
        self, item: Item, line: LineItem, moment: tuple[ReleaseRef | None, int]
    ) -> LineItem | None:
        """The deposit that is charged with `line`, as many as it has pieces; None: there is none.

        Raises as `make`, naming the deposit: goods are not handed out without theirs.
        """
        if item.deposit_sku is None or line.weighed:
            return None
        deposit = self._counter.replica.item_by_sku(item.deposit_sku)
        if deposit is None:
            raise NoPrice(f"{item.deposit_sku} is not there", sku=item.deposit_sku, name=item.deposit_sku)
        made = self.make(deposit, Asked(line.quantity_milli, line.entered), moment)
        if isinstance(made, str):
            raise NoPrice(f"{deposit.sku} has no price of its own", sku=deposit.sku, name=deposit.name)
        return replace(made, kind="deposit", discountable=False)

    def _make(
        self, item: Item, asked: Asked, moment: tuple[ReleaseRef | None, int]
    ) -> LineItem | Literal["needs_weight", "needs_price"]:
        if not item.active:
            raise ItemNotSold(f"{item.sku} is no longer sold", sku=item.sku, name=item.name)
        tax_class = self._tax_class(item)
        if item.sale_kind == "open_price":
            return self._open_price(item, tax_class, asked)
        if asked.label_minor is not None:
            return self._label(item, tax_class, asked, moment)
        if item.sale_kind == "weighed":
            return self._weighed(item, tax_class, asked, moment)
        return piece_line(
            item,
            tax_class,
            unit_price_minor=self._list_price(item, moment),
            quantity_milli=asked.quantity_milli,
            entered=asked.entered,
            gtin=asked.gtin,
            zero_price_allowed=self._counter.rules.zero_price_allowed,
        )

    def _open_price(self, item: Item, tax_class: TaxClass, asked: Asked) -> LineItem | Literal["needs_price"]:
        price_minor = asked.price_minor if asked.price_minor is not None else asked.label_minor
        if price_minor is None:
            return "needs_price"
        return piece_line(
            item,
            tax_class,
            unit_price_minor=price_minor,
            quantity_milli=asked.quantity_milli,
            entered=asked.entered,
            gtin=asked.gtin,
        )

    def _label(
        self, item: Item, tax_class: TaxClass, asked: Asked, moment: tuple[ReleaseRef | None, int]
    ) -> LineItem:
        assert asked.label_minor is not None
        _refuse_multiplier(asked)
        price = self._counter.list_price(item.sku, moment)
        if item.sale_kind == "weighed" and price is None:
            raise NoPrice(f"{item.sku} has no price", sku=item.sku, name=item.name)
        return label_line(
            item,
            tax_class,
            unit_price_minor=price.price_minor if price else asked.label_minor,
            amount_minor=asked.label_minor,
            weight_milli=asked.weight_milli if item.sale_kind == "weighed" else None,
            gtin=asked.gtin,
        )

    def _weighed(
        self, item: Item, tax_class: TaxClass, asked: Asked, moment: tuple[ReleaseRef | None, int]
    ) -> LineItem | Literal["needs_weight"]:
        price_per_kg_minor = self._list_price(item, moment)
        weight_milli = asked.weight_milli
        if weight_milli is not None:
            _refuse_multiplier(asked)
        elif asked.multiplied:
            weight_milli = asked.quantity_milli
        if weight_milli is None:
            return "needs_weight"
        return weighed_line(
            item,
            tax_class,
            price_per_kg_minor=price_per_kg_minor,
            weight_milli=weight_milli,
            entered=asked.entered if asked.entered == "in_store" else "weighed",
            gtin=asked.gtin,
            zero_price_allowed=self._counter.rules.zero_price_allowed,
        )

    def _list_price(self, item: Item, moment: tuple[ReleaseRef | None, int]) -> int:
        if moment[0] is None:
            raise NoRelease("no release has arrived: there are no prices")
        price = self._counter.list_price(item.sku, moment)
        if price is None:
            raise NoPrice(f"{item.sku} has no price", sku=item.sku, name=item.name)
        return price.price_minor

    def _tax_class(self, item: Item) -> TaxClass:
        tax_class = self._counter.replica.tax_class(item.tax_class_code)
        if tax_class is None:
            raise NoPrice(f"{item.sku} has no tax class", sku=item.sku, name=item.name)
        return tax_class


def _refuse_multiplier(asked: Asked) -> None:
    """A label is of one pack: three packs are three scans, each with its own weight."""
    if asked.multiplied and asked.quantity_milli != PIECE_MILLI:
        raise BadQuantity("a labelled or weighed pack counts once", text=str(asked.quantity_milli))
