"""Finding each other without configuration: multicast DNS on the local network.

What is said there is only an address and a digest that tells the workstations of one store apart from
others; who is really there is proven by TLS. A network that lets no multicast through is served by addresses
in the policy `peers`.
"""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import threading
from collections.abc import Callable, Iterable

import ifaddr
from zeroconf import IPVersion, ServiceBrowser, ServiceInfo, ServiceStateChange, Zeroconf

from pos_client.log import get_logger

SERVICE = "_tidemark-peer._tcp.local."
_GROUP = b"group"
_TAG = b"tidemark.peers.1\x00"
_ANSWER_MS = 2_000
_log = get_logger("pos_client.peers")
Address = tuple[str, int]


def group_of(chain_id: str, store_id: str) -> str:
    """What workstations of one store have in common, in public: names nobody."""
    return hashlib.sha256(_TAG + f"{chain_id}\x00{store_id}".encode()).hexdigest()[:16]


class Discovery:
    """`found` is called with each address of another workstation of the group, on zeroconf's threads."""

    def __init__(
        self, group: str, workstation_id: str, host: str, *, port: int, found: Callable[[Address], None]
    ) -> None:
        """Raises OSError and zeroconf's errors where the network takes no multicast."""
        self._group = group
        self._found = found
        label = hashlib.sha256(_TAG + workstation_id.encode()).hexdigest()[:20]
        self._own = f"{label}.{SERVICE}"
        own = [host] if host not in ("", "0.0.0.0") else _own_addresses()  # noqa: S104 - means "all of them"
        self._zeroconf = Zeroconf(interfaces=own, ip_version=IPVersion.V4Only)
        self._info = ServiceInfo(
            SERVICE,
            self._own,
            port=port,
            parsed_addresses=own,
            properties={_GROUP.decode(): group},
            server=f"{label}.local.",
        )
        self._closed = False
        self._lock = threading.Lock()
        try:
            self._zeroconf.register_service(self._info, allow_name_change=False)
            self._browser = ServiceBrowser(self._zeroconf, SERVICE, handlers=[self._changed])
        except BaseException:
            self._zeroconf.close()
            raise

    def close(self) -> None:
        """Says good-bye and stops."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        with contextlib.suppress(Exception):
            self._zeroconf.unregister_service(self._info)
        with contextlib.suppress(Exception):
            self._zeroconf.close()

    def _changed(
        self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        if name == self._own or state_change is ServiceStateChange.Removed:
            return
        # Asking waits for the network: not on the thread that reads it.
        threading.Thread(
            target=self._look, args=(zeroconf, service_type, name), name="peers-found", daemon=True
        ).start()

    def _look(self, zeroconf: Zeroconf, service_type: str, name: str) -> None:
        try:
            info = zeroconf.get_service_info(service_type, name, timeout=_ANSWER_MS)
        except Exception as error:  # the library's own, while it closes
            _log.info("peer_not_resolved", reason=type(error).__name__)
            return
        if info is None or info.properties.get(_GROUP) != self._group.encode() or not info.port:
            return
        for address in _usable(info.parsed_addresses(IPVersion.V4Only)):
            self._found((address, info.port))


def _own_addresses() -> list[str]:
    """IPv4 addresses of this machine's networks; loopback where there is no other."""
    found = [each.ip for adapter in ifaddr.get_adapters() for each in adapter.ips if isinstance(each.ip, str)]
    outside = [each for each in found if not ipaddress.ip_address(each).is_loopback]
    return outside or ["127.0.0.1"]


def _usable(addresses: Iterable[str]) -> list[str]:
    """Only addresses of a local network: what the world could have planted is not called."""
    return [each for each in addresses if ipaddress.ip_address(each).is_private]
