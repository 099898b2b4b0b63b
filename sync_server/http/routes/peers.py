"""What the workstations of a store need to know each other by."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from pos_core.sync import protocol
from sync_server.http import wire
from sync_server.http.edge import Answer, Edge
from sync_server.http.routes.documents import DOWN
from sync_server.http.schemas import answers, signed_headers
from sync_server.services.peer_certificates import PeerCertificates
from sync_server.store.workstation import WorkstationRow


def router(*, edge: Edge, certificates: PeerCertificates) -> APIRouter:
    """The route of peer certificates."""
    routes = APIRouter(tags=["peers"])

    def issue(caller: WorkstationRow, _: bytes) -> Answer:
        return Answer(wire.encoded(certificates.issue(caller)))

    @routes.get(
        "/v1/peer-certificate",
        responses=answers(protocol.PeerCertificate, *DOWN),
        openapi_extra={"parameters": signed_headers()},
    )
    async def get_peer_certificate(request: Request) -> Response:
        """A new certificate for the caller's own key, to show to the workstations of its store."""
        return await edge.signed(request, "peer_certificate", issue)

    return routes
