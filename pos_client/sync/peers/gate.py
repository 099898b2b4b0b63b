"""Who may speak: the peer's certificate against the authority, the store, the time, and the feed."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pos_client.journal.refused import Note
from pos_client.replica.receipt_returns import workstation
from pos_client.replica.replica import Replica
from pos_client.sync.errors import PeerRefused
from pos_client.sync.peer_card import PeerCard, kept_card
from pos_client.sync.peer_certificate import check_peer
from pos_client.sync.peer_tls import peer_context
from pos_core.sync.peer_name import PeerName

REVOKED = "revoked"
OWN_REASONS = frozenset({"no_certificate", "ourselves"})
"""Nobody did anything wrong."""
_REVOKED_HERE = "SELECT workstation_id FROM workstation_key WHERE store_id = ? AND state <> 'active'"


class Gate:
    """Any thread. `instant_ms`: the instant that counts for validity, never below the last server time."""

    def __init__(
        self,
        own: PeerName,
        signing_key: Ed25519PrivateKey,
        replica: Replica,
        *,
        folder: Path,
        instant_ms: Callable[[], int],
        note: Note = lambda kind, code, subject: None,
    ) -> None:
        self._note = note
        self.own = own
        self._key = signing_key
        self._replica = replica
        self._folder = folder
        self._instant_ms = instant_ms
        self._card: PeerCard | None = None
        self._contexts: dict[bool, ssl.SSLContext] = {}

    def card(self) -> PeerCard | None:
        """What we show; None before head office gave one."""
        kept = kept_card(self._folder, self.own, self._key.public_key().public_bytes_raw())
        if kept is not None and kept != self._card:
            self._card, self._contexts = kept, {}
        return self._card

    def context(self, *, listening: bool) -> ssl.SSLContext | None:
        """For a new connection; None before there is a certificate."""
        card, contexts = self._card or self.card(), self._contexts
        if card is None:
            return None
        if listening not in contexts:
            contexts[listening] = peer_context(
                card.certificate, self._key, card.authority, listening=listening
            )
        return contexts[listening]

    def ends_ms(self, shown: bytes) -> int:
        """When a certificate that was let in ends."""
        return int(x509.load_der_x509_certificate(shown).not_valid_after_utc.timestamp()) * 1000

    def let_in(self, shown: bytes) -> tuple[PeerName, bytes]:
        """Who showed this certificate, and the key that he signs with. Asked again before each message.

        Raises PeerRefused, and counts it.
        """
        try:
            return self._checked(shown)
        except PeerRefused as error:
            reason = str(error.facts.get("reason"))
            if reason not in OWN_REASONS:
                self._note("certificate", reason, str(error.facts.get("workstation_id") or ""))
            raise

    def _checked(self, shown: bytes) -> tuple[PeerName, bytes]:
        card = self._card
        if card is None:
            raise PeerRefused("we have no certificate ourselves", reason="no_certificate")
        revoked = [row[0] for row in self._replica.read(self._revoked)]
        name = check_peer(shown, card.authority, own=self.own, now_ms=self._instant_ms(), revoked=revoked)
        key = x509.load_der_x509_certificate(shown).public_key()
        assert isinstance(key, Ed25519PublicKey)
        raw = key.public_bytes_raw()
        known = self._replica.read(lambda c: workstation(c, name.workstation_id))
        if known is not None and base64.b64decode(known.public_key) != raw:
            raise PeerRefused(
                "head office knows it under another key",
                reason="other_key",
                workstation_id=name.workstation_id,
            )
        return name, raw

    def _revoked(self, connection: object) -> list[tuple[str]]:
        rows: list[tuple[str]] = connection.execute(_REVOKED_HERE, (self.own.store_id,)).fetchall()  # type: ignore[attr-defined]
        return rows
