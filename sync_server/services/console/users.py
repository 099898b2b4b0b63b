"""Users of the console: signing in, adding, changing. Unknown login and wrong password look the same."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence

from pos_core.clock import Clock
from pos_core.errors import Refusal
from sync_server.services.acts import Act
from sync_server.services.console.passwords import Passwords, new_password
from sync_server.services.console.roles import Role
from sync_server.services.console.sessions import Sessions
from sync_server.services.identity import new_id
from sync_server.store import console_user
from sync_server.store.console_user import AttemptRow, UserRow
from sync_server.store.engine import Store, Txn

FREE_FAILURES = 4
LOCK_FIRST_MS = 60_000
LOCK_MAX_MS = 3600_000
FORGET_AFTER_MS = 24 * 3600_000
LOGIN_CHARS_MAX = 60


class SignInRefused(Refusal):
    """The login or the password is wrong, or the user may not sign in: which of them is not said."""

    code = "sign_in_refused"


class SignInLocked(Refusal):
    """Too many wrong passwords in a row for this login, whether or not it exists."""

    code = "sign_in_locked"


class UserRefused(Refusal):
    """A login, name, role or region that cannot be; `field` names it."""

    code = "user_refused"


class LoginTaken(Refusal):
    """Somebody has this login."""

    code = "login_taken"


class NoSuchUser(Refusal):
    """Nobody has this id."""

    code = "no_such_user"


class LastAdministrator(Refusal):
    """Without an administrator nobody could change users any more."""

    code = "last_administrator"


class Users:
    """Everything about users but their sessions."""

    def __init__(self, store: Store, sessions: Sessions, clock: Clock, passwords: Passwords) -> None:
        self._store = store
        self._sessions = sessions
        self._clock = clock
        self._passwords = passwords

    def sign_in(self, login: str, password: str) -> str:
        """A new session's token. Raises SignInRefused, SignInLocked."""
        login = login.strip().casefold()[:LOGIN_CHARS_MAX]
        login_hash = hashlib.sha256(login.encode()).hexdigest()
        now = self._clock.now_ms()
        before, user = self._store.read(
            lambda txn: (console_user.attempt(txn, login_hash), console_user.by_login(txn, login))
        )
        if before is not None and now < before.locked_until_ms:
            raise SignInLocked("too many attempts", retry_after_ms=before.locked_until_ms - now)
        right = self._passwords.fits(None if user is None else user.password_hash, password)
        if not right or user is None or user.state != "active":
            self._store.write(lambda txn: self._failed(txn, login_hash, login))
            raise SignInRefused("the login or the password is wrong")
        user_id = user.user_id

        def write(txn: Txn) -> str:
            console_user.drop_attempt(txn, login_hash)
            Act(login, user_id=user_id).note(txn, now, "console_signed_in", login)
            return self._sessions.open_in(txn, user_id)

        return self._store.write_beside(write)

    def _failed(self, txn: Txn, login_hash: str, login: str) -> None:
        now = self._clock.now_ms()
        before = console_user.attempt(txn, login_hash)
        failed = 1
        if before is not None and now - before.last_at_ms < FORGET_AFTER_MS:
            failed = before.failed + 1
        wait = 0 if failed <= FREE_FAILURES else LOCK_FIRST_MS << min(failed - FREE_FAILURES - 1, 10)
        locked_until = now + min(wait, LOCK_MAX_MS) if wait else 0
        console_user.put_attempt(txn, AttemptRow(login_hash, failed, locked_until, now))
        if wait and console_user.by_login(txn, login) is not None:
            Act(login).note(txn, now, "console_sign_in_locked", login, failed=failed)

    def everybody(self) -> list[UserRow]:
        """Every user by login."""
        return self._store.read(console_user.everybody)

    def get(self, user_id: str) -> UserRow:
        """One user. Raises NoSuchUser."""
        return self._store.read(lambda txn: _known(txn, user_id))

    def add(
        self,
        act: Act,
        *,
        login: str,
        name: str,
        roles: Sequence[str],
        region: str | None = None,
        password: str | None = None,
        language: str = "zh",
    ) -> tuple[UserRow, str]:
        """A new user and his first password, which he has to change. Raises UserRefused, LoginTaken."""
        login = login.strip().casefold()
        _check(login, name, roles, region)
        first = password or new_password(login)
        hashed = self._passwords.hashed(first, login=login)
        now = self._clock.now_ms()
        row = UserRow(
            user_id=new_id(self._clock),
            login=login,
            name=name.strip(),
            password_hash=hashed,
            roles=tuple(Role(role).value for role in roles),
            region=region or None,
            state="active",
            language=language,
            must_change=password is None,
            created_at_ms=now,
            changed_at_ms=now,
        )

        def write(txn: Txn) -> None:
            if console_user.by_login(txn, login) is not None:
                raise LoginTaken(f"{login} is taken", login=login)
            console_user.put(txn, row)
            act.note(txn, now, "console_user_added", login, roles=list(row.roles), region=row.region)

        self._store.write(write)
        return row, first

    def change(
        self, act: Act, user_id: str, *, name: str, roles: Sequence[str], region: str | None, state: str
    ) -> None:
        """Other roles, region or state; the user's sessions end. Raises UserRefused, LastAdministrator."""

        def write(txn: Txn) -> None:
            before = _known(txn, user_id)
            _check(before.login, name, roles, region)
            if state not in ("active", "disabled", "frozen"):
                raise UserRefused("not a state", field="state")
            after = dataclasses.replace(
                before,
                name=name.strip(),
                roles=tuple(Role(role).value for role in roles),
                region=region or None,
                state=state,
                changed_at_ms=self._clock.now_ms(),
            )
            self._put(txn, after)
            if not any(_administrates(row) for row in console_user.everybody(txn)):
                raise LastAdministrator("one administrator has to stay")
            facts = {"roles": list(after.roles), "region": after.region, "state": state}
            act.note(txn, after.changed_at_ms, "console_user_changed", before.login, **facts)

        self._store.write(write)

    def reset_password(self, act: Act, user_id: str) -> str:
        """A new first password; the user's sessions end. Raises NoSuchUser."""
        user = self.get(user_id)
        first = new_password(user.login)
        hashed = self._passwords.hashed(first, login=user.login)

        def write(txn: Txn) -> None:
            now = self._clock.now_ms()
            row = _known(txn, user_id)
            self._put(
                txn, dataclasses.replace(row, password_hash=hashed, must_change=True, changed_at_ms=now)
            )
            act.note(txn, now, "console_password_reset", row.login)

        self._store.write(write)
        return first

    def change_password(self, act: Act, user_id: str, *, old: str, new: str) -> str:
        """By the user himself; ends every session and opens a new one, whose token it returns.

        Raises SignInRefused when `old` is wrong, WeakPassword.
        """
        user = self.get(user_id)
        if not self._passwords.fits(user.password_hash, old):
            raise SignInRefused("the password is wrong")
        hashed = self._passwords.hashed(new, login=user.login)

        def write(txn: Txn) -> str:
            now = self._clock.now_ms()
            row = _known(txn, user_id)
            self._put(
                txn, dataclasses.replace(row, password_hash=hashed, must_change=False, changed_at_ms=now)
            )
            act.note(txn, now, "console_password_changed", row.login)
            return self._sessions.open_in(txn, user_id)

        return self._store.write(write)

    def set_language(self, act: Act, user_id: str, language: str) -> None:
        """By the user himself."""

        def write(txn: Txn) -> None:
            row = _known(txn, user_id)
            console_user.put(txn, dataclasses.replace(row, language=language))
            act.note(txn, self._clock.now_ms(), "console_language_changed", row.login, language=language)

        self._store.write(write)

    def purge(self) -> None:
        """Forgets old failed attempts."""
        before = self._clock.now_ms() - FORGET_AFTER_MS
        self._store.write_beside(lambda txn: console_user.purge_attempts(txn, before))

    def _put(self, txn: Txn, row: UserRow) -> None:
        console_user.put(txn, row)
        console_user.drop_sessions_of(txn, row.user_id)


def _known(txn: Txn, user_id: str) -> UserRow:
    row = console_user.by_id(txn, user_id)
    if row is None:
        raise NoSuchUser("nobody has this id")
    return row


def _administrates(row: UserRow) -> bool:
    return row.state == "active" and Role.ADMINISTRATOR in row.roles


def _check(login: str, name: str, roles: Sequence[str], region: str | None) -> None:
    plain = login.replace(".", "").replace("-", "").replace("_", "")
    if not 2 <= len(login) <= LOGIN_CHARS_MAX or not plain.isascii() or not plain.isalnum():
        raise UserRefused("letters, digits, dots, hyphens", field="login")
    if not 1 <= len(name.strip()) <= 60 or not name.isprintable():
        raise UserRefused("a name of up to 60 characters", field="name")
    if not roles or not set(roles) <= set(Role):
        raise UserRefused("one role or more", field="roles")
    if (Role.REGIONAL_MANAGER in roles) != bool(region):
        raise UserRefused("a regional manager has a region, others have none", field="region")
