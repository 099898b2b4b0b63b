"""The ASGI application: routes, error answers for what never reached a route, the interface document."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from pos_core.clock import Clock
from pos_core.sync.protocol import HEADER_PROTOCOL, PROTOCOL_VERSION
from sync_server.console.app import Console
from sync_server.http import wire
from sync_server.http.edge import Edge
from sync_server.http.hints import PATH, HintHub, HintStreams
from sync_server.http.measures import Measures
from sync_server.http.routes import allowances as allowance_routes
from sync_server.http.routes import authorisations as authorisation_routes
from sync_server.http.routes import documents, feed, members, open, quote
from sync_server.http.routes import fleet as fleet_routes
from sync_server.http.routes import peers as peer_routes
from sync_server.http.routes import receipts as receipt_routes
from sync_server.http.routes import stock as stock_routes
from sync_server.http.schemas import components
from sync_server.http.short_ways import ShortWay, short_ways
from sync_server.http.signing import Signing
from sync_server.services.channel_keys import ChannelKeys
from sync_server.services.enrolment import Enrolment
from sync_server.services.erasures import Erasures
from sync_server.services.errors import InternalError, MalformedRequest, MethodNotAllowed, NotFound, Refused
from sync_server.services.feed import Feed
from sync_server.services.files import Files
from sync_server.services.fleet_state import FleetState
from sync_server.services.health import Health
from sync_server.services.member_codes import MemberCodesOnline
from sync_server.services.member_keys import MemberKeyring
from sync_server.services.member_lookup import MemberLookups
from sync_server.services.member_secrets import AppCodes
from sync_server.services.peer_certificates import PeerCertificates
from sync_server.services.push import Push
from sync_server.services.quote import Quotes
from sync_server.services.receipts import Receipts
from sync_server.services.shared.allowances import Allowances
from sync_server.services.shared.authorisations import Authorisations
from sync_server.services.snapshot import Snapshots
from sync_server.services.stock_card import StockCard
from sync_server.services.stock_lookup import StockLookup
from sync_server.services.store_files import StoreFiles
from sync_server.services.workstations import Workstations

TITLE = "Tidemark head office"
VERSION = "1"


class HeadOfficeApp(FastAPI):
    """FastAPI, but for the streams and for what workstations ask all the time (`short_ways`).

    What lies between costs each open stream several kilobytes, and each request as much as reading the feed.
    """

    streams: HintStreams | None = None
    short: Mapping[tuple[str, str], ShortWay] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Everything that arrives."""
        streams = self.streams
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
        elif streams is not None and scope["path"] == PATH:
            await streams(scope, receive, send)
        elif short := self.short.get((scope["method"], scope["path"])):
            response = await short(Request(scope, receive))
            await response(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def make_app(
    *,
    signing: Signing,
    clock: Clock,
    push: Push,
    page_feed: Feed,
    snapshots: Snapshots,
    store_files: StoreFiles,
    files: Files,
    workstations: Workstations,
    enrolment: Enrolment,
    allowances: Allowances,
    authorisations: Authorisations,
    codes: MemberCodesOnline,
    member_keys: MemberKeyring,
    erasures: Erasures,
    lookups: MemberLookups,
    app_codes: AppCodes,
    health: Health,
    quotes: Quotes,
    receipts: Receipts,
    stock: StockLookup,
    stock_card: StockCard,
    channel_keys: ChannelKeys,
    fleet: FleetState,
    peer_certificates: PeerCertificates,
    ca: str,
    tls: bool,
    console: Console | None = None,
    hub: HintHub | None = None,
    on_start: Callable[[], None] = lambda: None,
    on_stop: Callable[[], None] = lambda: None,
) -> FastAPI:
    """The application; `console` are the pages; `on_start` and `on_stop` run a serving process's jobs."""
    measures = Measures()
    edge = Edge(signing, workstations, clock, measures)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        on_start()
        if hub is not None:
            hub.start()
        try:
            yield
        finally:
            if hub is not None:
                await hub.stop()
            on_stop()
            edge.close()
            if console is not None:
                console.close()
            workstations.flush_contacts()

    app = HeadOfficeApp(
        title=TITLE, version=VERSION, docs_url=None, redoc_url=None, lifespan=lifespan, redirect_slashes=False
    )
    app.include_router(
        open.router(edge=edge, health=health, measures=measures, enrolment=enrolment, ca=ca, tls=tls)
    )
    going_up = documents.router(edge=edge, push=push)
    coming_down = feed.router(
        edge=edge,
        feed=page_feed,
        snapshots=snapshots,
        store_files=store_files,
        files=files,
        workstations=workstations,
    )
    for each in (going_up, coming_down):
        app.include_router(each)
    app.short = short_ways(going_up, coming_down)
    app.include_router(
        members.router(
            edge=edge,
            keyring=member_keys,
            erasures=erasures,
            lookups=lookups,
            app_codes=app_codes,
            keys=channel_keys,
        )
    )
    app.include_router(allowance_routes.router(edge=edge, allowances=allowances))
    app.include_router(authorisation_routes.router(edge=edge, authorisations=authorisations, codes=codes))
    app.include_router(quote.router(edge=edge, quotes=quotes, keys=channel_keys))
    app.include_router(fleet_routes.router(edge=edge, fleet=fleet, keys=channel_keys))
    app.include_router(peer_routes.router(edge=edge, certificates=peer_certificates))
    app.include_router(receipt_routes.router(edge=edge, receipts=receipts))
    app.include_router(stock_routes.router(edge=edge, lookup=stock, card=stock_card))
    if hub is not None:
        app.streams = HintStreams(hub, edge, page_feed)
    if console is not None:
        app.mount("/console", console.app)
    _answer_strays(app, clock)
    _describe(app)
    return app


def _answer_strays(app: FastAPI, clock: Clock) -> None:
    """Unknown paths, wrong methods and defects get the same error body as everything else."""

    def answer(error: Refused) -> Response:
        body = wire.error_bytes(error, clock.now_ms())
        headers = {HEADER_PROTOCOL: str(PROTOCOL_VERSION), "Cache-Control": "no-store"}
        return Response(body, error.status, headers, "application/json")

    @app.exception_handler(HTTPException)
    async def _stray(_: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == 404:
            return answer(NotFound("no such path"))
        if status == 405:
            return answer(MethodNotAllowed("not with this method"))
        return answer(MalformedRequest(f"status {status}"))

    @app.exception_handler(Exception)
    async def _defect(_: Request, error: Exception) -> Response:
        return answer(InternalError(type(error).__name__))


def _drop_unsaid_answers(operation: dict[str, Any]) -> None:
    """FastAPI adds its own 422 to routes with parameters; ours are checked by the routes themselves."""
    said = operation["responses"].get("422", {}).get("description", "")
    if not said.startswith("`"):
        operation["responses"].pop("422", None)


def _describe(app: FastAPI) -> None:
    """Adds the protocol's schemas to the interface document that FastAPI makes."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = make()
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas.clear()
            schemas.update(components())
            for path in document["paths"].values():
                for operation in path.values():
                    _drop_unsaid_answers(operation)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def interface_document() -> dict[str, Any]:
    """The OpenAPI document alone: the routes are described, never called, so no chain is needed."""
    nothing: Any = None
    app = make_app(
        signing=nothing,
        clock=nothing,
        push=nothing,
        page_feed=nothing,
        snapshots=nothing,
        store_files=nothing,
        files=nothing,
        workstations=nothing,
        fleet=nothing,
        enrolment=nothing,
        allowances=nothing,
        authorisations=nothing,
        codes=nothing,
        member_keys=nothing,
        erasures=nothing,
        lookups=nothing,
        app_codes=nothing,
        health=nothing,
        quotes=nothing,
        receipts=nothing,
        stock=nothing,
        stock_card=nothing,
        channel_keys=nothing,
        peer_certificates=nothing,
        ca="",
        tls=True,
    )
    return app.openapi()
