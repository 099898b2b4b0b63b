"""Published releases: manifest, signatures, when they take effect."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from sqlalchemy import func, select

from sync_server.store import feed
from sync_server.store.engine import Txn
from sync_server.store.schema.tables import release


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One release. `manifest` is canonical JSON text; `signatures` a JSON list of {"key_id", "signature"}.

    Attributes:
        confirms: the version whose prices and promotions it carries on; None: it has its own.
        issued_by: a login, "command line", or "head office" for what it does by itself.
    """

    version: int
    manifest_sha256: str
    manifest: str
    signatures: str
    issued_at_ms: int
    effective_from_ms: int
    expires_at_ms: int
    note: str
    confirms: int | None = None
    issued_by: str | None = None


def add(txn: Txn, row: ReleaseRow) -> None:
    """Keeps a new release for good; its version must be new."""
    txn.insert_many(release, [dataclasses.astuple(row)])


def put_signatures(txn: Txn, version: int, signatures: str) -> None:
    """A release signed again by other keys; its manifest stays."""
    txn.execute(release.update().where(release.c.version == version).values(signatures=signatures))


def newest(txn: Txn) -> ReleaseRow | None:
    """The release with the highest version."""
    row = txn.execute(select(release).order_by(release.c.version.desc()).limit(1)).one_or_none()
    return None if row is None else ReleaseRow(*row)


def by_version(txn: Txn, version: int) -> ReleaseRow | None:
    """One release."""
    row = txn.execute(select(release).where(release.c.version == version)).one_or_none()
    return None if row is None else ReleaseRow(*row)


def all_releases(txn: Txn) -> list[ReleaseRow]:
    """Every release, oldest first."""
    return [ReleaseRow(*row) for row in txn.execute(select(release).order_by(release.c.version))]


def newest_many(txn: Txn, limit: int) -> list[ReleaseRow]:
    """The newest releases, newest first."""
    statement = select(release).order_by(release.c.version.desc()).limit(limit)
    return [ReleaseRow(*row) for row in txn.execute(statement)]


def for_all(txn: Txn) -> list[ReleaseRow]:
    """Releases that every store may have, oldest first: not one on its way, nor one taken back."""
    offered = {row[0] for row in feed.rows_of(txn, "release", "chain")}
    return [row for row in all_releases(txn) if row.version in offered]


def count(txn: Txn) -> int:
    """How many there are."""
    return int(txn.execute(select(func.count()).select_from(release)).scalar_one())
