"""Quotes: what a basket costs under a release."""

from __future__ import annotations

import threading
from typing import Any

from fastapi import APIRouter, Request, Response

from sync_server.http.edge import Answer, Edge
from sync_server.http.routes.documents import DOWN
from sync_server.http.schemas import refusals, signed_headers
from sync_server.services import errors
from sync_server.services.channel_keys import HEADER_CHANNEL_KEY, ChannelKeys
from sync_server.services.quote import QUOTE_BYTES_MAX, Quotes
from sync_server.store.workstation import WorkstationRow

CHANNELS_AT_ONCE_MAX = 4
"""Quotes under way for all channel keys together: pricing must not take every worker from the shops."""

_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["basket"],
                "additionalProperties": False,
                "properties": {
                    "basket": {"type": "object", "description": "docs/schema/basket.json"},
                    "release": {
                        "type": "integer",
                        "minimum": 1,
                        "maximum": 2**53 - 1,
                        "description": "Without: the one in force at the basket's instant_ms.",
                    },
                    "explain": {"type": "boolean", "default": False},
                    "member_id": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 100,
                        "description": "Of a member whom the basket does not describe: head office does.",
                    },
                    "segments": {
                        "type": "array",
                        "items": {"type": "string", "minLength": 1, "maxLength": 64},
                        "maxItems": 100,
                        "uniqueItems": True,
                        "description": "With member_id: what the asker knows the member to be in.",
                    },
                },
            }
        }
    },
}
_ANSWER: dict[str, Any] = {
    "description": "The priced basket: canonical bytes, the same as a workstation computes.",
    "content": {
        "application/json": {"schema": {"type": "object", "description": "docs/schema/priced_basket.json"}}
    },
}


def router(*, edge: Edge, quotes: Quotes, keys: ChannelKeys) -> APIRouter:
    """The route of quotes, for workstations (signed) and for channels (by key)."""
    routes = APIRouter(tags=["pricing"])
    free = threading.BoundedSemaphore(CHANNELS_AT_ONCE_MAX)
    headers = [{**header, "required": False} for header in signed_headers()]
    headers.append(
        {
            "name": HEADER_CHANNEL_KEY,
            "in": "header",
            "required": False,
            "schema": {"type": "string"},
            "description": "Instead of the four signing headers: a key made by `channel-key`.",
        }
    )

    def signed(_: WorkstationRow, body: bytes) -> Answer:
        return Answer(quotes.quote(body))

    def by_key(key: str, body: bytes) -> Answer:
        channel = keys.channel_of(key)
        if not free.acquire(blocking=False):
            raise errors.TooManyAttempts("too many quotes at once", retry_after_ms=1000)
        try:
            return Answer(quotes.quote(body, channel=channel))
        finally:
            free.release()

    @routes.post(
        "/v1/quote",
        responses={
            200: _ANSWER,
            **refusals(*DOWN, errors.BadChannelKey, errors.UnknownRelease, errors.BadBasket),
        },
        openapi_extra={"parameters": headers, "requestBody": _BODY},
    )
    async def post_quote(request: Request) -> Response:
        """Prices a basket under a release; nothing is kept or reserved."""
        key = request.headers.get(HEADER_CHANNEL_KEY)
        if key is not None:
            return await edge.open(request, "quote", lambda body: by_key(key, body), body_max=QUOTE_BYTES_MAX)
        return await edge.signed(request, "quote", signed, body_max=QUOTE_BYTES_MAX)

    return routes
