"""Bugs put into the product on purpose, each one that somebody could write: a run must catch every one.

`PLANTED` holds name → (the promise that must be named, a seed that finds it, what plants it).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from pos_client.journal.allowance_book import AllowanceBook
from pos_client.journal.journal import Journal
from pos_client.replica import apply as replica_apply
from pos_client.replica.replica import Replica
from pos_client.services.shared_state import SharedState
from pos_client.storage.writer import Writer
from pos_client.sync import erasures, pull
from pos_client.sync import exchange as exchange_module
from pos_client.sync.errors import SyncTrouble
from pos_client.sync.push import Pusher
from pos_core.cash.report import ReportSums
from pos_core.clock import HybridTime
from pos_core.sale import refunding
from pos_core.sync.folds import extract_trade
from pos_core.sync.folds.facts import Acted
from pos_core.sync.protocol import ResumePoint
from pos_core.sync.rulings import coupon_used_twice
from sync_server.services import push as server_push
from sync_server.services.shared import folding, slices
from sync_server.services.shared.cut import Cut
from sync_server.services.shared.folding import Folding
from sync_server.services.shared.stretch import Stretch
from sync_server.store import document, quarantine

Plant = Callable[[ExitStack], None]


def _put(stack: ExitStack, owner: Any, name: str, value: Any) -> None:
    stack.enter_context(patch.object(owner, name, value))


def commit_comes_later(stack: ExitStack) -> None:
    """Every fifth time the journal says that it has written, and commits with the next write."""
    real, count = Writer._run_transaction, [0]

    def run(self: Writer, job: Any) -> None:
        connection = self._connection
        if connection.in_transaction:
            connection.execute("COMMIT")
        count[0] += job.after_commit is not None
        if job.after_commit is None or count[0] % 5:
            real(self, job)
            return
        connection.execute("BEGIN IMMEDIATE")
        job.future.set_result(job.after_commit(job.run(connection)))

    _put(stack, Writer, "_run_transaction", run)


def sent_is_acknowledged(stack: ExitStack) -> None:
    """A push whose answer was lost counts as done, and the server is not asked what it has."""
    answered, ask = Pusher._answer, Pusher.resume_point

    def sent(self: Pusher, series: Any, batch: Any) -> Any:
        try:
            resume = answered(self, series, batch)
        except SyncTrouble:
            known = self._journal.resume_point(series.incarnation)
            if known is None:
                raise
            epoch, parcel = known.epoch, batch.parcel
            resume = ResumePoint(epoch, parcel.last_number, parcel.last_hash, 0, [], 0)
            keep = self._journal.keep_resume_point
            keep(epoch, resume.acked_number, resume.head_hash, incarnation=series.incarnation).result()
        _BELIEVED[series] = resume
        return resume

    def believed(self: Pusher, series: Any) -> Any:
        return _BELIEVED.get(series) or ask(self, series)

    _BELIEVED.clear()
    _put(stack, Pusher, "_answer", sent)
    _put(stack, Pusher, "resume_point", believed)


_BELIEVED: dict[Any, ResumePoint] = {}


def server_loses_a_document(stack: ExitStack) -> None:
    """The last of three or more is acknowledged and not written."""
    real = document.insert

    def insert(txn: Any, documents: Any, rows: Any) -> None:
        real(txn, documents[:-1] if len(documents) > 2 else documents, rows)

    _put(stack, document, "insert", insert)


def batch_folded_twice(stack: ExitStack) -> None:
    """Every fourth batch takes effect twice."""
    real, count = Folding.take, [0]

    def take(self: Folding, txn: Any, stretch: Stretch, **named: Any) -> None:
        count[0] += 1
        real(self, txn, stretch, **named)
        if count[0] % 4 == 0:
            again = [{**each, "number": each["number"] + 1000} for each in stretch.telling]
            real(self, txn, replace(stretch, telling=again), **(named | {"ready": None}))

    _put(stack, Folding, "take", take)


def quarantine_thrown_away(stack: ExitStack) -> None:
    """The other side of a fork is refused and kept nowhere."""
    _put(stack, quarantine, "keep", lambda txn, rows: None)
    _put(stack, quarantine, "holds_beside", lambda *_: True)


def fork_not_seen(stack: ExitStack) -> None:
    """Documents of another history at numbers that are taken are skipped as known."""
    _put(stack, server_push, "_fork_at", lambda *_: None)


def restored_server_is_believed_to_have_all(stack: ExitStack) -> None:
    """What a server had once it has for ever: a lower number is taken for an old answer."""
    ask, answered = Pusher.resume_point, Pusher._answer

    def sent(self: Pusher, series: Any, batch: Any) -> Any:
        _BELIEVED[series] = resume = answered(self, series, batch)
        return resume

    def most(self: Pusher, series: Any) -> Any:
        point = ask(self, series)
        best = _BELIEVED.get(series, point)
        _BELIEVED[series] = best = point if point.acked_number >= best.acked_number else best
        self._last[series.incarnation] = best
        return best

    _BELIEVED.clear()
    _put(stack, Pusher, "resume_point", most)
    _put(stack, Pusher, "_answer", sent)


def feed_row_skipped(stack: ExitStack) -> None:
    """A change of one item is passed over, and digests are not compared."""
    real = replica_apply._apply_kind

    def apply(connection: Any, scope: str, kind: Any, part: Any) -> None:
        if kind.name == "item" and len(part.rows) == 1:
            return
        real(connection, scope, kind, part)

    _put(stack, replica_apply, "_apply_kind", apply)
    _no_digests(stack)


def deletions_ignored(stack: ExitStack) -> None:
    """What head office took away stays."""
    real = replica_apply._apply_kind

    def apply(connection: Any, scope: str, kind: Any, part: Any) -> None:
        real(connection, scope, kind, replace(part, deleted=[]))

    _put(stack, replica_apply, "_apply_kind", apply)
    _no_digests(stack)


def _no_digests(stack: ExitStack) -> None:
    _put(stack, pull, "same_digests", lambda *_: True)
    _put(stack, exchange_module, "same_digests", lambda *_: True)


def own_documents_twice(stack: ExitStack) -> None:
    """What head office has folded is added once more."""
    real = SharedState._snapshot

    def snapshot(self: SharedState, query: Any) -> Any:
        rows, _, others = real(self, query)
        return rows, {}, others

    _put(stack, SharedState, "_snapshot", snapshot)


def own_documents_not_seen(stack: ExitStack) -> None:
    """Only what head office has folded counts."""
    real = SharedState._snapshot

    def snapshot(self: SharedState, query: Any) -> Any:
        rows, _, others = real(self, query)
        return rows, dict.fromkeys(range(1, 20), 1 << 40), others

    _put(stack, SharedState, "_snapshot", snapshot)


def states_without_their_point(stack: ExitStack) -> None:
    """A store's rows come without the number that they stand for."""
    _put(stack, slices.Slices, "points_of_series", lambda *_: None)


