"""What stands on the counter and who stands at it: papers, devices, people, reports."""

from __future__ import annotations

from dataclasses import dataclass

from pos_client.devices.print_queue import PrintQueue
from pos_client.services.assembly.parts import Parts
from pos_client.services.basket.basket_keeper import BasketKeeper
from pos_client.services.counter import Counter
from pos_client.services.devices import Devices
from pos_client.services.papers.printing import Printing
from pos_client.services.papers.receipt_codes import ReceiptCodes
from pos_client.services.papers.receipt_maker import ReceiptMaker
from pos_client.services.payment.card_terminal import Terminal
from pos_client.services.staff.approvals import Approvals
from pos_client.services.staff.pin_check import PinCheck
from pos_client.services.staff.session import Session
from pos_client.services.till.reports import Reports


@dataclass(frozen=True)
class Desk:
    """Services that nearly all others stand on."""

    counter: Counter
    keeper: BasketKeeper
    queue: PrintQueue
    maker: ReceiptMaker
    receipt_codes: ReceiptCodes
    printing: Printing
    terminal: Terminal
    devices: Devices
    pins: PinCheck
    approvals: Approvals
    session: Session
    reports: Reports


def desk_of(parts: Parts) -> Desk:
    """The counter over `parts`, and what is on it."""
    counter = Counter(
        identity=parts.identity,
        journal=parts.journal,
        replica=parts.replica,
        time=parts.time,
        peers=parts.peers.store,
    )
    _listen(counter, parts)
    maker = ReceiptMaker(counter, parts.receipt_language)
    receipt_codes = ReceiptCodes(counter)
    queue = PrintQueue(parts.printer)
    printing = Printing(counter, queue, maker, receipt_codes)
    queue.listen(printing.changed)
    terminal = Terminal(counter, parts.device_lines.get("terminal", "none"), parts.make_terminal)
    pins = PinCheck(counter, parts.pin_pepper)
    session = Session(counter, pins)
    _end_when_barred(parts, session)
    return Desk(
        counter=counter,
        keeper=BasketKeeper(parts.journal, parts.time),
        queue=queue,
        maker=maker,
        receipt_codes=receipt_codes,
        printing=printing,
        terminal=terminal,
        devices=Devices(counter, queue, terminal, parts.device_lines, parts.keep_device_line),
        pins=pins,
        approvals=Approvals(counter, pins),
        session=session,
        reports=Reports(counter, maker, printing, parts.reports_folder),
    )


def _listen(counter: Counter, parts: Parts) -> None:
    """What the counter asks of sync."""
    counter.after_record = parts.sync.nudge
    counter.is_offline = lambda: parts.sync.state.network != "online"
    counter.is_revoked = lambda: parts.sync.state.last_error == "revoked_here"
    counter.heard_at_ms = lambda: parts.sync.state.last_contact_ms
    counter.is_training = parts.outside is not None


def _end_when_barred(parts: Parts, session: Session) -> None:
    """Whoever is locked anywhere is put off as soon as head office or a neighbour says so."""
    parts.sync.on_change(lambda _: session.end_when_barred())
    parts.peers.on_change(session.end_when_barred)
