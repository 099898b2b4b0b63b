"""Opening a journal: building a new one, finding its tail, and asking the witness whether it is whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pos_client.journal.append import SQL, append_drafts
from pos_client.journal.draft import NUMBER_BITS, Draft, Head, Recorded, Stretch, Tail, document_key
from pos_client.journal.encode import decode_document
from pos_client.journal.pruning import base_of
from pos_client.journal.settings import get_setting, put_setting
from pos_client.journal.witness import Testimony
from pos_client.storage.connection import Connection
from pos_client.storage.database import build_database
from pos_client.storage.errors import DamagedFile, LostTail, MispairedJournal
from pos_client.storage.migrations import apply_steps
from pos_client.storage.named_sql import schema_files
from pos_core.clock import HybridTime, parse_hybrid_time
from pos_core.sync.document import Series, document_hash

APPLICATION_ID = 0x54444A31  # "TDJ1"
STEPS = schema_files("pos_client.journal")
UNPROVEN = "restored_and_unproven"
"""Setting of a restored file until a witness has agreed with it or a new series was opened."""
_NUMBER_MAX = (1 << NUMBER_BITS) - 1
_CHECKED_AT_START = 64


def build_journal(path: Path, key: bytes, tail: Tail, first: Draft | None, now_ms: int) -> None:
    """A new journal file for the series of `tail`, `first` as its document 1.

    None: no document at all, and nothing is recorded before it was filled again or begins a new series.
    """

    def build(connection: Connection) -> None:
        apply_steps(connection, STEPS)
        connection.execute(
            SQL["insert_series"], (tail.series.incarnation, tail.series.workstation_id, tail.store_id)
        )
        if first is None:
            put_setting(connection, UNPROVEN, True)
        else:
            append_drafts(connection, tail, [first], now_ms)

    build_database(path, key, build, application_id=APPLICATION_ID)


def fresh_tail(series: Series, store_id: str, hybrid_time: HybridTime = HybridTime()) -> Tail:  # noqa: B008
    """The tail of a series without documents."""
    return Tail(series, store_id, 0, series.genesis(), hybrid_time)


def begin_series(connection: Connection, series: Series, store_id: str, hybrid_time: HybridTime) -> Tail:
    """Enters a series without documents; its first is written in the same transaction."""
    connection.execute(SQL["insert_series"], (series.incarnation, series.workstation_id, store_id))
    return fresh_tail(series, store_id, hybrid_time)


def series_opened(
    *,
    reason: str,
    public_key: str,
    app_version: str,
    now_ms: int,
    previous: Head | None,
    witness: Head | None,
    sign_on_locked_until_ms: int | None = None,
) -> Draft:
    """The first document of a series: why it begins, whose signature stands for it, what came before.

    `previous` is the last document that this journal proves, `witness` what the witness had seen,
    `sign_on_locked_until_ms` the end of everybody's lock where wrong PINs may have been lost.
    """
    body: dict[str, Any] = {
        "reason": reason,
        "public_key": public_key,
        "app_version": app_version,
        "previous": head_as_json(previous),
        "witness": head_as_json(witness),
    }
    if sign_on_locked_until_ms is not None:
        body["sign_on_locked_until_ms"] = sign_on_locked_until_ms
    return Draft("series_opened", body, utc_day(now_ms))


def utc_day(now_ms: int) -> str:
    """The UTC date of an instant: the business day of a document that no shop day was given for."""
    return datetime.fromtimestamp(now_ms / 1000, UTC).date().isoformat()


def head_as_json(head: Head | None) -> dict[str, Any] | None:
    """`{"incarnation", "number", "hash"}`."""
    if head is None:
        return None
    return {"incarnation": head.series.incarnation, "number": head.number, "hash": head.hash}


def read_tail(connection: Connection, path: Path) -> Tail:
    """The end of the newest series. Checks the last documents' hashes and links; raises DamagedFile."""
    all_series = connection.execute(SQL["all_series"]).fetchall()
    if not all_series:
        raise DamagedFile(f"{path}: the journal names no series.", path=str(path))
    incarnation, workstation_id, store_id = all_series[-1]
    series = Series(workstation_id, incarnation)
    number, head_hash = last_of_series(connection, series)
    check_links(connection, series, max(1, number - _CHECKED_AT_START), number, path)
    hlc = connection.execute(SQL["highest_hlc"]).fetchone()[0]
    return Tail(series, store_id, number, head_hash, parse_hybrid_time(hlc) if hlc else HybridTime())


def last_of_series(connection: Connection, series: Series) -> tuple[int, str]:
    """Number and hash of the last document of `series`; 0 and its genesis when there is none."""
    bounds = {
        "first": document_key(series.incarnation, 0),
        "last": document_key(series.incarnation, _NUMBER_MAX),
    }
    row = connection.execute(SQL["last_document_of"], bounds).fetchone()
    return (0, series.genesis()) if row is None else (row[0], row[1])


