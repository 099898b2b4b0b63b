"""Sessions of the console: a random token in a cookie, its hash here, an end when idle and a last end."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from pos_core.clock import Clock
from sync_server.services.console.roles import may, whole_chain
from sync_server.store import console_user
from sync_server.store.console_user import SessionRow, UserRow
from sync_server.store.engine import Store, Txn

IDLE_MS = 30 * 60_000
LONGEST_MS = 12 * 3600_000
_TOUCH_EVERY_MS = 60_000


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is asking, with the session's token (never logged)."""

    user: UserRow
    token: str

    def may(self, permission: str) -> bool:
        """See roles.may."""
        return may(self.user.roles, permission)

    def region_for(self, permission: str) -> str | None:
        """The region that a page of this permission is limited to; None: the whole chain.

        A regional manager without a region sees nothing: "" is no region.
        """
        return None if whole_chain(self.user.roles, permission) else (self.user.region or "")


class Sessions:
    """Opens, finds and ends sessions."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def open(self, user_id: str) -> str:
        """A new session; returns the cookie's token."""
        return self._store.write_beside(lambda txn: self.open_in(txn, user_id))

    def open_in(self, txn: Txn, user_id: str) -> str:
        """The same inside a transaction."""
        token = secrets.token_urlsafe(32)
        now = self._clock.now_ms()
        console_user.add_session(txn, SessionRow(_hash(token), user_id, now, now))
        return token

    def find(self, token: str, *, by_itself: bool = False) -> SignedIn | None:
        """Who it belongs to; None when it has ended, was idle for too long, or its user may not any more.

        `by_itself`: a page asks, nobody has done anything; the session goes on being idle.
        """
        now = self._clock.now_ms()

        def read(txn: Txn) -> tuple[SessionRow, UserRow] | None:
            row = console_user.session(txn, _hash(token))
            user = None if row is None else console_user.by_id(txn, row.user_id)
            return None if row is None or user is None else (row, user)

        found = self._store.read(read)
        if found is None:
            return None
        row, user = found
        if user.state != "active" or now - row.seen_at_ms > IDLE_MS or now - row.created_at_ms > LONGEST_MS:
            return None
        if not by_itself and now - row.seen_at_ms > _TOUCH_EVERY_MS:
            self._store.write_beside(lambda txn: console_user.touch_session(txn, row.session_hash, now))
        return SignedIn(user, token)

    def close(self, token: str) -> None:
        """Signs out."""
        self._store.write_beside(lambda txn: console_user.drop_session(txn, _hash(token)))

    def purge(self) -> None:
        """Forgets sessions that have run out."""
        now = self._clock.now_ms()
        self._store.write_beside(
            lambda txn: console_user.purge_sessions(
                txn, seen_before_ms=now - IDLE_MS, created_before_ms=now - LONGEST_MS
            )
        )


def csrf_token(token: str) -> str:
    """What forms of this session carry; who cannot read the cookie cannot compute it."""
    return hmac.new(token.encode(), b"tidemark.console.csrf.1", hashlib.sha256).hexdigest()


def csrf_fits(token: str, said: str) -> bool:
    """Is it this session's."""
    return hmac.compare_digest(csrf_token(token).encode(), said.encode())


def _hash(token: str) -> str:
    return hashlib.sha256(b"tidemark.console.session.1\x00" + token.encode()).hexdigest()
