"""A push as it came in: decoded, and checked as far as that goes before the write lock is taken."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pos_core.sync.document import Series, head_statement
from pos_core.sync.protocol import PUSH_DOCUMENTS_MAX
from sync_server.services.errors import BadHeadSignature, MalformedRequest, NotYours
from sync_server.services.received import Received
from sync_server.services.typed_document import TypedDocument, encode_lines
from sync_server.store.workstation import WorkstationRow

INCARNATION_MAX = 1_000_000
_NUMBER_MAX = 2**53 - 1 - PUSH_DOCUMENTS_MAX


@dataclass(frozen=True, slots=True)
class PushMessage:
    """`pos_core.sync.protocol.PushRequest` as decoded here: documents stay the bytes they were.

    `typed`: the same documents decoded, where they came as their canonical bytes, else None.
    """

    incarnation: int
    first_number: int
    documents: list[bytes]
    head_hash: str
    signature: str
    typed: list[TypedDocument] | None = None


class _Head(msgspec.Struct, frozen=True):
    incarnation: int
    first_number: int
    head_hash: str
    signature: str


class _Any(_Head, frozen=True):
    documents: list[msgspec.Raw]


class _Typed(_Head, frozen=True):
    documents: list[TypedDocument]


_decode_any: Final = msgspec.json.Decoder(_Any).decode
_decode_typed: Final = msgspec.json.Decoder(_Typed).decode
_DOCUMENTS: Final = b'"documents":['


def decode(body: bytes) -> PushMessage:
    """Raises MalformedRequest."""
    message = _quickly(body) or _carefully(body)
    if len(message.documents) > PUSH_DOCUMENTS_MAX:
        raise MalformedRequest("too many documents", documents=len(message.documents))
    if not 1 <= message.first_number <= _NUMBER_MAX:
        raise MalformedRequest("first_number")
    return message


def _carefully(body: bytes) -> PushMessage:
    try:
        found = _decode_any(body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise MalformedRequest(str(error)[:200]) from None
    documents = list(map(bytes, found.documents))
    return PushMessage(found.incarnation, found.first_number, documents, found.head_hash, found.signature)


def _quickly(body: bytes) -> PushMessage | None:
    """A message whose last field are documents, each as its canonical bytes; None: who knows.

    The documents are decoded once, and their canonical bytes are held against what came as a whole.
    """
    try:
        found = _decode_typed(body)
        batch = encode_lines(found.documents).split(b"\n")
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    batch.pop()  # behind the last line feed
    start, documents = body.find(_DOCUMENTS) + len(_DOCUMENTS), b",".join(batch) + b"]}"
    if len(body) != start + len(documents) or not body.endswith(documents):
        return None
    return PushMessage(
        found.incarnation, found.first_number, batch, found.head_hash, found.signature, found.documents
    )


def check_owner(caller: WorkstationRow, workstation_id: str, incarnation: int) -> None:
    """A workstation speaks of its own series only. Raises NotYours, MalformedRequest."""
    if workstation_id != caller.workstation_id:
        raise NotYours("another workstation's series")
    if not 1 <= incarnation <= INCARNATION_MAX:
        raise MalformedRequest("incarnation")


def check_head(caller: WorkstationRow, own: Series, message: PushMessage, batch: list[Received]) -> None:
    """The one signature that stands for the whole batch. Raises BadHeadSignature."""
    if not batch:
        return
    if batch[-1].hash != message.head_hash:
        raise BadHeadSignature("head_hash is not the hash of the last document")
    statement = head_statement(own, batch[-1].number, message.head_hash)
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(caller.public_key))
        key.verify(base64.b64decode(message.signature, validate=True), statement)
    except (InvalidSignature, binascii.Error, ValueError):
        raise BadHeadSignature("the signature does not fit the head") from None


def first_broken(batch: list[Received]) -> int | None:
    """The first number whose `prev_hash` is not the hash before it, inside the batch."""
    before = None
    for one in batch:
        if before is not None and one.prev_hash is not None and one.prev_hash != before:
            return one.number
        before = one.hash
    return None
