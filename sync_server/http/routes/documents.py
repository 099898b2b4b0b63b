"""Facts going up: the resume point and the push."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from pos_core.sync import protocol
from sync_server.http import wire
from sync_server.http.edge import Answer, Edge
from sync_server.http.schemas import answers, json_body, signed_headers
from sync_server.services import errors
from sync_server.services.push import Push
from sync_server.store.workstation import WorkstationRow

SIGNED = (
    errors.MalformedRequest,
    errors.SignatureMissing,
    errors.BadSignature,
    errors.ClockOutOfWindow,
    errors.NonceReplayed,
    errors.WorkstationRevoked,
    errors.NotYours,
    errors.BodyTooLarge,
    errors.TooManyAttempts,
    errors.Unavailable,
)
"""What every signed route may refuse with."""
DOWN = (*SIGNED, errors.UpgradeRequired)
"""What every signed route may refuse with that tells a workstation something."""


def router(*, edge: Edge, push: Push) -> APIRouter:
    """The routes of documents."""
    routes = APIRouter(tags=["documents"])

    @routes.get(
        "/v1/series/{workstation_id}/{incarnation}",
        responses=answers(protocol.ResumePoint, *SIGNED),
        openapi_extra={"parameters": signed_headers()},
    )
    async def get_series(request: Request, workstation_id: str, incarnation: str) -> Response:
        """What the server has of the caller's series."""

        def work(caller: WorkstationRow, _: bytes) -> Answer:
            number = whole(incarnation, "incarnation")
            return Answer(wire.encoded(push.resume_point(caller, workstation_id, number)))

        return await edge.signed(request, "series", work, any_version=True)

    def take(caller: WorkstationRow, body: bytes) -> Answer:
        return Answer(wire.encoded(push.push(caller, body)))

    @routes.post(
        "/v1/documents",
        responses=answers(
            protocol.ResumePoint,
            *SIGNED,
            errors.Gap,
            errors.Fork,
            errors.ChainBroken,
            errors.BadHeadSignature,
        ),
        openapi_extra={"parameters": signed_headers(), **json_body(protocol.PushRequest)},
    )
    async def post_documents(request: Request) -> Response:
        """Takes a batch of documents, each once; answers what the server now has."""
        return await edge.signed(
            request, "documents", take, body_max=protocol.PUSH_BYTES_MAX, any_version=True
        )

    return routes


def whole(text: str, name: str) -> int:
    """A natural number in a path or query. Raises MalformedRequest."""
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        raise errors.MalformedRequest(name)
    return int(text)
