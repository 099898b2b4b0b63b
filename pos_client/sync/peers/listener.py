"""The end that listens: takes callers of this store, answers their questions, one thread for each."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

from pos_client.log import get_logger
from pos_client.sync.errors import SyncTrouble
from pos_client.sync.peers.desk import Desk, Peer
from pos_client.sync.peers.gate import Gate
from pos_client.sync.peers.link import Link
from pos_core.errors import TidemarkError
from pos_core.sync.peer_messages import PeerQuestion

CALLERS_MAX = 32
SILENCE_MAX_S = 60.0
_BACKLOG = 16
_log = get_logger("pos_client.peers")


def answer_one(link: Link, gate: Gate, desk: Desk, heard: Callable[[Peer, PeerQuestion], None]) -> None:
    """The next question of whoever is at the other end. Raises SyncTrouble, NotItsOwn, storage troubles."""
    gate.let_in(link.shown)
    question = link.receive(PeerQuestion)
    name, key = gate.let_in(link.shown)  # it may have been revoked meanwhile
    peer = Peer(name.workstation_id, key, gate.ends_ms(link.shown))
    link.send(desk.answer(peer, question))
    heard(peer, question)


class Listener:
    """`port` is the one that was taken; `heard` is called with each peer that asked something."""

    def __init__(
        self, gate: Gate, desk: Desk, heard: Callable[[Peer, PeerQuestion], None], *, host: str, port: int
    ) -> None:
        """Raises OSError when the port is taken."""
        self._gate = gate
        self._desk = desk
        self._heard = heard
        self._plug = socket.create_server((host, port), backlog=_BACKLOG, family=_family(host))
        self.port: int = self._plug.getsockname()[1]
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._links: set[Link] = set()
        self._callers = 0
        self._thread = threading.Thread(target=self._accept, name="peers-listen", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hangs up on everybody."""
        self._closed.set()
        with contextlib.suppress(OSError):
            self._plug.shutdown(socket.SHUT_RDWR)
        self._plug.close()
        with self._lock:
            links = tuple(self._links)
        for link in links:
            link.close()
        self._thread.join(2.0)

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                plain, _ = self._plug.accept()
            except OSError:
                if self._closed.wait(0.2):
                    return
                continue
            with self._lock:
                full = self._callers >= CALLERS_MAX
                self._callers += 0 if full else 1
            if full:
                plain.close()
                continue
            threading.Thread(target=self._serve, args=(plain,), name="peer-caller", daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        link: Link | None = None
        try:
            context = self._gate.context(listening=True)
            if context is None:
                plain.close()
                return
            link = Link.answer(plain, context)
            with self._lock:
                self._links.add(link)
            link.wait_up_to(SILENCE_MAX_S)
            while not self._closed.is_set():
                answer_one(link, self._gate, self._desk, self._heard)
        except SyncTrouble as error:
            _log.info("peer_caller_left", code=error.code, reason=error.facts.get("reason"))
        except TidemarkError as error:
            _log.warning("peer_not_answered", code=error.code)
        except Exception:  # a defect here must cost no more than this connection
            _log.exception("peer_defect")
        finally:
            with self._lock:
                self._callers -= 1
                if link is not None:
                    self._links.discard(link)
            if link is not None:
                link.close()


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
