"""Taking documents: idempotent, in order, each once; what cannot be applied is kept and goes round.

A batch is one transaction. Hashes, chain and signature are checked, and rows and facts made, before the write
lock is taken. The answer is always the resume point: what the server has, not what it was told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pos_core.clock import Clock
from pos_core.sync.document import Series
from pos_core.sync.projection import Row
from pos_core.sync.protocol import PUSH_DOCUMENTS_MAX, ResumePoint
from sync_server.services.applicability import Outcome, document_rows, outcomes_of
from sync_server.services.errors import (
    ChainBroken,
    Fork,
    Gap,
    Refused,
)
from sync_server.services.push_message import check_head, check_owner, decode, first_broken
from sync_server.services.push_order import PushOrder
from sync_server.services.quick_reading import QuickReader
from sync_server.services.reading_turn import ReadingTurn
from sync_server.services.received import NotApplicable, Received, headers_of
from sync_server.services.shared import Folding
from sync_server.services.shared.cut import Cut, cut
from sync_server.services.shared.folding import FOLD_FAULTS
from sync_server.services.shared.fork_rulings import fork_rulings
from sync_server.services.shared.stretch import Stretch
from sync_server.store import audit, chain_state, document, quarantine, series, workstation
from sync_server.store.engine import Store, Txn
from sync_server.store.quarantine import QuarantineRow
from sync_server.store.series import SeriesRow
from sync_server.store.workstation import WorkstationRow

STAMPED_BEFORE_MS = 1000
"""So long before its turn the time of a batch's receipt may be."""


@dataclass(frozen=True, slots=True)
class _Applied:
    """What documents come to, before it is written. `said`: cut already, where all of them are applied."""

    documents: list[Row]
    rows: Mapping[str, list[Row]]
    set_aside: list[QuarantineRow]
    stretch: Stretch | None
    said: Cut | None = None


@dataclass(frozen=True, slots=True)
class _Batch:
    """One push: who, which series, the documents, what each comes to, and the server's time.

    `ready`: what all of them come to; None where that is to be found out while they are taken.
    """

    caller: WorkstationRow
    own: Series
    documents: list[Received]
    outcomes: list[Outcome]
    signature: str
    now_ms: int
    ready: _Applied | None = None

    def outcomes_for(self, some: list[Received]) -> list[Outcome]:
        """The rows of each of a run of these documents, or why it has none."""
        start = some[0].number - self.documents[0].number
        return self.outcomes[start : start + len(some)]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """A resume point, or the refusal to raise once the transaction has kept what it must keep."""

    resume: ResumePoint
    refusal: type[Refused] | None = None
    number: int = 0


class Push:
    """The one way that facts enter head office."""

    def __init__(self, store: Store, clock: Clock, folding: Folding) -> None:
        self._store = store
        self._clock = clock
        self._folding = folding
        self._order = PushOrder()
        self._turn = ReadingTurn()

    def resume_point(self, caller: WorkstationRow, workstation_id: str, incarnation: int) -> ResumePoint:
        """What the server has of a series, and what a backup of it has. Raises NotYours, MalformedRequest."""
        check_owner(caller, workstation_id, incarnation)

        def asked(txn: Txn) -> ResumePoint:
            point = self._resume(txn, Series(workstation_id, incarnation))
            covers_until_ms = chain_state.backup_covers_until_ms(txn)
            if covers_until_ms is None:
                return point
            number = series.number_received_before(txn, workstation_id, incarnation, covers_until_ms)
            return replace(point, backed_up_number=number)

        return self._store.read(asked)

    def push(self, caller: WorkstationRow, body: bytes) -> ResumePoint:
        """Takes a batch. Raises MalformedRequest, BadHeadSignature, ChainBroken, Gap, Fork."""
        with self._order.place(caller.workstation_id) as wait, self._turn.of(len(body)) as turn:
            now_ms = self._clock.now_ms()
            with turn.reading():
                batch = _read(caller, body, now_ms)
            wait()
            batch = _stamped(batch, self._clock.now_ms())
            point = self._taken(batch)
            turn.leave(batch)
            return point

    def take_rescued(
        self, of: WorkstationRow, own: Series, documents: list[Received], proof: str
    ) -> ResumePoint:
        """Documents out of the journal of a workstation that cannot send them, by the same path.

        `proof` stands where its signature over the last head would: that key is gone. Raises as `push`.
        """
        outcomes = outcomes_of(documents, own, of.store_id)
        return self._taken(_Batch(of, own, documents, outcomes, proof, self._clock.now_ms()))

    def _taken(self, batch: _Batch) -> ResumePoint:
        own, broken_at = batch.own, first_broken(batch.documents)

        def take(txn: Txn) -> _Outcome:
            if self._store.engine.shared:  # it waits for the database again and again
                return self._take(txn, batch, broken_at)
            with self._turn.taking():
                return self._take(txn, batch, broken_at)

        outcome = self._store.write(take, of=own.workstation_id)
        if outcome.refusal is not None:
            point = outcome.resume
            raise outcome.refusal(
                f"at number {outcome.number}",
                epoch=point.epoch,
                acked_number=point.acked_number,
                head_hash=point.head_hash,
                number=outcome.number,
            )
        return outcome.resume

    def _take(self, txn: Txn, batch: _Batch, broken_at: int | None) -> _Outcome:
        own, documents = batch.own, batch.documents
        known = series.get(txn, own.workstation_id, own.incarnation)
        acked, head = (0, own.genesis()) if known is None else (known.acked_number, known.head_hash)
        if documents and documents[0].number > acked + 1:
            one = documents[0]
            if not quarantine.holds_beside(
                txn, own.workstation_id, own.incarnation, one.number - 1, one.prev_hash
            ):
                return _Outcome(self._resume(txn, own), Gap, one.number)
            # Not a gap: it goes on from the other side of a fork, which is kept beside the chain.
            _keep_beside(txn, batch, one.number, Fork.code, self._folding)
            return _Outcome(self._resume(txn, own), Fork, one.number)
        fork_at = _fork_at(txn, own, documents, acked, head)
        bad_at = min((at for at in (fork_at, broken_at) if at is not None), default=None)
        if bad_at is not None:
            refusal = Fork if bad_at == fork_at else ChainBroken
            _keep_beside(txn, batch, bad_at, refusal.code, self._folding)
            return _Outcome(self._resume(txn, own), refusal, bad_at)
        fresh = [one for one in documents if one.number > acked]
        if fresh:
            _apply(txn, batch, fresh, head, self._folding)
            _advance(txn, batch, fresh[-1], known)
        first = documents[0].number if documents else acked + 1
        return _Outcome(self._resume(txn, own, first_quarantined=first))

    def _resume(self, txn: Txn, own: Series, *, first_quarantined: int = 1) -> ResumePoint:
        row = series.get(txn, own.workstation_id, own.incarnation)
        acked, head = (0, own.genesis()) if row is None else (row.acked_number, row.head_hash)
        aside = quarantine.in_chain(txn, own.workstation_id, own.incarnation, first_quarantined, acked)
        return ResumePoint(
            epoch=chain_state.epoch(txn),
            acked_number=acked,
            head_hash=head,
            server_time_ms=self._clock.now_ms(),
            quarantined=sorted(aside)[-PUSH_DOCUMENTS_MAX:],
            documents_max=PUSH_DOCUMENTS_MAX,
        )


