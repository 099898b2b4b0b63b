"""The workstations of this store around this one: who is seen, and what was heard last.

Starts once the window stands and does everything on threads of its own: a sale neither waits for it nor
knows of it. Without a certificate, or where the chain wants none of it, it waits and looks again.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from pos_client.log import get_logger
from pos_client.peers.schema import SeriesKey
from pos_client.sync.errors import PeerAway
from pos_client.sync.peer_card import peers_policy
from pos_client.sync.peers.caller import Address, Caller, Dial
from pos_client.sync.peers.desk import Desk, Peer
from pos_client.sync.peers.discovery import Discovery, group_of
from pos_client.sync.peers.gate import Gate
from pos_client.sync.peers.link import Link
from pos_client.sync.peers.listener import Listener
from pos_core.clock import Clock
from pos_core.errors import TidemarkError
from pos_core.sync.peer_messages import HeldOffer, PeerAnswer, PeerHead, PeerQuestion

LOOK_EVERY_S = 5.0
SEEN_FOR_MS = 20_000
"""A peer that answered or asked within this time is there."""
LIVE_FOR_MS = 5_000
"""A peer is asked every two seconds: one whose last whole answer is older may have sold something since."""
CALLERS_MAX = 64
NAME_MAX = 80
SHOPPER_WAITS_S = 3.0
"""After so long no other way to a held basket is tried."""
FORGET_AFTER_S = 600.0
"""An address that was found and does not answer so long is asked no more, until it is found again."""
_log = get_logger("pos_client.peers")


@dataclass(frozen=True, slots=True)
class SeenPeer:
    """A workstation that is there now."""

    workstation_id: str
    name: str
    held: tuple[HeldOffer, ...] = ()


@dataclass(frozen=True, slots=True)
class HeardPeer:
    """A workstation that was heard of since the start. `is_there`: within SEEN_FOR_MS."""

    workstation_id: str
    name: str
    silent_ms: int
    is_there: bool
    certificate_ends_ms: int
    held_count: int


@dataclass(slots=True)
class _Heard:
    peer: Peer
    at_ms: int
    name: str = ""
    held: tuple[HeldOffer, ...] = ()
    whole: PeerHead | None = None
    whole_at_ms: int = 0


class PeerNet:
    """Any thread. `host` is the address to listen on, "" for every network of the machine.

    `dial`: another way to the others than this machine's network. Then nothing happens by itself, listens or
    looks around: whoever carries the frames says who asks whom, and when, on his own thread.
    """

    def __init__(
        self,
        gate: Gate,
        desk: Desk,
        clock: Clock,
        *,
        chain_id: str,
        host: str = "",
        discover: bool = True,
        wanted: Callable[[], bool] = lambda: True,
        dial: Dial | None = None,
    ) -> None:
        self._gate = gate
        self._desk = desk
        self._clock = clock
        self._group = group_of(chain_id, gate.own.store_id)
        self._host = host
        self._discover = discover
        self._wanted = wanted
        self._by_itself = dial is None
        self._dial = dial or Link.call
        self._listener: Listener | None = None
        self._discovery: Discovery | None = None
        self._callers: dict[Address, Caller] = {}
        self._heard: dict[str, _Heard] = {}
        self._seen_ids: frozenset[str] = frozenset()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._listeners: list[Callable[[], object]] = []
        self._thread: threading.Thread | None = None

    # For everybody --------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin; returns at once."""
        assert self._thread is None
        if not self._by_itself:
            return
        self._thread = threading.Thread(target=self._work, name="peers", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up and stop listening."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join(5.0)
        self._stop()

    def seen(self) -> list[SeenPeer]:
        """The peers that are there now, by name."""
        since = self._clock.monotonic_ms() - SEEN_FOR_MS
        with self._lock:
            found = [
                SeenPeer(each.peer.workstation_id, each.name, each.held)
                for each in self._heard.values()
                if each.at_ms >= since
            ]
        return sorted(found, key=lambda peer: (peer.name, peer.workstation_id))

    def heard(self) -> list[HeardPeer]:
        """Every peer that was heard of, by name."""
        now_ms = self._clock.monotonic_ms()
        with self._lock:
            found = [
                HeardPeer(
                    each.peer.workstation_id,
                    each.name,
                    max(0, now_ms - each.at_ms),
                    now_ms - each.at_ms <= SEEN_FOR_MS,
                    each.peer.certificate_ends_ms,
                    len(each.held),
                )
                for each in self._heard.values()
            ]
        return sorted(found, key=lambda peer: (peer.name, peer.workstation_id))

    def live(self) -> dict[SeriesKey, int]:
        """Series of peers of which everything is here, or with head office, up to a number, just now."""
        since = self._clock.monotonic_ms() - LIVE_FOR_MS
        with self._lock:
            return {
                (each.peer.workstation_id, each.whole.incarnation): each.whole.number
                for each in self._heard.values()
                if each.whole is not None and each.whole_at_ms >= since
            }

    def own_certificate_ends_ms(self) -> int | None:
        """Of what this workstation shows; None before head office gave one."""
        card = self._gate.card()
        return None if card is None else card.not_after_ms

    def on_change(self, listener: Callable[[], object]) -> None:
        """Call `listener` when peers come or go or said something new; on any thread."""
        self._listeners.append(listener)

    def address(self) -> Address | None:
        """Where this workstation listens; None while it does not."""
        listener = self._listener
        return None if listener is None else (self._host or "127.0.0.1", listener.port)

    def bring_basket(self, workstation_id: str, held_id: str) -> Future[None]:
        """A basket on hold at a peer, to be on hold here. Fails with PeerAway and storage troubles.

        Whether the peer still had it, this workstation's own list says then.
        """
        future: Future[None] = Future()

        def work() -> None:
            try:
                with self._lock:
                    callers = [each for each in self._callers.values() if each.peer_id == workstation_id]
                if not callers:
                    raise PeerAway("nobody knows where that workstation is")
                _ask_any(callers, held_id)
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(None)

        self._beside(work, "peer-basket")
        return future

    def bring_coupon(self, allowance_id: str, coupon_id: str) -> None:
        """Asks the peers in sight for a leased coupon until one gives it; returns at once.

        Whether it came, the workstation's own allowances say then.
        """
        coupon = (allowance_id, coupon_id)

        def work() -> None:
            for caller in self._in_sight():
                with contextlib.suppress(TidemarkError):
                    caller.ask_once(coupon=coupon)
                if self._desk.passing.has_coupon(*coupon):
                    break
            self._tell_if_changed(anyway=True)

        self._beside(work, "peer-coupon")

    def bring_units(self, purpose: str, units: int) -> Future[int]:
        """Asks the peers in sight for parts of their slices until `units` came; resolves with how many.

        After SHOPPER_WAITS_S nobody else is asked. It does not fail.
        """
        future: Future[int] = Future()

        def work() -> None:
            before, began = self._desk.passing.left_of(purpose), time.monotonic()
            came = 0
            for caller in self._in_sight():
                with contextlib.suppress(TidemarkError):
                    caller.ask_once(short={purpose: units - came})
                came = max(0, self._desk.passing.left_of(purpose) - before)
                if came >= units or time.monotonic() - began > SHOPPER_WAITS_S:
                    break
            future.set_result(came)

        threading.Thread(target=_surely(work, future), name="peer-units", daemon=True).start()
        return future

    def _in_sight(self) -> list[Caller]:
        with self._lock:
            return [each for each in self._callers.values() if each.silent_s() < SEEN_FOR_MS / 1000]

    def call(self, address: Address) -> None:
        """Ask whoever is at an address from now on; nothing happens for one that is asked already."""
        with self._lock:
            if self._closed.is_set() or address in self._callers or len(self._callers) >= CALLERS_MAX:
                return
            caller = Caller(address, self._gate, self._desk, self._took, dial=self._dial)
            self._callers[address] = caller
            if self._by_itself:
                caller.start()

    def _beside(self, work: Callable[[], None], name: str) -> None:
        if self._by_itself:
            threading.Thread(target=work, name=name, daemon=True).start()
        else:
            work()

    # On our thread --------------------------------------------------------------------------------------

    def _work(self) -> None:
        while not self._closed.is_set():
            try:
                self._look()
            except (TidemarkError, OSError) as error:
                _log.warning("peers_not_started", reason=str(error)[:200])
            except Exception:
                _log.exception("peer_defect")
            self._closed.wait(LOOK_EVERY_S)

    def _look(self) -> None:
        policy = peers_policy(self._desk.replica)
        if not (policy.enabled and self._wanted()) or self._gate.card() is None:
            self._stop()
            self._tell_if_changed()
            return
        if self._listener is None:
            self._listener = self._listen(policy.port)
            if self._discover:
                self._discovery = self._look_around(self._listener.port)
        for address in policy.addresses:
            self.call(address)
        self._forget_silent(policy.addresses)
        self._desk.tidy()
        self._tell_if_changed()

    def _forget_silent(self, kept: tuple[Address, ...]) -> None:
        with self._lock:
            silent = [
                address
                for address, each in self._callers.items()
                if address not in kept and each.silent_s() > FORGET_AFTER_S
            ]
            gone = [self._callers.pop(address) for address in silent]
        for caller in gone:
            caller.close()

    def _listen(self, port: int) -> Listener:
        try:
            return Listener(self._gate, self._desk, self._asked, host=self._host, port=port)
        except OSError:
            if not port:
                raise
            # The port of the policy is taken, by a second till on one machine perhaps: others still find us.
            return Listener(self._gate, self._desk, self._asked, host=self._host, port=0)

    def _look_around(self, port: int) -> Discovery | None:
        try:
            return Discovery(
                self._group, self._gate.own.workstation_id, self._host, port=port, found=self.call
            )
        except Exception as error:  # the library has many ways to say that there is no network
            _log.warning("peers_not_discovered", reason=f"{type(error).__name__}: {error}"[:200])
            return None

    def _stop(self) -> None:
        with self._lock:
            callers, self._callers = list(self._callers.values()), {}
        for caller in callers:
            caller.close()
        discovery, self._discovery = self._discovery, None
        if discovery is not None:
            discovery.close()
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()
        for caller in callers:
            caller.join(2.0)

    # Heard ------------------------------------------------------------------------------------------------

    def _asked(self, peer: Peer, question: PeerQuestion) -> None:
        with self._lock:
            heard = self._heard.setdefault(peer.workstation_id, _Heard(peer, 0))
            heard.peer = peer
            heard.at_ms, heard.name = self._clock.monotonic_ms(), question.name[:NAME_MAX]
        self._tell_if_changed(anyway=bool(question.take))

    def _took(self, peer: Peer, answer: PeerAnswer, new: int) -> None:
        with self._lock:
            heard = self._heard.setdefault(peer.workstation_id, _Heard(peer, 0))
            changed = bool(new) or heard.held != tuple(answer.held) or heard.name != answer.name
            heard.peer, heard.at_ms = peer, self._clock.monotonic_ms()
            heard.name, heard.held = answer.name[:NAME_MAX], tuple(answer.held)
            if not answer.more:
                heard.whole, heard.whole_at_ms = answer.head, heard.at_ms
        self._tell_if_changed(anyway=changed)

    def _tell_if_changed(self, *, anyway: bool = False) -> None:
        ids = frozenset(each.workstation_id for each in self.seen())
        if ids == self._seen_ids and not anyway:
            return
        self._seen_ids = ids
        for listener in tuple(self._listeners):
            with contextlib.suppress(Exception):
                listener()


def _ask_any(callers: list[Caller], held_id: str) -> None:
    """Over the first connection that answers; a kept one may be dead, and an address of before."""
    tries = [caller for caller in callers for _ in range(2)]
    began = time.monotonic()
    for number, caller in enumerate(tries, start=1):
        try:
            caller.ask_once(take=held_id)
            return
        except PeerAway:
            if number == len(tries) or time.monotonic() - began > SHOPPER_WAITS_S:
                raise


def _surely(work: Callable[[], None], future: Future[int]) -> Callable[[], None]:
    """A disk that fails, say, is logged; whoever waits hears that nothing came."""

    def run() -> None:
        try:
            work()
        except Exception:
            _log.exception("peer_defect")
            future.set_result(0)

    return run
