"""The interface document's schemas: the protocol's dataclasses through msgspec, one truth for both ends."""

from __future__ import annotations

from typing import Any

import msgspec

from pos_core.sync import authorisation_messages, protocol, receipt_messages, stock_messages
from sync_server.services.errors import Refused

_REF = "#/components/schemas/{name}"
MESSAGES = (
    protocol.EnrolRequest,
    protocol.EnrolResponse,
    protocol.ResumePoint,
    protocol.PushRequest,
    protocol.FeedPage,
    protocol.SnapshotOffer,
    protocol.ScopeDigest,
    protocol.StatusReport,
    protocol.AllowanceRequest,
    protocol.AllowanceAnswer,
    authorisation_messages.AuthorisationQuestion,
    authorisation_messages.AuthorisationAnswer,
    authorisation_messages.MemberCodeQuestion,
    authorisation_messages.AppCodeQuestion,
    authorisation_messages.AppCode,
    authorisation_messages.MemberCodeAnswer,
    protocol.Erasure,
    protocol.ErasuresRequest,
    protocol.ErasuresAnswer,
    protocol.MemberFound,
    protocol.MemberKeys,
    protocol.MemberKeysTaken,
    protocol.PeerCertificate,
    receipt_messages.ReceiptQuestion,
    receipt_messages.ReceiptAnswer,
    stock_messages.StockQuestion,
    stock_messages.StockAnswer,
    stock_messages.MovementsQuestion,
    stock_messages.MovementsAnswer,
    protocol.ErrorBody,
)


def components() -> dict[str, Any]:
    """`components.schemas` for every message."""
    _, found = msgspec.json.schema_components(MESSAGES, ref_template=_REF)
    push = found["PushRequest"]["properties"]
    push["documents"]["items"] = {"type": "object", "description": "docs/documents.md"}
    push["documents"]["maxItems"] = protocol.PUSH_DOCUMENTS_MAX
    return found


def json_body(message: type) -> dict[str, Any]:
    """`requestBody` of a route that takes one message, plain or zstd."""
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": _REF.format(name=message.__name__)}}},
        }
    }


def answers(message: type | None, *refused: type[Refused]) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route: its message, and the codes it may refuse with."""
    good: dict[str, Any] = {"description": "Done."}
    if message is not None:
        good["content"] = {"application/json": {"schema": {"$ref": _REF.format(name=message.__name__)}}}
    return {200: good, **refusals(*refused)}


def refusals(*refused: type[Refused]) -> dict[int | str, dict[str, Any]]:
    """The part of `responses` that says which codes a route may refuse with, by status."""
    found: dict[int | str, dict[str, Any]] = {}
    for refusal in refused:
        entry = found.setdefault(
            refusal.status,
            {
                "description": "",
                "content": {"application/json": {"schema": {"$ref": _REF.format(name="ErrorBody")}}},
            },
        )
        entry["description"] = ", ".join(filter(None, [entry["description"], f"`{refusal.code}`"]))
    return found


def signed_headers() -> list[dict[str, Any]]:
    """The four headers of a signed request, as parameters."""
    texts = {
        protocol.HEADER_WORKSTATION: "Who asks.",
        protocol.HEADER_CREATED: "Epoch milliseconds by the workstation's idea of the server's clock.",
        protocol.HEADER_NONCE: "16 to 64 characters, new for each request.",
        protocol.HEADER_SIGNATURE: "Base64 Ed25519 over the request statement (docs/security.md).",
    }
    return [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"}, "description": text}
        for name, text in texts.items()
    ]
