"""Batches on their way up: read, signed and packed, the next one while head office works on the last."""

from __future__ import annotations

import base64
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import zstandard

from pos_client.journal.draft import Head, Stretch
from pos_client.journal.journal import Journal
from pos_core.sync.document import Series

BODY_BYTES = 2_000_000
"""Before packing, about: some thousand sales. Head office takes more, but its writer is taken for as long."""
_ZSTD_LEVEL = 1
AHEAD = 2
"""Parcels packed before they are wanted: so none has to be at the moment when head office answers."""


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

    A full parcel is hardly ever the last, so those behind it are packed at once, by another thread: it only
    reads. Whether they are sent is for the answers to say; when one stands elsewhere, they are forgotten.
    """

    def __init__(self, journal: Journal, series: Series) -> None:
        self._journal = journal
        self._series = series
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="packer")
        self._ahead: deque[tuple[int, Future[Parcel | None]]] = deque()
        """Each with its limit, in the order in which they follow each other."""

    def close(self) -> None:
        """What is being packed is waited for."""
        self._thread.shutdown()

    def has_more_than(self, after: int, limit: int) -> bool:
        """Whether more than `limit` documents stand behind number `after`."""
        return self._journal.hash_at(after + limit + 1, incarnation=self._series.incarnation) is not None

    def next(self, after: int, limit: int, *, then: int) -> Parcel | None:
        """Documents behind number `after`, at most `limit`; None when there are none.

        Parcels behind it are packed for a `limit` of `then`.
        """
        parcel = self._from_ahead(after, limit) or self._packed(after, limit)
        if parcel is not None and parcel.is_cut:
            self._pack_behind(parcel, then)
        return parcel

    def _from_ahead(self, after: int, limit: int) -> Parcel | None:
        """The parcel if it was packed before; else what was is forgotten."""
        if self._ahead:
            packed_for, packed = self._ahead.popleft()
            parcel = packed.result() if packed_for == limit else None
            if parcel is not None and parcel.first_number == after + 1:
                return parcel
        self._ahead.clear()
        return None

    def _pack_behind(self, parcel: Parcel, limit: int) -> None:
        if not self._ahead:
            self._ahead.append((limit, self._thread.submit(self._packed, parcel.last_number, limit)))
        while len(self._ahead) < AHEAD:
            before = self._ahead[-1][1]
            self._ahead.append((limit, self._thread.submit(self._packed_behind, before, limit)))

    def _packed_behind(self, before: Future[Parcel | None], limit: int) -> Parcel | None:
        """By the packer's thread alone, which has packed the one before already."""
        parcel = before.result()
        return None if parcel is None or not parcel.is_cut else self._packed(parcel.last_number, limit)

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
