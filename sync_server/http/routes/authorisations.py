"""What head office is asked while a shopper waits: an amount of an account, the member's code."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from pos_core.sync.authorisation_messages import (
    AuthorisationAnswer,
    AuthorisationQuestion,
    MemberCodeAnswer,
    MemberCodeQuestion,
)
from sync_server.http import wire
from sync_server.http.edge import Answer, Edge
from sync_server.http.routes.documents import SIGNED
from sync_server.http.schemas import answers, json_body, signed_headers
from sync_server.services.member_codes import MemberCodesOnline
from sync_server.services.shared.authorisations import Authorisations
from sync_server.store.workstation import WorkstationRow

QUESTION_BYTES_MAX = 4096


def router(*, edge: Edge, authorisations: Authorisations, codes: MemberCodesOnline) -> APIRouter:
    """The routes of a waiting till."""
    routes = APIRouter(tags=["authorisations"])

    def ask(caller: WorkstationRow, body: bytes) -> Answer:
        question = wire.decoded(body, AuthorisationQuestion)
        return Answer(wire.encoded(authorisations.ask(caller, question)))

    @routes.post(
        "/v1/authorisations",
        responses=answers(AuthorisationAnswer, *SIGNED),
        openapi_extra={"parameters": signed_headers(), **json_body(AuthorisationQuestion)},
    )
    async def post_authorisations(request: Request) -> Response:
        """Lets an amount of one account go, once; the same question again changes nothing."""
        return await edge.signed(request, "authorisations", ask, body_max=QUESTION_BYTES_MAX)

    def check(caller: WorkstationRow, body: bytes) -> Answer:
        return Answer(wire.encoded(codes.check(caller, wire.decoded(body, MemberCodeQuestion))))

    @routes.post(
        "/v1/member-codes",
        responses=answers(MemberCodeAnswer, *SIGNED),
        openapi_extra={"parameters": signed_headers(), **json_body(MemberCodeQuestion)},
    )
    async def post_member_codes(request: Request) -> Response:
        """Whether the sealed digits are the member's code; they are kept nowhere."""
        return await edge.signed(request, "member_codes", check, body_max=QUESTION_BYTES_MAX)

    return routes
