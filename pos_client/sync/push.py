"""Pushing the journal: from where the server says it is, in batches, until it has everything.

Only the server's answer says what it has. A lost answer, a crash or a server restored from a backup all
heal by the same path: ask, and go on from there.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from pos_client.journal.doubt import doubt_acknowledged
from pos_client.journal.handed_over import keep_handed_over
from pos_client.journal.journal import Journal
from pos_client.sync.errors import BrokenAnswer, PrunedBeyond, SeriesForked, ServerRefused
from pos_client.sync.outbox import Outbox, Pace, Sent
from pos_client.sync.parcel import Packer, Parcel
from pos_client.sync.wire import Wire
from pos_core.sync.document import Series
from pos_core.sync.protocol import PUSH_DOCUMENTS_ALWAYS, PUSH_DOCUMENTS_MAX, ResumePoint
from pos_core.sync.revocation import LAST_DELIVERY

RESUMES_MAX = 20
"""How often one push may be set back before it gives up until the next exchange."""
PROBES_MAX = 100
"""How many incarnations are asked about before one is taken unasked; a fork there would be met like any."""
_TOO_LARGE, _GAP = "body_too_large", "gap"
_FORKED = frozenset({"fork", "chain_broken"})


@dataclass(frozen=True, slots=True)
class Pushed:
    """`resume` is the server's last answer; `quarantined` numbers it could not apply."""

    documents: int
    resume: ResumePoint
    quarantined: tuple[int, ...]


