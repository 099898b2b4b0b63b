"""Receipts of other workstations, other stores and the web shop, for whoever takes goods back."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from pos_core.sync.receipt_messages import ReceiptAnswer, ReceiptQuestion
from sync_server.http import wire
from sync_server.http.edge import Answer, Edge
from sync_server.http.routes.documents import DOWN
from sync_server.http.schemas import answers, json_body, signed_headers
from sync_server.services.receipts import Receipts
from sync_server.store.workstation import WorkstationRow

QUESTION_BYTES_MAX = 4096


def router(*, edge: Edge, receipts: Receipts) -> APIRouter:
    """The route of receipts."""
    routes = APIRouter(tags=["receipts"])

    def ask(caller: WorkstationRow, body: bytes) -> Answer:
        return Answer(wire.encoded(receipts.ask(caller, wire.decoded(body, ReceiptQuestion))))

    @routes.post(
        "/v1/receipts",
        responses=answers(ReceiptAnswer, *DOWN),
        openapi_extra={"parameters": signed_headers(), **json_body(ReceiptQuestion)},
    )
    async def post_receipts(request: Request) -> Response:
        """Sales that goods may come back of, with what came back of them; nothing is kept or reserved."""
        return await edge.signed(request, "receipts", ask, body_max=QUESTION_BYTES_MAX)

    return routes
