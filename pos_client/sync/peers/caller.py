"""The end that calls: one thread for each address, asking again and again what it lacks."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable

from pos_client.log import get_logger
from pos_client.sync.errors import PeerAway, PeerRefused, SyncTrouble
from pos_client.sync.peers.desk import Desk, Peer
from pos_client.sync.peers.gate import Gate
from pos_client.sync.peers.link import Link
from pos_core.errors import TidemarkError
from pos_core.sync.peer_messages import PeerAnswer

EVERY_S = 2.0
AWAY_FIRST_S, AWAY_MAX_S = 1.0, 15.0
_log = get_logger("pos_client.peers")
Address = tuple[str, int]
Dial = Callable[[Address, ssl.SSLContext], Link]
"""Connects and shakes hands. Raises PeerAway."""


class Caller:
    """Asks the peer at `address` until it is closed. `heard` takes each answer; both run on its thread.

    Attributes:
        peer_id: who was found there last; "" before.
    """

    def __init__(
        self,
        address: Address,
        gate: Gate,
        desk: Desk,
        heard: Callable[[Peer, PeerAnswer, int], None],
        *,
        dial: Dial = Link.call,
    ) -> None:
        self.address = address
        self._gate = gate
        self._desk = desk
        self._heard = heard
        self._dial = dial
        self._link: Link | None = None
        self.peer_id = ""
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._answered_s = time.monotonic()
        self._thread = threading.Thread(target=self._work, name="peer-call", daemon=True)

    def start(self) -> None:
        """Ask from now on, on a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """Hangs up; returns at once."""
        self._closed.set()
        link = self._link
        if link is not None:
            link.close()

    def silent_s(self) -> float:
        """Seconds since the last answer, or since the beginning."""
        return time.monotonic() - self._answered_s

    def join(self, seconds: float) -> None:
        """Waits for the thread's end."""
        if self._thread.is_alive():
            self._thread.join(seconds)

    def ask_once(
        self,
        *,
        take: str = "",
        coupon: tuple[str, str] | None = None,
        short: dict[str, int] | None = None,
    ) -> int:
        """Questions and their answers until there is nothing more; returns how many documents came.

        `take`: a held basket that is to come here, `coupon`: allowance id and id of a leased one,
        `short`: purpose → units of allowances; whether they came stands in the journal then.

        Raises SyncTrouble, NotItsOwn and storage troubles.
        """
        with self._lock:
            try:
                return self._ask(take, coupon, short)
            except BaseException:
                self._hang_up()  # what is half read must not be taken for the next answer
                raise

    def _ask(self, take: str, coupon: tuple[str, str] | None, short: dict[str, int] | None) -> int:
        link = self._link
        if link is None:
            context = self._gate.context(listening=False)
            if context is None:
                raise PeerAway("we have no certificate yet")
            link = self._link = self._dial(self.address, context)
        name, key = self._gate.let_in(link.shown)
        peer = Peer(name.workstation_id, key, self._gate.ends_ms(link.shown))
        self.peer_id = name.workstation_id
        taken = 0
        while not self._closed.is_set():
            link.send(self._desk.question(peer.workstation_id, take=take, coupon=coupon, short=short))
            take, coupon, short = "", None, None
            answer = link.receive(PeerAnswer)
            new = self._desk.take(peer, answer)
            taken += new
            self._answered_s = time.monotonic()
            self._heard(peer, answer, new)
            if not (answer.more and new):
                break
        return taken

    def _work(self) -> None:
        wait_s = AWAY_FIRST_S
        while not self._closed.is_set():
            try:
                self.ask_once()
                wait_s = AWAY_FIRST_S
                pause_s = EVERY_S
            except PeerRefused as error:
                if error.facts.get("reason") == "ourselves":
                    return
                _log.info("peer_refused", reason=error.facts.get("reason"))
                pause_s = AWAY_MAX_S
            except TidemarkError as error:
                if not isinstance(error, SyncTrouble):
                    _log.warning("peer_not_taken", code=error.code, reason=error.facts.get("reason"))
                pause_s, wait_s = wait_s, min(AWAY_MAX_S, wait_s * 2)
            except Exception:
                _log.exception("peer_defect")
                pause_s = AWAY_MAX_S
            self._closed.wait(pause_s)
        self._hang_up()

    def _hang_up(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()
