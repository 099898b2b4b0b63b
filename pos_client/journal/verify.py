"""`verify`: is this journal whole, unaltered and in agreement with itself and with its witness?

Reads only, and may run beside a working program. Everything is recomputed from the documents' bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from pos_client.journal import opening
from pos_client.journal.append import SQL
from pos_client.journal.carried import start_of_fold
from pos_client.journal.draft import NUMBER_BITS, Head, SignedHead, Tail, document_key
from pos_client.journal.encode import decode_document
from pos_client.journal.fold import FOLDED_TABLES, STATE, fold
from pos_client.journal.opening import Progress
from pos_client.journal.pruning import base_of, stated_by_the_chain
from pos_client.journal.signing import signature_holds
from pos_client.journal.verify_shifts import wrong_settlements
from pos_client.journal.witness import read_witness
from pos_client.storage.connection import Connection
from pos_client.storage.database import open_database
from pos_client.storage.errors import MispairedJournal
from pos_client.storage.migrations import apply_steps
from pos_core.canonical import NotCanonical
from pos_core.clock import HybridTime
from pos_core.errors import InvalidInput
from pos_core.sync.document import Series, document_hash
from pos_core.sync.envelope import check_body, check_header

FINDINGS_MAX = 100
_NUMBER_MASK = (1 << NUMBER_BITS) - 1
_PROGRESS_EVERY = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be: a stable code, where, and a sentence for a person."""

    code: str
    where: str
    message: str


