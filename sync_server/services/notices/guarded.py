"""Connections to the outside that cannot be led into our own network, and that end in time.

A name is resolved once, every address that it has is looked at, and the connection goes to one that was
looked at: a name that answers otherwise the second time (DNS rebinding) leads nowhere.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWorking
from typing import Any

import httpcore

from sync_server.services.notices.settings import Network

Resolve = Callable[[str, int], list[str]]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class AddressRefused(httpcore.ConnectError):
    """The name leads to an address that is not public and not allowed."""


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(text: str, networks: Sequence[Network] = ()) -> bool:
    """May a connection go there: a public address, or one of `networks`."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        hidden = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in _NAT64:
            hidden = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if hidden is not None:
            return is_public(str(hidden), networks)
    if any(address.version == each.version and address in each for each in networks):
        return True
    return address.is_global and not address.is_multicast


class GuardedNetwork(httpcore.NetworkBackend):
    """What httpcore connects by. `deadline_s`: a connection with all that is sent and read on it."""

    def __init__(
        self,
        *,
        networks: Sequence[Network],
        deadline_s: float,
        plain: bool,
        resolver: Resolve = resolve,
        inner: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._networks = networks
        self._deadline_s = deadline_s
        self._plain = plain
        self._resolver = resolver
        self._inner = inner or httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """To an address of `host` that was looked at. Raises AddressRefused, httpcore.ConnectError."""
        until = time.monotonic() + self._deadline_s
        addresses = self._addresses(host, port, until)
        if not addresses:
            raise httpcore.ConnectError("the name has no address")
        for each in addresses:
            if not is_public(each, self._networks):
                raise AddressRefused("not a public address")
            if self._plain and not any(_in(each, network) for network in self._networks):
                raise AddressRefused("plain HTTP to a network that is not named")
        trouble: Exception | None = None
        for each in addresses:
            try:
                stream = self._inner.connect_tcp(
                    each, port, _left(until, timeout), local_address, socket_options
                )
                return _Timed(stream, until)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
        assert trouble is not None
        raise trouble

    def _addresses(self, host: str, port: int, until: float) -> list[str]:
        """In a thread of its own: the resolver of the system cannot be told how long to try."""
        pool = ThreadPoolExecutor(1, thread_name_prefix="notice-resolve")
        try:
            return pool.submit(self._resolver, host, port).result(timeout=_left(until, None))
        except StillWorking:
            raise httpcore.ConnectTimeout("the name is not resolved in time") from None
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        finally:
            pool.shutdown(wait=False)


class _Timed(httpcore.NetworkStream):
    """A stream that is over when its time is, however slowly bytes come."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream = stream
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if time.monotonic() >= self._until:
            raise httpcore.ReadTimeout("out of time")
        return self._stream.read(max_bytes, _left(self._until, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if time.monotonic() >= self._until:
            raise httpcore.WriteTimeout("out of time")
        self._stream.write(buffer, _left(self._until, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        made = self._stream.start_tls(ssl_context, server_hostname, _left(self._until, timeout))
        return _Timed(made, self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _in(address: str, network: Network) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    return found.version == network.version and found in network


def _left(until: float, timeout: float | None) -> float:
    left = max(0.01, until - time.monotonic())
    return left if timeout is None else min(left, timeout)
