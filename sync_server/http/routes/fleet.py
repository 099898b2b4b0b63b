"""The state of the fleet, for dashboards."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from sync_server.http import wire
from sync_server.http.edge import Answer, Edge
from sync_server.http.schemas import refusals
from sync_server.services import errors
from sync_server.services.channel_keys import HEADER_CHANNEL_KEY, ChannelKeys
from sync_server.services.fleet_state import FleetState

CHANNEL = "dashboard"


def router(*, edge: Edge, fleet: FleetState, keys: ChannelKeys) -> APIRouter:
    """One route, for the holder of a key of channel `dashboard`."""
    routes = APIRouter(tags=["operations"])
    header = {"name": HEADER_CHANNEL_KEY, "in": "header", "required": True, "schema": {"type": "string"}}

    @routes.get(
        "/v1/fleet",
        responses={
            200: {
                "description": "Every workstation (docs/operations.md, Workstations).",
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            **refusals(errors.BadChannelKey),
        },
        openapi_extra={"parameters": [header]},
    )
    async def get_fleet(request: Request) -> Response:
        """Release held and staged, last contact, clock, waiting documents, program, head, leases out."""
        key = request.headers.get(HEADER_CHANNEL_KEY, "")

        def say(_: bytes) -> Answer:
            if keys.channel_of(key) != CHANNEL:
                raise errors.BadChannelKey("a key of another channel")
            return Answer(wire.encoded(fleet.report()))

        return await edge.open(request, "fleet", say)

    return routes
