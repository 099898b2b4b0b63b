"""What a workstation may let go while nobody answers: asked for and renewed at a contact."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from pos_core.sync import protocol
from sync_server.http import wire
from sync_server.http.edge import Answer, Edge
from sync_server.http.routes.documents import SIGNED
from sync_server.http.schemas import answers, json_body, signed_headers
from sync_server.services.shared.allowances import Allowances
from sync_server.store.workstation import WorkstationRow


def router(*, edge: Edge, allowances: Allowances) -> APIRouter:
    """The route of allowances."""
    routes = APIRouter(tags=["allowances"])

    def ask(caller: WorkstationRow, body: bytes) -> Answer:
        return Answer(wire.encoded(allowances.ask(caller, wire.decoded(body, protocol.AllowanceRequest))))

    @routes.post(
        "/v1/allowances",
        responses=answers(protocol.AllowanceAnswer, *SIGNED),
        openapi_extra={"parameters": signed_headers(), **json_body(protocol.AllowanceRequest)},
    )
    async def post_allowances(request: Request) -> Response:
        """Grants what is due to the caller's present series; the same again where an answer was lost."""
        return await edge.signed(request, "allowances", ask)

    return routes
