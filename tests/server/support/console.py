"""Somebody at the console: signed in by role, over real HTTP, without a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from sync_server.head_office import HeadOffice
from sync_server.services.acts import at_command_line
from sync_server.services.console.roles import Role
from sync_server.services.console.sessions import csrf_token
from sync_server.store import console_user
from sync_server.store.console_user import UserRow
from tests.server.support.office import Chain

PASSWORD = "correct horse battery"


def add_user(office: HeadOffice, login: str, *roles: str, region: str | None = None) -> UserRow:
    """A user who has chosen his own password."""
    if Role.REGIONAL_MANAGER in roles and region is None:
        region = "east"
    user, _ = office.users.add(
        at_command_line(), login=login, name=login.title(), roles=roles, region=region, password=PASSWORD
    )
    return user


@dataclass
class Visitor:
    """A signed-in browser's requests."""

    http: httpx.Client
    token: str
    user: UserRow

    @property
    def cookies(self) -> dict[str, str]:
        return {"Cookie": f"tidemark={self.token}"}

    def get(self, path: str, *, htmx: bool = False) -> httpx.Response:
        headers = self.cookies | ({"HX-Request": "true"} if htmx else {})
        return self.http.get(f"/console{path}", headers=headers)

    def post(
        self, path: str, data: dict[str, object] | None = None, *, why: str = "a test", files: object = None
    ) -> httpx.Response:
        form = {"csrf": csrf_token(self.token), **({"why": why} if why else {}), **(data or {})}
        return self.http.post(f"/console{path}", data=form, files=files, headers=self.cookies)  # type: ignore[arg-type]


def sign_in(chain: Chain, *roles: str, login: str = "", region: str | None = None) -> Visitor:
    """A user with these roles and a session, made by the services: no password is hashed twice."""
    login = login or (roles[0] if len(roles) == 1 else "everything")
    known = chain.office.store.read(lambda txn: console_user.by_login(txn, login))
    user = known or add_user(chain.office, login, *roles, region=region)
    return Visitor(chain.http, chain.office.sessions.open(user.user_id), user)


def unopened(page: str) -> list[str]:
    """Numbers of a page that are not zero and that open to nothing."""
    cells = re.findall(r'<td class="num">(.*?)</td>|<dd>(.*?)</dd>', page, re.DOTALL)
    assert any(re.search(r"[1-9]", "".join(each)) for each in cells), "a page without figures shows nothing"
    return [cell for each in cells if re.search(r"[1-9]", cell := "".join(each)) and "<a " not in cell]


def code_of(answer: httpx.Response) -> str:
    """The error code that a page shows; "" when it shows none."""
    found = re.search(r'data-code="([a-z_0-9]+)"', answer.text)
    return found.group(1) if found else ""


@contextmanager
def cheap_passwords() -> Iterator[None]:
    """argon2id with the least work: the parameters have a test of their own."""
    from argon2 import PasswordHasher

    from sync_server.services.console import passwords

    before = passwords.PasswordHasher
    passwords.PasswordHasher = lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # type: ignore[assignment,misc]
    try:
        yield
    finally:
        passwords.PasswordHasher = before  # type: ignore[misc]
