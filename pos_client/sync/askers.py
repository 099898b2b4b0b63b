"""Questions of the counter to head office, beside the exchange: receipts, stock, members, their accounts.

Each has a connection and a thread of its own, made at its first question: no exchange keeps
a shopper waiting.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos_client.journal.journal import Journal
from pos_client.replica.replica import Replica
from pos_client.sync.ask import Asker
from pos_client.sync.errors import BrokenAnswer
from pos_client.sync.member_lookup import SILENCE_MAX_S as MEMBER_SILENCE_S
from pos_client.sync.member_lookup import MemberLookup
from pos_client.sync.server_clock import ServerClock
from pos_client.sync.workstation_file import WorkstationFile
from pos_core.sync.authorisation_messages import (
    AuthorisationAnswer,
    AuthorisationQuestion,
    MemberCodeAnswer,
    MemberCodeQuestion,
)
from pos_core.sync.receipt_messages import ReceiptAnswer, ReceiptQuestion
from pos_core.sync.stock_messages import MovementsAnswer, MovementsQuestion, StockAnswer, StockQuestion

if TYPE_CHECKING:
    import httpx

    from pos_client.sync.wire import Wire

RECEIPT_SILENCE_S = 8.0
STOCK_SILENCE_S = 3.0
AUTHORISATION_SILENCE_S = 4.0


class Askers:
    """`receipts`, `stock`, `movements`, `members`, `authorisations` and `codes`; any thread may ask."""

    def __init__(
        self,
        identity: WorkstationFile,
        signing_key: Ed25519PrivateKey,
        clock: ServerClock,
        *,
        journal: Journal,
        replica: Replica,
        is_off: Callable[[], bool],
        transport: httpx.BaseTransport | None,
    ) -> None:
        self._identity = identity
        self._journal = journal
        self._signing_key = signing_key
        self._clock = clock
        self._transport = transport
        self._clients: list[httpx.Client] = []
        self.receipts: Asker[ReceiptQuestion, ReceiptAnswer] = Asker(
            "/v1/receipts", ReceiptAnswer, lambda: self.wire(RECEIPT_SILENCE_S), is_off
        )
        self.stock: Asker[StockQuestion, StockAnswer] = Asker(
            "/v1/stock", StockAnswer, lambda: self.wire(STOCK_SILENCE_S), is_off
        )
        self.movements: Asker[MovementsQuestion, MovementsAnswer] = Asker(
            "/v1/stock/movements", MovementsAnswer, lambda: self.wire(STOCK_SILENCE_S), is_off
        )
        self.authorisations: Asker[AuthorisationQuestion, AuthorisationAnswer] = Asker(
            "/v1/authorisations",
            AuthorisationAnswer,
            lambda: self.wire(AUTHORISATION_SILENCE_S),
            is_off,
            check=self._check_history,
        )
        self.codes: Asker[MemberCodeQuestion, MemberCodeAnswer] = Asker(
            "/v1/member-codes", MemberCodeAnswer, lambda: self.wire(AUTHORISATION_SILENCE_S), is_off
        )
        self.members = MemberLookup(lambda: self.wire(MEMBER_SILENCE_S), replica)

    def close(self) -> None:
        """Take no more questions; those under way end by themselves."""
        self.receipts.close()
        self.stock.close()
        self.movements.close()
        self.authorisations.close()
        self.codes.close()
        self.members.close()
        for client in self._clients:
            client.close()

    def _check_history(self, answer: AuthorisationAnswer) -> None:
        """Raises BrokenAnswer for what another history of head office let go."""
        known = self._journal.resume_point()
        if known is None or known.epoch != answer.epoch:
            raise BrokenAnswer("head office was restored: the next exchange comes first")

    def wire(self, silence_max_s: float) -> Wire:
        """A connection of its own, closed with the askers. Made on the thread that uses it."""
        from pos_client.sync.wire import Credentials, Wire, http_client

        identity = self._identity
        client = http_client(identity.ca_certificate, transport=self._transport, silence_max_s=silence_max_s)
        self._clients.append(client)
        credentials = Credentials(identity.workstation_id, self._signing_key, identity.server_key_bytes())
        return Wire(client, identity.server_url, credentials, self._clock)
