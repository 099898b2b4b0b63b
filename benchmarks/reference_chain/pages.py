"""Every page of the console asked over loopback HTTP, as an administrator of every role sees it.

First each address of the routes, then what those pages lead to, and what these do: of all links that differ
only in values (a store's code, a day) the first one, so that what is behind a figure is timed as well.
"""

from __future__ import annotations

import html
import re
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

import httpx
from sqlalchemy import select

from sync_server.console.routes import ROUTES, Open
from sync_server.head_office import HeadOffice
from sync_server.services.acts import at_command_line
from sync_server.services.console.roles import Role
from sync_server.store import console_user
from sync_server.store.engine import Txn
from sync_server.store.schema import tables

LOGIN = "benchmark"
_FILES = re.compile(r"/(export|take|rejects)$")
_LINK = re.compile(r'(?:href|hx-get)="/console(/[^"#]*)')
_QUERIES = {
    "/releases/{version}/behind": "?when=since&what=sales",
    "/keymaps/new": "?name=benchmark&based_on=tidemark",
}
"""What a page is not shown without."""
_PAGES = [
    (route.path, re.compile(re.sub(r"\{\w+\}", "[^/]+", route.path)))
    for route in ROUTES
    if route.method == "GET" and route.needs is not Open.ANYBODY
]


@dataclass(frozen=True, slots=True)
class Asked:
    """One page: milliseconds of each time, its status and bytes."""

    path: str
    status: int
    length: int
    ms: tuple[float, ...]


def session(office: HeadOffice) -> str:
    """A fresh session (they end by themselves), of every role but the regional manager's: it sees less."""
    known = office.store.read(lambda txn: console_user.by_login(txn, LOGIN))
    if known is None:
        roles = [role for role in Role if role != Role.REGIONAL_MANAGER]
        known, _ = office.users.add(
            at_command_line(), login=LOGIN, name="Benchmark", roles=roles, password="correct horse battery"
        )
    return office.sessions.open(known.user_id)


def examples(office: HeadOffice) -> dict[str, str]:
    """What stands for the parts of addresses; a part that is missing here has no page to open."""

    def read(txn: Txn) -> dict[str, str]:
        document = tables.document
        sale = txn.execute(
            select(document.c.workstation_id, document.c.incarnation, document.c.number, document.c.store_id)
            .where(document.c.type == "sale")
            .limit(1)
        ).first()
        member = txn.execute(
            select(tables.projected["transaction_total"].c.member_id)
            .where(tables.projected["transaction_total"].c.member_id.is_not(None))
            .limit(1)
        ).scalar()
        assert sale is not None
        return {
            "workstation_id": sale[0],
            "incarnation": str(sale[1]),
            "number": str(sale[2]),
            "store_id": sale[3],
            "sku": "SKU0000000",
            "member_id": str(member),
            "version": "1",
            "policy_key": "replenishment",
        }

    return office.store.read(read)


def pages(parts: Mapping[str, str]) -> list[str]:
    """Addresses of every page that can be opened with these parts; files to take away are not pages."""
    found = []
    for route in ROUTES:
        needed = re.findall(r"\{(\w+)\}", route.path)
        if route.method != "GET" or route.needs is Open.ANYBODY or _FILES.search(route.path):
            continue
        if all(name in parts for name in needed):
            path = re.sub(r"\{(\w+)\}", lambda m: parts[m.group(1)], route.path)
            found.append(path + _QUERIES.get(route.path, ""))
    return found


def ask(url: str, token: str, paths: list[str], rounds: int) -> list[Asked]:
    """Each page so many times, then what they lead to; the first time is a cold one and counts."""
    known, waiting = {_shape(path) for path in paths}, deque(paths)
    asked = []
    with httpx.Client(
        base_url=f"{url}/console", cookies={"tidemark": token}, timeout=120, follow_redirects=True
    ) as http:
        while waiting:
            page, text = _ask(http, waiting.popleft(), rounds)
            asked.append(page)
            for link in _links(text):
                if _shape(link) not in known:
                    known.add(_shape(link))
                    waiting.append(link)
    return asked


def _ask(http: httpx.Client, path: str, rounds: int) -> tuple[Asked, str]:
    took = []
    for _ in range(rounds):
        started = time.perf_counter()
        answer = http.get(path)
        took.append((time.perf_counter() - started) * 1000)
        assert "/sign-in" not in str(answer.url), f"signed out at {path}"
    return Asked(path, answer.status_code, len(answer.content), tuple(took)), answer.text


def _links(text: str) -> Iterator[str]:
    """Pages that a page leads to; not files, and not the way out."""
    for match in _LINK.finditer(text):
        link = html.unescape(match.group(1))
        path = urlsplit(link).path
        if _route(path) and not _FILES.search(path):
            yield link


def _shape(link: str) -> tuple[str, ...]:
    """What links have in common that differ only in values."""
    parts = urlsplit(link)
    said = (f"{name}={value}" if name == "what" else name for name, value in parse_qsl(parts.query))
    return (_route(parts.path), *sorted(said))


def _route(path: str) -> str:
    """The address in the routes that a path belongs to; empty where it is none that is looked at."""
    return next((address for address, pattern in _PAGES if pattern.fullmatch(path)), "")
