"""A document: one fact in a workstation's journal, its canonical bytes and its place in the hash chain.

The bytes and the hash formula are an outside contract (docs/documents.md): a stranger with the bytes
can recompute every hash and verify every chain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pos_core.canonical import canonical_bytes
from pos_core.clock import HybridTime
from pos_core.errors import InvalidInput

DOCUMENT_VERSION = 1
_DOCUMENT_TAG = b"tidemark.document.1\x00"
_SERIES_TAG = b"tidemark.series.1\x00"
_HEAD_TAG = b"tidemark.head.1\x00"

HASH_BYTES = 32


class BadDocument(InvalidInput):
    """Bytes that are no document, or a document whose header is malformed; `facts["path"]` says where."""

    code = "bad_document"


@dataclass(frozen=True, slots=True)
class ReleaseRef:
    """The release that a document was priced with: its version and its manifest's SHA-256 (hex)."""

    version: int
    manifest_sha256: str


@dataclass(frozen=True, slots=True)
class Series:
    """Whose numbers these are. A machine that was cloned or restored opens the next incarnation."""

    workstation_id: str
    incarnation: int

    def genesis(self) -> str:
        """`prev_hash` of document 1 (hex)."""
        text = f"{self.workstation_id}\x00{self.incarnation}".encode()
        return hashlib.sha256(_SERIES_TAG + text).hexdigest()


@dataclass(frozen=True, slots=True)
class Header:
    """What every document carries besides its body.

    Attributes:
        type: one of `DOCUMENT_TYPES`.
        number: 1, 2, 3 … per series, without gaps.
        document_id: UUIDv7 text.
        occurred_at_ms: the workstation's wall clock, as it was.
        hybrid_time: orders facts of different workstations.
        business_day: ISO date that the takings count for; set by the shop, not by the clock.
        operator_id, shift_id: None where nobody was signed on or no shift was open.
        release: None where nothing was priced.
        prev_hash: hash of the document before (hex); `Series.genesis()` for number 1.
    """

    type: str
    series: Series
    number: int
    document_id: str
    store_id: str
    occurred_at_ms: int
    hybrid_time: HybridTime
    business_day: str
    operator_id: str | None
    shift_id: str | None
    release: ReleaseRef | None
    prev_hash: str


DOCUMENT_TYPES = (
    "series_opened",  # first document of a series: why, the public key, the head of the series before
    "signed_on",
    "sign_on_failed",  # carries the lock-out counter, so a restored file does not reset it
    "signed_off",
    "credential_changed",  # an employee locked, unlocked or given a new PIN by somebody above him
    "shift_opened",
    "shift_settled",
    "till_counted",  # a blind count, declared before anybody was shown what should be there
    "till_handed_over",
    "training_changed",  # what is done in training stands in no journal but its own
    "tender_movement",
    "sale",
    "return",
    "basket_abandoned",
    "no_sale",
    "receipt_reprinted",
    "member_joined",
    "member_edited",
    "clock_jumped",
    "override_approved",
    "stock_movement",
    "count",
    "count_opened",  # a stocktake begins here: what is counted, and whether blind
    "count_approved",  # its variances as a manager saw and signed them
    "goods_ordered",  # an order to a supplier, against which deliveries are received
    "order_closed",  # what has not come of an order will not come
    "goods_received",
    "marked_down",  # goods near their date, at a price of their own from now on
    "labels_changed",  # shelf labels that were printed or hung, for which price
    "shelf_checked",  # prices on shelves looked at: how many, and which hung wrong
    "transfer_requested",  # goods between two places: each step where it happens
    "transfer_approved",
    "transfer_refused",
    "transfer_picked",
    "transfer_shipped",
    "transfer_received",
    "transfer_closed",  # what was lost on the way, and why
    "reservation_made",  # goods of a store are put aside for a shopper, until a time
    "reservation_reported",  # kept, refused, fetched or given up
    "points_moved",
    "member_code_failed",  # carries the lock-out counter of the member's code
    "member_code_accepted",  # the shopper proved to be the member, before points or stored value are spent
    "members_confirmed",  # two ids are one person: the member's code or a person at the workstation said so
    "basket_held",
    "basket_recalled",
    "basket_passed",  # a held basket goes to, or comes from, another workstation of the store
    "terminal_charge",  # a card's charge that no sale used: given back
    "journal_pruned",  # the beginning of the journal went: where it begins now, and what is carried on
    "allowance_reported",  # a lease accepted, handed over, returned: so that a restored server learns of it
)


def envelope(header: Header, body: dict[str, Any]) -> dict[str, Any]:
    """The document as a JSON object: what `pos_core.sync.projection.project` takes as its header."""
    release = header.release
    return {
        "v": DOCUMENT_VERSION,
        "type": header.type,
        "workstation_id": header.series.workstation_id,
        "incarnation": header.series.incarnation,
        "number": header.number,
        "document_id": header.document_id,
        "store_id": header.store_id,
        "occurred_at_ms": header.occurred_at_ms,
        "hlc": header.hybrid_time.as_text(),
        "business_day": header.business_day,
        "operator_id": header.operator_id,
        "shift_id": header.shift_id,
        "release": None
        if release is None
        else {"version": release.version, "manifest_sha256": release.manifest_sha256},
        "prev_hash": header.prev_hash,
        "body": body,
    }


def document_bytes(header: Header, body: dict[str, Any]) -> bytes:
    """The canonical bytes of a document: what is stored, hashed and sent, never re-made afterwards."""
    return canonical_bytes(envelope(header, body))


def document_hash(data: bytes) -> str:
    """SHA-256 over the tag `tidemark.document.1\\0` and the canonical bytes; hex."""
    return hashlib.sha256(_DOCUMENT_TAG + data).hexdigest()


def document_hashes(batch: Iterable[bytes]) -> list[str]:
    """`document_hash` of each."""
    sha256, tag = hashlib.sha256, _DOCUMENT_TAG
    return [sha256(tag + data).hexdigest() for data in batch]


def head_statement(series: Series, number: int, head_hash: str) -> bytes:
    """The bytes that a workstation signs (Ed25519) to stand for every document up to `number`.

    The chain covers the rest, so one signature a batch is enough.
    """
    return _HEAD_TAG + f"{series.workstation_id}\x00{series.incarnation}\x00{number}\x00{head_hash}".encode()
