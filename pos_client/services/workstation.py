"""All services of one workstation: what a front end is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pos_client.services.accounts.allowances import Allowances
from pos_client.services.accounts.authorising import Authorising
from pos_client.services.accounts.coupons import Coupons
from pos_client.services.accounts.gift_cards import GiftCards
from pos_client.services.accounts.points import Points
from pos_client.services.accounts.stored_value import StoredValue
from pos_client.services.basket.adjusting import Adjusting
from pos_client.services.basket.find_item import FindItem
from pos_client.services.basket.holding import Holding
from pos_client.services.basket.ring_up import RingUp
from pos_client.services.day.day_end import DayEnd
from pos_client.services.day.day_view import Days
from pos_client.services.day.to_do import ToDo
from pos_client.services.day.watch import Watch
from pos_client.services.devices import Devices
from pos_client.services.goods.goods_work import GoodsWork
from pos_client.services.goods.nearby_stock import NearbyStock
from pos_client.services.goods.ordering import Ordering
from pos_client.services.goods.replenishing import Replenishing
from pos_client.services.goods.shelf_labels import ShelfLabels
from pos_client.services.goods.stock_cards import StockCards
from pos_client.services.goods.stock_room import StockRoom
from pos_client.services.goods.transfer_work import TransferWork
from pos_client.services.goods.transferring import Transferring
from pos_client.services.keymaps import Keymaps
from pos_client.services.members.member_codes import MemberCodes
from pos_client.services.members.members import Members
from pos_client.services.papers.printing import Printing
from pos_client.services.payment.card_terminal import Terminal
from pos_client.services.payment.payment import Payment
from pos_client.services.payment.replay import Replay
from pos_client.services.pricing.explaining import Explaining
from pos_client.services.reservations.redeeming import Redeeming
from pos_client.services.reservations.reserving import Reserving
from pos_client.services.returns.deposits import Deposits
from pos_client.services.returns.receipt_look_up import ReceiptLookUp
from pos_client.services.returns.returns import Returns
from pos_client.services.shared_state import SharedState
from pos_client.services.staff.approvals import Approvals
from pos_client.services.staff.session import Session
from pos_client.services.staff.staff import Staff
from pos_client.services.status import Status
from pos_client.services.stocktaking.stocktaking import Stocktaking
from pos_client.services.sync import Sync
from pos_client.services.till.hand_over import HandOver
from pos_client.services.till.reports import Reports
from pos_client.services.till.settlement import Settlement
from pos_client.services.till.shift import ShiftService
from pos_client.services.till.till import Till
from pos_client.services.training import (
    Training,
)


@dataclass(frozen=True)
class Workstation:
    """The services, put together by `assembly`. Call them on one thread; `close` once, at the end.

    Attributes:
        go_live: starts what works in the background (sync, compiling promotions); once, as soon as nobody
            waits for the start any more. Everything else works without it.
    """

    session: Session
    staff: Staff
    shift: ShiftService
    settlement: Settlement
    hand_over: HandOver
    reports: Reports
    ring_up: RingUp
    holding: Holding
    approvals: Approvals
    authorising: Authorising
    adjusting: Adjusting
    returns: Returns
    look_up: ReceiptLookUp
    explaining: Explaining
    keymaps: Keymaps
    payment: Payment
    find_item: FindItem
    members: Members
    member_codes: MemberCodes
    points: Points
    coupons: Coupons
    stored_value: StoredValue
    gift_cards: GiftCards
    deposits: Deposits
    shared: SharedState
    nearby_stock: NearbyStock
    allowances: Allowances
    stock_room: StockRoom
    stock_cards: StockCards
    replenishing: Replenishing
    ordering: Ordering
    reserving: Reserving
    redeeming: Redeeming
    stocktaking: Stocktaking
    goods_work: GoodsWork
    days: Days
    day_end: DayEnd
    to_do: ToDo
    shelf_labels: ShelfLabels
    transferring: Transferring
    transfer_work: TransferWork
    printing: Printing
    till: Till
    watch: Watch
    terminal: Terminal
    devices: Devices
    training: Training
    open_training: Callable[[], Workstation]
    """The training workstation, its journal empty and nobody signed on: after `training.begin`."""
    replay: Replay
    status: Status
    sync: Sync
    go_live: Callable[[], None]
    close: Callable[[], None]
