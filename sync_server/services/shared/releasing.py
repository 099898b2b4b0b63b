"""Letting documents out of quarantine: what this version can apply takes effect, once, in its own place.

A document lies in quarantine because a check, or a defect of ours, stood against it. After a repair it is
tried again: its rows are written, its facts folded as if it had come in its turn, and its place in the
chain is the ledger's again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from pos_core.clock import Clock
from pos_core.sync.document import Series
from sync_server.services.acts import Act
from sync_server.services.applicability import document_row, rows_of
from sync_server.services.received import NotApplicable, headers_of, receive
from sync_server.services.shared.folding import FOLD_FAULTS, Folding
from sync_server.services.shared.stretch import Stretch
from sync_server.store import document, quarantine
from sync_server.store.engine import Store, Txn
from sync_server.store.quarantine import QuarantineRow

AT_ONCE = 200
RESOLUTION = "applied"


@dataclass(frozen=True, slots=True)
class Tried:
    """How many took effect, and how many are still not applicable."""

    applied: int
    left: int


class Releasing:
    """See the module."""

    def __init__(self, store: Store, clock: Clock, folding: Folding) -> None:
        self._store = store
        self._clock = clock
        self._folding = folding

    def try_again(self, act: Act) -> Tried:
        """Every document in a chain's place that is in quarantine, series by series, in order."""
        applied = left = 0
        after = ("", 0, 0)
        while rows := self._store.read(partial(quarantine.waiting, after=after, limit=AT_ONCE)):
            for row in rows:
                taken = self._store.write(partial(self._take, act=act, row=row))
                applied, left = applied + taken, left + (not taken)
            after = (rows[-1].workstation_id, rows[-1].incarnation, rows[-1].number)
        return Tried(applied, left)

    def try_one(self, txn: Txn, act: Act, row: QuarantineRow) -> bool:
        """One document in a chain's place, in a transaction under way; False: still not applicable."""
        return row.in_chain == 1 and row.resolved_at_ms is None and self._take(txn, act, row)

    def _take(self, txn: Txn, act: Act, row: QuarantineRow) -> bool:
        received = receive(row.data, row.number)
        own = Series(row.workstation_id, row.incarnation)
        try:
            rows = rows_of(received, own, row.store_id)
        except NotApplicable:
            return False
        now_ms = self._clock.now_ms()
        document.savepoint(txn)
        try:
            if not quarantine.resolve(txn, row, RESOLUTION, now_ms):
                document.keep(txn)
                return False  # somebody else was quicker
            document.insert(txn, [document_row(received, row.received_at_ms)], rows)
            stretch = Stretch.of([received], headers_of([received]))
            self._folding.take(txn, stretch, now_ms=row.received_at_ms, late=True)
        except (*txn.engine.row_faults, *FOLD_FAULTS):
            document.take_back(txn)
            return False
        document.keep(txn)
        act.note(
            txn,
            now_ms,
            "quarantine_released",
            f"{row.workstation_id}/{row.incarnation}/{row.number}",
            reason=row.reason,
        )
        return True
