"""Asking head office for one member: an answer within seconds, for a shopper waits for it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from pos_client.replica.apply import BadPage
from pos_client.replica.replica import Replica
from pos_client.sync.errors import BrokenAnswer

if TYPE_CHECKING:
    from pos_client.sync.wire import Wire

SILENCE_MAX_S = 3.0


class MemberLookup:
    """One question at a time."""

    def __init__(self, make_wire: Callable[[], Wire], replica: Replica) -> None:
        self._make_wire = make_wire
        self._wire: Wire | None = None
        self._replica = replica
        self._pool: ThreadPoolExecutor | None = None

    def find(self, sealed_phone: bytes) -> Future[bool]:
        """True: somebody has the number, and his rows are in the replica. Fails with SyncTrouble."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="members")
        return self._pool.submit(self._find, sealed_phone)

    def _find(self, sealed_phone: bytes) -> bool:
        if self._wire is None:
            self._wire = self._make_wire()
        sealed = base64.urlsafe_b64encode(sealed_phone).decode()
        from pos_core.sync.protocol import MemberFound

        found = self._wire.get(f"/v1/members/lookup?sealed={sealed}", MemberFound)
        if found.member_id is None:
            return False
        try:
            self._replica.put_ahead(found.kinds)
        except BadPage as error:
            raise BrokenAnswer(f"rows that do not fit: {error.message}") from error
        return True

    def close(self) -> None:
        """Take no more questions; the one under way ends by itself."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
