"""The services of one workstation, all of them: what its front end is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pos_client.devices.lines import terminal_from
from pos_client.devices.print_queue import PrintQueue
from pos_client.services.assembly.desk import Desk, desk_of
from pos_client.services.assembly.parts import Parts
from pos_client.services.assembly.sales import SaleServices, sales_of
from pos_client.services.basket.find_item import FindItem
from pos_client.services.counter import Counter, Identity
from pos_client.services.day.watch import Watch
from pos_client.services.keymaps import Keymaps
from pos_client.services.members.members import Members
from pos_client.services.own_state import current_shift, kept_basket
from pos_client.services.payment.replay import Replay
from pos_client.services.ports import NoPeers, PeersPort
from pos_client.services.pricing.explaining import Explaining
from pos_client.services.pricing.keep_ready import keep_rules_ready
from pos_client.services.staff.staff import Staff
from pos_client.services.status import Status
from pos_client.services.sync import Sync
from pos_client.services.till.hand_over import HandOver
from pos_client.services.till.settlement import Settlement
from pos_client.services.till.shift import ShiftService
from pos_client.services.till.till import Till
from pos_client.services.training import (
    SUFFIX,
    TRAINING,
    BorrowedPrinter,
    BorrowedTime,
    QuietSync,
    Training,
)
from pos_client.services.workstation import Workstation


def assemble(parts: Parts) -> Workstation:
    """The services over `parts`; the shift and the basket are as the last run left them."""
    desk = desk_of(parts)
    sales = sales_of(parts, desk)
    counter, accounts, goods = desk.counter, sales.accounts, sales.goods
    _restore(counter, accounts.members, parts.peers)
    training = Training(counter, parts.outside)
    return Workstation(
        session=desk.session,
        staff=Staff(counter, desk.pins),
        shift=ShiftService(counter),
        settlement=Settlement(counter, desk.reports),
        hand_over=HandOver(counter, desk.pins),
        reports=desk.reports,
        ring_up=sales.ring_up,
        approvals=desk.approvals,
        authorising=accounts.authorising,
        adjusting=sales.adjusting,
        returns=sales.returns,
        look_up=sales.look_up,
        explaining=Explaining(counter),
        keymaps=Keymaps(counter),
        holding=sales.holding,
        payment=sales.payment,
        find_item=FindItem(counter),
        members=accounts.members,
        member_codes=accounts.codes,
        points=accounts.points,
        coupons=accounts.coupons,
        stored_value=accounts.purses,
        gift_cards=accounts.gift_cards,
        deposits=sales.deposits,
        shared=counter.shared,
        nearby_stock=goods.nearby,
        allowances=accounts.allowances,
        stock_room=goods.room,
        stock_cards=goods.cards,
        replenishing=goods.replenishing,
        reserving=goods.reserving,
        redeeming=goods.redeeming,
        ordering=goods.ordering,
        stocktaking=goods.stocktaking,
        days=goods.days,
        day_end=goods.day_end,
        to_do=goods.to_do,
        goods_work=goods.work,
        shelf_labels=goods.shelf_labels,
        transferring=goods.transferring,
        transfer_work=goods.transfer_work,
        printing=desk.printing,
        till=Till(counter, desk.printing),
        watch=Watch(counter, desk.maker),
        terminal=desk.terminal,
        devices=desk.devices,
        training=training,
        open_training=lambda: _train(parts, desk.queue, training),
        replay=Replay(counter),
        status=Status(counter, parts.sync, desk.devices, desk.terminal, parts.peers),
        sync=Sync(parts.sync, parts.journal),
        go_live=_going_live(parts, desk, sales),
        close=_closing(parts, desk, sales),
    )


def _going_live(parts: Parts, desk: Desk, sales: SaleServices) -> Callable[[], None]:
    def go_live() -> None:
        desk.terminal.tidy()
        sales.accounts.authorising.tidy()
        keep_rules_ready(desk.counter, parts.sync)
        parts.on_live()

    return go_live


def _closing(parts: Parts, desk: Desk, sales: SaleServices) -> Callable[[], None]:
    counter, accounts = desk.counter, sales.accounts
    closing = (
        desk.pins, accounts.codes, accounts.authorising, counter.pricing, counter.rule_sets, desk.keeper,
        desk.terminal, desk.devices, desk.queue,
    )  # fmt: skip

    def close() -> None:
        for each in closing:
            each.close()
        parts.on_close()

    return close


def _train(parts: Parts, queue: PrintQueue, outside: Training) -> Workstation:
    """The training workstation: other ports, the same prices."""
    journal, discard = parts.open_training_journal()
    real = parts.identity
    return assemble(
        replace(
            parts,
            identity=Identity(f"{real.workstation_id}{SUFFIX}", real.workstation_name, real.store_id),
            journal=journal,
            time=BorrowedTime(parts.time),
            sync=QuietSync(parts.sync),
            printer=BorrowedPrinter(queue),
            reports_folder=parts.reports_folder / TRAINING,
            device_lines={**parts.device_lines, "terminal": "none"},
            keep_device_line=lambda kind, line: None,
            make_terminal=terminal_from,
            outside=outside,
            peers=NoPeers(),
            on_live=lambda: None,
            on_close=discard,
        )
    )


def _restore(counter: Counter, members: Members, peers: PeersPort) -> None:
    """What a crash or a restart left: the open shift, the basket in progress, its member."""
    counter.shift = current_shift(counter.journal)
    peers.on_healed(lambda: _see_shift(counter))
    basket = kept_basket(counter.journal)
    if basket is not None:
        counter.basket = basket
        counter.basket_restored = not basket.is_empty
        members.restore()


def _see_shift(counter: Counter) -> None:
    """The journal holds documents again that it had lost: another shift may be open than was thought."""
    with counter.lock:
        counter.shift = current_shift(counter.journal)
    counter.changed()
