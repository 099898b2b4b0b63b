"""Members: keys of what tills sealed about them, and erasures."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from pos_core.sync import protocol
from pos_core.sync.authorisation_messages import AppCode, AppCodeQuestion
from sync_server.http import wire
from sync_server.http.edge import Answer, Edge
from sync_server.http.routes.documents import DOWN, SIGNED
from sync_server.http.schemas import answers, json_body, signed_headers
from sync_server.services import errors
from sync_server.services.channel_keys import HEADER_CHANNEL_KEY, ChannelKeys
from sync_server.services.erasures import Erasures
from sync_server.services.member_keys import MemberKeyring
from sync_server.services.member_lookup import MemberLookups
from sync_server.services.member_secrets import APP_CHANNEL, AppCodes
from sync_server.store.workstation import WorkstationRow

BUSY = (errors.TooManyAttempts, errors.Unavailable)
_KEY = {"name": HEADER_CHANNEL_KEY, "in": "header", "required": True, "schema": {"type": "string"}}


def router(
    *,
    edge: Edge,
    keyring: MemberKeyring,
    erasures: Erasures,
    lookups: MemberLookups,
    app_codes: AppCodes,
    keys: ChannelKeys,
) -> APIRouter:
    """The routes of members; one of them for the holder of a key of channel `member-app`."""
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

    @routes.post(
        "/v1/members/app-code",
        responses=answers(AppCode, errors.BadChannelKey, errors.MalformedRequest, errors.NotFound, *BUSY),
        openapi_extra={"parameters": [_KEY], **json_body(AppCodeQuestion)},
    )
    async def post_app_code(request: Request) -> Response:
        """The next rotating code of a member whom the channel has signed in."""
        key = request.headers.get(HEADER_CHANNEL_KEY, "")

        def issue(body: bytes) -> Answer:
            if keys.channel_of(key) != APP_CHANNEL:
                raise errors.BadChannelKey("a key of another channel")
            question = wire.decoded(body, AppCodeQuestion)
            return Answer(wire.encoded(app_codes.issue(APP_CHANNEL, question)))

        return await edge.open(request, "app_code", issue)

    return routes
