"""Stock of other stores, for whoever stands before a shopper."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from pos_core.sync.stock_messages import StockAnswer, StockQuestion
from sync_server.http import wire
from sync_server.http.edge import Answer, Edge
from sync_server.http.routes.documents import DOWN
from sync_server.http.schemas import answers, json_body, signed_headers
from sync_server.services.stock_lookup import StockLookup
from sync_server.store.workstation import WorkstationRow

QUESTION_BYTES_MAX = 1024


def router(*, edge: Edge, lookup: StockLookup) -> APIRouter:
    """The route of stock."""
    routes = APIRouter(tags=["stock"])

    def ask(caller: WorkstationRow, body: bytes) -> Answer:
        return Answer(wire.encoded(lookup.ask(caller, wire.decoded(body, StockQuestion))))

    @routes.post(
        "/v1/stock",
        responses=answers(StockAnswer, *DOWN),
        openapi_extra={"parameters": signed_headers(), **json_body(StockQuestion)},
    )
    async def post_stock(request: Request) -> Response:
        """One item in the stores and warehouses around the caller's, nearest first; nothing is reserved."""
        return await edge.signed(request, "stock", ask, body_max=QUESTION_BYTES_MAX)

    return routes
