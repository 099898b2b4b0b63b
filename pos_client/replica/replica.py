"""The replica of one workstation: what the services read while selling, and what sync writes.

Reads run on the caller's thread over one cached connection (a lock keeps two threads apart; a lookup is
over in microseconds). Writes run on the file's writer thread. A snapshot may replace the file under it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pos_client.replica import apply, digests, file_key, releases, schema, search_index
from pos_client.replica.lookup_file import LookupFile
from pos_client.replica.release_refusals import ReleaseRefused
from pos_client.replica.release_rules import KnownRelease, Manifest, OfferedRelease, Trust
from pos_client.storage.upgrade import forget_copies

if TYPE_CHECKING:
    from pos_client.keys.key_store import KeyStore
    from pos_client.replica.release_files import PriceRows
    from pos_client.replica.releases import ReleaseStatus, StagedRelease
    from pos_client.storage.connection import Connection
    from pos_core.sync.document import ReleaseRef
    from pos_core.sync.protocol import FeedPage, FeedRows
    from pos_core.sync.trust_root import SignedRoot

T = TypeVar("T")
Cursor = tuple[str, int]
"""`(epoch, sequence)`."""


class Replica(LookupFile):
    """See the module. A file is opened by `Replica.open`, which knows about keys."""

    def __init__(self, path: Path, key: bytes, *, store_id: str) -> None:
        """Raises what `open_database` raises."""
        super().__init__(path, key, store_id=store_id)
        self._digests: dict[str, tuple[object, dict[str, tuple[int, str]]]] = {}

    @classmethod
    def open(
        cls,
        path: Path,
        keys: KeyStore,
        *,
        store_id: str,
        recovery_public_key: bytes | None = None,
    ) -> Replica:
        """Open the replica at `path`, or make an empty one.

        Raises WrongKey, DamagedReplica, HalfBuiltFile, SchemaTooNew, ReadOnlyFolder, DiskFull, DiskTrouble.
        """
        if not path.exists():
            key = file_key.new_key(path, keys, recovery_public_key)
            schema.build_replica(path, key)
        else:
            key = file_key.working_key(path, keys, recovery_public_key)
        return cls(path, key, store_id=store_id)

    # Releases -----------------------------------------------------------------------------------------

    def active_release(self, instant_ms: int) -> ReleaseRef | None:
        """The newest release switched on or due at `instant_ms` (bounded); None before the first."""
        status = self.release_status(instant_ms)
        return None if status is None else status.ref

    def release_status(self, instant_ms: int) -> ReleaseStatus | None:
        """The active release with its dates and whether it is stale."""
        return self.read(lambda c: releases.release_status(c, instant_ms))

    def staged_releases(self, instant_ms: int) -> list[StagedRelease]:
        """Releases that wait for their minute, oldest first."""
        return self.read(lambda c: releases.staged_releases(c, instant_ms))

    def newest_release(self) -> KnownRelease | None:
        """The newest release that is here, switched on or not."""
        return self.read(releases.newest_release)

    def promotions(self, release_version: int) -> bytes | None:
        """A release's promotion set as JSON; None when the release is not here or has none."""
        return self.read(lambda c: releases.release_file(c, release_version, "promotions"))

    def offered_releases(self) -> list[OfferedRelease]:
        """Every release of the chain's feed and those offered to this store first, unchecked."""
        return [
            OfferedRelease(*row)
            for row in self.read(
                lambda c: c.execute(
                    "SELECT version, manifest, signatures FROM release UNION"
                    " SELECT version, manifest, signatures FROM release_offer ORDER BY version"
                ).fetchall()
            )
        ]

    def offered_roots(self) -> list[SignedRoot]:
        """Every root of the chain's feed, oldest first, unchecked."""
        return self.read(releases.offered_roots)

    def drop_staged(self, trust: Trust, instant_ms: int) -> list[int]:
        """Let go of staged releases that `trust` does not believe any more; returns their versions."""
        dropped = self.write(lambda c: releases.drop_staged(c, trust, instant_ms))
        if dropped:
            self.generation += 1
        return dropped

    def stage_release(
        self, manifest: Manifest, files: dict[str, bytes], prices: PriceRows | None, *, at_ms: int
    ) -> None:
        """Keep a checked release (`release_rules.plan`, `release_files.check_files`) in one transaction."""
        self.write(lambda c: releases.stage(c, manifest, files, prices, at_ms=at_ms))
        self.generation += 1

    def note_refused_releases(self, refused: dict[int, ReleaseRefused], *, at_ms: int) -> None:
        """Remember why releases were not taken, for the status screen, in place of what was noted before."""
        self.write(lambda c: releases.note_refused(c, refused, at_ms=at_ms))

    def refused_releases(self) -> list[tuple[int, str]]:
        """`(version, code)` of releases that were offered and not taken."""
        return self.read(
            lambda c: c.execute("SELECT version, code FROM release_refusal ORDER BY version").fetchall()
        )

    def switch_due(self, instant_ms: int) -> list[int]:
        """Note as applied what is due at a bounded instant; returns the versions switched on now."""
        if not self.read(lambda c: _has_due(c, instant_ms)):
            return []
        switched = self.write(lambda c: releases.switch_due(c, instant_ms))
        self.generation += 1
        return switched

    def prune_releases(self, keep_from_version: int) -> None:
        """Forget what only releases below `keep_from_version` need."""
        self.write(lambda c: releases.prune(c, keep_from_version))

    # The feed -----------------------------------------------------------------------------------------

    def apply_page(self, page: FeedPage) -> None:
        """Rows and cursor in one transaction. Raises BadPage, CursorMismatch (nothing applied), Trouble."""
        first = not self.is_complete()
        self.write(lambda c: apply.apply_page(c, page))
        if page.kinds or first:  # most exchanges bring nothing, and what is cached against it stays good
            self.generation += 1

    def cursors(self) -> dict[str, Cursor]:
        """Scope → `(epoch, sequence)`."""
        rows = self.read(lambda c: c.execute("SELECT scope, epoch, sequence FROM feed_cursor").fetchall())
        return {scope: (epoch, sequence) for scope, epoch, sequence in rows}

    def scopes(self) -> tuple[str, ...]:
        """The scopes of this workstation: chain, its store's region once that is known, its store."""
        store = self.store()
        region = (f"region:{store.region}",) if store is not None and store.region else ()
        return ("chain", *region, f"store:{self.store_id}")

    def is_complete(self) -> bool:
        """True once each scope has reached the server's head: before that nothing may be sold."""
        scopes = self.scopes()
        rows = self.read(lambda c: c.execute("SELECT scope FROM feed_cursor WHERE complete = 1").fetchall())
        return set(scopes) <= {row[0] for row in rows}

    def replace_scope(self, scope: str, pages: Iterable[FeedPage]) -> None:
        """Put a whole pull from 0 in the place of a scope's rows, in one transaction: selling goes on."""
        self.write(lambda c: apply.replace_scope(c, scope, pages))
        self.generation += 1

    def put_ahead(self, kinds: Iterable[FeedRows]) -> None:
        """Rows of our store that head office answered with; the feed brings the same. Raises BadPage."""
        self.write(lambda c: apply.put_ahead(c, f"store:{self.store_id}", kinds))
        self.generation += 1

    def erase_member(self, member_id: str) -> None:
        """Deletes a member's rows and empties the log: nothing of him is left in the file.

        The feed brings the same deletions; a cursor need not move for it. Raises Busy while a long read
        holds the log; the rows are gone all the same, and the call may be repeated.
        """
        self.write(lambda c: apply.forget_member(c, member_id))
        self._writer.outside(lambda c: apply.empty_the_log(c, self.path)).result()
        forget_copies(self.path)
        self.generation += 1

    def adopt_cursor(self, scope: str, epoch: str, sequence: int) -> None:
        """The rows here are the server's at this point, as a digest has shown."""
        self.write(lambda c: apply.adopt_cursor(c, scope, epoch, sequence))

    def clear_scope(self, scope: str) -> None:
        """Delete a scope's rows and cursor: the store has left it."""
        self.write(lambda c: apply.forget_rows(c, scope))
        self.generation += 1

    def keep_only_scopes(self, scopes: Sequence[str]) -> list[str]:
        """Clear every scope that is no longer ours (a store moved to another region); returns those."""
        left = [scope for scope in self.cursors() if scope not in scopes]
        for scope in left:
            self.clear_scope(scope)
        return left

    def digests(self, scope: str, *, recompute: bool = False) -> dict[str, tuple[int, str]]:
        """Per kind `(count, digest)`; runs on the writer's thread, so that no scan waits for it.

        Stored hashes change only with rows, so their sums are kept until the generation or a cursor moves;
        `recompute` always reads every row.
        """
        if recompute:
            return self._writer.outside(lambda c: digests.digests(c, scope, recompute=True)).result()
        as_of = (self.generation, self.cursors().get(scope))
        known = self._digests.get(scope)
        if known is None or known[0] != as_of:
            sums = self._writer.outside(lambda c: digests.digests(c, scope)).result()
            known = self._digests[scope] = (as_of, sums)
        return known[1]

    def index_search(self) -> int:
        """One slice of search upkeep; returns how many items were done, 0 when nothing waits."""
        if not self.read(lambda c: c.execute("SELECT 1 FROM search_behind LIMIT 1").fetchone()):
            return 0
        return self.write(search_index.catch_up)

    # Settings of sync -----------------------------------------------------------------------------------

    def setting(self, name: str) -> str | None:
        """A small value that sync keeps, for example the last server time heard."""
        row = self.read(
            lambda c: c.execute("SELECT value FROM replica_setting WHERE name = ?", (name,)).fetchone()
        )
        return None if row is None else str(row[0])

    def put_setting(self, name: str, value: str) -> None:
        """Keep a small value."""
        self.write(
            lambda c: c.execute(
                "INSERT OR REPLACE INTO replica_setting (name, value) VALUES (?, ?)", (name, value)
            )
        )

    def not_before_ms(self) -> int:
        """The instant used for validity is never below this: last server time heard, last release."""
        heard = int(self.setting("server_time_heard_ms") or 0)
        row = self.read(
            lambda c: c.execute(
                "SELECT max(issued_at_ms), max(applied_at_ms) FROM release_state"
                " WHERE applied_at_ms IS NOT NULL"
            ).fetchone()
        )
        return max(heard, row[0] or 0, row[1] or 0)


def _has_due(connection: Connection, instant_ms: int) -> bool:
    row = connection.execute(
        "SELECT 1 FROM release_state WHERE applied_at_ms IS NULL AND effective_from_ms <= ? LIMIT 1",
        (instant_ms,),
    ).fetchone()
    return row is not None
