"""Questions of the counter to head office, beside the exchange: receipts and members.

Each has a connection and a thread of its own, made at its first question: no exchange keeps
a shopper waiting.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos_client.replica.replica import Replica
from pos_client.sync.member_lookup import SILENCE_MAX_S as MEMBER_SILENCE_S
from pos_client.sync.member_lookup import MemberLookup
from pos_client.sync.receipt_ask import SILENCE_MAX_S as RECEIPT_SILENCE_S
from pos_client.sync.receipt_ask import ReceiptAsker
from pos_client.sync.server_clock import ServerClock
from pos_client.sync.workstation_file import WorkstationFile

if TYPE_CHECKING:
    import httpx

    from pos_client.sync.wire import Wire


class Askers:
    """`receipts` and `members`; any thread may ask."""

    def __init__(
        self,
        identity: WorkstationFile,
        signing_key: Ed25519PrivateKey,
        clock: ServerClock,
        *,
        replica: Replica,
        is_off: Callable[[], bool],
        transport: httpx.BaseTransport | None,
    ) -> None:
        self._identity = identity
        self._signing_key = signing_key
        self._clock = clock
        self._transport = transport
        self._clients: list[httpx.Client] = []
        self.receipts = ReceiptAsker(lambda: self._wire(RECEIPT_SILENCE_S), is_off)
        self.members = MemberLookup(lambda: self._wire(MEMBER_SILENCE_S), replica)

    def close(self) -> None:
        """Take no more questions; those under way end by themselves."""
        self.receipts.close()
        self.members.close()
        for client in self._clients:
            client.close()

    def _wire(self, silence_max_s: float) -> Wire:
        """Made on the asking thread."""
        from pos_client.sync.wire import Credentials, Wire, http_client

        identity = self._identity
        client = http_client(identity.ca_certificate, transport=self._transport, silence_max_s=silence_max_s)
        self._clients.append(client)
        credentials = Credentials(identity.workstation_id, self._signing_key, identity.server_key_bytes())
        return Wire(client, identity.server_url, credentials, self._clock)
