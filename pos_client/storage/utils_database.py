"""sqlite-utils on our connections: for set-up, imports and schema questions, never on the scan path.

sqlite-utils takes `pysqlite3` when it can and stdlib `sqlite3` otherwise; the latter has the WAL-reset race
and, as a second SQLite in the process, would cancel the first one's locks. So `sqlcipher3` is put under the
name that sqlite-utils asks for first, before it is imported.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import sqlcipher3

from pos_client.storage.connection import Connection

if TYPE_CHECKING:
    from sqlite_utils import Database


def utils_database(connection: Connection) -> Database:
    """`connection` as a sqlite-utils Database; it writes inside a transaction that is already open."""
    sys.modules.setdefault("pysqlite3", sqlcipher3)
    sys.modules.setdefault("pysqlite3.dbapi2", sqlcipher3.dbapi2)
    from sqlite_utils import Database

    return Database(connection)  # type: ignore[arg-type]  # the same interface, another module
