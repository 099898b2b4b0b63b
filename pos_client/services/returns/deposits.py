"""Deposits (押金) given back: the shopper brings empties, with or without any receipt.

Deposits are charged by ringing up (`deposit_sku` of the goods). What comes back is a `return` of
`reason_code` `deposit`, paid in cash; within the role's limit for returns nobody has to be asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import replace

from pos_client.devices.barcode import read_code
from pos_client.services.basket.entry import read_entry
from pos_client.services.basket.line_maker import Asked, LineMaker
from pos_client.services.counter import Counter
from pos_client.services.refusals.basket import BasketNotEmpty, UnknownCode
from pos_client.services.refusals.returns import NoDeposit
from pos_client.services.returns.return_writer import ReturnWriter, cash_back_body
from pos_client.services.staff.approvals import Action, Approvals, approval_drafts
from pos_client.services.views.returns import CompletedReturn, DepositView
from pos_core.catalog.item import DEPOSIT_TAG, Item
from pos_core.quantity import PIECE_MILLI
from pos_core.sale.refunding import NothingReturned

DEPOSIT_BACK = "deposit"
"""`reason_code` of the document."""


class Deposits:
    """Front end's thread."""

    def __init__(self, counter: Counter, approvals: Approvals, writer: ReturnWriter) -> None:
        self._counter = counter
        self._approvals = approvals
        self._writer = writer

    def read(self, text: str) -> DepositView:
        """What is given back for a code of the deposit or of its goods; `3*code`: for three.

        Raises UnknownCode, NoDeposit, BadQuantity, QuantityTooHigh, and what ringing up the deposit raises.
        """
        entry = read_entry(text)
        rules = self._counter.rules
        code = read_code(entry.code, rules.layouts, exponent=rules.exponent, currency=rules.currency)
        replica = self._counter.replica
        found = None
        if code.gtin is not None:
            resolved = replica.resolve_gtin(code.gtin)
            found = resolved[0] if resolved else None
        text = code.plu or code.text or ""
        item = found or (replica.resolve_plu(text) if code.plu else None) or replica.item_by_sku(text)
        if item is None:
            raise UnknownCode("no item has this code", seen=code.seen)
        return self._view(item, entry.quantity_milli or PIECE_MILLI)

    def give_back(
        self, quantities: Mapping[str, int], approval: str | None = None
    ) -> Future[CompletedReturn]:
        """SKU → thousandths.

        Raises BasketNotEmpty, NothingReturned, NoDeposit, QuantityTooHigh, ApprovalNeeded.
        """
        counter = self._counter
        counter.require_scanning()
        if not counter.basket.is_empty:
            raise BasketNotEmpty("pay, hold or clear the basket first")
        if not quantities:
            raise NothingReturned("nothing came back")
        moment = counter.pricing_moment()
        maker = LineMaker(counter)
        lines = []
        for number, (sku, quantity_milli) in enumerate(sorted(quantities.items()), start=1):
            item = counter.replica.item_by_sku(sku)
            if item is None or DEPOSIT_TAG not in item.tags:
                raise NoDeposit("nothing is given back for this", seen=sku[:64])
            counter.rules.require_line_quantity(quantity_milli)
            made = maker.make(item, Asked(quantity_milli, "scan"), moment)
            if isinstance(made, str):
                raise NoDeposit("this deposit has no price of its own", seen=sku[:64])
            lines.append(replace(made, line_no=number))
        net = sum(line.net_minor for line in lines)
        coins = net - net % counter.rules.cash_rounding.step_minor
        subject = " ".join(f"{line.sku}/{line.quantity_milli}" for line in lines)
        given = self._approvals.let(Action("return", amount_minor=coins, subject=subject), approval)
        more = {"reason_code": DEPOSIT_BACK}
        body = cash_back_body(counter, lines, paid_minor=coins, instant_ms=moment[1], more=more)
        return self._writer.write(body, approval_drafts(counter, (given,) if given else ()))

    def _view(self, item: Item, quantity_milli: int) -> DepositView:
        replica = self._counter.replica
        deposit = item if DEPOSIT_TAG in item.tags else None
        if deposit is None and item.deposit_sku is not None:
            deposit = replica.item_by_sku(item.deposit_sku)
        if deposit is None:
            raise NoDeposit("nothing is given back for this", seen=item.sku)
        self._counter.rules.require_line_quantity(quantity_milli)
        moment = self._counter.pricing_moment()
        made = LineMaker(self._counter).make(deposit, Asked(quantity_milli, "scan"), moment)
        if isinstance(made, str):
            raise NoDeposit("this deposit has no price of its own", seen=deposit.sku)
        return DepositView(deposit.sku, deposit.name, quantity_milli, made.net_minor)