def stock_rows_not_sent(stack: ExitStack) -> None:
    """Head office knows the stock and tells nobody."""
    _put(stack, slices, "stock_rows", lambda *_: None)


def returns_leave_the_shelf_empty(stack: ExitStack) -> None:
    """Goods that come back are not put back."""
    real = extract_trade._lines

    def lines(stamp: Any, store_id: str, sale: bool, body: Any, lean: bool) -> Iterator[Any]:
        for fact in real(stamp, store_id, sale, body, lean):
            if sale or type(fact).__name__ != "StockMoved":
                yield fact

    _put(stack, extract_trade, "_lines", lines)


def points_not_taken_back(stack: ExitStack) -> None:
    """Points of goods that came back stay with the member."""
    real = extract_trade._points

    def points(stamp: Any, store_id: str, sale: bool, body: Any) -> Iterator[Any]:
        if sale:
            yield from real(stamp, store_id, sale, body)

    _put(stack, extract_trade, "_points", points)


def latest_coupon_use_stands(stack: ExitStack) -> None:
    """The wrong one of two shoppers is right."""
    real = coupon_used_twice.live_uses
    _put(stack, coupon_used_twice, "live_uses", lambda state: list(reversed(real(state))))


def coupons_not_ruled_on(stack: ExitStack) -> None:
    """A single-use coupon may be used as often as one likes."""
    _put(stack, coupon_used_twice, "live_uses", lambda state: [])