def check_links(connection: Connection, series: Series, first: int, last: int, path: Path) -> None:
    """Recomputes the hashes of documents `first` … `last` and their links. Raises DamagedFile."""
    keys = (document_key(series.incarnation, first), document_key(series.incarnation, last))
    expected_number, expected_prev = first, series.genesis() if first == 1 else None
    for row in connection.execute(SQL["documents_between"], (*keys, -1)):
        number, stored_hash, data = row[1], row[5], bytes(row[6])
        if (
            number != expected_number
            or document_hash(data) != stored_hash
            or (expected_prev is not None and decode_document(data).get("prev_hash") != expected_prev)
        ):
            raise DamagedFile(
                f"{path}: document {number} does not fit into the chain. Do not delete the file; restore"
                " the last backup with `restore`.",
                path=str(path),
                number=number,
            )
        expected_number, expected_prev = number + 1, stored_hash


def ask_witness(connection: Connection, tail: Tail, testimony: Testimony, path: Path) -> LostTail | None:
    """None when the journal holds everything the witness saw; else what is lost.

    Without a witness a journal is believed (one loss at a time), but not one that was just restored.
    Raises MispairedJournal when the witness speaks of another workstation.
    """
    seen = testimony.head
    if seen is None:
        return lost_tail(path, tail.head, None, "unproven") if get_setting(connection, UNPROVEN) else None
    if seen.series.workstation_id != tail.series.workstation_id:
        raise mispaired(path, seen.series.workstation_id)
    if (seen.series.incarnation, seen.number) > (tail.series.incarnation, tail.number):
        return lost_tail(path, tail.head, seen, "shorter")
    base = base_of(connection, seen.series)
    if seen.number < base.number:  # an old witness, of a time that the chain itself says was pruned
        return None
    key = document_key(seen.series.incarnation, seen.number)
    row = connection.execute(SQL["hash_at"], (key,)).fetchone()
    if (base.hash if seen.number == base.number else row and row[0]) != seen.hash:
        return lost_tail(path, tail.head, seen, "other_history")
    return None


def lost_tail(path: Path, head: Head | None, seen: Head | None, kind: str) -> LostTail:
    """The error that stops a series which cannot be proven; `kind` as LostTail says."""
    has = "nothing" if head is None else f"document {_place(head)}"
    saw = "there is no witness" if seen is None else f"the witness saw document {_place(seen)}"
    return LostTail(
        f"{path}: {saw}, this file ends with {has}. Run `recover`: it takes the missing documents back"
        " from head office, or begins a new series.",
        path=str(path),
        kind=kind,
        incarnation=head.series.incarnation if head else 0,
        journal_number=head.number if head else 0,
        witness_incarnation=seen.series.incarnation if seen else 0,
        witness_number=seen.number if seen else 0,
    )


def _place(head: Head) -> str:
    return f"{head.series.incarnation}/{head.number}"


def mispaired(path: Path, other: str) -> MispairedJournal:
    """The error for files of two workstations in one place."""
    return MispairedJournal(
        f"{path}: journal and witness belong to different workstations ({other}). Point --data and"
        " --witness at the files of one workstation.",
        path=str(path),
        other=other,
    )


def documents_from(
    connection: Connection, series: Series, after: int, *, limit: int = -1, bytes_max: int | None = None
) -> list[Recorded]:
    """Documents of `series` with number > `after`, oldest first; always at least one when there is one."""
    keys = (document_key(series.incarnation, after + 1), document_key(series.incarnation, _NUMBER_MAX))
    found: list[Recorded] = []
    length = 0
    for row in connection.execute(SQL["documents_between"], (*keys, limit)):
        length += len(row[6])
        if found and bytes_max is not None and length > bytes_max:
            break
        found.append(as_recorded(row, series.workstation_id))
    return found


def stretch_from(
    connection: Connection, series: Series, after: int, *, limit: int, bytes_max: int
) -> Stretch | None:
    """What `documents_from` finds, as nothing but bytes; None when there is nothing."""
    keys = (document_key(series.incarnation, after + 1), document_key(series.incarnation, _NUMBER_MAX))
    begins = connection.execute(SQL["first_number_between"], keys).fetchone()
    if begins is None:
        return None
    found: list[bytes] = []
    length, is_cut = 0, False
    for (data,) in connection.execute(SQL["bytes_between"], (*keys, limit)):
        length += len(data)
        if found and length > bytes_max:
            is_cut = True
            break
        found.append(data)
    first, last = begins[0], begins[0] + len(found) - 1
    count, last_hash = connection.execute(
        SQL["count_and_last_hash"],
        (document_key(series.incarnation, first), document_key(series.incarnation, last)),
    ).fetchone()
    assert count == len(found), "a series has no gaps"
    return Stretch(first, last_hash, found, is_cut=is_cut or len(found) == limit)


def as_recorded(row: Sequence[Any], workstation_id: str) -> Recorded:
    """A row of `documents_between` or `last_of_type`."""
    incarnation, number, kind, document_id, occurred_at_ms, digest, data = row
    series = Series(workstation_id, incarnation)
    return Recorded(series, number, kind, document_id, occurred_at_ms, digest, bytes(data))


Progress = Callable[[int, int], None]
"""Called with (done, total) in a long step; the unit is the step's own."""
