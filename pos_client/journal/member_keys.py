"""One random key per member, outside the chain: destroying it makes what documents say unreadable.

A sealed field set is base64 of a 12-byte nonce and the ChaCha20-Poly1305 ciphertext of the canonical JSON
of the fields, bound to the document's id. The document's hash covers the ciphertext, so the chain verifies
before and after an erasure alike.
"""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from pos_client.journal.draft import MemberErased, PersonalFields
from pos_client.storage.named_sql import load_queries
from pos_core.canonical import canonical_bytes, parse_strict

if TYPE_CHECKING:
    from pos_client.storage.connection import Connection
    from pos_core.sync.protocol import Erasure

_SQL = load_queries("pos_client.journal", "member_key")
_NONCE_BYTES = 12


def seal_fields(
    connection: Connection, personal: PersonalFields, document_id: str, now_ms: int
) -> dict[str, str]:
    """The `personal` entry of a body; makes the member's key in the same transaction when there is none.

    Raises MemberErased.
    """
    row = connection.execute(_SQL["get"], (personal.member_id,)).fetchone()
    if row is None:
        key = secrets.token_bytes(32)
        connection.execute(_SQL["insert"], (personal.member_id, key, now_ms))
    elif row[0] is None:
        raise MemberErased("this member was erased", member_id=personal.member_id)
    else:
        key = bytes(row[0])
    nonce = secrets.token_bytes(_NONCE_BYTES)
    box = nonce + ChaCha20Poly1305(key).encrypt(nonce, canonical_bytes(personal.fields), document_id.encode())
    return {"member_id": personal.member_id, "box": base64.b64encode(box).decode()}


def open_fields(connection: Connection, document: dict[str, Any]) -> dict[str, str] | None:
    """The personal fields of a decoded document; None when it has none or the key was destroyed."""
    sealed = document["body"].get("personal")
    if sealed is None:
        return None
    row = connection.execute(_SQL["get"], (sealed["member_id"],)).fetchone()
    if row is None or row[0] is None:
        return None
    return open_box(document, bytes(row[0]))


def open_box(document: dict[str, Any], key: bytes) -> dict[str, str] | None:
    """The personal fields of a decoded document that has some; None when `key` is not theirs."""
    box = base64.b64decode(document["body"]["personal"]["box"])
    try:
        clear = ChaCha20Poly1305(key).decrypt(
            box[:_NONCE_BYTES], box[_NONCE_BYTES:], document["document_id"].encode()
        )
    except InvalidTag:
        return None
    fields: dict[str, str] = parse_strict(clear)
    return fields


def unacknowledged_keys(connection: Connection, epoch: str, limit: int) -> list[tuple[str, bytes]]:
    """Member and key of those that head office did not say it has, in this epoch."""
    rows = connection.execute(_SQL["unacknowledged"], {"epoch": epoch, "limit": limit}).fetchall()
    return [(member_id, bytes(key)) for member_id, key in rows]


def acknowledge_keys(connection: Connection, epoch: str, member_ids: list[str]) -> None:
    """Head office has these, in this epoch."""
    connection.executemany(_SQL["acknowledge"], [(epoch, member_id) for member_id in member_ids])


def doubt_acknowledged_keys(connection: Connection) -> None:
    """Head office may have lost any of them, in the same epoch."""
    connection.execute(_SQL["doubt"])


def living_keys(connection: Connection, member_ids: list[str]) -> dict[str, bytes]:
    """The keys of those of these members who have one here."""
    rows = [(each, connection.execute(_SQL["get"], (each,)).fetchone()) for each in member_ids]
    return {member_id: bytes(row[0]) for member_id, row in rows if row is not None and row[0] is not None}


def is_erased(connection: Connection, member_id: str) -> bool:
    """True once the member's key was destroyed here."""
    row = connection.execute(_SQL["get"], (member_id,)).fetchone()
    return row is not None and row[0] is None


def erased_members(connection: Connection) -> list[tuple[str, int]]:
    """Members erased here and when, by this machine's clock; the newest first."""
    return [(row[0], row[1]) for row in connection.execute(_SQL["erased"]).fetchall()]


def destroy_key(connection: Connection, member_id: str, now_ms: int) -> None:
    """Takes the key away for ever and remembers that; fine to repeat, and for a member never met.

    The key is overwritten in its place first: SQLite then writes over the very bytes it had, and what
    secure_delete zeroes afterwards is zero already.
    """
    connection.execute(_SQL["overwrite"], (member_id,))
    connection.execute(_SQL["erase"], {"member_id": member_id, "now_ms": now_ms})


def destroy_keys(connection: Connection, member_ids: list[str], now_ms: int) -> None:
    """The same of many."""
    for member_id in member_ids:
        destroy_key(connection, member_id, now_ms)


def give_up_keys(connection: Connection, *, keep_unsent: bool) -> None:
    """Takes away the members' keys, overwritten in their place first; with `keep_unsent` those stay that

    head office never said it has. No member counts as erased by it.
    """
    which = "acked" if keep_unsent else "living"
    connection.execute(_SQL[f"zero_{which}"])
    connection.execute(_SQL[f"drop_{which}"])


def keep_order(connection: Connection, order: Erasure) -> None:
    """Remembers head office's order, with its signature."""
    connection.execute(_SQL["keep_order"], (order.member_id, order.erased_at_ms, order.signature))


def kept_orders(connection: Connection) -> list[Erasure]:
    """Every order that this workstation has carried out; numbers are head office's and not kept."""
    from pos_core.sync.protocol import Erasure

    return [Erasure(0, *row) for row in connection.execute(_SQL["orders"]).fetchall()]
