"""Every page of the console in one table: method, path, who may, which function answers.

A route that is not here does not exist, and a test walks the whole table as every role.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from sync_server.console.ask import Ask, Reply
from sync_server.console.pages import audit, home, own, sign_in, users

FORM_BYTES_MAX = 256 * 1024


class Open(Enum):
    """What needs no permission."""

    ANYBODY = "anybody"
    SIGNED_IN = "signed in"


class Why(Enum):
    """Where a change's reason comes from."""

    ASKED = "its form"
    OF_ITS_DRAFT = "the draft it belongs to, which said why when it was begun"
    OWN = "a person's own session, language or password"
    READS = "nothing is changed: a preview of what a form would do"


@dataclass(frozen=True, slots=True)
class Route:
    """One address. `path` is below `/console`; `{name}` is one part of it."""

    method: Literal["GET", "POST"]
    path: str
    needs: str | Open
    answer: Callable[[Ask], Reply]
    why: Why = Why.ASKED
    body_max: int = FORM_BYTES_MAX


def _get(path: str, needs: str | Open, answer: Callable[[Ask], Reply]) -> Route:
    return Route("GET", path, needs, answer)


def _post(
    path: str,
    needs: str | Open,
    answer: Callable[[Ask], Reply],
    why: Why = Why.ASKED,
    body_max: int = FORM_BYTES_MAX,
) -> Route:
    return Route("POST", path, needs, answer, why, body_max)


ROUTES: tuple[Route, ...] = (
    # Signing in, and what is everybody's own
    _get("/sign-in", Open.ANYBODY, sign_in.form),
    _post("/sign-in", Open.ANYBODY, sign_in.submit, Why.OWN),
    _post("/language", Open.ANYBODY, own.language, Why.OWN),
    _post("/sign-out", Open.SIGNED_IN, own.sign_out, Why.OWN),
    _get("/password", Open.SIGNED_IN, own.password_form),
    _post("/password", Open.SIGNED_IN, own.password, Why.OWN),
    _get("/", "home.view", home.overview),
    # Users and audit
    _get("/users", "users.view", users.listing),
    _post("/users", "users.change", users.add),
    _get("/users/{user_id}", "users.view", users.one),
    _post("/users/{user_id}", "users.change", users.change),
    _post("/users/{user_id}/password", "users.change", users.reset_password),
    _get("/audit", "audit.view", audit.listing),
)