def _read(caller: WorkstationRow, body: bytes, now_ms: int) -> _Batch:
    """What came in, checked as far as that goes without the database. Raises as `Push.push`."""
    message = decode(body)
    check_owner(caller, caller.workstation_id, message.incarnation)
    own = Series(caller.workstation_id, message.incarnation)
    documents = QuickReader(own, caller.store_id).read(message.documents, message.first_number, message.typed)
    check_head(caller, own, message, documents)
    outcomes = outcomes_of(documents, own, caller.store_id)
    batch = _Batch(caller, own, documents, outcomes, message.signature, now_ms)
    return replace(batch, ready=_ready(batch))


def _stamped(batch: _Batch, now_ms: int) -> _Batch:
    """The batch as received when its turn came, where that was long after it was read.

    What lies so little before the transaction is for the margins of those who ask by time of receipt.
    """
    if abs(now_ms - batch.now_ms) <= STAMPED_BEFORE_MS:
        return batch
    return replace(batch, now_ms=now_ms, ready=None)


def _fork_at(txn: Txn, own: Series, documents: list[Received], acked: int, head: str) -> int | None:
    """The first number where this batch goes another way than what is kept."""
    if not documents:
        return None
    first = documents[0]
    if first.number <= acked:
        last = min(acked, documents[-1].number)
        kept = document.hashes(txn, own.workstation_id, own.incarnation, first.number, last)
        kept |= quarantine.in_chain(txn, own.workstation_id, own.incarnation, first.number, last)
        for one in documents[: last - first.number + 1]:
            if kept[one.number] != one.hash:
                return one.number
    elif first.prev_hash is not None and first.prev_hash != head:
        return first.number
    return None


def _keep_beside(txn: Txn, batch: _Batch, bad_at: int, reason: str, folding: Folding) -> None:
    """The other side of a fork, or what stands behind a break: kept with bytes, out of the chain."""
    beside = [one for one in batch.documents if one.number >= bad_at]
    trouble = NotApplicable(reason)
    quarantine.keep(
        txn, [_quarantined(batch, one, trouble, in_chain=0, prev_hash=one.prev_hash or "") for one in beside]
    )
    audit.add(
        txn,
        now_ms=batch.now_ms,
        actor=batch.own.workstation_id,
        action=f"series_{reason}",
        subject=f"{batch.own.workstation_id}/{batch.own.incarnation}",
        number=bad_at,
        documents=len(beside),
    )
    if reason == Fork.code:
        own = batch.own
        kept = document.hashes(txn, own.workstation_id, own.incarnation, bad_at, beside[-1].number)
        found = [(one.number, one.hash, one.value) for one in beside]
        forked = fork_rulings(own, batch.caller.store_id, found, kept)
        folding.rule(txn, forked, now_ms=batch.now_ms)


