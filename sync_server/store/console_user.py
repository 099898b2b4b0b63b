"""Users of the console, their sessions, and attempts to sign in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, select

from sync_server.store.engine import Txn
from sync_server.store.schema.console import console_attempt, console_session, console_user


@dataclass(frozen=True, slots=True)
class UserRow:
    """One user. `roles` in the order given; `region` only of a regional manager."""

    user_id: str
    login: str
    name: str
    password_hash: str
    roles: tuple[str, ...]
    region: str | None
    state: str
    language: str
    must_change: bool
    created_at_ms: int
    changed_at_ms: int


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One signed-in browser."""

    session_hash: str
    user_id: str
    created_at_ms: int
    seen_at_ms: int


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """Failed attempts in a row for one login, known or not."""

    login_hash: str
    failed: int
    locked_until_ms: int
    last_at_ms: int


def put(txn: Txn, row: UserRow) -> None:
    """Adds a user, or changes one by id."""
    txn.insert_many(
        console_user,
        [
            (
                row.user_id,
                row.login,
                row.name,
                row.password_hash,
                json.dumps(row.roles),
                row.region,
                row.state,
                row.language,
                int(row.must_change),
                row.created_at_ms,
                row.changed_at_ms,
            )
        ],
        on_conflict="replace",
    )


def by_id(txn: Txn, user_id: str) -> UserRow | None:
    """One user."""
    return _one(txn, console_user.c.user_id == user_id)


def by_login(txn: Txn, login: str) -> UserRow | None:
    """One user by what he types."""
    return _one(txn, console_user.c.login == login)


def everybody(txn: Txn) -> list[UserRow]:
    """Every user by login."""
    return [_user(row) for row in txn.execute(select(console_user).order_by(console_user.c.login))]


def add_session(txn: Txn, row: SessionRow) -> None:
    """A browser has signed in."""
    values = (row.session_hash, row.user_id, row.created_at_ms, row.seen_at_ms)
    txn.insert_many(console_session, [values])


def session(txn: Txn, session_hash: str) -> SessionRow | None:
    """One session."""
    statement = select(console_session).where(console_session.c.session_hash == session_hash)
    row = txn.execute(statement).one_or_none()
    return None if row is None else SessionRow(*row)


def touch_session(txn: Txn, session_hash: str, at_ms: int) -> None:
    """It was used just now."""
    statement = console_session.update().where(console_session.c.session_hash == session_hash)
    txn.execute(statement.values(seen_at_ms=at_ms))


def drop_session(txn: Txn, session_hash: str) -> None:
    """Signed out."""
    txn.execute(delete(console_session).where(console_session.c.session_hash == session_hash))


def drop_sessions_of(txn: Txn, user_id: str) -> None:
    """Ends every session of a user."""
    txn.execute(delete(console_session).where(console_session.c.user_id == user_id))


def purge_sessions(txn: Txn, *, seen_before_ms: int, created_before_ms: int) -> None:
    """Forgets sessions that have run out."""
    seen, created = console_session.c.seen_at_ms, console_session.c.created_at_ms
    txn.execute(delete(console_session).where((seen < seen_before_ms) | (created < created_before_ms)))


def attempt(txn: Txn, login_hash: str) -> AttemptRow | None:
    """Failed attempts for a login."""
    statement = select(console_attempt).where(console_attempt.c.login_hash == login_hash)
    row = txn.execute(statement).one_or_none()
    return None if row is None else AttemptRow(*row)


def put_attempt(txn: Txn, row: AttemptRow) -> None:
    """Counts."""
    values = (row.login_hash, row.failed, row.locked_until_ms, row.last_at_ms)
    txn.insert_many(console_attempt, [values], on_conflict="replace")


def drop_attempt(txn: Txn, login_hash: str) -> None:
    """The right password was typed."""
    txn.execute(delete(console_attempt).where(console_attempt.c.login_hash == login_hash))


def purge_attempts(txn: Txn, last_before_ms: int) -> None:
    """Forgets old ones."""
    txn.execute(delete(console_attempt).where(console_attempt.c.last_at_ms < last_before_ms))


def _one(txn: Txn, where: ColumnElement[bool]) -> UserRow | None:
    row = txn.execute(select(console_user).where(where)).one_or_none()
    return None if row is None else _user(row)


def _user(row: Row[*tuple[Any, ...]]) -> UserRow:
    user_id, login, name, hashed, roles, region, state, language, must_change, created, changed = row
    found = tuple(json.loads(roles))
    return UserRow(
        user_id, login, name, hashed, found, region, state, language, bool(must_change), created, changed
    )