@dataclass(slots=True)
class VerifyReport:
    """The outcome. `ok` when nothing was found; `findings` holds the first `FINDINGS_MAX`."""

    documents: int = 0
    heads: list[Head] = field(default_factory=list)
    witness: str = "not_asked"
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Nothing was found."""
        return not self.findings

    def find(self, code: str, where: str, message: str) -> None:
        """Adds a finding while there is room."""
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(Finding(code, where, message))


def verify_journal(
    path: Path,
    key: bytes,
    *,
    witness_path: Path | None = None,
    witness_key: bytes | None = None,
    progress: Progress = lambda done, total: None,
) -> VerifyReport:
    """Checks pages, chain, witness, signatures, resume points, balances and folded rows.

    Raises what `open_database` raises when the file cannot be opened at all.
    """
    report = VerifyReport()
    connection = open_database(path, key, application_id=opening.APPLICATION_ID, read_only=True)
    try:
        connection.execute("BEGIN")
        _check_pages(connection, report)
        _check_documents(connection, path, report, progress)
        _check_signed_heads(connection, report)
        _check_resume_points(connection, report)
        for where, message in wrong_settlements(connection):
            report.find("settlement_differs", where, message)
        if witness_path is not None and witness_key is not None:
            _check_witness(connection, path, witness_path, witness_key, report)
        connection.execute("COMMIT")
    except sqlcipher.DatabaseError as error:
        report.find("damaged_file", str(path), f"the file cannot be read to its end: {error}")
    finally:
        connection.close()
    return report


def _check_pages(connection: Connection, report: VerifyReport) -> None:
    for (message,) in connection.execute("PRAGMA cipher_integrity_check").fetchmany(10):
        report.find("damaged_page", "file", str(message))
    for (message,) in connection.execute("PRAGMA quick_check(10)").fetchall():
        if message != "ok":
            report.find("damaged_file", "file", str(message).partition("\n")[2] or str(message))
    for table, *_ in connection.execute("PRAGMA foreign_key_check").fetchmany(10):
        report.find("orphan_row", str(table), "a row names a document that is not there")


def _check_documents(connection: Connection, path: Path, report: VerifyReport, progress: Progress) -> None:
    """Walks every series; folds again into a database in memory and compares the tables."""
    total = connection.execute(SQL["count_documents"]).fetchone()[0]
    again: Connection = sqlcipher.connect(":memory:", isolation_level=None)
    try:
        again.execute("PRAGMA foreign_keys = OFF").fetchall()
        again.execute("BEGIN")
        apply_steps(again, opening.STEPS)
        start_of_fold(connection, again)
        _check_beginning(connection, report)
        for incarnation, workstation_id, _ in connection.execute(SQL["all_series"]).fetchall():
            series = Series(workstation_id, incarnation)
            for document in _walk(connection, series, report):
                _fold_again(again, document, report)
                if report.documents % _PROGRESS_EVERY == 0:
                    progress(report.documents, total)
        _compare_tables(connection, again, report)
        progress(total, total)
    finally:
        again.close()


def _walk(connection: Connection, series: Series, report: VerifyReport) -> Iterator[dict[str, Any]]:
    """Yields the decoded documents of a series whose bytes hold; reports everything that does not."""
    keys = (document_key(series.incarnation, 0), document_key(series.incarnation, _NUMBER_MASK))
    base = base_of(connection, series)
    number, prev_hash = base.number, base.hash
    for row in connection.execute(SQL["whole_rows_between"], keys):
        number += 1
        report.documents += 1
        where = f"{series.incarnation}/{row[1]}"
        if row[1] != number:
            report.find("gap", where, f"document {number} is missing")
            number = row[1]
        data = bytes(row[11])
        actual_hash = document_hash(data)
        if actual_hash != row[10]:
            report.find("hash_differs", where, "the bytes are not the ones that were hashed")
        document = _decode(data)
        if document is None:
            report.find("not_canonical", where, "the bytes are no canonical document")
        else:
            if document["prev_hash"] != prev_hash:
                report.find("broken_link", where, "the document does not continue the one before")
            if number == 1 and document["type"] != "series_opened":
                report.find("bad_first", where, "a series begins with series_opened")
            _check_columns(row, document, series, where, report)
            yield document
        prev_hash = actual_hash
    report.heads.append(Head(series, number, prev_hash))


def _check_beginning(connection: Connection, report: VerifyReport) -> None:
    """What was pruned stands in a chained document: nobody can cut the beginning off unseen."""
    row = connection.execute(SQL["last_of_type"], ("journal_pruned",)).fetchone()
    if not stated_by_the_chain(connection, None if row is None else bytes(row[6])):
        report.find("beginning_differs", "file", "no document says that the journal begins where it does")


def _decode(data: bytes) -> dict[str, Any] | None:
    try:
        document = decode_document(data)
    except NotCanonical:
        return None
    return document if {"prev_hash", "type", "body", "number", "release"} <= document.keys() else None


def _check_columns(
    row: tuple[Any, ...], document: dict[str, Any], series: Series, where: str, report: VerifyReport
) -> None:
    names = ("type", "document_id", "occurred_at_ms", "hlc", "business_day", "operator_id", "shift_id")
    release = document["release"]
    expected = (
        series.workstation_id,
        series.incarnation,
        row[1],
        *row[2:9],
        row[9],
    )
    found = (
        document.get("workstation_id"),
        document.get("incarnation"),
        document["number"],
        *(document.get(name) for name in names),
        None if release is None else release.get("version"),
    )
    if expected != found:
        report.find("columns_differ", where, "the row's columns are not what its document says")


def _fold_again(again: Connection, document: dict[str, Any], report: VerifyReport) -> None:
    where = f"{document['incarnation']}/{document['number']}"
    try:
        check_body(check_header(document).type, document["body"])
    except InvalidInput as error:
        report.find(error.code, where, f"{error.message} {error.facts or ''}".strip())
    try:
        fold(again, document)
    except (sqlcipher.Error, KeyError, TypeError) as error:
        report.find("not_foldable", where, f"no rows can be made of this document: {error!r}")


def _compare_tables(connection: Connection, again: Connection, report: VerifyReport) -> None:
    for table in FOLDED_TABLES:
        # The tables have no rowid order of their own: the primary key gives both sides the same order.
        query = f"SELECT * FROM {table}"  # noqa: S608 (our own table names)
        for stored, folded in _pairs(connection.execute(query), again.execute(query)):
            if stored != folded:
                report.find(
                    "rows_differ", table, f"stored {_short(stored)}, the documents give {_short(folded)}"
                )
                break


def _pairs(left: Any, right: Any) -> Iterator[tuple[Any, Any]]:
    while True:
        one, other = left.fetchone(), right.fetchone()
        if one is None and other is None:
            return
        yield one, other


def _short(row: Any) -> str:
    return "nothing" if row is None else str(row[:5])


def _check_signed_heads(connection: Connection, report: VerifyReport) -> None:
    names = {row[0]: row[1] for row in connection.execute(SQL["all_series"])}
    for key, signature, public_key in connection.execute(STATE["signed_heads"]).fetchall():
        incarnation, number = key >> NUMBER_BITS, key & _NUMBER_MASK
        row = connection.execute(SQL["hash_at"], (key,)).fetchone()
        series = Series(names.get(incarnation, ""), incarnation)
        held = row is not None and signature_holds(
            bytes(public_key), SignedHead(series, number, row[0], bytes(signature))
        )
        if not held:
            report.find("bad_signature", f"{incarnation}/{number}", "the signed head is not in this chain")


def _check_resume_points(connection: Connection, report: VerifyReport) -> None:
    """Promise P4: every head ever acknowledged is still in the chain."""
    for incarnation, workstation_id, _ in connection.execute(SQL["all_series"]).fetchall():
        point = connection.execute(STATE["resume_point"], (incarnation,)).fetchone()
        if point is None:
            continue
        _, acked_number, head_hash, *_ = point
        row = connection.execute(SQL["hash_at"], (document_key(incarnation, acked_number),)).fetchone()
        base = base_of(connection, Series(workstation_id, incarnation))
        here = base.hash if acked_number == base.number else row and row[0]
        if here != head_hash:
            report.find(
                "acked_head_missing",
                f"{incarnation}/{acked_number}",
                "the server acknowledged a document that is not in this chain",
            )


def _check_witness(
    connection: Connection, path: Path, witness_path: Path, witness_key: bytes, report: VerifyReport
) -> None:
    testimony = read_witness(witness_path, witness_key)
    report.witness = testimony.state
    head = report.heads[-1]
    tail = Tail(head.series, "", head.number, head.hash, HybridTime())
    try:
        lost = opening.ask_witness(connection, tail, testimony, path)
    except MispairedJournal as error:
        report.find(error.code, str(witness_path), error.message)
        return
    if lost is not None:
        report.find(lost.code, str(witness_path), lost.message)
    elif testimony.state != "ok":
        report.find(f"witness_{testimony.state}", str(witness_path), "the witness says nothing")
