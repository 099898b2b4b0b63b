"""Keeping the furthest head of each neighbour's series, under that series' own signature.

A machine that was put back to an old image, or a copy of it, goes on under numbers that it used before and
signs for them again. So a head gives way to a further one only where that is known to follow it: its
documents are here, or head office has folded it, or the workstation has been shown the earlier one and said
that it holds it. What nobody can prove stays what it was, and is shown again.
"""

from __future__ import annotations

from pos_client.peers import taking
from pos_client.peers.schema import SeriesKey
from pos_client.peers.store import PeerStore
from pos_client.replica.replica import Replica
from pos_client.replica.series_points import all_folded
from pos_client.storage.connection import Connection
from pos_core.sync.peer_messages import RETURNED_MAX, PeerHead


class Witnessing:
    """Any thread."""

    def __init__(self, store: PeerStore, replica: Replica) -> None:
        self._store = store
        self._replica = replica

    def told(self, workstation_id: str, head: PeerHead | None) -> tuple[PeerHead | None, list[str], int]:
        """What is known of an asker that names `head`: the head kept, its documents beyond the one it named,

        its newest series.
        """
        if head is None:
            return None, [], 0
        series = (workstation_id, head.incarnation)

        def read(connection: Connection) -> tuple[PeerHead | None, list[str], int]:
            known = taking.head_of(connection, series)
            newest = taking.newest_incarnation(connection, workstation_id)
            if known is None or known.number <= head.number:
                return known, [], newest
            return known, taking.texts_after(connection, series, head.number, RETURNED_MAX), newest

        return self._store.read(read)

    def note(self, workstation_id: str, public_key: bytes, head: PeerHead, seen: PeerHead | None) -> None:
        """Keeps `head` where it may be. `seen`: the earlier one that the workstation was shown and holds.

        Raises NotItsOwn, storage troubles.
        """
        series = (workstation_id, head.incarnation)
        known = self._store.read(lambda c: taking.head_of(c, series))
        if known is not None and (
            head.number <= known.number or not self._follows(series, known, head, seen)
        ):
            return
        self._store.change(lambda c: taking.keep_head(c, workstation_id, public_key, head)).result()

    def _follows(self, series: SeriesKey, known: PeerHead, head: PeerHead, seen: PeerHead | None) -> bool:
        if seen is not None and (seen.incarnation, seen.number, seen.hash) == (
            known.incarnation,
            known.number,
            known.hash,
        ):
            return True
        if head.number <= self._replica.read(all_folded).get(series, 0):
            return True
        return self._store.read(lambda c: taking.is_one_chain(c, series, known, head))
