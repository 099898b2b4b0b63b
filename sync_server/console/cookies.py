"""The console's three cookies: session, visit (before sign-in) and language."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

_YEAR_S = 365 * 86400


class Cookies:
    """With TLS the names carry `__Host-`: no other path, port or sub-domain can set them."""

    def __init__(self, *, secure: bool) -> None:
        prefix = "__Host-" if secure else ""
        self._secure = secure
        self._session = f"{prefix}tidemark"
        self._visit = f"{prefix}tidemark-visit"
        self._language = f"{prefix}tidemark-language"

    def session(self, request: Request) -> str | None:
        """The session's token."""
        return request.cookies.get(self._session)

    def visit(self, request: Request) -> str | None:
        """A stranger's token: his sign-in form is tied to it."""
        return request.cookies.get(self._visit)

    def language(self, request: Request) -> str | None:
        """What was chosen before signing in."""
        return request.cookies.get(self._language)

    def set_session(self, response: Response, token: str) -> None:
        """Until the browser closes or the server ends it; "" takes it away."""
        if token:
            self._set(response, self._session, token)
        else:
            response.delete_cookie(
                self._session, path="/", secure=self._secure, httponly=True, samesite="lax"
            )

    def set_visit(self, response: Response, token: str) -> None:
        """See `visit`."""
        self._set(response, self._visit, token)

    def set_language(self, response: Response, language: str) -> None:
        """For a year."""
        self._set(response, self._language, language, max_age=_YEAR_S)

    def _set(self, response: Response, name: str, value: str, max_age: int | None = None) -> None:
        response.set_cookie(
            name, value, max_age=max_age, path="/", secure=self._secure, httponly=True, samesite="lax"
        )
