"""What the services of one workstation stand on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pos_client.devices.lines import terminal_from
from pos_client.devices.printer import ReceiptPrinter
from pos_client.devices.terminal import CardTerminal
from pos_client.receipts.model import Language
from pos_client.replica.replica import Replica
from pos_client.services.counter import Identity
from pos_client.services.ports import JournalPort, NoPeers, PeersPort, SyncPort, TimePort
from pos_client.services.refusals.workstation import TrainingUnavailable
from pos_client.services.training import Training


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
