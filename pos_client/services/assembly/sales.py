"""What rings up, takes money and gives it back."""

from __future__ import annotations

from dataclasses import dataclass

from pos_client.services.assembly.accounts import AccountServices, accounts_of
from pos_client.services.assembly.desk import Desk
from pos_client.services.assembly.goods import GoodsServices, goods_of
from pos_client.services.assembly.parts import Parts
from pos_client.services.basket.adjusting import Adjusting
from pos_client.services.basket.holding import Holding
from pos_client.services.basket.ring_up import RingUp
from pos_client.services.payment.payment import Payment
from pos_client.services.payment.vouchers import Vouchers
from pos_client.services.returns.deposits import Deposits
from pos_client.services.returns.receipt_look_up import ReceiptLookUp
from pos_client.services.returns.return_writer import ReturnWriter
from pos_client.services.returns.returns import Returns
from pos_client.services.returns.sold_receipts import SoldReceipts


@dataclass(frozen=True)
class SaleServices:
    """Services that a sale goes through, with those about members and goods that it meets."""

    ring_up: RingUp
    adjusting: Adjusting
    holding: Holding
    payment: Payment
    returns: Returns
    deposits: Deposits
    look_up: ReceiptLookUp
    accounts: AccountServices
    goods: GoodsServices


def sales_of(parts: Parts, desk: Desk) -> SaleServices:
    """The services of a sale over `parts`."""
    counter, keeper, approvals = desk.counter, desk.keeper, desk.approvals
    ring_up, adjusting = RingUp(counter, keeper, approvals), Adjusting(counter, keeper, approvals)
    receipts = SoldReceipts(counter, desk.receipt_codes)
    returns = Returns(counter, approvals, desk.maker, desk.printing, receipts)
    writer = ReturnWriter(counter, desk.maker, desk.printing)
    accounts, goods = accounts_of(parts, desk, ring_up, writer), goods_of(parts, desk, ring_up)
    return SaleServices(
        ring_up=ring_up,
        adjusting=adjusting,
        holding=Holding(counter, keeper, accounts.members.restore, approvals, parts.peers),
        payment=Payment(
            counter,
            keeper,
            desk.maker,
            desk.printing,
            adjusting=adjusting,
            returns=returns,
            purses=accounts.purses,
            vouchers=Vouchers(counter),
            redeeming=goods.redeeming,
        ),
        returns=returns,
        deposits=Deposits(counter, approvals, writer),
        look_up=ReceiptLookUp(counter, receipts, parts.sync.ask_receipts),
        accounts=accounts,
        goods=goods,
    )
