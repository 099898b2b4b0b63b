"""Taking in what a peer says: checked by its own signature and its own chain, before anything is kept."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pos_client.peers.schema import KEPT_TABLES, SeriesKey
from pos_client.storage.connection import Connection
from pos_core.canonical import parse_strict
from pos_core.errors import InvalidInput
from pos_core.sync.document import Series, document_hash, head_statement
from pos_core.sync.envelope import check_body, check_header, verify_chain
from pos_core.sync.peer_messages import PeerBatch, PeerHead
from pos_core.sync.projection import TABLES, project

_INSERT = "INSERT INTO peer_document (workstation_id, incarnation, number, type, hash, data)"
_HELD = "SELECT min(number), max(number) FROM peer_document WHERE workstation_id = ? AND incarnation = ?"
_HASH = "SELECT hash FROM peer_document WHERE workstation_id = ? AND incarnation = ? AND number = ?"
_PUT_HEAD = (
    "INSERT INTO peer_head (workstation_id, incarnation, number, hash, signature) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (workstation_id, incarnation) DO UPDATE SET number = excluded.number,"
    " hash = excluded.hash, signature = excluded.signature WHERE excluded.number > peer_head.number"
)
_HEAD = (
    "SELECT incarnation, number, hash, signature FROM peer_head WHERE workstation_id = ? AND incarnation = ?"
)
_NEWEST = "SELECT coalesce(max(incarnation), 0) FROM peer_head WHERE workstation_id = ?"
_AFTER = (
    "SELECT data FROM peer_document WHERE workstation_id = ? AND incarnation = ? AND number > ?"
    " ORDER BY number LIMIT ?"
)
_WITH_COUPONS = (
    "SELECT DISTINCT u.campaign_id, u.coupon_code, u.number, d.data FROM coupon_use u"
    " JOIN peer_document d USING (workstation_id, incarnation, number)"
    " WHERE u.workstation_id = ? AND u.incarnation = ? AND u.number <= ?"
    " AND u.coupon_code IS NOT NULL"
)
_PUT_COUPON = (
    "INSERT OR IGNORE INTO peer_coupon_document"
    " (campaign_id, coupon_code, workstation_id, incarnation, number, occurred_at_ms, data)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_DOCUMENT_TABLES = ("peer_document", *KEPT_TABLES)


class NotItsOwn(InvalidInput):
    """What a peer sent is not its own signed chain; nothing of it was kept."""

    code = "peer_chain_refused"


@dataclass(frozen=True, slots=True)
class Held:
    """The documents of a peer's series that are here: `first` … `last` without gaps."""

    first: int
    last: int
    last_hash: str


def held_of(connection: Connection, series: SeriesKey) -> Held | None:
    """None: nothing of it is here."""
    first, last = connection.execute(_HELD, series).fetchone()
    if last is None:
        return None
    return Held(first, last, connection.execute(_HASH, (*series, last)).fetchone()[0])


def wanted(connection: Connection, workstation_id: str, points: Mapping[SeriesKey, int]) -> dict[str, int]:
    """Incarnation → number after which documents are wanted, where head office has folded up to `points`.

    What is here counts only where it continues that point: after a restore of head office it may not.
    """
    rows = connection.execute(
        "SELECT incarnation FROM peer_series WHERE workstation_id = ?", (workstation_id,)
    ).fetchall()
    incarnations = {row[0] for row in rows} | {inc for ws, inc in points if ws == workstation_id}
    found = {}
    for incarnation in incarnations:
        point = points.get((workstation_id, incarnation), 0)
        held = held_of(connection, (workstation_id, incarnation))
        continues = held is not None and held.first <= point + 1 and held.last >= point
        found[str(incarnation)] = held.last if continues and held is not None else point
    return found


