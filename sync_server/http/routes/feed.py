"""Reference data coming down: pages, digests, snapshots, files; and status going up."""

from __future__ import annotations

import re
from dataclasses import replace

from fastapi import APIRouter, Request, Response

from pos_core.sync import protocol, versions
from sync_server.http import wire
from sync_server.http.edge import Answer, Edge, version_of
from sync_server.http.routes.documents import DOWN, SIGNED, whole
from sync_server.http.schemas import answers, json_body, refusals, signed_headers
from sync_server.services import errors
from sync_server.services.feed import Feed
from sync_server.services.files import Files
from sync_server.services.snapshot import Snapshots
from sync_server.services.store_files import StoreFiles
from sync_server.services.workstations import Workstations
from sync_server.store.workstation import WorkstationRow

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


def router(
    *,
    edge: Edge,
    feed: Feed,
    snapshots: Snapshots,
    store_files: StoreFiles,
    files: Files,
    workstations: Workstations,
) -> APIRouter:
    """The routes of the feed."""
    routes = APIRouter(tags=["feed"])
    signed = {"parameters": signed_headers()}

    @routes.get(
        "/v1/feed",
        responses=answers(protocol.FeedPage, *DOWN, errors.EpochChanged, errors.CursorTooOld),
        openapi_extra=signed,
    )
    async def get_feed(request: Request, scope: str = "", epoch: str = "", after: str = "0") -> Response:
        """A page of a scope after a cursor; `to == head` means caught up."""

        def work(caller: WorkstationRow, _: bytes) -> Answer:
            page = feed.page(
                caller, scope=scope, epoch=epoch, after=whole(after, "after"), version=version_of(request)
            )
            takes = "zstd" in request.headers.get("accept-encoding", "")
            return Answer(b"" if takes else page.plain(), zstd=page.zstd)

        return await edge.signed(request, "feed", work)

    @routes.get("/v1/digest", responses=answers(protocol.ScopeDigest, *DOWN), openapi_extra=signed)
    async def get_digest(request: Request, scope: str = "") -> Response:
        """Per kind the count and the sum of row hashes."""

        def work(caller: WorkstationRow, _: bytes) -> Answer:
            found = feed.digest(caller, scope)
            kinds = versions.known_kinds(found.kinds, version_of(request))
            return Answer(wire.encoded(replace(found, kinds=kinds)))

        return await edge.signed(request, "digest", work)

    @routes.get(
        "/v1/snapshot",
        responses=answers(protocol.SnapshotOffer, *DOWN, errors.NotFound, errors.SnapshotBuilding),
        openapi_extra=signed,
    )
    async def get_snapshot(request: Request, scope: str = "chain") -> Response:
        """A prebuilt replica file, its key sealed to the caller; scope `store:…`: all of a store's scopes."""
        offer = store_files.offer if scope.startswith("store:") else snapshots.offer
        return await edge.signed(
            request, "snapshot", lambda caller, _: Answer(wire.encoded(offer(caller, scope)))
        )

    @routes.get(
        "/v1/blobs/{sha256}",
        responses={
            200: {"description": "The file.", "content": {"application/octet-stream": {}}},
            206: {"description": "A part of it.", "content": {"application/octet-stream": {}}},
            **refusals(*DOWN, errors.NotFound, errors.RangeNotSatisfiable),
        },
        openapi_extra=signed,
    )
    async def get_blob(request: Request, sha256: str) -> Response:
        """A release file or snapshot by its SHA-256; takes `Range`, answers with an `ETag`."""

        def work(caller: WorkstationRow, _: bytes) -> Answer:
            if not _SHA256.match(sha256):
                raise errors.NotFound("no such file")
            path = files.path_for(caller, sha256)
            headers = {"ETag": f'"{sha256}"', "Cache-Control": "private, max-age=31536000, immutable"}
            return Answer(content_type="application/octet-stream", headers=headers, file=path)

        return await edge.signed(request, "blobs", work)

    def report(caller: WorkstationRow, body: bytes) -> Answer:
        workstations.report(caller, wire.decoded(body, protocol.StatusReport))
        return Answer(b"{}")

    @routes.post(
        "/v1/status",
        responses=answers(None, *SIGNED),
        openapi_extra={**signed, **json_body(protocol.StatusReport)},
    )
    async def post_status(request: Request) -> Response:
        """What head office's list of workstations shows."""
        return await edge.signed(request, "status", report, any_version=True)

    return routes
