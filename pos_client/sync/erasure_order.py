"""Carrying out head office's order to erase a member, whoever passed it on: the server or a peer."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pos_client.journal.journal import Journal
from pos_client.journal.member_keys import keep_order
from pos_client.replica.replica import Replica
from pos_client.sync.errors import BrokenAnswer
from pos_core.sync.protocol import Erasure, erasure_statement


def carry_out(
    order: Erasure,
    server_key: Ed25519PublicKey,
    replica: Replica,
    journal: Journal,
    elsewhere: Callable[[str], object],
) -> None:
    """Destroys the member's data in every file of this workstation; `elsewhere` does it in the others'.

    Raises BrokenAnswer for an order that head office did not sign, and the storage troubles.
    """
    try:
        statement = erasure_statement(order.member_id, order.erased_at_ms)
        server_key.verify(base64.b64decode(order.signature, validate=True), statement)
    except (InvalidSignature, binascii.Error, ValueError):
        raise BrokenAnswer("an erasure that head office did not sign") from None
    replica.erase_member(order.member_id)
    journal.change(lambda c: keep_order(c, order)).result()
    journal.erase_member(order.member_id).result()
    elsewhere(order.member_id)
