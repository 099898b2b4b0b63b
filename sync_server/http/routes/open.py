"""What anybody may ask: health, metrics, the CA certificate, and enrolment (the code is the proof)."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from pos_core.sync.protocol import EnrolRequest, EnrolResponse
from sync_server.http import wire
from sync_server.http.edge import Answer, Edge
from sync_server.http.measures import Measures
from sync_server.http.schemas import answers, json_body, refusals
from sync_server.services.enrolment import Enrolment
from sync_server.services.errors import BodyTooLarge, CodeRefused, MalformedRequest, NotFound, TooManyAttempts
from sync_server.services.health import Health


def router(
    *, edge: Edge, health: Health, measures: Measures, enrolment: Enrolment, ca: str, tls: bool
) -> APIRouter:
    """The open routes. `ca` is the CA certificate's PEM text; without TLS there is none to give."""
    routes = APIRouter()

    def say_health(_: bytes) -> Answer:
        report = health.report()
        return Answer(wire.encoded(report), 200 if report["ok"] else 503)

    @routes.get(
        "/v1/health",
        tags=["open"],
        responses={200: {"description": "Well."}, 503: {"description": "Not well."}},
    )
    async def get_health(request: Request) -> Response:
        """Whether the database answers, the epoch, the protocol versions spoken."""
        return await edge.open(request, "health", say_health)

    @routes.get(
        "/metrics",
        tags=["open"],
        responses={200: {"description": "Prometheus text.", "content": {"text/plain": {}}}},
    )
    async def get_metrics(request: Request) -> Response:
        """Counters and gauges in Prometheus' text form."""
        return await edge.open(
            request,
            "metrics",
            lambda _: Answer(
                measures.text(health.gauges()).encode(), content_type="text/plain; version=0.0.4"
            ),
        )

    def say_ca(_: bytes) -> Answer:
        if not tls:
            raise NotFound("this server speaks plain HTTP on loopback")
        return Answer(ca.encode(), content_type="application/x-pem-file")

    @routes.get(
        "/v1/ca",
        tags=["open"],
        responses={
            200: {"description": "PEM.", "content": {"application/x-pem-file": {}}},
            **refusals(NotFound),
        },
    )
    async def get_ca(request: Request) -> Response:
        """The chain's CA certificate; trust it only when its fingerprint is in the enrolment code."""
        return await edge.open(request, "ca", say_ca)

    def enrol(body: bytes) -> Answer:
        return Answer(wire.encoded(enrolment.enrol(wire.decoded(body, EnrolRequest), tls=tls)))

    @routes.post(
        "/v1/enrol",
        tags=["open"],
        responses=answers(EnrolResponse, MalformedRequest, CodeRefused, BodyTooLarge, TooManyAttempts),
        openapi_extra=json_body(EnrolRequest),
    )
    async def post_enrol(request: Request) -> Response:
        """Turns a machine into a workstation of the code's store."""
        return await edge.open(request, "enrol", enrol)

    return routes
