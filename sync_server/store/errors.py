"""What can go wrong with the server's database file or service."""

from __future__ import annotations

from pos_core.errors import Advice, Trouble


class StoreTrouble(Trouble):
    """Base: the database cannot be used as it is."""

    code = "store_trouble"


class SqliteTooOld(StoreTrouble):
    """The linked SQLite is in the range of the WAL-reset race (docs/dependencies.md)."""

    code = "sqlite_too_old"


class WrongKey(StoreTrouble):
    """The file does not open under this key: another key, or damage in the first page."""

    code = "wrong_key"


class WalRefused(StoreTrouble):
    """The file system refused write-ahead logging (a network share, a read-only folder)."""

    code = "wal_refused"


class SchemaMissing(StoreTrouble):
    """No schema there yet: `init` has not been run on this data directory."""

    code = "not_initialised"


class SchemaTooNew(StoreTrouble):
    """A newer program has migrated this database; this one must not touch it."""

    code = "schema_too_new"


class UpgradeFailed(StoreTrouble):
    """The database could not be taken to this program's schema; it is as it was. `facts`: restored."""

    code = "upgrade_failed"


class StoreBusy(StoreTrouble):
    """Another process holds the write lock for longer than the time-out."""

    code = "store_busy"
    advice = Advice.RETRY


class StoreUnreachable(StoreTrouble):
    """The database server does not answer, or refuses connections; nothing was changed."""

    code = "store_unreachable"
    advice = Advice.RETRY


class OutcomeUnknown(StoreTrouble):
    """The connection broke during a commit: done or not, nobody here knows. Ask again, then see."""

    code = "outcome_unknown"
    advice = Advice.RETRY
