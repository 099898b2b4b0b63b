"""The sync worker: one thread, one exchange at a time, woken by timers, sales and people.

Nothing here may block or fail a sale: the methods for other threads only note a wish and return; what goes
wrong becomes a state and a later try. What talks HTTP and the scheduler are loaded by the first exchange and
by `start`: the checkout is on the screen before.
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pos_client.journal.allowance_book import AllowanceBook
from pos_client.journal.signing import load_signing_key
from pos_client.log import get_logger
from pos_client.sync.ask import failed
from pos_client.sync.askers import Askers
from pos_client.sync.back_off import delay_ms
from pos_client.sync.errors import ServerAway, StoppedByUs
from pos_client.sync.hints import SILENCE_MAX_S, EventSource, HintedScopes, HintListener
from pos_client.sync.network_state import (
    BY_CHOICE_SETTING,
    LAST_CONTACT_SETTING,
    Network,
    StateHolder,
    SyncState,
    first_state,
)
from pos_client.sync.server_clock import ServerClock
from pos_core.errors import TidemarkError
from pos_core.sync.allowance_policy import allowance_policy

if TYPE_CHECKING:
    import httpx
    from apscheduler.schedulers.background import BackgroundScheduler

    from pos_client.journal.journal import Journal
    from pos_client.keys.key_store import KeyStore
    from pos_client.replica.replica import Replica
    from pos_client.sync.exchange import Exchange, Report
    from pos_client.sync.workstation_file import WorkstationFile
    from pos_core.clock import Clock
    from pos_core.sync.authorisation_messages import (
        AuthorisationAnswer,
        AuthorisationQuestion,
        MemberCodeAnswer,
        MemberCodeQuestion,
    )
    from pos_core.sync.protocol import Hint
    from pos_core.sync.receipt_messages import ReceiptAnswer, ReceiptQuestion
    from pos_core.sync.stock_messages import MovementsAnswer, MovementsQuestion, StockAnswer, StockQuestion

EXCHANGE_EVERY_S = 30
CALM_EVERY_S = 300
"""A whole exchange at least this often while hints say what moves."""
TICK_S = 5
CLOSE_WAIT_S = 10.0
REVOKED = "revoked_here"
_FAILURES = "sync_failures"
_log = get_logger("pos_client.sync")


@dataclass(slots=True)
class _Wishes:
    """What other threads have asked for since the worker looked last."""

    exchange: bool = False
    push: bool = False
    tick: bool = False
    stop: bool = False
    hinted: frozenset[str] = frozenset()


def _away() -> ServerAway:
    return ServerAway("head office is out of reach")


class SyncClient:
    """See the module. Every public method may be called from any thread, and returns at once."""

    def __init__(
        self,
        *,
        identity: WorkstationFile,
        keys: KeyStore,
        journal: Journal,
        replica: Replica,
        clock: Clock,
        app_version: str,
        transport: httpx.BaseTransport | None = None,
        dice: Callable[[], float] | None = None,
        erase_elsewhere: Callable[[str], Any] = lambda member_id: None,
    ) -> None:
        self._journal = journal
        self._erase_elsewhere = erase_elsewhere
        self._replica = replica
        self._clock = clock
        self._dice = dice or random.SystemRandom().random
        self._identity = identity
        self._keys = keys
        self._app_version = app_version
        self._transport = transport
        self._book = AllowanceBook(
            journal, clock, lambda: allowance_policy(replica.policy("allowances")).rules
        )
        self._signing_key = load_signing_key(keys)
        self._server_clock = ServerClock(clock)
        self._http: httpx.Client | None = None
        self._running = threading.Lock()
        self._condition = threading.Condition()
        self._wishes = _Wishes()
        self._waiting: list[Future[SyncState]] = []
        self._cancel = threading.Event()
        self._not_before_ms: int | None = None
        self._failures = int(replica.setting(_FAILURES) or 0)
        self._holder = StateHolder(first_state(replica, journal.documents_waiting()))
        if self._holder.state.network == "offline_by_choice":
            self._cancel.set()
        self._thread: threading.Thread | None = None
        self._scheduler: BackgroundScheduler | None = None
        self._whole_at_s: float | None = None
        self._hinted = HintedScopes(self._dice)
        self._listening = False
        self._askers = Askers(
            identity,
            self._signing_key,
            self._server_clock,
            journal=journal,
            replica=replica,
            is_off=self._cancel.is_set,
            transport=transport,
        )
        self._hints = HintListener(self._hint_source, self._heard_hint, dice=self._dice)

    # For everybody --------------------------------------------------------------------------------------

    @property
    def state(self) -> SyncState:
        """How sync is now."""
        return self._holder.state

    @property
    def _is_online(self) -> bool:
        return self.state.network == "online"

    def on_change(self, listener: Callable[[SyncState], Any]) -> None:
        """Call `listener(state)` after each change, on whatever thread made it: it must only post on."""
        self._holder.on_change(listener)

    def start(self, *, timers: bool = True) -> None:
        """Start the worker, and the timers that wake it."""
        assert self._thread is None
        self._thread = threading.Thread(target=self._work, name="sync", daemon=True)
        self._thread.start()
        if timers:
            from apscheduler.schedulers.background import BackgroundScheduler

            self._scheduler = BackgroundScheduler(timezone="UTC")
            self._scheduler.add_job(self._poll, "interval", seconds=EXCHANGE_EVERY_S, jitter=5)
            self._scheduler.add_job(self._wish, "interval", seconds=TICK_S, kwargs={"tick": True})
            self._scheduler.start()
            self._wish(exchange=True)
            self.listen()

    def listen(self) -> None:
        """Listen for hints from now on, but for times off the network by choice."""
        if self.state.network != "offline_by_choice":
            self._hints.start()
        self._listening = True

    def request_now(self) -> Future[SyncState]:
        """Run an exchange as soon as possible, whatever the back-off; resolves with the state after it.

        Never fails: trouble is in the state's `last_error`.
        """
        future: Future[SyncState] = Future()
        with self._condition:
            if self._thread is None or self._wishes.stop:
                future.set_result(self.state)
                return future
            self._waiting.append(future)
            self._not_before_ms = None
            self._wishes.exchange = True
            self._condition.notify()
        return future

    def nudge(self) -> None:
        """A document was recorded: push soon."""
        self._wish(push=True)

    def go_offline(self) -> None:
        """Stay off the network until `go_online`; an exchange under way ends at its next step."""
        self._cancel.set()
        self._hints.pause()
        self._holder.change(network="offline_by_choice")
        self._wish(tick=True)

    def go_online(self) -> None:
        """Use the network again, now."""
        self._cancel.clear()
        self._holder.change(network="offline")
        with self._condition:
            self._not_before_ms = None
        self._wish(exchange=True)
        if self._listening:
            self._hints.start()

    def look_up_member(self, sealed_phone: bytes) -> Future[bool]:
        """Ask head office for a member whom this store does not know; True: his rows are here now.

        Fails with SyncTrouble: at once while head office is out of reach, else within seconds.
        """
        return self._askers.members.find(sealed_phone) if self._is_online else failed(_away())

    def exchange(self) -> Report:
        """One exchange on the caller's thread: for commands and tests. Raises what went wrong.

        A second call while one runs, here or on the worker, returns an empty report.
        """
        from pos_client.sync.exchange import Report

        if not self._running.acquire(blocking=False):
            return Report()
        try:
            return self._run(push_only=False)
        finally:
            self._running.release()

    def close(self) -> None:
        """End the exchange under way at its next step, stop timers and worker."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
        self._wish(stop=True)
        self._cancel.set()
        self._hints.close()
        self._askers.close()
        if self._thread is not None:
            self._thread.join(CLOSE_WAIT_S)
        if self._http is not None and (self._thread is None or not self._thread.is_alive()):
            self._http.close()

    def ask_receipts(self, question: ReceiptQuestion) -> Future[ReceiptAnswer]:
        """Receipts that head office knows; fails with a SyncTrouble, within seconds."""
        return self._askers.receipts.ask(question)

    def ask_stock(self, question: StockQuestion) -> Future[StockAnswer]:
        """Stock of the stores around; fails with a SyncTrouble: at once while head office is out of reach."""
        return self._askers.stock.ask(question) if self._is_online else failed(_away())

    def ask_movements(self, question: MovementsQuestion) -> Future[MovementsAnswer]:
        """Rows of an item's stock card at this store; fails as `ask_stock`."""
        return self._askers.movements.ask(question) if self._is_online else failed(_away())

    def ask_authorisation(self, question: AuthorisationQuestion) -> Future[AuthorisationAnswer]:
        """An amount of one account; fails with a SyncTrouble: at once while head office is out of reach."""
        return self._askers.authorisations.ask(question) if self._is_online else failed(_away())

    def ask_member_code(self, question: MemberCodeQuestion) -> Future[MemberCodeAnswer]:
        """Whether it is the member's code; fails as `ask_authorisation`."""
        return self._askers.codes.ask(question) if self._is_online else failed(_away())

    # On the worker --------------------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._condition:
                while not self._something_to_do():
                    self._condition.wait(self._hinted.wait_s())
                wishes, self._wishes = self._wishes, _Wishes(stop=self._wishes.stop)
                if wishes.exchange or self._hinted.due:  # a push does not wait for the hint's moment
                    wishes.hinted = self._hinted.take()
                waiting, self._waiting = self._waiting, []
            if wishes.stop:
                break
            try:
                self._serve(wishes, asked_for=bool(waiting))
            except Exception as error:
                # Whatever it was, the worker lives on: sync must come back by itself.
                _log.exception("sync_defect")
                self._failed("defect", type(error).__name__)
            for future in waiting:
                future.set_result(self.state)
        for future in waiting:
            future.set_result(self.state)

    def _something_to_do(self) -> bool:
        wishes = self._wishes
        return wishes.exchange or wishes.push or wishes.tick or wishes.stop or self._hinted.due

    def _serve(self, wishes: _Wishes, *, asked_for: bool) -> None:
        by_choice = self.state.network == "offline_by_choice"
        if (self._replica.setting(BY_CHOICE_SETTING) == "1") != by_choice:
            self._replica.put_setting(BY_CHOICE_SETTING, "1" if by_choice else "0")
        self._replica.switch_due(self._instant_ms())
        self._book.look()
        self._holder.change(documents_waiting=self._journal.documents_waiting())
        if by_choice or self.state.last_error == REVOKED:
            return
        if not (wishes.exchange or wishes.push or wishes.hinted):
            return
        if not asked_for and self._not_before_ms is not None:
            if self._clock.monotonic_ms() < self._not_before_ms:
                return
            self._not_before_ms = None
        if self._running.acquire(blocking=False):
            try:
                if wishes.push and not wishes.exchange:
                    self._exchange_once(push_only=True)
                if wishes.exchange or wishes.hinted:
                    self._exchange_once(hinted=frozenset() if wishes.exchange else wishes.hinted)
            finally:
                self._running.release()

    def _exchange_once(self, *, push_only: bool = False, hinted: frozenset[str] = frozenset()) -> None:
        with contextlib.suppress(TidemarkError):  # in the state already
            self._run(push_only=push_only, hinted=hinted)

    def _run(self, *, push_only: bool, hinted: frozenset[str] = frozenset()) -> Report:
        """One exchange with its state before and after. The caller holds `_running`."""
        self._holder.change(busy=True)
        try:
            self._book.look()
            report = self._exchange.run(self._keep_going, push_only=push_only, hinted=hinted)
            if not (push_only or hinted):
                self._whole_at_s = time.monotonic()
        except StoppedByUs:
            raise
        except TidemarkError as error:
            shown = getattr(error, "server_code", error.code)
            self._failed(shown, error.message)
            raise
        else:
            self._succeeded()
            return report
        finally:
            self._holder.change(busy=False, documents_waiting=self._journal.documents_waiting())

    def _succeeded(self) -> None:
        now = self._clock.now_ms()
        if self._failures:
            self._failures = 0
            self._replica.put_setting(_FAILURES, "0")
        self._replica.put_setting(LAST_CONTACT_SETTING, str(now))
        network: Network = "offline_by_choice" if self._cancel.is_set() else "online"
        self._holder.change(network=network, last_contact_ms=now, last_error=None)

    def _failed(self, code: str, message: str) -> None:
        self._failures += 1
        wait = delay_ms(self._failures, self._dice())
        self._not_before_ms = self._clock.monotonic_ms() + wait
        self._replica.put_setting(_FAILURES, str(self._failures))
        _log.info("exchange_failed", code=code, detail=message[:200], failures=self._failures, wait_ms=wait)
        changes: dict[str, Any] = {"last_error": REVOKED if self.state.last_error == REVOKED else code}
        if self.state.network != "offline_by_choice":
            changes["network"] = "offline"
        self._holder.change(**changes)

    def _keep_going(self) -> None:
        if self._cancel.is_set():
            raise StoppedByUs("offline by choice, or the program ends")

    def _instant_ms(self) -> int:
        """Our wall clock, never below what is known of the time."""
        return max(self._clock.now_ms(), self._replica.not_before_ms())

    # Hints ----------------------------------------------------------------------------------------------

    def _poll(self) -> None:
        """The timer: ask, unless hints say what moves and a whole exchange is not long ago."""
        calm = self._hints.connected and not self._journal.documents_waiting()
        if calm and self._whole_at_s is not None and time.monotonic() - self._whole_at_s < CALM_EVERY_S:
            return
        self._wish(exchange=True)

    def _heard_hint(self, hint: Hint) -> None:
        """On the listener's thread: a scope has moved; ask for it soon, at a moment of our own."""
        if self._replica.cursors().get(hint.scope) == (hint.epoch, hint.sequence):
            return
        with self._condition:
            self._hinted.add(hint.scope)
            self._condition.notify()

    def _hint_source(self) -> EventSource:
        """A connection of its own, beside the worker's; made on the listener's thread."""
        return self._askers.wire(SILENCE_MAX_S)

    # Wiring ---------------------------------------------------------------------------------------------

    @cached_property
    def _exchange(self) -> Exchange:
        """Wired at its first use, with `_running` held."""
        from pos_client.sync.wire import http_client
        from pos_client.sync.wiring import make_exchange

        self._http = http_client(self._identity.ca_certificate, transport=self._transport)
        return make_exchange(
            http=self._http,
            identity=self._identity,
            keys=self._keys,
            signing_key=self._signing_key,
            server_clock=self._server_clock,
            clock=self._clock,
            journal=self._journal,
            replica=self._replica,
            book=self._book,
            app_version=self._app_version,
            instant_ms=self._instant_ms,
            erase_elsewhere=self._erase_elsewhere,
            stop_selling=lambda: self._holder.change(network="offline", last_error=REVOKED),
        )

    def _wish(self, **wishes: bool) -> None:
        with self._condition:
            for name in wishes:
                setattr(self._wishes, name, True)
            self._condition.notify()