def _advance(txn: Txn, batch: _Batch, last: Received, known: SeriesRow | None) -> None:
    """Moves the series to its new head and keeps the signature over it."""
    own, now = batch.own, batch.now_ms
    series.put(
        txn,
        SeriesRow(
            own.workstation_id,
            own.incarnation,
            batch.caller.store_id,
            batch.caller.public_key,
            last.number,
            last.hash,
            now if known is None else known.opened_at_ms,
            now,
        ),
    )
    series.keep_head(
        txn,
        workstation_id=own.workstation_id,
        incarnation=own.incarnation,
        number=last.number,
        head_hash=last.hash,
        signature=batch.signature,
        now_ms=now,
    )
    workstation.raise_incarnation(txn, own.workstation_id, own.incarnation)


def _apply(txn: Txn, batch: _Batch, fresh: list[Received], head: str, folding: Folding) -> None:
    ready = batch.ready if len(fresh) == len(batch.documents) else None
    plan = ready or _plan(batch, fresh, head)
    document.savepoint(txn)
    try:
        _write(txn, batch, plan, folding)
    except txn.engine.row_faults + FOLD_FAULTS:  # find out whose row it is
        document.take_back(txn)
        _apply_one_by_one(txn, batch, fresh, head, folding)
    else:
        document.keep(txn)
        quarantine.keep(txn, plan.set_aside)


def _write(txn: Txn, batch: _Batch, plan: _Applied, folding: Folding) -> None:
    document.insert(txn, plan.documents, plan.rows)
    if plan.stretch is not None:
        folding.take(txn, plan.stretch, now_ms=batch.now_ms, ready=plan.said)


def _apply_one_by_one(txn: Txn, batch: _Batch, fresh: list[Received], head: str, folding: Folding) -> None:
    """The slow way, for a batch with a document whose rows the database refuses."""
    for one in fresh:
        plan = _plan(batch, [one], head)
        document.savepoint(txn)
        try:
            _write(txn, batch, plan, folding)
        except txn.engine.row_faults + FOLD_FAULTS as error:
            document.take_back(txn)
            trouble = NotApplicable("not_applicable", _fault_name(error))
            plan.set_aside.append(_quarantined(batch, one, trouble, in_chain=1, prev_hash=head))
        else:
            document.keep(txn)
        quarantine.keep(txn, plan.set_aside)
        head = one.hash


def _fault_name(error: Exception) -> str:
    """The same on every database: the DB-API's class, not the driver's finer one."""
    names = [kind.__name__ for kind in type(error).__mro__]
    return next((name for name in names if name in ("IntegrityError", "DataError")), names[0])


def _ready(batch: _Batch) -> _Applied | None:
    """What the whole batch comes to; None where a document may not be applied, or crashes, which comes

    again in the transaction that takes it, and is looked into there.
    """
    if not batch.documents or _has_trouble(batch.outcomes):
        return None
    plan = _plan(batch, batch.documents, "")
    assert plan.stretch is not None
    try:
        return replace(plan, said=cut(plan.stretch.telling))
    except FOLD_FAULTS:
        return None


def _plan(batch: _Batch, fresh: list[Received], head: str) -> _Applied:
    """Sorts documents into rows to insert and documents to set aside."""
    outcomes = batch.outcomes_for(fresh)
    set_aside: list[QuarantineRow] = []
    applied = fresh
    if _has_trouble(outcomes):
        applied, set_aside = _sorted_out(batch, fresh, outcomes, head)
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for outcome in outcomes:
        if outcome and not isinstance(outcome, NotApplicable):
            for name, found in outcome.items():
                rows[name] += found
    headers = headers_of(applied)
    stretch = Stretch.of(applied, headers) if applied else None
    return _Applied(document_rows(applied, headers, batch.now_ms), rows, set_aside, stretch)


def _has_trouble(outcomes: list[Outcome]) -> bool:
    return NotApplicable in set(map(type, outcomes))


def _sorted_out(
    batch: _Batch, fresh: list[Received], outcomes: list[Outcome], head: str
) -> tuple[list[Received], list[QuarantineRow]]:
    """The documents that are applied, and those that are set aside: each keeps what comes before it."""
    applied, set_aside = [], []
    for one, outcome in zip(fresh, outcomes, strict=True):
        if isinstance(outcome, NotApplicable):
            set_aside.append(_quarantined(batch, one, outcome, in_chain=1, prev_hash=head))
        else:
            applied.append(one)
        head = one.hash
    return applied, set_aside


def _quarantined(
    batch: _Batch, one: Received, trouble: NotApplicable, *, in_chain: int, prev_hash: str
) -> QuarantineRow:
    return QuarantineRow(
        workstation_id=batch.own.workstation_id,
        incarnation=batch.own.incarnation,
        number=one.number,
        hash=one.hash,
        store_id=batch.caller.store_id,
        in_chain=in_chain,
        prev_hash=prev_hash,
        reason=trouble.reason,
        detail=trouble.detail,
        data=one.data,
        received_at_ms=batch.now_ms,
    )