def allowance_not_charged(stack: ExitStack) -> None:
    """Points offline, without end."""
    _put(stack, AllowanceBook, "charge", lambda *_: None)


def hybrid_clock_is_a_wall_clock(stack: ExitStack) -> None:
    """Documents are ordered by the machine's time."""
    _put(stack, HybridTime, "tick", lambda self, wall_ms: HybridTime(wall_ms, 0))


def release_switched_early(stack: ExitStack) -> None:
    """Tomorrow's prices today."""
    real = Replica.active_release
    _put(stack, Replica, "active_release", lambda self, instant_ms: real(self, instant_ms + 300_000))


def returned_again_and_again(stack: ExitStack) -> None:
    """Nobody remembers what came back."""
    _put(stack, refunding, "covered", lambda sold, earlier: [])


def report_forgets_cards(stack: ExitStack) -> None:
    """A report leaves out what was not paid in cash."""
    real = ReportSums.add

    def add(self: ReportSums, document_type: str, body: Any) -> ReportSums:
        tenders = body.get("tenders") or []
        if document_type == "sale" and all(each["tender_kind"] != "cash" for each in tenders):
            return self
        return real(self, document_type, body)

    _put(stack, ReportSums, "add", add)


def watch_counts_the_first_of_a_batch(stack: ExitStack) -> None:
    """Of what an operator did only the first of each batch is counted for the watch."""
    real = folding.fold

    def fold(txn: Any, said: Cut, terms: Any, **named: Any) -> Any:
        acted = [fact for fact in said.facts if isinstance(fact, Acted)]
        return real(txn, Cut.of(fact for fact in said.facts if fact not in acted[1:]), terms, **named)

    _put(stack, folding, "fold", fold)


def keys_are_only_deleted(stack: ExitStack) -> None:
    """A member's key is deleted from its table, and nothing else is done about it."""
    real = Journal.erase_member

    def erase(self: Journal, member_id: str) -> Any:
        with patch.object(Journal, "_leave_no_trace", lambda *_: None):
            done = real(self, member_id)
            done.result()
        return done

    _put(stack, Journal, "erase_member", erase)


def restored_office_hears_of_no_erasure(stack: ExitStack) -> None:
    """What workstations were ordered by a head office that lost its disk is not told to the restored one."""
    _put(stack, erasures, "kept_orders", lambda _: [])


PLANTED: dict[str, tuple[str, int, Plant]] = {
    each.__name__: (promise, seed, each)
    for promise, seed, each in (
        ("P20", 1, commit_comes_later),
        ("P1", 3, sent_is_acknowledged),
        ("P1", 2, server_loses_a_document),
        ("P7", 1, batch_folded_twice),
        ("P1", 24, quarantine_thrown_away),
        ("P1", 24, fork_not_seen),
        ("P18", 3, restored_server_is_believed_to_have_all),
        ("P10", 4, feed_row_skipped),
        ("P10", 20, deletions_ignored),
        ("P7", 1, own_documents_twice),
        ("P13", 1, own_documents_not_seen),
        ("P7", 1, states_without_their_point),
        ("P7", 1, stock_rows_not_sent),
        ("P7", 2, returns_leave_the_shelf_empty),
        ("P8", 2, points_not_taken_back),
        ("P9", 1, latest_coupon_use_stands),
        ("P9", 1, coupons_not_ruled_on),
        ("P8", 4, allowance_not_charged),
        ("P19", 1, hybrid_clock_is_a_wall_clock),
        ("P12", 20, release_switched_early),
        ("P5", 7, returned_again_and_again),
        ("P6", 1, report_forgets_cards),
        ("P11", 1, watch_counts_the_first_of_a_batch),
        ("P17", 4, keys_are_only_deleted),
        ("P17", 6, restored_office_hears_of_no_erasure),
    )
}


@contextmanager
def planted(plant: Plant) -> Iterator[None]:
    """The product with this bug in it."""
    with ExitStack() as stack:
        plant(stack)
        yield
