"""A store's file: one prebuilt replica with the rows of chain, region and store, for that store alone.

Built ahead when an enrolment code of a store with a large slice waits to be used; at a workstation's asking
where its slice would take longer as pages than the file takes to build; or by hand. Never at any address but
head office's own, under a key that only workstations of the store are given.

A file holds members. The erasure of one drops it in the same transaction: offer, right to fetch and key are
gone at the commit, the bytes right after it, and a download under way ends (http/edge.py). The same happens,
by the timer and before each offer, when a member's rows vanish for another reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pos_core.clock import Clock
from pos_core.errors import Refusal, Trouble
from pos_core.sync.protocol import SnapshotOffer
from sync_server.services.blobs import BlobRef, Blobs
from sync_server.services.errors import NotFound, SnapshotBuilding
from sync_server.services.feed import check_scope, region_of
from sync_server.services.snapshot import is_behind
from sync_server.services.snapshot_files import SnapshotFiles
from sync_server.store import chain_state, feed, store_file
from sync_server.store.engine import Store, Txn
from sync_server.store.store_file import StoreFileRow
from sync_server.store.workstation import WorkstationRow

WORTH_BUILDING_ROWS = 20_000
"""Below so many rows of its own a store's feed is some seconds of pages: no file is built."""
WORTH_WAITING_ROWS = 150_000
"""From here on pages take longer than the build of a file that is not there."""
KEPT_MS = 24 * 3600 * 1000
KEPT_MAX = 8
KEPT_BYTES_MAX = 4 * 1024**3
"""Files kept at once: so many, so large together (the newest always), none older than a day."""
WISH_MS = 5 * 60_000
"""A workstation that waits asks every few seconds; after this it has started otherwise."""
WISH_NOTED_MS = 60_000
"""So long one note of it is enough."""
RETRY_AFTER_MS = 2000


class StoreTooSmall(Refusal):
    """A store whose slice is so small that its feed brings it in seconds."""

    code = "store_too_small"


class SliceMoved(Trouble):
    """A member's rows vanished while the file was built; it was thrown away. Build again."""

    code = "slice_moved"


@dataclass(frozen=True, slots=True)
class Trimmed:
    """How many files were let go, and how many of those are still on the disk."""

    dropped: int
    left: int


