"""What the services know of the local network, before it is loaded and after: light enough for the start.

The network itself (TLS, discovery) is loaded on a thread of its own some seconds after the window stands.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from pos_client.journal.journal import Journal
from pos_client.journal.refused import Refused
from pos_client.journal.signing import load_signing_key
from pos_client.keys.key_store import KeyStore
from pos_client.log import get_logger
from pos_client.peers.schema import SeriesKey
from pos_client.peers.store import PeerStore
from pos_client.replica.replica import Replica
from pos_client.sync.ask import failed
from pos_client.sync.errors import PeerAway
from pos_client.sync.workstation_file import WorkstationFile
from pos_core.clock import Clock
from pos_core.errors import TidemarkError

if TYPE_CHECKING:
    from pos_client.sync.peers.caller import Dial
    from pos_client.sync.peers.net import HeardPeer, PeerNet, SeenPeer

START_AFTER_S = 3.0
_log = get_logger("pos_client.peers")


class Neighbours:
    """Any thread. `host` is the address to listen on, "" for every network of the machine,
    `dial` another way to the others (see `PeerNet`): it is there at once then.

    Attributes:
        store: facts of peers as far as they were heard, before and without a network too; None where the
            file cannot be had: then nobody is listened to.
    """

    def __init__(
        self,
        identity: WorkstationFile,
        keys: KeyStore,
        journal: Journal,
        replica: Replica,
        store: PeerStore | None,
        *,
        clock: Clock,
        host: str = "",
        discover: bool = True,
        is_revoked: Callable[[], bool] = lambda: False,
        dial: Dial | None = None,
    ) -> None:
        self.store = store
        self._identity = identity
        self._keys = keys
        self._journal = journal
        self._replica = replica
        self._clock = clock
        self._host = host
        self._discover = discover
        self._is_revoked = is_revoked
        self._dial = dial
        self._listeners: list[Callable[[], object]] = []
        self._healed: Callable[[], object] = lambda: None
        self._net: PeerNet | None = None
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def net(self) -> PeerNet | None:
        """The network, once it is there."""
        return self._net

    def start(self, *, after_s: float = START_AFTER_S) -> None:
        """Begin in a while; returns at once."""
        assert self._thread is None
        if self.store is None:
            return
        if self._dial is not None:
            self._begin(0.0)
            return
        self._thread = threading.Thread(target=self._begin, args=(after_s,), name="peers-start", daemon=True)
        self._thread.start()

    def seen(self) -> list[SeenPeer]:
        """The workstations of this store that are there now."""
        return [] if self._net is None else self._net.seen()

    def heard(self) -> list[HeardPeer]:
        """See `PeerNet.heard`."""
        return [] if self._net is None else self._net.heard()

    def live(self) -> dict[SeriesKey, int]:
        """See `PeerNet.live`."""
        return {} if self._net is None else self._net.live()

    def own_certificate_ends_ms(self) -> int | None:
        """See `PeerNet.own_certificate_ends_ms`."""
        return None if self._net is None else self._net.own_certificate_ends_ms()

    def bring_basket(self, workstation_id: str, held_id: str) -> Future[None]:
        """See `PeerNet.bring_basket`."""
        if self._net is None:
            return failed(PeerAway("no network yet"))
        return self._net.bring_basket(workstation_id, held_id)

    def bring_coupon(self, allowance_id: str, coupon_id: str) -> None:
        """See `PeerNet.bring_coupon`."""
        if self._net is not None:
            self._net.bring_coupon(allowance_id, coupon_id)

    def bring_units(self, purpose: str, units: int) -> Future[int]:
        """See `PeerNet.bring_units`."""
        if self._net is not None:
            return self._net.bring_units(purpose, units)
        future: Future[int] = Future()
        future.set_result(0)
        return future

    def on_change(self, listener: Callable[[], object]) -> None:
        """Call `listener` when workstations come or go or said something new; on any thread."""
        self._listeners.append(listener)

    def on_healed(self, listener: Callable[[], object]) -> None:
        """Call `listener` when documents came back that this journal had lost; on any thread."""
        self._healed = listener

    def close(self) -> None:
        """Hang up; the file stays open."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join(5.0)
        if self._net is not None:
            self._net.close()

    def _begin(self, after_s: float) -> None:
        if self._closed.wait(after_s) or self.store is None:
            return
        try:
            net = self._make(self.store)
            net.on_change(self._changed)
            net.start()
            self._net = net
        except (TidemarkError, ImportError, OSError) as error:
            _log.warning("peers_not_started", reason=str(error)[:200])

    def _make(self, store: PeerStore) -> PeerNet:
        from pos_client.sync.peers.desk import Desk
        from pos_client.sync.peers.gate import Gate
        from pos_client.sync.peers.net import PeerNet
        from pos_core.sync.peer_name import PeerName

        identity = self._identity
        instant_ms = lambda: max(self._clock.now_ms(), self._replica.not_before_ms())  # noqa: E731
        gate = Gate(
            PeerName(identity.store_id, identity.workstation_id),
            load_signing_key(self._keys),
            self._replica,
            folder=self._journal.path.parent,
            instant_ms=instant_ms,
            note=Refused(self._journal, instant_ms).note,
        )
        desk = Desk(
            self._journal,
            self._replica,
            store,
            self._clock,
            name=identity.workstation_name,
            server_public_key=identity.server_key_bytes(),
        )
        desk.on_healed = self._healed
        return PeerNet(
            gate,
            desk,
            self._clock,
            chain_id=identity.chain_id,
            host=self._host,
            discover=self._discover,
            wanted=lambda: not self._is_revoked(),
            dial=self._dial,
        )

    def _changed(self) -> None:
        for listener in tuple(self._listeners):
            listener()
