"""The feed's order on PostgreSQL: positions are given after the commit, to rows that everybody can see.

A number taken at INSERT becomes visible at COMMIT, so 101 may be seen before 100 and a reader who stands
at 101 never meets 100. Writers therefore put a ticket below 0 into `feed_row.sequence`, and `stamp` turns
tickets of committed rows into the next sequences of their scope. Whoever stamps holds the scope's row in
`scope_head` until its own commit, so sequences become visible in their order, and no page goes beyond the
head that was committed with them. This rests on that row lock alone: two leaders, or none, lose nothing.

One process is the leader (a session's advisory lock) and stamps all the time, so that N processes do not
poll. Rows that another transaction holds are skipped and met the next time: one long transaction delays
its own keys, not the feed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import structlog

LEADER_LOCK = (7461, 2)
IDLE_S = 0.05
PAUSE_S = 0.005
"""Between two rounds under load: what commits meanwhile is stamped together."""
STANDBY_S = 1.0
SCOPES_AT_ONCE = 200
ROWS_AT_ONCE = 20_000
_log = structlog.get_logger("sync_server.store")

_WAITING = "SELECT DISTINCT scope FROM feed_row WHERE sequence < 0 ORDER BY scope LIMIT %s"
_OPEN_HEAD = "INSERT INTO scope_head (scope, sequence) VALUES (%s, 0) ON CONFLICT (scope) DO NOTHING"
_LOCK_HEAD = "SELECT sequence FROM scope_head WHERE scope = %s FOR UPDATE"
_STAMP = """
WITH picked AS MATERIALIZED (
  SELECT sequence AS ticket FROM feed_row WHERE scope = %(scope)s AND sequence < 0
  ORDER BY sequence DESC LIMIT %(rows)s FOR UPDATE SKIP LOCKED
), given AS (
  SELECT ticket, %(head)s + row_number() OVER (ORDER BY ticket DESC) AS position FROM picked
), stamped AS (
  UPDATE feed_row SET sequence = given.position FROM given
  WHERE feed_row.scope = %(scope)s AND feed_row.sequence = given.ticket AND feed_row.sequence < 0
  RETURNING feed_row.sequence
)
UPDATE scope_head SET sequence = %(head)s + (SELECT count(*) FROM stamped) WHERE scope = %(scope)s
RETURNING sequence - %(head)s
"""

Connect = Callable[[], psycopg.Connection[Any]]


def stamp(connection: psycopg.Connection[Any], *, together: bool = True) -> int:
    """Stamps what is committed and free, scope by scope; returns how many rows.

    READ COMMITTED, outside a transaction when called: each statement must see what was committed before
    it. `together` False makes one transaction per scope, for clusters that spread scopes over machines.
    """
    connection.rollback()
    stamped = 0
    with connection.cursor() as cursor:
        scopes = [row[0] for row in cursor.execute(_WAITING, [SCOPES_AT_ONCE])]
        for scope in scopes:  # in order: two stampers never wait for each other crosswise
            stamped += _stamp_scope(cursor, scope)
            if not together:
                connection.commit()
    connection.commit()
    return stamped


def _stamp_scope(cursor: psycopg.Cursor[Any], scope: str) -> int:
    head = cursor.execute(_LOCK_HEAD, [scope]).fetchone()
    if head is None:
        cursor.execute(_OPEN_HEAD, [scope])
        head = cursor.execute(_LOCK_HEAD, [scope]).fetchone()
        assert head is not None
    moved = cursor.execute(_STAMP, {"scope": scope, "head": head[0], "rows": ROWS_AT_ONCE}).fetchone()
    assert moved is not None
    return int(moved[0])


class Sequencer:
    """A thread that stamps while this process is the leader, and tries to become it while it is not."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._leading = False

    @property
    def running(self) -> bool:
        """True between `start` and `stop`."""
        return self._thread is not None

    @property
    def leading(self) -> bool:
        """True while this process holds the leader's lock; jobs that need one doer look here."""
        return self._leading

    def start(self) -> None:
        """Begins; does nothing when begun."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name="sequencer", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Ends after the round under way; the lock is free when this returns."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._stopping.set()
            self._woken.set()
            thread.join()

    def wake(self) -> None:
        """There is something to stamp."""
        self._woken.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._connect() as connection:
                    self._lead(connection)
            except psycopg.Error as error:
                _log.warning("sequencer_lost_its_connection", error=type(error).__name__)
            finally:
                self._leading = False
            self._stopping.wait(STANDBY_S)

    def _lead(self, connection: psycopg.Connection[Any]) -> None:
        connection.autocommit = True
        while not self._stopping.is_set():
            row = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", LEADER_LOCK).fetchone()
            if row is not None and row[0]:
                break
            self._stopping.wait(STANDBY_S)
        connection.autocommit = False
        self._leading = not self._stopping.is_set()
        while not self._stopping.is_set():
            self._woken.clear()
            if stamp(connection):
                self._stopping.wait(PAUSE_S)
            else:
                self._woken.wait(IDLE_S)
