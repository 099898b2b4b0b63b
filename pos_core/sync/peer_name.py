"""Who a workstation is to the other workstations of its store: the name in its peer certificate.

`tidemark://peer/<store>/<workstation>`, each part percent-encoded, as a certificate's only alternative name.
It is no host name, so no TLS client that looks for the server's name takes a workstation for the server.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass

PEER_CERTIFICATE_DAYS = 14
"""How long a certificate holds. It must outlast a store's longest usual time without head office."""

_PREFIX = "tidemark://peer/"
_PLAIN = frozenset((string.ascii_letters + string.digits + "-._~").encode("ascii"))


@dataclass(frozen=True, slots=True)
class PeerName:
    """A workstation of a store."""

    store_id: str
    workstation_id: str

    def as_uri(self) -> str:
        """The one spelling of this name; ASCII."""
        return f"{_PREFIX}{_quote(self.store_id)}/{_quote(self.workstation_id)}"


def peer_name(uri: str) -> PeerName | None:
    """The name that `uri` spells; None when it is no peer's name or not spelled as `as_uri` does."""
    if not uri.startswith(_PREFIX):
        return None
    store, slash, workstation = uri.removeprefix(_PREFIX).partition("/")
    if not (store and slash and workstation):
        return None
    name = PeerName(_unquote(store), _unquote(workstation))
    return name if name.as_uri() == uri else None


def _quote(text: str) -> str:
    """Percent-encoded as RFC 3986 has it, upper-case digits."""
    return "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in text.encode("utf-8"))


def _unquote(text: str) -> str:
    """What cannot be read becomes a replacement character, and so is spelled another way than it came."""
    raw = text.encode("ascii", "replace")
    read = re.sub(rb"%([0-9A-F]{2})", lambda found: bytes([int(found[1], 16)]), raw)
    return read.decode("utf-8", "replace")
