"""How the services of one workstation are put together, over what they stand on."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pos_client.devices.lines import terminal_from
from pos_client.devices.print_queue import PrintQueue
from pos_client.devices.printer import ReceiptPrinter
from pos_client.devices.terminal import CardTerminal
from pos_client.receipts.model import Language
from pos_client.replica.coupons import signing_keys
from pos_client.replica.member_details import member_detail
from pos_client.replica.replica import Replica
from pos_client.services.accounts.allowances import Allowances
from pos_client.services.accounts.authorising import Authorising
from pos_client.services.accounts.coupons import Coupons
from pos_client.services.accounts.gift_card_book import GiftCardBook
from pos_client.services.accounts.gift_cards import GiftCards
from pos_client.services.accounts.points import Points
from pos_client.services.accounts.stored_value import StoredValue
from pos_client.services.basket.adjusting import Adjusting
from pos_client.services.basket.basket_keeper import BasketKeeper
from pos_client.services.basket.find_item import FindItem
from pos_client.services.basket.holding import Holding
from pos_client.services.basket.ring_up import RingUp
from pos_client.services.counter import Counter, Identity
from pos_client.services.day.day_end import DayEnd
from pos_client.services.day.day_view import Days
from pos_client.services.day.to_do import Places, ToDo
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
from pos_client.services.own_state import current_shift, kept_basket
from pos_client.services.papers.printing import Printing
from pos_client.services.papers.receipt_codes import ReceiptCodes
from pos_client.services.papers.receipt_maker import ReceiptMaker
from pos_client.services.payment.card_terminal import Terminal
from pos_client.services.payment.payment import Payment
from pos_client.services.payment.replay import Replay
from pos_client.services.payment.vouchers import Vouchers
from pos_client.services.ports import JournalPort, NoPeers, PeersPort, SyncPort, TimePort
from pos_client.services.pricing.explaining import Explaining
from pos_client.services.pricing.keep_ready import keep_rules_ready
from pos_client.services.refusals.workstation import TrainingUnavailable
from pos_client.services.reservations.redeeming import Redeeming
from pos_client.services.reservations.reserving import Reserving
from pos_client.services.returns.deposits import Deposits
from pos_client.services.returns.receipt_look_up import ReceiptLookUp
from pos_client.services.returns.return_writer import ReturnWriter
from pos_client.services.returns.returns import Returns
from pos_client.services.returns.sold_receipts import SoldReceipts
from pos_client.services.staff.approvals import Approvals
from pos_client.services.staff.pin_check import PinCheck
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
    SUFFIX,
    TRAINING,
    BorrowedPrinter,
    BorrowedTime,
    QuietSync,
    Training,
)
from pos_client.services.workstation import Workstation


def no_training() -> tuple[JournalPort, Callable[[], None]]:
    """Where nobody said how to make a journal for training."""
    raise TrainingUnavailable("no training on this workstation")


@dataclass(frozen=True)
class Parts:
    """What the services stand on.

    Attributes:
        pin_pepper, blind_index_key: this store's secrets, fetched when they are needed.
        sealing_public_key: head office's X25519 key for phones typed here.
        device_lines: kind of device → line, where it is not the default (`pos_client.devices.lines`).
        keep_device_line: writes a line down for the next start.
        reports_folder: where reports are saved for a person to take.
        open_training_journal: a fresh journal for training, and what throws it away again.
        outside: of the training workstation: the real one's `Training`; None: this is real.
        peers: the other workstations of this store.
        on_live: starts sync.
        on_close: lets go of what was opened for this workstation, after the services have.
    """

    identity: Identity
    journal: JournalPort
    replica: Replica
    time: TimePort
    sync: SyncPort
    printer: ReceiptPrinter
    pin_pepper: Callable[[], bytes]
    blind_index_key: Callable[[], bytes]
    sealing_public_key: bytes
    receipt_language: Language = "zh"
    reports_folder: Path = Path("reports")
    device_lines: Mapping[str, str] = field(default_factory=dict)
    keep_device_line: Callable[[str, str], None] = lambda kind, line: None
    make_terminal: Callable[[str], CardTerminal] = terminal_from
    open_training_journal: Callable[[], tuple[JournalPort, Callable[[], None]]] = no_training
    outside: Training | None = None
    peers: PeersPort = field(default_factory=NoPeers)
    on_live: Callable[[], None] = field(default=lambda: None)
    on_close: Callable[[], None] = field(default=lambda: None)


def assemble(parts: Parts) -> Workstation:
    """The services over `parts`; the shift and the basket are as the last run left them."""
    counter = Counter(
        identity=parts.identity,
        journal=parts.journal,
        replica=parts.replica,
        time=parts.time,
        peers=parts.peers.store,
    )
    _listen(counter, parts)
    keeper = BasketKeeper(parts.journal, parts.time)
    maker = ReceiptMaker(counter, parts.receipt_language)
    receipt_codes = ReceiptCodes(counter)
    queue = PrintQueue(parts.printer)
    printing = Printing(counter, queue, maker, receipt_codes)
    queue.listen(printing.changed)
    terminal = Terminal(counter, parts.device_lines.get("terminal", "none"), parts.make_terminal)
    devices = Devices(counter, queue, terminal, parts.device_lines, parts.keep_device_line)
    pins = PinCheck(counter, parts.pin_pepper)
    approvals = Approvals(counter, pins)
    adjusting = Adjusting(counter, keeper, approvals)
    receipts = SoldReceipts(counter, receipt_codes)
    returns = Returns(counter, approvals, maker, printing, receipts)
    members = Members(
        counter,
        keeper,
        index_key=parts.blind_index_key,
        sealing_public_key=parts.sealing_public_key,
        ask=parts.sync.look_up_member,
        approvals=approvals,
    )
    maker.member_of = members.known
    allowances = Allowances(
        counter.allowance_book,
        counter.replica,
        peers=parts.peers,
        is_offline=lambda: counter.is_offline(),  # noqa: PLW0108 - asked anew each time: it is replaced
    )
    codes = MemberCodes(
        counter,
        pepper=parts.pin_pepper,
        verifier_of=lambda member_id: _verifier(parts.replica, member_id),
        key_of=lambda key_id: _coupon_key(parts.replica, key_id),
        approvals=approvals,
        ask=parts.sync.ask_member_code,
        sealing_public_key=parts.sealing_public_key,
        elsewhere=lambda member_id: _tries(parts.replica, member_id),
    )
    authorising = Authorising(counter, keeper, parts.sync.ask_authorisation)
    ring_up = RingUp(counter, keeper, approvals)
    writer = ReturnWriter(counter, maker, printing)
    purses = StoredValue(
        counter,
        ring_up,
        approvals,
        codes,
        writer=writer,
        allowances=allowances,
        cards=GiftCardBook(counter, parts.blind_index_key),
        authorising=authorising,
    )
    _restore(counter, members, parts.peers)

    def go_live() -> None:
        terminal.tidy()
        authorising.tidy()
        keep_rules_ready(counter, parts.sync)
        parts.on_live()

    closing = (pins, codes, authorising, counter.pricing, counter.rule_sets, keeper, terminal, devices, queue)

    def close() -> None:
        for each in closing:
            each.close()
        parts.on_close()

    session = Session(counter, pins)
    _end_when_barred(parts, session)
    reports = Reports(counter, maker, printing, parts.reports_folder)
    training = Training(counter, parts.outside)
    room = StockRoom(counter)
    transferring, nearby = Transferring(counter, room), NearbyStock(counter, parts.sync.ask_stock)
    reserving = Reserving(counter, room, printing)
    redeeming = Redeeming(counter, ring_up, reserving)
    replenishing = Replenishing(counter, room, transferring, nearby, reserving.held_here)
    ordering = Ordering(counter, room, transferring, replenishing, printing)
    days, stocktaking = (
        Days(counter, replenishing.alerts, parts.peers),
        Stocktaking(counter, room, approvals, parts.peers),
    )
    shelf_labels = ShelfLabels(counter, room, printing, devices.print_labels)
    return Workstation(
        session=session,
        staff=Staff(counter, pins),
        shift=ShiftService(counter),
        settlement=Settlement(counter, reports),
        hand_over=HandOver(counter, pins),
        reports=reports,
        ring_up=ring_up,
        approvals=approvals,
        authorising=authorising,
        adjusting=adjusting,
        returns=returns,
        look_up=ReceiptLookUp(counter, receipts, parts.sync.ask_receipts),
        explaining=Explaining(counter),
        keymaps=Keymaps(counter),
        holding=Holding(counter, keeper, members.restore, approvals, parts.peers),
        payment=Payment(
            counter,
            keeper,
            maker,
            printing,
            adjusting=adjusting,
            returns=returns,
            purses=purses,
            vouchers=Vouchers(counter),
            redeeming=redeeming,
        ),
        find_item=FindItem(counter),
        members=members,
        member_codes=codes,
        points=Points(counter, keeper, approvals, codes, allowances, authorising=authorising),
        coupons=Coupons(
            counter,
            keeper,
            index_key=parts.blind_index_key,
            authorising=authorising,
            peers=parts.peers,
        ),
        stored_value=purses,
        gift_cards=GiftCards(
            counter,
            ring_up,
            purses,
            sealing_public_key=parts.sealing_public_key,
            ask=parts.sync.look_up_member,
        ),
        deposits=Deposits(counter, approvals, writer),
        shared=counter.shared,
        nearby_stock=nearby,
        allowances=allowances,
        stock_room=room,
        stock_cards=StockCards(counter, room, parts.sync.ask_movements),
        replenishing=replenishing,
        reserving=reserving,
        redeeming=redeeming,
        ordering=ordering,
        stocktaking=stocktaking,
        days=days,
        day_end=DayEnd(counter, days, printing),
        to_do=ToDo(
            counter,
            days,
            Places(transferring, stocktaking, shelf_labels, devices, reserving, ordering, replenishing),
        ),
        goods_work=GoodsWork(counter, room, printing, devices.print_labels),
        shelf_labels=shelf_labels,
        transferring=transferring,
        transfer_work=TransferWork(counter, room, transferring, printing),
        printing=printing,
        till=Till(counter, printing),
        watch=Watch(counter, maker),
        terminal=terminal,
        devices=devices,
        training=training,
        open_training=lambda: _train(parts, queue, training),
        replay=Replay(counter),
        status=Status(counter, parts.sync, devices, terminal, parts.peers),
        sync=Sync(parts.sync, parts.journal),
        go_live=go_live,
        close=close,
    )


def _listen(counter: Counter, parts: Parts) -> None:
    """What the counter asks of sync."""
    counter.after_record = parts.sync.nudge
    counter.is_offline = lambda: parts.sync.state.network != "online"
    counter.is_revoked = lambda: parts.sync.state.last_error == "revoked_here"
    counter.heard_at_ms = lambda: parts.sync.state.last_contact_ms
    counter.is_training = parts.outside is not None


def _verifier(replica: Replica, member_id: str) -> str | None:
    found = replica.read(lambda c: member_detail(c, member_id))
    return None if found is None else found.code_verifier


def _tries(replica: Replica, member_id: str) -> tuple[int, int]:
    found = replica.read(lambda c: member_detail(c, member_id))
    return (0, 0) if found is None else (found.code_failures, found.code_locked_until_ms)


def _coupon_key(replica: Replica, key_id: str) -> bytes | None:
    text = replica.read(signing_keys).get(key_id)
    return None if text is None else base64.b64decode(text)


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


def _end_when_barred(parts: Parts, session: Session) -> None:
    """Whoever is locked anywhere is put off as soon as head office or a neighbour says so."""
    parts.sync.on_change(lambda _: session.end_when_barred())
    parts.peers.on_change(session.end_when_barred)


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
