"""A workstation that was put back to an old image hears it from its neighbours, with no head office.

Each neighbour keeps the furthest head of our series with our own signature. A head that our journal does not
hold proves that documents are missing here, or that another machine goes on under our name. What the
neighbour kept of them is taken back where it leads to that very head; then a new series begins, in either
case: numbers are never used twice, and allowances of the series that went two ways are void.
"""

from __future__ import annotations

import base64

from pos_client.journal.draft import ForeignDocument, SignedHead
from pos_client.journal.journal import Journal
from pos_client.journal.signing import signature_holds
from pos_client.log import get_logger
from pos_core.sync.document import Series, document_hash
from pos_core.sync.peer_messages import PeerAnswer, PeerHead

_log = get_logger("pos_client.peers")


class Healing:
    """Used by the callers' threads."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def heal(self, witnessed: PeerHead, answer: PeerAnswer) -> bool:
        """True when the journal was behind `witnessed` and goes on under a new series now."""
        series = self._journal.series
        if witnessed.incarnation != series.incarnation or not self._is_ours(series, witnessed):
            return False
        if not self._is_missing(witnessed):
            return False
        _log.error("series_behind_witness", number=witnessed.number, head=self._journal.head().number)
        self._take_back(witnessed, answer.returned)
        free = max(series.incarnation, answer.newest_incarnation) + 1
        if self._journal.series == series:
            self._journal.open_new_incarnation("forked", incarnation=free).result()
        return True

    def held(self, witnessed: PeerHead) -> PeerHead | None:
        """`witnessed` where this journal holds that very document: the neighbour may keep a further one."""
        found = self._journal.hash_at(witnessed.number, incarnation=witnessed.incarnation)
        return witnessed if found == witnessed.hash else None

    def _is_ours(self, series: Series, head: PeerHead) -> bool:
        try:
            signature = base64.b64decode(head.signature, validate=True)
        except ValueError:
            return False
        signed = SignedHead(series, head.number, head.hash, signature)
        return signature_holds(base64.b64decode(self._journal.public_key()), signed)

    def _is_missing(self, head: PeerHead) -> bool:
        """Our signature stands under a document that is not in our journal."""
        if head.number <= self._journal.base().number:
            return False  # pruned: head office and its backup had it
        return self._journal.hash_at(head.number) != head.hash

    def _take_back(self, head: PeerHead, texts: list[str]) -> None:
        """The documents up to `head`, where they follow ours: our signature stands for all of them."""
        documents = [each.encode() for each in texts]
        hashes = [document_hash(each) for each in documents]
        if head.hash not in hashes:
            return
        documents = documents[: hashes.index(head.hash) + 1]
        try:
            self._journal.adopt_documents(documents).result()
        except ForeignDocument:
            _log.error("own_documents_do_not_follow", number=head.number)
            return
        self._journal.unwitnessed = []
        _log.info("own_documents_taken_back", documents=len(documents))
