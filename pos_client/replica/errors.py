"""A damaged replica has another way out than a damaged journal: all that it holds is at head office."""

from __future__ import annotations

from pathlib import Path

from sqlcipher3 import dbapi2 as sqlcipher

from pos_client.storage.errors import DamagedFile, StorageTrouble, sort_sqlite_error


class DamagedReplica(DamagedFile):
    """A page of the replica fails its authentication, or the file contradicts itself.

    No sale is in it: it may be moved away and is fetched again.
    """

    code = "damaged_replica"


def sort_replica_error(error: sqlcipher.Error | StorageTrouble, path: Path) -> Exception:
    """The trouble to raise in place of `error`, which came from the open replica at `path`."""
    trouble = (
        error if isinstance(error, StorageTrouble) else sort_sqlite_error(error, path, key_is_right=True)
    )
    if not isinstance(trouble, DamagedFile):
        return trouble or error
    return DamagedReplica(
        f"{path}: the reference data is damaged. No sale is in this file. Move it away, then start again with"
        " the server in reach: it is fetched anew.",
        path=str(path),
        sqlite=trouble.facts.get("sqlite", ""),
    )
