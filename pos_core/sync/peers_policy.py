"""The chain's choices about workstations of one store beside each other: reference policy `peers`.

    {"enabled": true, "port": 0, "addresses": ["10.1.2.11:7433", "10.1.2.12:7433"]}

Without it workstations look for each other on the local network. `addresses` are asked too, where a network
lets nobody be found; then `port` is the same at every workstation. 0 takes any free one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pos_core.errors import InvalidInput

ADDRESSES_MAX = 64
PORT_MAX = 65_535


class BadPeersPolicy(InvalidInput):
    """The policy `peers` cannot be understood; the message says what."""

    code = "bad_peers_policy"


@dataclass(frozen=True, slots=True)
class PeersPolicy:
    """See the module. `addresses` are `(host, port)`."""

    enabled: bool = True
    port: int = 0
    addresses: tuple[tuple[str, int], ...] = ()


def parse_peers_policy(value: Any) -> PeersPolicy:
    """None: nothing was set. Raises BadPeersPolicy."""
    if value is None:
        return PeersPolicy()
    if not isinstance(value, dict) or not value.keys() <= {"enabled", "port", "addresses"}:
        raise BadPeersPolicy(
            "must be an object of enabled, port and addresses",
            reason="object",
            names="enabled, port, addresses",
        )
    enabled, port, addresses = value.get("enabled", True), value.get("port", 0), value.get("addresses", [])
    if not isinstance(enabled, bool):
        raise BadPeersPolicy("enabled must be true or false", path="enabled", reason="flag")
    if type(port) is not int or not 0 <= port <= PORT_MAX:
        raise BadPeersPolicy(
            "port must be a whole number up to 65535",
            path="port",
            reason="whole_within",
            least=0,
            most=PORT_MAX,
        )
    if not isinstance(addresses, list) or len(addresses) > ADDRESSES_MAX:
        raise BadPeersPolicy(
            f"addresses must be a list of at most {ADDRESSES_MAX}",
            path="addresses",
            reason="list_within",
            most=ADDRESSES_MAX,
        )
    return PeersPolicy(enabled, port, tuple(_address(each) for each in addresses))


def _address(text: Any) -> tuple[str, int]:
    host, colon, port = text.rpartition(":") if isinstance(text, str) else ("", "", "")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and 0 < len(host) <= 255 and host.isascii() and host.isprintable()):
        raise BadPeersPolicy("an address is host:port", path="addresses", reason="address")
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) <= PORT_MAX):
        raise BadPeersPolicy("an address is host:port", path="addresses", reason="address")
    return host, int(port)
