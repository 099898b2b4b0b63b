"""Releases inside the replica: staged ahead, switched on at their minute, kept for what names them.

A release's price rows replace all rows of the (price list, SKU) pairs it names. Rows of a release that is
not on yet carry its version as `since_release`, so nobody reads them before; switching on is one row, and
a basket goes on under the release of its first line.
"""

from __future__ import annotations

from dataclasses import dataclass

import zstandard

from pos_client.replica.release_files import PriceRows
from pos_client.replica.release_refusals import ReleaseRefused
from pos_client.replica.release_rules import (
    FILE_BYTES_MAX,
    KnownRelease,
    Manifest,
    OfferedRelease,
    Trust,
    check_manifest,
)
from pos_client.storage.connection import Connection
from pos_client.storage.utils_database import utils_database
from pos_core.sync.document import ReleaseRef
from pos_core.sync.trust_root import SignedRoot

_ACTIVE = (
    "SELECT version, manifest_sha256, issued_at_ms FROM release_state"
    " WHERE applied_at_ms IS NOT NULL OR effective_from_ms <= ? ORDER BY version DESC LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class ReleaseStatus:
    """The release in force. `stale`: it has expired and keeps selling; say so on screen and on reports.

    `expires_at_ms` is the last date of it and of what is staged above it: who has signed that this one is
    followed on a later day has vouched for it until then.
    """

    ref: ReleaseRef
    issued_at_ms: int
    expires_at_ms: int
    stale: bool


@dataclass(frozen=True, slots=True)
class StagedRelease:
    """A release that is wholly here and not switched on yet."""

    ref: ReleaseRef
    effective_from_ms: int


def release_status(connection: Connection, instant_ms: int) -> ReleaseStatus | None:
    """The newest release that was switched on or is due at `instant_ms`; None before the first."""
    row = connection.execute(_ACTIVE, (instant_ms,)).fetchone()
    if row is None:
        return None
    later = connection.execute(
        "SELECT max(expires_at_ms) FROM release_state WHERE version >= ?", (row[0],)
    ).fetchone()
    return ReleaseStatus(ReleaseRef(row[0], row[1]), row[2], later[0], stale=instant_ms >= later[0])


def staged_releases(connection: Connection, instant_ms: int) -> list[StagedRelease]:
    """Releases above the active one, oldest first."""
    status = release_status(connection, instant_ms)
    rows = connection.execute(
        "SELECT version, manifest_sha256, effective_from_ms FROM release_state"
        " WHERE version > ? ORDER BY version",
        (status.ref.version if status else 0,),
    ).fetchall()
    return [StagedRelease(ReleaseRef(version, sha), start) for version, sha, start in rows]


def switch_due(connection: Connection, instant_ms: int) -> list[int]:
    """Mark what is due as applied, so that a clock set back never brings an older release back.

    Returns the versions switched on now. Inside the caller's transaction.
    """
    due = connection.execute(
        "SELECT version FROM release_state WHERE applied_at_ms IS NULL AND effective_from_ms <= ?"
        " ORDER BY version",
        (instant_ms,),
    ).fetchall()
    connection.executemany(
        "UPDATE release_state SET applied_at_ms = ? WHERE version = ?", [(instant_ms, row[0]) for row in due]
    )
    return [row[0] for row in due]


def newest_release(connection: Connection) -> KnownRelease | None:
    """The newest release that is here, switched on or not: what the next one must follow."""
    row = connection.execute(
        "SELECT version, manifest_sha256, epoch FROM release_state ORDER BY version DESC LIMIT 1"
    ).fetchone()
    return None if row is None else KnownRelease(*row)


def stage(
    connection: Connection,
    manifest: Manifest,
    files: dict[str, bytes],
    prices: PriceRows | None,
    *,
    at_ms: int,
) -> None:
    """Everything of one checked release inside the caller's transaction: files, price rows, its state.

    `files` is SHA-256 (hex) → bytes as signed. `prices` are the rows of its price file, None without one.
    """
    connection.executemany(
        "INSERT OR IGNORE INTO release_file (sha256, length, data) VALUES (?, ?, ?)",
        [(sha256, len(data), data) for sha256, data in files.items()],
    )
    if prices is not None:
        _stage_prices(connection, manifest.version, prices)
    utils_database(connection).table("release_state").insert(
        {
            "version": manifest.version,
            "manifest_sha256": manifest.sha256,
            "manifest": manifest.text,
            "epoch": manifest.epoch,
            "issued_at_ms": manifest.issued_at_ms,
            "expires_at_ms": manifest.expires_at_ms,
            "effective_from_ms": manifest.effective_from_ms,
            "staged_at_ms": at_ms,
            "applied_at_ms": None,
        },
        replace=True,
    )
    connection.execute("DELETE FROM release_refusal WHERE version <= ?", (manifest.version,))


def note_refused(connection: Connection, refused: dict[int, ReleaseRefused], *, at_ms: int) -> None:
    """Why releases were not taken, in place of what was noted before. Inside the caller's transaction."""
    connection.execute("DELETE FROM release_refusal")
    connection.executemany(
        "INSERT INTO release_refusal (version, code, message, at_ms) VALUES (?, ?, ?, ?)",
        [(version, error.code, error.message, at_ms) for version, error in refused.items()],
    )


def offered_roots(connection: Connection) -> list[SignedRoot]:
    """Every root of the feed, oldest first, unchecked."""
    rows = connection.execute("SELECT document, signatures FROM trust_root ORDER BY version").fetchall()
    return [SignedRoot(*row) for row in rows]


def drop_staged(connection: Connection, trust: Trust, instant_ms: int) -> list[int]:
    """Let go of the first staged release that `trust` refuses, and of all that builds on it.

    What is in force stays: a checkout without prices would be worse, and head office publishes the next.
    Inside the caller's transaction.
    """
    rows = connection.execute(
        "SELECT state.version, state.manifest, coalesce(offered.signatures, release_offer.signatures, '[]')"
        " FROM release_state AS state LEFT JOIN release AS offered ON offered.version = state.version"
        " LEFT JOIN release_offer ON release_offer.version = state.version"
        " WHERE state.applied_at_ms IS NULL AND state.effective_from_ms > ? ORDER BY state.version",
        (instant_ms,),
    ).fetchall()
    for version, manifest, signatures in rows:
        try:
            check_manifest(OfferedRelease(version, manifest, signatures), trust)
        except ReleaseRefused:
            connection.execute("DELETE FROM price WHERE since_release >= ?", (version,))
            connection.execute("DELETE FROM release_state WHERE version >= ?", (version,))
            return [row[0] for row in rows if row[0] >= version]
    return []


def _stage_prices(connection: Connection, version: int, prices: PriceRows) -> None:
    connection.execute("DELETE FROM price WHERE since_release = ?", (version,))
    connection.executemany(
        "INSERT INTO price"
        " (price_list_id, sku, since_release, effective_from_ms, effective_to_ms, price_minor)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        ((price_list_id, sku, version, *rest) for price_list_id, sku, *rest in prices.rows),
    )
    if prices.whole:
        # A base says all there is: pairs it does not name have no price from it on.
        connection.execute(
            "INSERT INTO price SELECT DISTINCT old.price_list_id, old.sku, ?, 0, NULL, NULL FROM price AS old"
            " WHERE old.since_release < ? AND NOT EXISTS (SELECT 1 FROM price AS new WHERE"
            " new.price_list_id = old.price_list_id AND new.sku = old.sku AND new.since_release = ?)",
            (version, version, version),
        )


def release_file(connection: Connection, version: int, name: str) -> bytes | None:
    """The content of a release's file, unpacked; None when it is not here or the release has none."""
    row = connection.execute("SELECT manifest FROM release_state WHERE version = ?", (version,)).fetchone()
    if row is None:
        return None
    entry = Manifest.trusted(row[0]).file(name)
    if entry is None:
        return None
    data = connection.execute("SELECT data FROM release_file WHERE sha256 = ?", (entry.sha256,)).fetchone()
    return None if data is None else zstandard.decompress(data[0], max_output_size=FILE_BYTES_MAX)


def prune(connection: Connection, keep_from_version: int) -> None:
    """Forget what only releases below `keep_from_version` need; no kept sale or basket may name those.

    Price rows that are still in force under `keep_from_version` stay, whichever release brought them.
    """
    connection.execute(
        "DELETE FROM price WHERE since_release < (SELECT max(since_release) FROM price AS newer WHERE"
        " newer.price_list_id = price.price_list_id AND newer.sku = price.sku AND newer.since_release <= ?)",
        (keep_from_version,),
    )
    rows = connection.execute(
        "SELECT manifest FROM release_state WHERE version >= ?", (keep_from_version,)
    ).fetchall()
    kept = {entry.sha256 for row in rows for entry in Manifest.trusted(row[0]).files}
    for (sha256,) in connection.execute("SELECT sha256 FROM release_file").fetchall():
        if sha256 not in kept:
            connection.execute("DELETE FROM release_file WHERE sha256 = ?", (sha256,))
    connection.execute("DELETE FROM release_state WHERE version < ?", (keep_from_version,))
