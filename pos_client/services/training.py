"""Training: a workstation beside the real one, with a journal of its own that is thrown away afterwards.

Nothing that a trainee does can reach the real journal, the server, the drawer or the bank: not because each
service asks whether this is training, but because they all stand on other ports. Prices and items are real.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from pos_client.devices.drawer import DrawerState, Pin
from pos_client.devices.print_queue import PrintQueue
from pos_client.devices.printer import PrinterState
from pos_client.journal.time_guard import ClockJump
from pos_client.receipts.rows import Row
from pos_client.services.counter import Counter
from pos_client.services.futures import done, failed, then
from pos_client.services.ports import SyncPort, SyncState, TimePort
from pos_client.services.refusals.payment import SaleBeingWritten
from pos_client.services.refusals.till import BasketOpen
from pos_client.services.refusals.workstation import InTraining
from pos_client.services.staff.roles import require_act
from pos_client.storage.connection import Connection
from pos_client.sync.errors import ServerAway
from pos_core.sync.authorisation_messages import (
    AuthorisationAnswer,
    AuthorisationQuestion,
    MemberCodeAnswer,
    MemberCodeQuestion,
)
from pos_core.sync.receipt_messages import ReceiptAnswer, ReceiptQuestion
from pos_core.sync.stock_messages import MovementsAnswer, MovementsQuestion, StockAnswer, StockQuestion

TRAINING = "training"
SUFFIX = "-training"
"""Behind the workstation's id: the training series is never one that head office knows."""


class Training:
    """Of the real workstation: `begin`, then `Workstation.open_training`. Of the training one: `end`."""

    def __init__(self, counter: Counter, outside: Training | None = None) -> None:
        self._counter = counter
        self._outside = outside

    @property
    def is_on(self) -> bool:
        """Whether this is the training workstation."""
        return self._outside is not None

    def begin(self) -> Future[None]:
        """Journal that training begins, and sign off: who trains signs on there.

        Raises NotSignedOn, NotAllowed, InTraining, SaleBeingWritten, BasketOpen.
        """
        counter = self._counter
        if self.is_on:
            raise InTraining("this is training already")
        require_act(counter, TRAINING)
        if counter.writing:
            raise SaleBeingWritten("a sale is being written")
        if counter.payment is not None or not counter.basket.is_empty:
            raise BasketOpen("a basket is in progress")
        drafts = [
            counter.draft("training_changed", {"step": "begun"}),
            counter.draft("signed_off", {"reason": TRAINING}),
        ]

        def begun(_: object) -> None:
            with counter.lock:
                counter.operator = None
            counter.changed()

        return then(counter.record(drafts), begun)

    def end(self) -> Future[None]:
        """Back to real work: journaled in the real journal, by whoever may. Then close this workstation.

        Raises NotSignedOn, NotAllowed.
        """
        assert self._outside is not None
        operator = require_act(self._counter, TRAINING)
        real = self._outside._counter
        draft = real.draft("training_changed", {"step": "ended"}, operator_id=operator.operator_id)
        return then(real.record([draft]), lambda _: None)


class QuietSync:
    """Sync as training sees it: how the network is, and nothing that goes out."""

    def __init__(self, real: SyncPort) -> None:
        self._real = real

    @property
    def state(self) -> SyncState:
        """The real one's."""
        return self._real.state

    def request_now(self) -> Future[Any]:
        """Nothing to send."""
        return done(None)

    def ask_receipts(self, question: ReceiptQuestion) -> Future[ReceiptAnswer]:
        """A trainee takes back what was sold in training."""
        return done(ReceiptAnswer([]))

    def ask_stock(self, question: StockQuestion) -> Future[StockAnswer]:
        """Other stores are as they are."""
        return self._real.ask_stock(question)

    def ask_movements(self, question: MovementsQuestion) -> Future[MovementsAnswer]:
        """What is practised is on no card of head office's."""
        return failed(ServerAway("training asks nobody"))

    def ask_authorisation(self, question: AuthorisationQuestion) -> Future[AuthorisationAnswer]:
        """Nobody's money is reserved for practice."""
        return failed(ServerAway("training asks nobody"))

    def ask_member_code(self, question: MemberCodeQuestion) -> Future[MemberCodeAnswer]:
        """Nobody's code is tried for practice."""
        return failed(ServerAway("training asks nobody"))

    def nudge(self) -> None:
        """Nothing to send."""

    def look_up_member(self, sealed_phone: bytes) -> Future[bool]:
        """Nobody's data is fetched for practice."""
        return done(False)

    def go_offline(self) -> None:
        """The real workstation stays as it is."""

    def go_online(self) -> None:
        """The real workstation stays as it is."""

    def on_change(self, listener: Callable[[Any], Any], /) -> None:
        """A training session is short: the status bar asks by itself."""


class BorrowedTime:
    """The workstation's time without its marks: they belong into the real journal."""

    def __init__(self, real: TimePort) -> None:
        self._real = real

    def now_ms(self) -> int:
        """As it is."""
        return self._real.now_ms()

    def monotonic_ms(self) -> int:
        """Only measures."""
        return self._real.monotonic_ms()

    def instant_ms(self) -> int:
        """As it counts."""
        return self._real.instant_ms()

    def observe(self) -> ClockJump | None:
        """A jump is noted by the real workstation's next document."""
        return None

    def recorded(self, occurred_at_ms: int) -> None:
        """Not a document that counts."""

    def confirm(self) -> None:
        """Not for a trainee."""

    def keep_if_changed(self, connection: Connection) -> None:
        """Nothing to keep."""


class BorrowedPrinter:
    """The real printer through its queue, without its drawer: the money there is real."""

    def __init__(self, queue: PrintQueue) -> None:
        self._queue = queue
        self.columns = queue.columns

    def print_rows(self, rows: Sequence[Row]) -> PrinterState:
        """On the real paper, marked as training by whoever laid it out."""
        return self._queue.print_rows(rows).result()

    def open_drawer(self, pin: Pin = 2, *, look: bool = False) -> DrawerState:
        """It stays shut."""
        return DrawerState.READY

    def state(self) -> PrinterState:
        """As the real one is."""
        return self._queue.state

    def close(self) -> None:
        """The queue is not ours."""