def take_batch(connection: Connection, workstation_id: str, public_key: bytes, batch: PeerBatch) -> int:
    """Keeps the documents of a batch that are new here; returns how many. Raises NotItsOwn.

    What leaves a gap to the copy that is here takes its place. What contradicts it is refused: the peer was
    put back to an old image or copied, and its first side is the one that may be lost everywhere else.
    """
    series = Series(workstation_id, batch.incarnation)
    data = [each.encode() for each in batch.documents]
    before = _require_chain(series, batch.first_number, data)
    last = batch.first_number + len(data) - 1
    _require_signature(public_key, series, PeerHead(series.incarnation, last, before, batch.signature))
    key = (workstation_id, batch.incarnation)
    held = held_of(connection, key)
    if held is not None and not held.first <= batch.first_number <= held.last + 1:
        drop_series(connection, key)
        held = None
    if held is not None and not _agrees(connection, key, held, batch.first_number, data):
        raise NotItsOwn("its series went two ways", reason="forked")
    connection.execute("INSERT OR IGNORE INTO peer_series VALUES (?, ?)", key)
    skipped = 0 if held is None else max(0, held.last - batch.first_number + 1)
    for each in data[skipped:]:
        _insert(connection, each)
    return len(data[skipped:])


def keep_head(connection: Connection, workstation_id: str, public_key: bytes, head: PeerHead) -> None:
    """Remembers the furthest head of a peer's series, with its signature. Raises NotItsOwn."""
    _require_signature(public_key, Series(workstation_id, head.incarnation), head)
    row = (workstation_id, head.incarnation, head.number, head.hash, head.signature)
    connection.execute(_PUT_HEAD, row)


def head_of(connection: Connection, series: SeriesKey) -> PeerHead | None:
    """The furthest that was ever heard of a series."""
    row = connection.execute(_HEAD, series).fetchone()
    return None if row is None else PeerHead(*row)


def is_one_chain(connection: Connection, series: SeriesKey, known: PeerHead, head: PeerHead) -> bool:
    """Whether the documents here lead from `known` to `head`, or begin after `known` and lead to `head`."""
    held = held_of(connection, series)
    if held is None or not held.first <= head.number <= held.last:
        return False

    def stands(each: PeerHead) -> bool:
        row = connection.execute(_HASH, (*series, each.number)).fetchone()
        return row is not None and row[0] == each.hash

    return stands(head) and (known.number < held.first or stands(known))


def newest_incarnation(connection: Connection, workstation_id: str) -> int:
    """Of the series that were heard of; 0: none."""
    return int(connection.execute(_NEWEST, (workstation_id,)).fetchone()[0])


def texts_after(connection: Connection, series: SeriesKey, number: int, limit: int) -> list[str]:
    """The documents of a series after `number` that are here, for the workstation that lost them."""
    return [bytes(row[0]).decode() for row in connection.execute(_AFTER, (*series, number, limit)).fetchall()]


def drop_series(connection: Connection, series: SeriesKey, up_to: int | None = None) -> None:
    """Forgets the documents of a series, all or those up to a number; heads stay."""
    for table in _DOCUMENT_TABLES:
        if up_to is None:
            connection.execute(
                f"DELETE FROM {table} WHERE workstation_id = ? AND incarnation = ?",  # noqa: S608 - our names
                series,
            )
        else:
            connection.execute(
                f"DELETE FROM {table} WHERE workstation_id = ? AND incarnation = ? AND number <= ?",  # noqa: S608
                (*series, up_to),
            )


def stale(connection: Connection, points: Mapping[SeriesKey, int]) -> dict[SeriesKey, int]:
    """Of `points` those up to which documents are here."""
    return {
        key: point
        for key, point in points.items()
        if (held := held_of(connection, key)) is not None and held.first <= point
    }


def let_go(connection: Connection, points: Mapping[SeriesKey, int]) -> None:
    """Forgets documents up to these points, and the keys of members who joined in no document that is left.

    The last document of a series stays: what comes next must continue it.
    """
    for series, point in points.items():
        held = held_of(connection, series)
        if held is not None:
            _keep_coupons(connection, series, min(point, held.last - 1))
            drop_series(connection, series, min(point, held.last - 1))
    rows = connection.execute("SELECT data FROM peer_document WHERE type = 'member_joined'").fetchall()
    left = {json.loads(bytes(row[0]))["body"]["member_id"] for row in rows}
    for member_id in held_members(connection):
        if member_id not in left:
            connection.execute("DELETE FROM peer_member_key WHERE member_id = ?", (member_id,))


