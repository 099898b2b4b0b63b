"""The console: an ASGI application of its own at `/console`, not part of the interface document."""

from __future__ import annotations

import threading

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as AsgiRoute

from pos_core.errors import Refusal
from sync_server.console.answers import HEADERS
from sync_server.console.ask import Ask, Page
from sync_server.console.assets import assets
from sync_server.console.desk import Desk
from sync_server.console.gate import Gate
from sync_server.console.routes import ROUTES, Open, Route
from sync_server.console.templating import environment, warm

_YEAR = "public, max-age=31536000, immutable"


class PageNotFound(Refusal):
    """No page has this address."""

    code = "console_not_found"


class Console:
    """`app` answers below `/console`."""

    def __init__(self, desk: Desk, *, secure: bool) -> None:
        """`secure`: served over TLS. Raises AssetsMissing when set-up has not fetched the libraries."""
        assets()
        environment()
        self._gate = Gate(desk, secure=secure)
        routes = [_as_asgi(self._gate, route) for route in ROUTES]
        routes.append(AsgiRoute("/static/{digest}/{name}", _static, methods=["GET"]))
        stray = Route("GET", "/{path:path}", Open.ANYBODY, _stray)
        routes.append(_as_asgi(self._gate, stray))
        self.app = Starlette(routes=routes)
        self._over = threading.Event()
        self._warming = threading.Thread(target=warm, args=(self._over,), name="console-templates")

    def start(self) -> None:
        """Makes ready, beside everything else, what the first visitor of each page would wait for; once."""
        self._warming.start()

    def close(self) -> None:
        """Waits for pages under way."""
        self._over.set()
        if self._warming.is_alive():
            self._warming.join()
        self._gate.close()


def _as_asgi(gate: Gate, route: Route) -> AsgiRoute:
    async def endpoint(request: Request) -> Response:
        return await gate.serve(route, request)

    return AsgiRoute(route.path, endpoint, methods=[route.method])


async def _static(request: Request) -> Response:
    asset = assets().get(request.path_params["name"])
    if asset is None or asset.digest != request.path_params["digest"]:
        return Response(status_code=404, headers=HEADERS)
    headers = {**HEADERS, "Cache-Control": _YEAR}
    return Response(asset.content, 200, headers, asset.content_type)


def _stray(ask: Ask) -> Page:
    raise PageNotFound("no such page")
