"""The one path of every console request: size, session, token, permission, answer, headers.

Pages run on a few threads of their own, so that neither a flood of checkouts nor of readers stops the other.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import structlog
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Message, Receive

from pos_core.errors import InvalidInput, Refusal, TidemarkError
from sync_server.console.answers import Answers
from sync_server.console.ask import Ask
from sync_server.console.cookies import Cookies
from sync_server.console.desk import Desk
from sync_server.console.routes import Open, Route, Why
from sync_server.console.words import LANGUAGES, Words
from sync_server.services.acts import Act, checked_why
from sync_server.services.console.sessions import SignedIn, csrf_fits

WORKERS = 4
WAITING_MAX = 64
BODY_TIMEOUT_S = 120.0
_SAME_SITE = ("same-origin", "none", None)
_BY_ITSELF = "x-by-itself"
"""Pages that refresh themselves say so: nobody sits there because of that."""
_log = structlog.get_logger("sync_server.console")


class Forbidden(Refusal):
    """A page that this person's roles do not open."""

    code = "console_forbidden"


class SignedOut(Refusal):
    """What was sent came after the session's end; nothing has been done."""

    code = "console_signed_out"


class ForeignForm(Refusal):
    """The form came from another site, or its page is from an older session."""

    code = "console_foreign_form"


class FormTooLarge(InvalidInput):
    """More bytes than the page takes."""

    code = "console_form_too_large"


class ConsoleBusy(Refusal):
    """Too many pages at once."""

    code = "console_busy"


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it came."""

    fields: Mapping[str, list[str]] = field(default_factory=dict)
    files: Mapping[str, UploadFile] = field(default_factory=dict)


class Gate:
    """Answers requests for routes of the table."""

    def __init__(self, desk: Desk, *, secure: bool) -> None:
        self._desk = desk
        self._cookies = Cookies(secure=secure)
        self._answers = Answers(desk.clock, self._cookies)
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="console")
        self._waiting = 0

    async def serve(self, route: Route, request: Request) -> Response:
        """The whole way of one request."""
        started = self._desk.clock.monotonic_ms()
        form: FormData | None = None
        try:
            sent = Sent()
            if route.method == "POST":
                form = await _form(request, route.body_max)
                sent = _sorted(form)
            if self._waiting >= WAITING_MAX:
                raise ConsoleBusy("too many pages at once")
            self._waiting += 1
            try:
                response = await asyncio.get_running_loop().run_in_executor(
                    self._workers, self._answer, route, request, sent
                )
            finally:
                self._waiting -= 1
        except TidemarkError as error:
            response = self._answers.refusal(self._words(request, None), request, error)
        finally:
            if form is not None:
                await form.close()
        response.headers["Server-Timing"] = f"total;dur={self._desk.clock.monotonic_ms() - started}"
        return response

    def close(self) -> None:
        """Waits for pages under way."""
        self._workers.shutdown(wait=True)

    def _words(self, request: Request, who: SignedIn | None) -> Words:
        language = who.user.language if who else self._cookies.language(request)
        if language not in LANGUAGES:
            language = "en" if request.headers.get("accept-language", "zh").startswith("en") else "zh"
        return Words(language, self._desk.facts.now())

    def _answer(self, route: Route, request: Request, sent: Sent) -> Response:
        token = self._cookies.session(request)
        by_itself = _BY_ITSELF in request.headers
        who = self._desk.sessions.find(token, by_itself=by_itself) if token else None
        words = self._words(request, who)
        try:
            if route.needs is not Open.ANYBODY and who is None:
                return _to_sign_in(request)
            if who is not None and who.user.must_change and _waits_for_password(route):
                return RedirectResponse("/console/password", 303)
            ask = self._ask(route, request, sent, who, words)
            reply = route.answer(ask)
            if route.method == "POST" and route.why in (Why.ASKED, Why.OF_ITS_DRAFT):
                assert ask.act.noted, f"{route.path} has left no audit row"
            return self._answers.response(ask, request, reply)
        except TidemarkError as error:
            if not isinstance(error, Refusal | InvalidInput):
                _log.warning("trouble", route=route.path, code=error.code)
            return self._answers.refusal(words, request, error, who=who)
        except Exception as error:
            _log.exception("defect", route=route.path)
            return self._answers.defect(words, request, error, who=who)

    def _ask(self, route: Route, request: Request, sent: Sent, who: SignedIn | None, words: Words) -> Ask:
        token = who.token if who else (self._cookies.visit(request) or secrets.token_urlsafe(24))
        if route.method == "POST":
            _check_origin(request)
            said = request.headers.get("x-csrf-token") or (sent.fields.get("csrf") or [""])[0]
            if not csrf_fits(token, said):
                raise ForeignForm("the page is from another session; load it again")
        region = None
        if isinstance(route.needs, str):
            assert who is not None
            if not who.may(route.needs):
                raise Forbidden("not with your roles", permission=route.needs)
            region = who.region_for(route.needs)
        why = ""
        if route.method == "POST" and route.why is Why.ASKED:
            why = checked_why((sent.fields.get("why") or [""])[0])
        act = Act(who.user.login, why, who.user.user_id) if who else Act("")
        return Ask(
            desk=self._desk,
            words=words,
            route=route.path,
            who=who,
            region=region,
            act=act,
            path={name: str(value) for name, value in request.path_params.items()},
            query=dict(request.query_params),
            form=sent.fields,
            files=sent.files,
            token=token,
            by_htmx=request.headers.get("hx-request") == "true",
        )


def _waits_for_password(route: Route) -> bool:
    return route.needs is not Open.ANYBODY and route.path not in ("/password", "/sign-out")


def _to_sign_in(request: Request) -> Response:
    """A page is shown after signing in; a form stays where it is, with what was typed. Raises SignedOut."""
    if request.headers.get("hx-request") == "true" or request.method == "POST":
        raise SignedOut("the session has ended")
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/console/sign-in?next={quote(wanted)}", 303)


def _check_origin(request: Request) -> None:
    """Browsers say where a form comes from; what is not a browser has no cookie to be abused."""
    origin = request.headers.get("origin")
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    if request.headers.get("sec-fetch-site") not in _SAME_SITE or origin not in (None, own):
        raise ForeignForm("the form came from another site")


async def _form(request: Request, bytes_max: int) -> FormData:
    limited = Request(request.scope, _counted(request.receive, bytes_max))
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            return await limited.form(max_files=2, max_fields=4000, max_part_size=bytes_max)
    except (TimeoutError, ClientDisconnect):
        raise FormTooLarge("the form came too slowly") from None
    except HTTPException as error:
        raise FormTooLarge(str(error.detail)) from None


def _counted(receive: Receive, bytes_max: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > bytes_max:
            raise FormTooLarge("the form is too large", bytes_max=bytes_max)
        return message

    return counted


def _sorted(form: FormData) -> Sent:
    fields: dict[str, list[str]] = {}
    files: dict[str, UploadFile] = {}
    value: Any
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            files[name] = value
        else:
            fields.setdefault(name, []).append(value)
    return Sent(fields, files)
