"""Stock of other stores, and the card of an item at the asking one."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from pos_core.sync.stock_messages import MovementsAnswer, MovementsQuestion, StockAnswer, StockQuestion
from sync_server.http import wire
from sync_server.http.edge import Answer, Edge
from sync_server.http.routes.documents import DOWN
from sync_server.http.schemas import answers, json_body, signed_headers
from sync_server.services.stock_card import StockCard
from sync_server.services.stock_lookup import StockLookup
from sync_server.store.workstation import WorkstationRow

QUESTION_BYTES_MAX = 1024


def router(*, edge: Edge, lookup: StockLookup, card: StockCard) -> APIRouter:
    """The routes of stock."""
    routes = APIRouter(tags=["stock"])

    def ask(caller: WorkstationRow, body: bytes) -> Answer:
        return Answer(wire.encoded(lookup.ask(caller, wire.decoded(body, StockQuestion))))

    def movements(caller: WorkstationRow, body: bytes) -> Answer:
        return Answer(wire.encoded(card.ask(caller, wire.decoded(body, MovementsQuestion))))

    @routes.post(
        "/v1/stock",
        responses=answers(StockAnswer, *DOWN),
        openapi_extra={"parameters": signed_headers(), **json_body(StockQuestion)},
    )
    async def post_stock(request: Request) -> Response:
        """One item in the stores and warehouses around the caller's, nearest first; nothing is reserved."""
        return await edge.signed(request, "stock", ask, body_max=QUESTION_BYTES_MAX)

    @routes.post(
        "/v1/stock/movements",
        responses=answers(MovementsAnswer, *DOWN),
        openapi_extra={"parameters": signed_headers(), **json_body(MovementsQuestion)},
    )
    async def post_movements(request: Request) -> Response:
        """Movements and counts of one item at the caller's store by all its workstations, newest first."""
        return await edge.signed(request, "stock_movements", movements, body_max=QUESTION_BYTES_MAX)

    return routes
