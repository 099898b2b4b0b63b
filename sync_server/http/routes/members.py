"""Members: keys of what tills sealed about them, and erasures."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from pos_core.sync import protocol
from sync_server.http import wire
from sync_server.http.edge import Answer, Edge
from sync_server.http.routes.documents import DOWN, SIGNED
from sync_server.http.schemas import answers, json_body, signed_headers
from sync_server.services.erasures import Erasures
from sync_server.services.member_keys import MemberKeyring
from sync_server.services.member_lookup import MemberLookups
from sync_server.store.workstation import WorkstationRow


def router(*, edge: Edge, keyring: MemberKeyring, erasures: Erasures, lookups: MemberLookups) -> APIRouter:
    """The routes of members."""
    routes = APIRouter(tags=["members"])

    def take(caller: WorkstationRow, body: bytes) -> Answer:
        return Answer(wire.encoded(keyring.take(caller, wire.decoded(body, protocol.MemberKeys))))

    @routes.post(
        "/v1/member-keys",
        responses=answers(protocol.MemberKeysTaken, *SIGNED),
        openapi_extra={"parameters": signed_headers(), **json_body(protocol.MemberKeys)},
    )
    async def post_member_keys(request: Request) -> Response:
        """Takes the keys of members who joined or were edited at the caller; again is fine."""
        return await edge.signed(request, "member_keys", take)

    @routes.get(
        "/v1/members/lookup",
        responses=answers(protocol.MemberFound, *DOWN),
        openapi_extra={"parameters": signed_headers()},
    )
    async def get_member(request: Request, sealed: str = "") -> Response:
        """A member whom the caller's store does not know, by a phone number sealed to head office."""

        def look_up(caller: WorkstationRow, _: bytes) -> Answer:
            return Answer(wire.encoded(lookups.find(caller, sealed)))

        return await edge.signed(request, "member_lookup", look_up)

    def erase(caller: WorkstationRow, body: bytes) -> Answer:
        request = wire.decoded(body, protocol.ErasuresRequest)
        return Answer(wire.encoded(erasures.exchange(caller, request)))

    @routes.post(
        "/v1/erasures",
        responses=answers(protocol.ErasuresAnswer, *SIGNED),
        openapi_extra={"parameters": signed_headers(), **json_body(protocol.ErasuresRequest)},
    )
    async def post_erasures(request: Request) -> Response:
        """Members whose data the caller must destroy, and how far it is with that."""
        return await edge.signed(request, "erasures", erase)

    return routes