def _keep_coupons(connection: Connection, series: SeriesKey, up_to: int) -> None:
    """Of documents that are let go those that used a coupon or gave one back."""
    for campaign_id, code, number, data in connection.execute(_WITH_COUPONS, (*series, up_to)).fetchall():
        occurred_at_ms = json.loads(bytes(data))["occurred_at_ms"]
        connection.execute(_PUT_COUPON, (campaign_id, code, *series, number, occurred_at_ms, data))


def forget_coupons(connection: Connection, before_ms: int) -> None:
    """Those that were used before then."""
    connection.execute("DELETE FROM peer_coupon_document WHERE occurred_at_ms < ?", (before_ms,))


def keep_member_keys(connection: Connection, member_keys: Mapping[str, str]) -> None:
    """Base64 of 32 bytes each; others are left out."""
    for member_id, text in member_keys.items():
        try:
            key = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            continue
        if len(key) == 32:
            connection.execute(
                "INSERT OR REPLACE INTO peer_member_key (member_id, key) VALUES (?, ?)", (member_id, key)
            )


def held_members(connection: Connection) -> list[str]:
    """Members whose keys are here."""
    return [row[0] for row in connection.execute("SELECT member_id FROM peer_member_key")]


def _require_chain(series: Series, first_number: int, data: Sequence[bytes]) -> str:
    """The hash of the last document. Raises NotItsOwn unless they hang together."""
    if not data or first_number < 1:
        raise NotItsOwn("an empty batch")
    after_hash = series.genesis()
    if first_number > 1:
        try:
            after_hash = check_header(parse_strict(data[0])).prev_hash
        except InvalidInput as error:
            raise NotItsOwn("its first document cannot be read", code=error.code) from error
    report = verify_chain(series, data, after_number=first_number - 1, after_hash=after_hash)
    if report.first_break is not None:
        raise NotItsOwn(
            "the chain breaks", number=report.first_break.number, reason=report.first_break.reason
        )
    return report.head_hash


def _require_signature(public_key: bytes, series: Series, head: PeerHead) -> None:
    try:
        signature = base64.b64decode(head.signature, validate=True)
        statement = head_statement(series, head.number, head.hash)
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, statement)
    except (InvalidSignature, binascii.Error, ValueError) as error:
        raise NotItsOwn("its workstation did not sign it") from error


def _agrees(
    connection: Connection, key: SeriesKey, held: Held, first_number: int, data: Sequence[bytes]
) -> bool:
    """Whether a batch that overlaps or follows the copy here is one chain with it."""
    if first_number == held.last + 1:
        return check_header(parse_strict(data[0])).prev_hash == held.last_hash
    overlap = min(held.last, first_number + len(data) - 1)
    row = connection.execute(_HASH, (*key, overlap)).fetchone()
    return bool(row is not None and row[0] == document_hash(data[overlap - first_number]))


def _end_series(connection: Connection, series: SeriesKey, number: int, hash_: str) -> None:
    """Its workstation says how a series ended. A copy that went on otherwise is a side that it left when it

    was put back to an old image: nobody folds it, and nobody counts it here.
    """
    held = held_of(connection, series)
    if held is None or held.last < number:
        return
    row = connection.execute(_HASH, (*series, number)).fetchone()
    if held.last > number or row is None or row[0] != hash_:
        drop_series(connection, series)


def _insert(connection: Connection, data: bytes) -> None:
    """With the rows that follow; a body that head office will set aside has none."""
    document = parse_strict(data)
    assert isinstance(document, dict)
    key = (document["workstation_id"], document["incarnation"], document["number"])
    connection.execute(
        f"{_INSERT} VALUES (?, ?, ?, ?, ?, ?)", (*key, document["type"], document_hash(data), data)
    )
    try:
        check_body(document["type"], document["body"])
    except InvalidInput:
        return
    previous = document["body"].get("previous") if document["type"] == "series_opened" else None
    if previous:
        _end_series(connection, (key[0], previous["incarnation"]), previous["number"], previous["hash"])
    for table, rows in project(document, document["body"]).items():
        if table in KEPT_TABLES:
            marks = ", ".join("?" * len(TABLES[table].columns))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - our names
