"""Personal fields that a till sealed under its member's key, opened with the key that the till sent for it.

What a document or a key says is a stranger's word: whatever does not open, or is no phone number, is as
good as nothing, and the document keeps its effect all the same.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from pos_core.canonical import parse_strict
from pos_core.customer.member_code import ARGON_BYTES, CODE_SALT, CODE_STRETCHED, SALT_BYTES
from pos_core.errors import TidemarkError
from sync_server.services.keys import ChainKeys
from sync_server.services.personal_data import open_member_key
from sync_server.store import fold_state, member_box
from sync_server.store.engine import Txn

Document = Mapping[str, Any]
MEMBER_TYPES = frozenset({"member_joined", "member_edited"})
NAME_MAX = 40
_NONCE_BYTES = 12
_E164 = re.compile(r"\+[1-9]\d{6,14}\Z")


@dataclass(frozen=True, slots=True)
class Opened:
    """A document of a member with what its box says; None where it says nothing.

    `code`: salt and argon2id output of the member's own code (`pos_core.customer.member_code`); `birthday`:
    an ISO day.
    """

    document: Document
    phone: str | None
    name: str | None
    code: tuple[bytes, bytes] | None = None
    birthday: str | None = None

    def personal(self) -> dict[str, str]:
        """What it says of the member's personal fields, as head office keeps them."""
        said = {"phone": self.phone, "name": self.name, "birthday": self.birthday}
        return {name: value for name, value in said.items() if value}

    @property
    def member_id(self) -> str:
        """Whom it is about."""
        return str(self.document["body"]["member_id"])


def boxed(documents: Sequence[Document]) -> list[Document]:
    """Those that hold a member's box."""
    return [each for each in documents if each["type"] in MEMBER_TYPES and _box_of(each) is not None]


def open_boxes(txn: Txn, keys: ChainKeys, documents: Sequence[Document]) -> list[Opened]:
    """The boxes of `documents` whose keys are here."""
    found = boxed(documents)
    sent = member_box.keys(txn, sorted({str(each["body"]["member_id"]) for each in found}))
    opened = []
    for document in found:
        sealed = sent.get((document["workstation_id"], document["body"]["member_id"]))
        fields = None if sealed is None else _fields(keys, sealed, document)
        if fields is not None:
            opened.append(
                Opened(document, _phone(keys, fields), _name(fields), _code(fields), _birthday(keys, fields))
            )
    return opened


def opened_of(txn: Txn, keys: ChainKeys, member_ids: Sequence[str]) -> list[Opened]:
    """All of these members that can be opened, in the order of their hybrid clocks."""
    documents = [json.loads(data) for _, data in member_box.documents_of(txn, member_ids)]
    opened = open_boxes(txn, keys, documents)
    return sorted(opened, key=lambda each: stamp_of(txn, each.document))


def stamp_of(txn: Txn, document: Document) -> tuple[str, str, int, int]:
    """Where the document stands among all, its clock bounded."""
    series, number = (document["workstation_id"], document["incarnation"]), document["number"]
    bound = fold_state.bounds(txn, *series).get(number)
    hlc = document["hlc"] if bound is None else min(document["hlc"], bound)
    return (hlc, *series, number)


def _box_of(document: Document) -> str | None:
    personal = document["body"].get("personal")
    if not isinstance(personal, dict) or personal.get("member_id") != document["body"]["member_id"]:
        return None
    box = personal.get("box")
    return box if isinstance(box, str) else None


def _fields(keys: ChainKeys, sealed: bytes, document: Document) -> Mapping[str, Any] | None:
    key, text = open_member_key(keys, sealed), _box_of(document)
    if key is None or len(key) != 32 or text is None:
        return None
    try:
        box = base64.b64decode(text, validate=True)
        clear = ChaCha20Poly1305(key).decrypt(
            box[:_NONCE_BYTES], box[_NONCE_BYTES:], document["document_id"].encode()
        )
        fields = parse_strict(clear)
    except (InvalidTag, binascii.Error, ValueError, TidemarkError):
        return None
    return fields if isinstance(fields, dict) else None


def _phone(keys: ChainKeys, fields: Mapping[str, Any]) -> str | None:
    phone = _unsealed(keys, fields.get("sealed_phone"))
    return phone if phone is not None and _E164.match(phone) else None


def _birthday(keys: ChainKeys, fields: Mapping[str, Any]) -> str | None:
    text = _unsealed(keys, fields.get("sealed_birthday"))
    try:
        return None if text is None else date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _unsealed(keys: ChainKeys, sealed: Any) -> str | None:
    """What a till sealed to head office; None: nothing, or nothing that opens."""
    if not isinstance(sealed, str):
        return None
    try:
        clear = open_member_key(keys, base64.b64decode(sealed, validate=True))
        return None if clear is None else clear.decode("ascii")
    except (binascii.Error, ValueError):
        return None


def _name(fields: Mapping[str, Any]) -> str | None:
    name = fields.get("display_name")
    return name[:NAME_MAX] if isinstance(name, str) and name and name.isprintable() else None


def _code(fields: Mapping[str, Any]) -> tuple[bytes, bytes] | None:
    found = []
    for name, length in ((CODE_SALT, SALT_BYTES), (CODE_STRETCHED, ARGON_BYTES)):
        text = fields.get(name)
        try:
            value = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
        except (binascii.Error, ValueError):
            return None
        if len(value) != length:
            return None
        found.append(value)
    return found[0], found[1]