class Pusher:
    """Pushes one series at a time. Used by the sync worker only."""

    def __init__(self, wire: Wire, journal: Journal, heard: Callable[[ResumePoint], None]) -> None:
        self._wire = wire
        self._journal = journal
        self._heard = heard
        self._last: dict[int, ResumePoint] = {}
        self._query = ""
        self._kept: Future[None] | None = None
        self._pace = Pace()

    def hand_in_as_revoked(self) -> None:
        """From now on head office is told that we know of the revocation: it takes nothing else of us."""
        self._query = LAST_DELIVERY

    def resume_point(self, series: Series) -> ResumePoint:
        """What the server has of a series, checked against our journal and kept. Raises SeriesForked."""
        resume = self._ask(series)
        self._accept(series, resume)
        return resume

    def push(self, series: Series, *, keep_going: Callable[[], None]) -> Pushed:
        """Everything the server lacks of `series`. `keep_going` raises to stop between batches.

        Where there is something to send, it goes out after the answer heard last: when that is not how the
        server stands any more, it says so (`gap`), and is asked.
        """
        with Outbox(self._journal, series, self._post, self._pace) as outbox:
            try:
                return self._push(series, outbox, keep_going)
            except BaseException:
                self._last.pop(series.incarnation, None)  # head office may have more than it said last
                raise
            finally:
                self._wait_until_kept()

    def _push(self, series: Series, outbox: Outbox, keep_going: Callable[[], None]) -> Pushed:
        heard = self._last.get(series.incarnation)
        asked = heard is None or not self._has_more(series, heard)
        resume = self.resume_point(series) if asked or heard is None else heard
        limit, sent, set_back = max(1, min(resume.documents_max, PUSH_DOCUMENTS_MAX)), 0, 0
        quarantined: set[int] = set(resume.quarantined)
        while True:
            keep_going()
            batch = outbox.send(resume.acked_number, limit)
            if batch is None:
                return Pushed(sent, resume, tuple(sorted(quarantined)))
            try:
                resume = self._answer(series, batch)
                sent += batch.parcel.count
                quarantined |= set(resume.quarantined)
                if resume.acked_number != batch.parcel.last_number:
                    outbox.forget()
            except ServerRefused as error:
                outbox.forget()
                set_back += 1
                if error.server_code in _FORKED and asked:
                    raise _forked(series, batch.parcel.first_number) from error
                if error.server_code == _TOO_LARGE and limit > 1:
                    limit = max(1, batch.parcel.count // 2)
                elif error.server_code not in (_GAP, *_FORKED) or set_back > RESUMES_MAX:
                    raise
                resume, asked = self.resume_point(series), True

    def offer_forked(self, series: Series, epoch: str) -> None:
        """Hand over documents that stand against the server's, so that it keeps both sides.

        They begin after the last head that both sides knew in this `epoch`; in a new one with the first:
        a restored server may have lost any of them, and those that it has change nothing.
        """
        state = self._journal.resume_point(series.incarnation)
        after = state.acked_number if state is not None and state.epoch == epoch else 0
        after = max(after, self._journal.base(series.incarnation).number)
        packer = Packer(self._journal, series)
        try:
            while parcel := packer.next(after, PUSH_DOCUMENTS_ALWAYS, then=PUSH_DOCUMENTS_ALWAYS):
                try:
                    self._post(parcel)
                except ServerRefused as error:
                    if error.server_code not in _FORKED:
                        raise
                after = parcel.last_number
                self._done_with(series, epoch, after)
        finally:
            packer.close()
        self._done_with(series, epoch, after)
        self._journal.change(lambda c: keep_handed_over(c, series.incarnation, after)).result()

    def free_incarnation(self, series: Series) -> int:
        """The first incarnation after `series` under which the server knows nothing.

        A machine that was put back may have been put back before: what it opened then is taken.
        """
        for incarnation in range(series.incarnation + 1, series.incarnation + PROBES_MAX):
            if self._ask(Series(series.workstation_id, incarnation)).acked_number == 0:
                return incarnation
        return series.incarnation + PROBES_MAX

    def _has_more(self, series: Series, resume: ResumePoint) -> bool:
        after, incarnation = resume.acked_number, series.incarnation
        return bool(self._journal.documents_after(after, limit=1, bytes_max=1, incarnation=incarnation))

    def _done_with(self, series: Series, epoch: str, number: int) -> None:
        """Everything up to `number` is at the server, on one side of the fork or the other."""
        head_hash = self._journal.hash_at(number, incarnation=series.incarnation)
        assert head_hash is not None
        self._journal.keep_resume_point(epoch, number, head_hash, incarnation=series.incarnation).result()

    def _answer(self, series: Series, batch: Sent) -> ResumePoint:
        resume, sent = batch.answer(), batch.parcel
        if not sent.first_number - 1 <= resume.acked_number <= sent.last_number:
            raise BrokenAnswer(
                "acknowledged outside of what was sent",
                acked=resume.acked_number,
                first=sent.first_number,
                last=sent.last_number,
            )
        self._accept(series, resume, sent=sent)
        return resume

    def _ask(self, series: Series) -> ResumePoint:
        return self._wire.get(
            f"/v1/series/{series.workstation_id}/{series.incarnation}{self._query}", ResumePoint
        )

    def _post(self, parcel: Parcel) -> ResumePoint:
        return self._wire.post(f"/v1/documents{self._query}", parcel.body, ResumePoint, zstd=True)

    def _accept(self, series: Series, resume: ResumePoint, *, sent: Parcel | None = None) -> None:
        """Hold an answer against our own chain; only then is it the new resume point.

        An answer that was asked for lists all of the series that is in quarantine, one to what was `sent` the
        new. The answer is kept on disk while the next batch is on its way: until then the one before stands
        there, from which a push goes on as well.
        """
        if not resume.epoch or resume.acked_number < 0:
            raise BrokenAnswer("a resume point that cannot be", acked=resume.acked_number)
        if sent is None:
            self._doubt_if_behind(series, resume)
        if sent is None or resume.acked_number != sent.last_number:
            self._check_pruned(series, resume)
            ours = self._journal.hash_at(resume.acked_number, incarnation=series.incarnation)
        else:
            ours = sent.last_hash
        if ours != resume.head_hash:
            self._last.pop(series.incarnation, None)
            self._heard(resume)
            raise _forked(series, resume.acked_number)
        self._wait_until_kept()
        known = self._journal.resume_point(series.incarnation)
        answer = (resume.epoch, resume.acked_number, resume.head_hash)
        aside, backed_up = set(resume.quarantined), resume.backed_up_number
        if sent is not None and known is not None:
            aside, backed_up = aside | set(known.quarantined), known.backed_up_number
        kept = None if known is None else (known.epoch, known.acked_number, known.head_hash)
        kept_more = None if known is None else (known.quarantined, known.backed_up_number)
        if (kept, kept_more) != (answer, (tuple(sorted(aside)), backed_up)):
            self._kept = self._journal.keep_resume_point(
                *answer,
                incarnation=series.incarnation,
                quarantined=sorted(aside),
                backed_up_number=backed_up,
            )
            if sent is None:
                self._wait_until_kept()
        self._last[series.incarnation] = resume
        self._heard(resume)

    def _doubt_if_behind(self, series: Series, resume: ResumePoint) -> None:
        """In one epoch head office has never less than it said, unless its disk was set back."""
        known = self._journal.resume_point(series.incarnation)
        if known is None or known.epoch != resume.epoch or resume.acked_number >= known.acked_number:
            return
        asked, present = series.incarnation, self._journal.series.incarnation
        self._journal.change(lambda c: doubt_acknowledged(c, asked=asked, present=present)).result()

    def _check_pruned(self, series: Series, resume: ResumePoint) -> None:
        pruned = self._journal.base(series.incarnation).number
        if resume.acked_number < pruned:
            self._heard(resume)
            raise PrunedBeyond(
                "the server has lost documents that were pruned here",
                incarnation=series.incarnation,
                acked=resume.acked_number,
                pruned=pruned,
            )

    def _wait_until_kept(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.result()


def _forked(series: Series, number: int) -> SeriesForked:
    return SeriesForked(
        "the server holds another document under this number", incarnation=series.incarnation, number=number
    )
