"""Members whose data head office orders to destroy: asked for before anything else of an exchange."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pos_client.journal.journal import Journal
from pos_client.journal.member_keys import kept_orders
from pos_client.journal.settings import get_setting, put_setting
from pos_client.log import get_logger
from pos_client.replica.replica import Replica
from pos_client.sync.erasure_order import carry_out
from pos_client.sync.errors import ServerRefused
from pos_client.sync.wire import Wire
from pos_core.sync.protocol import (
    ERASURES_MAX,
    Erasure,
    ErasuresAnswer,
    ErasuresRequest,
    ResumePoint,
)

_log = get_logger("pos_client.sync")
SINCE_VERSION = 2
"""Of the wire."""
DONE_SETTING = "erasures_done"
"""In the journal: epoch and number of the last order that was carried out."""


class Eraser:
    """Used by the sync worker only."""

    def __init__(
        self,
        wire: Wire,
        journal: Journal,
        replica: Replica,
        server_public_key: bytes,
        elsewhere: Callable[[str], Any] = lambda member_id: None,
    ) -> None:
        """`elsewhere` destroys what other files hold of a member; it returns when that is done."""
        self._wire = wire
        self._journal = journal
        self._replica = replica
        self._elsewhere = elsewhere
        self._server_key = Ed25519PublicKey.from_public_bytes(server_public_key)

    def run(self, *, keep_going: Callable[[], None]) -> int:
        """Asks, destroys, and says so; returns how many members that were. Raises SyncTrouble.

        An order counts as done once no file here holds anything readable of the member. Whatever is cut
        before, the order comes again.
        """
        if self._wire.server_version < SINCE_VERSION and not self._speaks_it():
            return 0
        erased = 0
        epoch, done = self._journal.read(lambda c: get_setting(c, DONE_SETTING, ["", 0]))
        kept: Sequence[Erasure] = ()
        while True:
            keep_going()
            try:
                answer = self._ask(ErasuresRequest(epoch, done, list(kept)))
            except ServerRefused as error:
                _log.info("erasures_refused", code=error.server_code)
                return erased
            kept = ()
            if answer.epoch != epoch:  # restored: it may have forgotten what it ordered
                epoch, done, known = answer.epoch, 0, self._journal.read(kept_orders)
                for start in range(0, len(known), ERASURES_MAX):
                    self._ask(ErasuresRequest(epoch, 0, known[start : start + ERASURES_MAX]))
                if known:
                    continue
            if not answer.erasures:
                self._note_done(epoch, done)
                return erased
            for order in answer.erasures:
                carry_out(order, self._server_key, self._replica, self._journal, self._elsewhere)
            erased += len(answer.erasures)
            done = answer.erasures[-1].number
            self._note_done(epoch, done)

    def _speaks_it(self) -> bool:
        """An older server has no such route; its answer to what every server answers says so."""
        series = self._journal.series
        self._wire.get(f"/v1/series/{series.workstation_id}/{series.incarnation}", ResumePoint)
        return self._wire.server_version >= SINCE_VERSION

    def _ask(self, request: ErasuresRequest) -> ErasuresAnswer:
        return self._wire.post("/v1/erasures", msgspec.json.encode(request), ErasuresAnswer)

    def _note_done(self, epoch: str, done: int) -> None:
        if self._journal.read(lambda c: get_setting(c, DONE_SETTING)) != [epoch, done]:
            self._journal.change(lambda c: put_setting(c, DONE_SETTING, [epoch, done])).result()
