"""The few routes that workstations ask all the time, called without the framework's own way to them.

Matching, parameter models and three layers of error handlers took a third of such a request. The routes are
the same functions: their parameters are plain texts with a default, and they answer every refusal themselves
(`Edge`). Whatever else arrives, and the interface document, goes the framework's way.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

ShortWay = Callable[[Request], Awaitable[Response]]
SHORT = (("POST", "/v1/documents"), ("GET", "/v1/feed"), ("GET", "/v1/digest"), ("POST", "/v1/status"))


def short_ways(*routers: APIRouter) -> Mapping[tuple[str, str], ShortWay]:
    """`(method, path)` → what answers it."""
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    found = {(method, route.path): route.endpoint for route in routes for method in route.methods or ()}
    return {place: _way(found[place]) for place in SHORT}


def _way(endpoint: Callable[..., Awaitable[Response]]) -> ShortWay:
    parameters = [each for name, each in inspect.signature(endpoint).parameters.items() if name != "request"]
    assert all(isinstance(each.default, str) for each in parameters), "only texts with a default"
    names = frozenset(each.name for each in parameters)

    def way(request: Request) -> Awaitable[Response]:
        if not names:
            return endpoint(request)
        given = {name: value for name, value in request.query_params.items() if name in names}
        return endpoint(request, **given)

    return way