class StoreFiles:
    """Builds, offers and lets go of them."""

    def __init__(self, *, store: Store, blobs: Blobs, files: SnapshotFiles, clock: Clock) -> None:
        self._store = store
        self._blobs = blobs
        self._files = files
        self._clock = clock

    def offer(self, caller: WorkstationRow, scope: str) -> SnapshotOffer:
        """The file of the caller's store. Raises NotYours, SnapshotBuilding, NotFound."""

        now = self._clock.now_ms()

        def read(txn: Txn) -> tuple[StoreFileRow | None, bool, bool]:
            check_scope(txn, caller, scope)
            row = self._usable(txn, caller.store_id)
            waits = row is None and _rows_of_its_own(txn, caller.store_id, WORTH_WAITING_ROWS)
            known = caller.store_id in store_file.wishing(txn, now - WISH_NOTED_MS)
            return row, waits, known

        row, waits, known = self._store.read(read)
        if row is None and waits:
            if not known:
                self._store.write(lambda txn: store_file.wish(txn, caller.store_id, now))
            raise SnapshotBuilding("the store's file is being built", retry_after_ms=RETRY_AFTER_MS)
        if row is None:
            raise NotFound("no file of this store; take the chain's and pull the store's feed")
        return self._files.offer(
            caller,
            scope=scope,
            sequence=row.cursors[scope],
            epoch=row.epoch,
            schema_version=row.schema_version,
            ref=BlobRef(row.sha256, row.length),
            file_key=row.file_key,
            cursors=row.cursors,
        )

    def due(self) -> list[str]:
        """Stores to build for now: whoever waits first, then whoever is expected.

        For those only as long as all their files can be kept: else each would push out another's that is
        still needed, and they would be built round and round.
        """
        now = self._clock.now_ms()

        def read(txn: Txn) -> list[str]:
            waiting = store_file.wishing(txn, now - WISH_MS)
            missing, held = [], []
            for store_id in dict.fromkeys((*waiting, *store_file.expecting(txn, now))):
                if _rows_of_its_own(txn, store_id, WORTH_BUILDING_ROWS):
                    row = self._usable(txn, store_id)
                    if row is None:
                        missing.append(store_id)
                    else:
                        held.append(row.length)
            # How large a file becomes shows when it is there: till then, as the largest that there is.
            one_more = max(held, default=0)
            room = KEPT_MAX - len(held) if sum(held) + one_more <= KEPT_BYTES_MAX else 0
            some_wait = [store_id for store_id in missing if store_id in waiting]
            others = [store_id for store_id in missing if store_id not in waiting]
            return [*some_wait, *others[: max(0, room - len(some_wait))]]

        return self._store.read(read)

    def build(self, store_id: str, *, whatever_size: bool = False) -> StoreFileRow:
        """A new file on one consistent view; the one before is kept for downloads under way.

        Raises StoreTooSmall, SliceMoved.
        """
        least = 1 if whatever_size else WORTH_BUILDING_ROWS
        if not self._store.read(lambda txn: _rows_of_its_own(txn, store_id, least)):
            raise StoreTooSmall(f"store {store_id} has fewer than {least} rows", store_id=store_id)
        built = self._files.build(lambda txn: _scopes(txn, store_id))
        row = StoreFileRow(
            built.ref.sha256,
            store_id,
            built.epoch,
            built.cursors,
            built.schema_version,
            built.ref.length,
            built.key,
            built.built_at_ms,
        )

        def register(txn: Txn) -> bool:
            if chain_state.epoch(txn) != row.epoch or store_file.holds_vanished(txn, row):
                return False
            store_file.add(txn, row)
            store_file.end_wishes(txn, store_id, before_ms=self._clock.now_ms() - WISH_MS)
            return True

        if not self._store.write(register):
            self._blobs.remove(row.sha256)
            raise SliceMoved("a member's rows vanished while the file was built", store_id=store_id)
        self.trim()
        return row

    def trim(self) -> Trimmed:
        """Drops what is too old, too many, of another epoch or holds who vanished; removes dropped bytes."""
        now = self._clock.now_ms()

        def too_many(txn: Txn) -> list[str]:
            epoch = chain_state.epoch(txn)
            gone, kept, size = [], 0, 0
            for row in store_file.living(txn):
                kept, size = kept + 1, size + row.length
                if (
                    row.epoch != epoch
                    or row.built_at_ms < now - KEPT_MS
                    or kept > KEPT_MAX
                    or (kept > 1 and size > KEPT_BYTES_MAX)
                    or store_file.holds_vanished(txn, row)
                ):
                    gone.append(row.sha256)
                    kept, size = kept - 1, size - row.length
            return gone

        def write(txn: Txn) -> int:
            found = too_many(txn)
            store_file.drop(txn, found)
            return len(found)

        idle = self._store.read(lambda txn: not (too_many(txn) or store_file.dropped(txn)))
        return Trimmed(0, 0) if idle else Trimmed(self._store.write(write), self.remove_dropped())

    def remove_dropped(self) -> int:
        """Removes the bytes of dropped files at once; returns how many the system still holds."""
        found = self._store.read(store_file.dropped)
        gone = [sha256 for sha256 in found if self._blobs.remove(sha256)]
        if gone:
            self._store.write(lambda txn: store_file.forget(txn, gone))
        return len(found) - len(gone)

    def _usable(self, txn: Txn, store_id: str) -> StoreFileRow | None:
        """The newest that may be offered still; what it lacks, the feed brings soon."""
        for row in store_file.living(txn, store_id):
            if (
                row.epoch == chain_state.epoch(txn)
                and row.built_at_ms >= self._clock.now_ms() - KEPT_MS
                and set(row.cursors) == set(_scopes(txn, store_id))
                and not is_behind(txn, row.cursors, schema=row.schema_version, built_at_ms=row.built_at_ms)
                and not store_file.holds_vanished(txn, row)
                and self._blobs.path(row.sha256).exists()
            ):
                return row
        return None


def _scopes(txn: Txn, store_id: str) -> Sequence[str]:
    region = region_of(txn, store_id)
    return ["chain", *([f"region:{region}"] if region else []), f"store:{store_id}"]


def _rows_of_its_own(txn: Txn, store_id: str, least: int) -> bool:
    """Whether the store's slice and its region's have at least so many rows."""
    return feed.living_rows(txn, _scopes(txn, store_id)[1:], least) >= least
