"""Batches on their way up: read, signed and packed, the next one while head office works on the last."""

from __future__ import annotations

import base64
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import zstandard

from pos_client.journal.draft import Head, Stretch
from pos_client.journal.journal import Journal
from pos_core.sync.document import Series

BODY_BYTES = 2_000_000
"""Before packing, about: some thousand sales. Head office takes more, but its writer is taken for as long."""
_ZSTD_LEVEL = 1


@dataclass(frozen=True, slots=True)
class Parcel:
    """A batch as the body of its request. `is_cut`: it is full, there may be more behind it."""

    first_number: int
    count: int
    last_hash: str
    is_cut: bool
    body: bytes

    @property
    def last_number(self) -> int:
        """The number of its last document."""
        return self.first_number + self.count - 1


class Packer:
    """Packs parcels of one series.

    A full parcel is hardly ever the last, so the one behind it is packed at once, by another thread: it only
    reads. Whether it is sent is for the server's answer to say; when that stands elsewhere, it is forgotten.
    """

    def __init__(self, journal: Journal, series: Series) -> None:
        self._journal = journal
        self._series = series
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="packer")
        self._ahead: tuple[tuple[int, int], Future[Parcel | None]] | None = None

    def close(self) -> None:
        """What is being packed is waited for."""
        self._thread.shutdown()

    def has_more_than(self, after: int, limit: int) -> bool:
        """Whether more than `limit` documents stand behind number `after`."""
        return self._journal.hash_at(after + limit + 1, incarnation=self._series.incarnation) is not None

    def next(self, after: int, limit: int, *, then: int) -> Parcel | None:
        """Documents behind number `after`, at most `limit`; None when there are none.

        The parcel behind it is packed for a `limit` of `then`.
        """
        ahead, self._ahead = self._ahead, None
        found = ahead[1].result() if ahead is not None and ahead[0] == (after, limit) else None
        parcel = found or self._packed(after, limit)
        if parcel is not None and parcel.is_cut:
            wanted = (parcel.last_number, then)
            self._ahead = (wanted, self._thread.submit(self._packed, *wanted))
        return parcel

    def _packed(self, after: int, limit: int) -> Parcel | None:
        incarnation = self._series.incarnation
        stretch = self._journal.stretch_after(
            after, limit=limit, bytes_max=BODY_BYTES, incarnation=incarnation
        )
        if stretch is None:
            return None
        signed = self._journal.sign_head(Head(self._series, stretch.last_number, stretch.last_hash))
        body = push_body(incarnation, stretch, signed.signature)
        return Parcel(stretch.first_number, len(stretch.documents), stretch.last_hash, stretch.is_cut, body)


def push_body(incarnation: int, stretch: Stretch, signature: bytes) -> bytes:
    """A `PushRequest`, compressed. Documents are canonical JSON already: they are joined, never re-made."""
    head = (
        f'{{"incarnation":{incarnation},"first_number":{stretch.first_number},'
        f'"head_hash":"{stretch.last_hash}","signature":"{base64.b64encode(signature).decode()}","documents":['
    )
    body = head.encode() + b",".join(stretch.documents) + b"]}"
    return zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(body)
