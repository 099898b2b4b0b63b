"""Notices as signed requests to a chain's own messaging service (docs/notices.md says how to receive them).

Signed as the Standard Webhooks specification says: HMAC-SHA256 over `id.timestamp.body`, so that receivers
may use any library for it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import urlsplit

import httpcore

from pos_core.canonical import canonical_bytes
from pos_core.clock import Clock
from pos_core.errors import InvalidInput
from sync_server.services.notices.adapters import Outcome
from sync_server.services.notices.guarded import AddressRefused, GuardedNetwork, Resolve, resolve
from sync_server.services.notices.kinds import Message
from sync_server.services.notices.settings import NoticeSettings

URL_CHARS_MAX = 500
BODY_BYTES_MAX = 64 * 1024
ANSWER_BYTES_MAX = 64 * 1024
DEADLINE_S = 10.0
SECRET_PREFIX = "whsec_"  # noqa: S105 - what a secret begins with
WAIT_MAX_MS = 24 * 3_600_000
_AGAIN = (408, 425, 429)
_BUSY = (429, 502, 503, 504)
"""Whoever is behind it can take nothing just now: the others of the channel wait as well."""


class BadUrl(InvalidInput):
    """An address that no notice goes to."""

    code = "notice_bad_url"


def checked_url(text: str) -> str:
    """`https://host[:port]/path`, or `http://` for a network that `notices.json` names. Raises BadUrl."""
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise BadUrl("not an address") from None
    wrong = (
        len(text) > URL_CHARS_MAX
        or not text.isascii()
        or any(ord(sign) <= 32 for sign in text.strip())
        or parts.scheme not in ("https", "http")
        or not parts.hostname
        or parts.username is not None
        or bool(parts.fragment)
        or port == 0
    )
    if wrong:
        raise BadUrl("not an address")
    return text.strip()


def secret_text(secret: bytes) -> str:
    """As receivers are given it."""
    return SECRET_PREFIX + base64.b64encode(secret).decode()


def signature(secret: bytes, notice_id: str, at_s: int, body: bytes) -> str:
    """One signature of the header `webhook-signature`."""
    signed = f"{notice_id}.{at_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


class WebhookAdapter:
    """POSTs each message. No redirect is followed, no proxy of the environment is used, nothing is kept."""

    def __init__(
        self,
        url: str,
        secrets: Sequence[bytes],
        settings: NoticeSettings,
        clock: Clock,
        *,
        deadline_s: float = DEADLINE_S,
        resolver: Resolve = resolve,
    ) -> None:
        self._url = url
        self._secrets = secrets
        self._clock = clock
        plain = urlsplit(url).scheme == "http"
        network = GuardedNetwork(
            networks=settings.networks, deadline_s=deadline_s, plain=plain, resolver=resolver
        )
        # A connection for each message: its deadline is the connection's, and its address was just looked at.
        self._pool = httpcore.ConnectionPool(
            ssl_context=None if plain else settings.trust(),
            network_backend=network,
            max_keepalive_connections=0,
            http2=False,
        )

    def send(self, message: Message) -> Outcome:
        """See Adapter."""
        body = canonical_bytes(message.as_value())
        if len(body) > BODY_BYTES_MAX:
            return Outcome("refused", "too_large")
        try:
            with self._pool.stream(
                "POST", self._url, headers=self._headers(message, body), content=body
            ) as got:
                size = 0
                for part in got.iter_stream():
                    size += len(part)
                    if size > ANSWER_BYTES_MAX:
                        break
                return _outcome(got.status, dict(got.headers))
        except AddressRefused:
            return Outcome("retry", "address_not_allowed", away=True)
        except httpcore.TimeoutException as error:
            return Outcome("retry", f"timeout:{type(error).__name__}", away=True)
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            return Outcome("retry", f"network:{type(error).__name__}", away=True)

    def close(self) -> None:
        """See Adapter."""
        self._pool.close()

    def _headers(self, message: Message, body: bytes) -> list[tuple[bytes, bytes]]:
        at_s = self._clock.now_ms() // 1000
        signed = " ".join(signature(secret, message.notice_id, at_s, body) for secret in self._secrets)
        host = urlsplit(self._url).netloc
        said = {
            "Host": host,
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "User-Agent": "Tidemark-notices/1",
            "Idempotency-Key": message.notice_id,
            "webhook-id": message.notice_id,
            "webhook-timestamp": str(at_s),
            "webhook-signature": signed,
        }
        return [(name.encode(), value.encode()) for name, value in said.items()]


def _outcome(status: int, headers: dict[bytes, bytes]) -> Outcome:
    """What an answer means: taken, later, or never."""
    if 200 <= status < 300:
        return Outcome("sent", f"http:{status}")
    if status in _AGAIN or status >= 500:
        waits = next((value for name, value in headers.items() if name.lower() == b"retry-after"), b"")
        after = min(int(waits) * 1000, WAIT_MAX_MS) if waits.isdigit() and len(waits) < 9 else None
        return Outcome("retry", f"http:{status}", after, away=status in _BUSY)
    return Outcome("refused", f"http:{status}")
