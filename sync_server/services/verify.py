"""`verify`: head office checks its own ledger, feed, releases and file as a stranger would.

Every hash is recomputed from the bytes, every signature checked, every derived row derived again.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pos_core.sync.digest import row_hash
from pos_core.sync.document import Series, head_statement
from pos_core.sync.projection import Row
from pos_core.sync.trust_root import KeySet
from sync_server.services import pricing_keys, trust_roots
from sync_server.services.applicability import document_row, rows_of
from sync_server.services.blobs import Blobs
from sync_server.services.keys import ChainKeys
from sync_server.services.received import NotApplicable, receive
from sync_server.services.refold import Refold
from sync_server.services.rescue import RESCUED, check_proof
from sync_server.store import blob, document, feed, quarantine, release, series
from sync_server.store.engine import Store, Txn
from sync_server.store.release import ReleaseRow
from sync_server.store.series import SeriesRow

SLICE = 500
PROBLEMS_MAX = 1000


@dataclass(slots=True)
class VerifyReport:
    """What was looked at, and what is wrong. `problems` hold a stable code, a subject and a detail."""

    documents: int = 0
    quarantined: int = 0
    states: int = 0
    """Documents whose facts were folded again; 0 where a damaged ledger left nothing to fold."""
    series: int = 0
    heads: int = 0
    feed_rows: int = 0
    releases: int = 0
    files: int = 0
    takings_minor: dict[str, int] = field(default_factory=dict)
    """Total of sales less returns by currency, from the documents themselves."""
    problems: list[dict[str, str]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """True when nothing is wrong."""
        return not self.problems

    def problem(self, code: str, subject: str, detail: str = "") -> None:
        """Notes one; only the first thousand are listed."""
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append({"code": code, "subject": subject, "detail": detail})


class Verify:
    """Reads one consistent snapshot; sales go on meanwhile."""

    def __init__(self, store: Store, blobs: Blobs, keys: ChainKeys, *, states: bool = True) -> None:
        """`states`: fold everything again too; that takes memory for the states of the whole chain."""
        self._store = store
        self._blobs = blobs
        self._keys = keys
        self._states = states

    def run(self, on_step: Callable[[str, int, int], None] = lambda *_: None) -> VerifyReport:
        """Checks everything. `on_step(what, done, all)` is for a progress bar."""
        report = VerifyReport()
        for trouble in self._store.engine.check_file():
            report.problem("database_file", "head_office.db", trouble)
        self._store.read(lambda txn: self._check(txn, report, on_step))
        return report

    def _check(self, txn: Txn, report: VerifyReport, on_step: Callable[[str, int, int], None]) -> None:
        every = series.all_series(txn)
        for lost in document.every_series(txn) - {(row.workstation_id, row.incarnation) for row in every}:
            report.problem("series_lost", f"{lost[0]}/{lost[1]}")
        total = sum(row.acked_number for row in every)
        office_key = Ed25519PrivateKey.from_private_bytes(self._keys.server_signing).public_key()
        for row in every:
            _SeriesCheck(txn, report, row, office_key).run(
                lambda: on_step("documents", report.documents, total)
            )
        on_step("documents", total, total)
        if self._states and report.ok:
            self._check_states(txn, report, lambda: on_step("states", report.states, report.documents))
        self._check_feed(txn, report)
        on_step("feed", 1, 1)
        self._check_releases(txn, report)
        on_step("releases", 1, 1)

    def _check_states(self, txn: Txn, report: VerifyReport, on_slice: Callable[[], None]) -> None:
        """Balances, stock, coupons …: what is kept is what the documents give."""

        def folded(documents: int) -> None:
            report.states += documents
            on_slice()

        for each in Refold(txn, self._keys).differences(on_slice=folded):
            report.problem("state_differs", f"{each.fold} {each.key}", f"kept {_short(each.kept)}")

    def _check_feed(self, txn: Txn, report: VerifyReport) -> None:
        for scope in feed.scopes(txn):
            recomputed: dict[str, list[int]] = defaultdict(lambda: [0, 0])
            for kind, payload, deleted in feed.payloads(txn, scope):
                report.feed_rows += 1
                if deleted != (payload == ""):
                    report.problem("feed_deletion", f"{scope} {kind}", payload[:100])
                elif not deleted:
                    entry = recomputed[kind]
                    entry[0] += 1
                    entry[1] += _row_hash(report, scope, kind, payload)
            wanted = {
                kind: [count, f"{total % (1 << 64):016x}"] for kind, (count, total) in recomputed.items()
            }
            if wanted != feed.digests(txn, scope):
                report.problem("feed_digest", scope, "stored row hashes differ from the rows")

    def _check_release(
        self, report: VerifyReport, row: ReleaseRow, before: str | None, believed: KeySet
    ) -> None:
        subject = f"release {row.version}"
        if hashlib.sha256(row.manifest.encode()).hexdigest() != row.manifest_sha256:
            report.problem("release_hash", subject)
        try:
            manifest = json.loads(row.manifest)
            if (manifest["prev_manifest_sha256"], manifest["version"]) != (before, row.version):
                report.problem("release_chain", subject)
            if not pricing_keys.signed(believed, row.manifest.encode(), row.signatures):
                report.problem("release_signature", subject)
        except (ValueError, KeyError, TypeError):
            report.problem("release_malformed", subject)

    def _check_releases(self, txn: Txn, report: VerifyReport) -> None:
        for trouble in trust_roots.troubles(txn):
            report.problem(trouble.code, "root", trouble.message)
        before, believed = None, pricing_keys.believed(txn, self._keys.folder)
        for row in release.all_releases(txn):
            report.releases += 1
            self._check_release(report, row, before, believed)
            before = row.manifest_sha256
        for sha256 in sorted(blob.all_sha256(txn)):
            report.files += 1
            try:
                with self._blobs.path(sha256).open("rb") as file:
                    found = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError:
                report.problem("file_missing", sha256)
                continue
            if found != sha256:
                report.problem("file_hash", sha256)


def _short(state: str | None) -> str:
    return "nothing" if state is None else state[:100]


def _row_hash(report: VerifyReport, scope: str, kind: str, payload: str) -> int:
    try:
        return row_hash(kind, json.loads(payload))
    except ValueError:
        report.problem("feed_payload", f"{scope} {kind}", payload[:100])
        return 0


class _SeriesCheck:
    """One series from its genesis to its head."""

    def __init__(self, txn: Txn, report: VerifyReport, row: SeriesRow, office_key: Ed25519PublicKey) -> None:
        self._txn = txn
        self._report = report
        self._row = row
        self._office_key = office_key
        self._own = Series(row.workstation_id, row.incarnation)
        self._name = f"{row.workstation_id}/{row.incarnation}"
        self._hashes: dict[int, str] = {}

    def run(self, on_slice: Callable[[], None]) -> None:
        """Notes every problem; goes on after each."""
        report, row = self._report, self._row
        report.series += 1
        number, head = 0, self._own.genesis()
        for first in range(1, row.acked_number + 1, SLICE):
            last = min(first + SLICE - 1, row.acked_number)
            for place, prev_hash, digest in self._slice(first, last):
                if place != number + 1 or prev_hash != head:
                    report.problem("chain_broken", f"{self._name} {place}", f"after {number}")
                number, head = place, digest
                self._hashes[place] = digest
            on_slice()
        if (number, head) != (row.acked_number, row.head_hash):
            report.problem("head_differs", self._name, f"reached {number}, acknowledged {row.acked_number}")
        if (
            document.highest_number(self._txn, self._own.workstation_id, self._own.incarnation)
            > row.acked_number
        ):
            report.problem("beyond_head", self._name)
        self._check_heads()

    def _slice(self, first: int, last: int) -> Iterator[tuple[int, str, str]]:
        """`(number, prev_hash, hash)` in order, each recomputed; derived rows compared on the way."""
        workstation_id, incarnation = self._own.workstation_id, self._own.incarnation
        kept = document.stored(
            self._txn, workstation_id, incarnation, after=first - 1, limit=last - first + 1
        )
        expected: dict[str, list[Row]] = defaultdict(list)
        links: list[tuple[int, str, str]] = []
        for one in kept:
            if one[document.NUMBER] > last:
                break
            self._report.documents += 1
            links.append(self._link(one, expected))
        for number in quarantine.in_chain(self._txn, workstation_id, incarnation, first, last):
            aside = quarantine.place(self._txn, workstation_id, incarnation, number)
            assert aside is not None
            self._report.quarantined += 1
            again = receive(aside.data, number)
            if again.hash != aside.hash:
                self._report.problem("document_hash", f"{self._name} {number}")
            links.append((number, aside.prev_hash, again.hash))
        found = document.projected_rows(self._txn, workstation_id, incarnation, first, last)
        for table in expected.keys() | found.keys():
            if sorted(expected.get(table, []), key=repr) != sorted(found.get(table, []), key=repr):
                self._report.problem("derived_rows", f"{self._name} {first}-{last}", table)
        yield from sorted(links)

    def _link(self, row: Row, expected: dict[str, list[Row]]) -> tuple[int, str, str]:
        number = row[document.NUMBER]
        again = receive(bytes(row[document.DATA]), number)
        if again.hash != row[document.HASH]:
            self._report.problem("document_hash", f"{self._name} {number}")
        try:
            for table, rows in rows_of(again, self._own, self._row.store_id).items():
                expected[table] += rows
        except NotApplicable as trouble:
            self._report.problem("not_applicable", f"{self._name} {number}", trouble.reason)
        else:
            assert again.value is not None
            self._count_takings(again.value)
            if document_row(again, row[document.RECEIVED_AT]) != row:
                self._report.problem("document_row", f"{self._name} {number}")
        return number, again.prev_hash or "", again.hash

    def _count_takings(self, value: dict[str, Any]) -> None:
        if value["type"] in ("sale", "return"):
            sign = 1 if value["type"] == "sale" else -1
            body, takings = value["body"], self._report.takings_minor
            takings[body["currency"]] = takings.get(body["currency"], 0) + sign * body["total_minor"]

    def _check_heads(self) -> None:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(self._row.public_key))
        heads = series.heads(self._txn, self._own.workstation_id, self._own.incarnation)
        for number, digest, signature in heads:
            self._report.heads += 1
            subject = f"{self._name} {number}"
            try:
                if signature.startswith(RESCUED):
                    check_proof(self._office_key, self._own, number, digest, signature)
                else:
                    key.verify(base64.b64decode(signature), head_statement(self._own, number, digest))
            except (InvalidSignature, ValueError):
                self._report.problem("head_signature", subject)
            if self._hashes.get(number) != digest:
                self._report.problem("head_not_in_chain", subject)
        if self._row.acked_number and not any(number == self._row.acked_number for number, _, _ in heads):
            self._report.problem("head_unsigned", self._name)
