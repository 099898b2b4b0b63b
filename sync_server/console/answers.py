"""Replies into HTTP: pages with what every page needs, redirects, errors in words, strict headers."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from pos_core.clock import Clock
from pos_core.errors import InvalidInput, Refusal, TidemarkError
from sync_server.console.ask import Ask, Data, Download, Page, Redirect, Reply
from sync_server.console.cookies import Cookies
from sync_server.console.error_words import error_text
from sync_server.console.navigation import menu_for
from sync_server.console.templating import render
from sync_server.console.words import Words
from sync_server.services.console.sessions import SignedIn, csrf_token

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
_STATUS = {
    "console_signed_out": 401,
    "console_forbidden": 403,
    "console_foreign_form": 403,
    "console_busy": 503,
    "console_not_found": 404,
    "sign_in_locked": 429,
}


class Answers:
    """Makes responses."""

    def __init__(self, clock: Clock, cookies: Cookies) -> None:
        self._clock = clock
        self._cookies = cookies

    def response(self, ask: Ask, request: Request, reply: Reply) -> Response:
        """What a page has answered."""
        if isinstance(reply, Page):
            values = {**self._common(ask.words, request, ask.who, ask.token), "ask": ask, **reply.values}
            html = render(reply.template, values)
            made = Response(html, reply.status, dict(reply.headers), "text/html; charset=utf-8")
            if ask.who is None:
                self._cookies.set_visit(made, ask.token)
        elif isinstance(reply, Redirect):
            made = self._redirect(ask, reply)
        elif isinstance(reply, Data):
            made = JSONResponse(reply.value)
        else:
            made = _download(reply)
        return _guarded(made)

    def refusal(
        self, words: Words, request: Request, error: TidemarkError, *, who: SignedIn | None = None
    ) -> Response:
        """An expected error, in words."""
        known = isinstance(error, Refusal | InvalidInput)
        status = _STATUS.get(error.code, 422 if known else 503)
        return self._told(words, request, who, status=status, code=error.code, text=error_text(words, error))

    def defect(
        self, words: Words, request: Request, error: Exception, *, who: SignedIn | None = None
    ) -> Response:
        """A bug of ours: its name alone."""
        text = words("error.internal", kind=type(error).__name__)
        return self._told(words, request, who, status=500, code="internal", text=text)

    def _told(
        self, words: Words, request: Request, who: SignedIn | None, *, status: int, code: str, text: str
    ) -> Response:
        token = who.token if who else (self._cookies.visit(request) or "")
        values = {**self._common(words, request, who, token), "code": code, "text": text, "status": status}
        headers = {}
        template = "error.html"
        if request.headers.get("hx-request") == "true":
            template = "notice.html"
            headers = {"HX-Retarget": "#notice", "HX-Reswap": "innerHTML", "HX-Reselect": ".notice"}
        html = render(template, values)
        return _guarded(Response(html, status, headers, "text/html; charset=utf-8"))

    def _common(self, words: Words, request: Request, who: SignedIn | None, token: str) -> dict[str, Any]:
        """What `layout.html` shows on every page."""
        done = request.query_params.get("done", "")
        path = request.url.path
        return {
            "t": words,
            "who": who,
            "menu": menu_for(who) if who else [],
            "path": path,
            "here": path + (f"?{request.url.query}" if request.url.query else ""),
            "csrf": csrf_token(token) if token else "",
            "done": words(f"done.{done}") if words.has(f"done.{done}") else "",
            "now_ms": self._clock.now_ms(),
        }

    def _redirect(self, ask: Ask, reply: Redirect) -> Response:
        to = reply.to
        if reply.done:
            to += ("&" if "?" in to else "?") + f"done={quote(reply.done)}"
        made: Response
        if ask.by_htmx:
            made = Response(status_code=200, headers={"HX-Redirect": to})
        else:
            made = RedirectResponse(to, 303)
        if reply.session is not None:
            self._cookies.set_session(made, reply.session)
        if reply.language is not None:
            self._cookies.set_language(made, reply.language)
        return made


def _download(reply: Download) -> Response:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(reply.name)}"}
    if isinstance(reply.content, bytes):
        return Response(reply.content, 200, headers, reply.content_type)
    return StreamingResponse(reply.content, 200, headers, reply.content_type)


def _guarded(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
