"""One exchange: erasures → resume point → push → members' keys → pull each scope → stage releases → digests

→ allowances → peer certificate → report. Erasures go before all: a till that was away destroys what it must
before it sends or asks for anything. Then push: HQ sees the sales even when everything after it fails. Each
step takes up where the last exchange ended, so it may be cut anywhere.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import msgspec

from pos_client.journal.journal import Journal
from pos_client.journal.pruning import POLICY_KEY, Retention, oldest_release
from pos_client.journal.refused import Refused
from pos_client.log import get_logger
from pos_client.replica.part_file import WrongSnapshot
from pos_client.replica.replica import Replica
from pos_client.sync.allowance_ask import AllowanceAsker
from pos_client.sync.erasures import Eraser
from pos_client.sync.errors import PrunedBeyond, SeriesForked, ServerRefused, StoppedByUs
from pos_client.sync.member_keys import MemberKeySender
from pos_client.sync.peer_renewal import PeerRenewal
from pos_client.sync.pull import Puller, same_digests
from pos_client.sync.push import Pusher
from pos_client.sync.release_fetch import ReleaseFetcher
from pos_client.sync.revocation import Revocation
from pos_client.sync.root_follow import RootFollower
from pos_client.sync.server_clock import SERVER_TIME_SETTING
from pos_client.sync.snapshot_fetch import SnapshotFetcher
from pos_client.sync.wire import Wire
from pos_core.clock import HybridTime
from pos_core.errors import TidemarkError
from pos_core.sync.document import Series
from pos_core.sync.protocol import ResumePoint, StatusReport

_log = get_logger("pos_client.sync")
DIGEST_EVERY_MS = 60 * 60_000
"""Digests are compared after rows came, and at least this often."""
SLICES_MAX = 5
"""Slices of old documents that one exchange lets go."""
DELIVER_S = 60.0
FORKS_MAX = 8
"""New incarnations that one exchange may open; a clone takes one number, hardly ever two."""


@dataclass(slots=True)
class Report:
    """What an exchange did."""

    pushed: int = 0
    quarantined: list[int] = field(default_factory=list)
    forked: list[int] = field(default_factory=list)
    pulled: int = 0
    staged: list[int] = field(default_factory=list)
    healed: list[str] = field(default_factory=list)
    granted: int = 0
    snapshot: bool = False
    erased: int = 0
    wrong_snapshot: str | None = None
    pruned: int = 0
    peer_certificate: bool = False
    pruned_beyond: list[int] = field(default_factory=list)
    root_refused: str = ""


class Exchange:
    """Runs on the sync worker alone: never two at once."""

    def __init__(
        self,
        *,
        wire: Wire,
        journal: Journal,
        replica: Replica,
        releases: ReleaseFetcher,
        roots: RootFollower,
        snapshots: SnapshotFetcher,
        allowances: AllowanceAsker,
        member_keys: MemberKeySender,
        eraser: Eraser,
        peer_renewal: PeerRenewal,
        revocation: Revocation,
        refused: Refused,
        app_version: str,
        instant_ms: Callable[[], int],
    ) -> None:
        self._wire = wire
        self._journal = journal
        self._replica = replica
        self._releases = releases
        self._roots = roots
        self._snapshots = snapshots
        self._allowances = allowances
        self._member_keys = member_keys
        self._eraser = eraser
        self._peer_renewal = peer_renewal
        self._revocation = revocation
        self._refused = refused
        self._in_contact = False
        self._pusher = Pusher(wire, journal, self._heard)
        self._puller = Puller(wire, replica)
        self._app_version = app_version
        self._instant_ms = instant_ms
        self._epoch = ""
        self._heard_ms = 0
        self._kept_server_time_ms = 0
        self._digested_at_ms: int | None = None
        self._pulled_since = False

    def run(
        self, keep_going: Callable[[], None], *, push_only: bool = False, hinted: frozenset[str] = frozenset()
    ) -> Report:
        """Raises SyncTrouble, WrongSnapshot and storage troubles; what was done before stays done.

        `hinted` scopes have moved, and only they are pulled; a whole exchange comes by anyway.
        """
        report = Report()
        in_contact, self._in_contact = self._in_contact, False
        try:
            if not in_contact or not (push_only or hinted):
                report.erased = self._eraser.run(keep_going=keep_going)
            self._run(report, keep_going, push_only=push_only, hinted=hinted)
        except ServerRefused as error:
            self._revocation.obey(error, deliver=self._deliver)
            raise
        self._in_contact = True
        return report

    def _run(
        self, report: Report, keep_going: Callable[[], None], *, push_only: bool, hinted: frozenset[str]
    ) -> None:
        if hinted and self._epoch and self._replica.is_complete():
            self._pull_hinted(hinted, report, keep_going)
            return
        self._push_all(report, keep_going)
        self._member_keys.send(self._epoch, keep_going=keep_going)
        if push_only and self._replica.is_complete():
            return
        self._pull_all(report, keep_going)
        self._take_in(report, keep_going)
        self._compare(report, keep_going)
        report.granted = self._allowances.ask(self._epoch)
        if report.granted:  # what was accepted is journaled, and head office hears of it at once
            self._push_all(report, keep_going)
            self._pull_all(report, keep_going)
        report.peer_certificate = self._peer_renewal.renew()
        self._send_status()
        self._prune(report, keep_going)

    def _pull_hinted(self, hinted: frozenset[str], report: Report, keep_going: Callable[[], None]) -> None:
        """What head office changed is here within seconds, for two requests.

        A store's own state moves with each sale: its digest waits for the next whole exchange.
        """
        scopes = [scope for scope in self._replica.scopes() if scope in hinted]
        for scope in scopes:
            report.pulled += self._puller.pull(scope, self._epoch, keep_going=keep_going)
        self._take_in(report, keep_going)
        self._pulled_since |= bool(report.pulled)
        wide = [scope for scope in scopes if not scope.startswith("store:")]
        if report.pulled and wide:
            self._compare_scopes(wide, report, keep_going)
        if report.staged or self._refused.fresh:
            self._send_status()

    def _take_in(self, report: Report, keep_going: Callable[[], None]) -> None:
        """What follows from rows that came: roots, releases, their minute, the search index."""
        report.root_refused = self._roots.follow(self._instant_ms())
        report.staged = self._releases.stage_new(self._wire.clock.now_ms(), keep_going=keep_going)
        self._replica.switch_due(self._instant_ms())
        while self._replica.index_search():
            keep_going()

    # Up -------------------------------------------------------------------------------------------------

    def _push_all(self, report: Report, keep_going: Callable[[], None]) -> None:
        """The present series first: its answer tells the epoch. An earlier one is asked about again when

        it has documents waiting, or when the server is in another epoch than when it acknowledged them.
        """
        present = self._journal.series
        self._push(present, report, keep_going)
        for status in self._journal.series_status():
            series = Series(present.workstation_id, status.incarnation)
            known = self._journal.resume_point(status.incarnation)
            behind = status.last_number > status.acked_number
            if series not in (present, self._journal.series) and (
                behind or known is None or known.epoch != self._epoch
            ):
                self._push(series, report, keep_going)

    def _deliver(self) -> None:
        """The last documents of a revoked workstation: once, for a minute, whatever comes of it."""
        ends_s = time.monotonic() + DELIVER_S

        def keep_going() -> None:
            if time.monotonic() > ends_s:
                raise StoppedByUs("the rest of the documents waits for a rescue")

        self._pusher.hand_in_as_revoked()
        try:
            self._push_all(Report(), keep_going)
            self._member_keys.send(self._epoch, keep_going=keep_going)
        except TidemarkError as error:
            _log.error("revoked_with_documents", code=error.code, waiting=self._journal.documents_waiting())

    def _push(self, series: Series, report: Report, keep_going: Callable[[], None]) -> None:
        try:
            pushed = self._pusher.push(series, keep_going=keep_going)
        except SeriesForked as error:
            self._leave(series, error, report, keep_going)
            return
        except PrunedBeyond as error:
            _log.error("pruned_beyond", **error.facts)
            if series == self._journal.series:
                free = self._pusher.free_incarnation(series)
                self._journal.open_new_incarnation("pruned_beyond", incarnation=free).result()
                self._push(self._journal.series, report, keep_going)
            if series.incarnation not in report.pruned_beyond:
                report.pruned_beyond.append(series.incarnation)
            return
        report.pushed += pushed.documents
        report.quarantined += [each for each in pushed.quarantined if each not in report.quarantined]

    def _leave(
        self, series: Series, error: SeriesForked, report: Report, keep_going: Callable[[], None]
    ) -> None:
        """Our series went two ways: go on under numbers that nobody else has, and hand over our side.

        In this order, so that as little as possible is still sold under doubtful numbers. Selling never stops
        for it; the server keeps both sides and shows the fork, the status bar says it here.
        """
        _log.error("series_forked", incarnation=series.incarnation, number=error.facts.get("number"))
        report.forked.append(series.incarnation)
        if len(report.forked) > FORKS_MAX:
            raise error
        present = series == self._journal.series
        if present:
            free = self._pusher.free_incarnation(series)
            self._journal.open_new_incarnation("forked", incarnation=free).result()
        self._pusher.offer_forked(series, self._epoch)
        if present:
            self._push(self._journal.series, report, keep_going)

    def _heard(self, resume: ResumePoint) -> None:
        """Every answer tells the epoch and the time; both are heard even when the rest is refused."""
        self._epoch = resume.epoch
        self._heard_ms = resume.server_time_ms
        self._wire.clock.hear(resume.server_time_ms)
        self._journal.hear(HybridTime(resume.server_time_ms, 0))
        if resume.server_time_ms >= self._kept_server_time_ms + 10_000:
            self._replica.put_setting(SERVER_TIME_SETTING, str(resume.server_time_ms))
            self._kept_server_time_ms = resume.server_time_ms

    def _prune(self, report: Report, keep_going: Callable[[], None]) -> None:
        """Old documents go when all else is done, some slices an exchange; and what only they named."""
        retention = Retention.from_policy(self._replica.policy(POLICY_KEY))
        for _ in range(SLICES_MAX):
            keep_going()
            pruned = self._journal.prune(retention, heard_ms=self._heard_ms)
            if not pruned:
                break
            report.pruned += pruned
        if report.pruned:
            _log.info("journal_pruned", documents=report.pruned)
            oldest = self._journal.read(oldest_release)
            if oldest is not None:
                self._replica.prune_releases(oldest)

    # Down -----------------------------------------------------------------------------------------------

    def _pull_all(self, report: Report, keep_going: Callable[[], None]) -> None:
        if "chain" not in self._replica.cursors():
            self._try_snapshot(report, keep_going)
        report.pulled += self._puller.pull("chain", self._epoch, keep_going=keep_going)
        scopes = self._replica.scopes()
        self._replica.keep_only_scopes(scopes)
        for scope in scopes[1:]:
            report.pulled += self._puller.pull(scope, self._epoch, keep_going=keep_going)

    def _try_snapshot(self, report: Report, keep_going: Callable[[], None]) -> None:
        """Our store's file holds all, the chain's leaves our own rows to the feed.

        A snapshot that cannot be used is no reason to stay without data: the feed brings everything too.
        """
        for scope in (f"store:{self._replica.store_id}", "chain"):
            try:
                report.snapshot = self._snapshots.fetch(scope, keep_going=keep_going)
            except WrongSnapshot as error:
                _log.error("wrong_snapshot", reason=error.facts.get("reason"), detail=error.message)
                report.wrong_snapshot = error.message
                self._refused.note("snapshot", str(error.facts.get("reason") or "wrong_snapshot"))
            if report.snapshot:
                return

    def _compare(self, report: Report, keep_going: Callable[[], None]) -> None:
        """Digests of every scope; a difference at equal cursors is our defect, and heals by pulling anew."""
        now = self._instant_ms()
        due = self._digested_at_ms is None or abs(now - self._digested_at_ms) >= DIGEST_EVERY_MS
        if not (report.pulled or report.snapshot or self._pulled_since or due):
            return
        self._compare_scopes(self._replica.scopes(), report, keep_going)
        self._pulled_since = False
        self._digested_at_ms = now

    def _compare_scopes(self, scopes: Iterable[str], report: Report, keep_going: Callable[[], None]) -> None:
        for scope in scopes:
            keep_going()
            theirs = self._puller.digest(scope)
            if self._replica.cursors().get(scope) != (theirs.epoch, theirs.sequence):
                continue  # the server has moved on since; the next exchange compares
            if not same_digests(self._replica, theirs):
                _log.error("digest_differs", scope=scope, sequence=theirs.sequence)
                self._puller.replace(scope, theirs.epoch, keep_going=keep_going)
                report.healed.append(scope)

    def _send_status(self) -> None:
        instant = self._instant_ms()
        active = self._replica.active_release(instant)
        body = StatusReport(
            app_version=self._app_version,
            release_version=active.version if active else 0,
            staged_versions=[one.ref.version for one in self._replica.staged_releases(instant)],
            documents_waiting=self._journal.documents_waiting(),
            cursors={scope: sequence for scope, (_, sequence) in self._replica.cursors().items()},
            clock_offset_ms=self._wire.clock.offset_ms,
            refusals=self._refused.all(),
        )
        try:
            self._wire.post_status("/v1/status", msgspec.json.encode(body))
        except ServerRefused as error:
            _log.warning("status_refused", code=error.server_code)
