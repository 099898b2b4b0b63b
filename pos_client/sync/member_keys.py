"""The keys of members who joined or were edited here, sent to head office until it says that it has them.

They stand outside the chain, so they travel beside it: sealed to head office, and again in every epoch.
"""

from __future__ import annotations

import base64
from collections.abc import Callable

import msgspec

from pos_client.journal.journal import Journal
from pos_client.journal.member_keys import acknowledge_keys, unacknowledged_keys
from pos_client.keys.sealing import seal
from pos_client.log import get_logger
from pos_client.sync.errors import ServerRefused
from pos_client.sync.wire import Wire
from pos_core.clock import Clock
from pos_core.sync.protocol import MEMBER_KEYS_MAX, MemberKey, MemberKeys, MemberKeysTaken
from pos_core.sync.sealing import LABEL_PERSONAL

_log = get_logger("pos_client.sync")
SINCE_VERSION = 2
"""Of the wire."""
REFUSED_WAIT_MS = 5 * 60_000
"""Head office said no, or does not know the route: it is asked again after this."""


class MemberKeySender:
    """Used by the sync worker only, after everything was pushed."""

    def __init__(self, wire: Wire, journal: Journal, clock: Clock, sealing_public_key: bytes) -> None:
        self._wire = wire
        self._journal = journal
        self._clock = clock
        self._sealing_public_key = sealing_public_key
        self._not_before_ms: int | None = None

    def send(self, epoch: str, *, keep_going: Callable[[], None]) -> int:
        """Sends what this epoch has not acknowledged; returns how many keys that were."""
        if self._wire.server_version < SINCE_VERSION:
            return 0
        if self._not_before_ms is not None and self._clock.monotonic_ms() < self._not_before_ms:
            return 0
        sent = 0
        while waiting := self._journal.read(lambda c: unacknowledged_keys(c, epoch, MEMBER_KEYS_MAX)):
            keep_going()
            message = MemberKeys([MemberKey(member_id, self._sealed(key)) for member_id, key in waiting])
            try:
                answer = self._wire.post("/v1/member-keys", msgspec.json.encode(message), MemberKeysTaken)
            except ServerRefused as error:
                _log.info("member_keys_refused", code=error.server_code)
                self._not_before_ms = self._clock.monotonic_ms() + REFUSED_WAIT_MS
                break
            taken = [member_id for member_id, _ in waiting if member_id in set(answer.taken)]
            if answer.epoch != epoch or not taken:
                break  # restored meanwhile, or these members were erased: the next exchange knows more
            self._journal.change(lambda c, taken=taken: acknowledge_keys(c, epoch, taken)).result()  # type: ignore[misc]
            sent += len(taken)
        return sent

    def _sealed(self, key: bytes) -> str:
        return base64.b64encode(seal(key, self._sealing_public_key, label=LABEL_PERSONAL)).decode()
