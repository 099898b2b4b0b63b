"""A push carries the documents' own bytes."""

from __future__ import annotations

import random

import msgspec
import zstandard

from pos_client.journal.draft import Recorded
from pos_client.sync.push import push_body
from pos_core.sync.document import Series
from sync_server.services.push_message import PushMessage
from tests.server.support.series import SeriesMaker


def test_documents_travel_byte_for_byte() -> None:
    maker = SeriesMaker("ws-1", dice=random.Random(1))
    batch = [
        Recorded(Series("ws-1", 1), number, "sale", f"d{number}", 0, maker.head, maker.sale())
        for number in (1, 2, 3)
    ]
    body = zstandard.decompress(push_body(1, batch, b"s" * 64))
    message = msgspec.json.decode(body, type=PushMessage)
    assert [bytes(raw) for raw in message.documents] == maker.documents
    assert (message.incarnation, message.first_number, message.head_hash) == (1, 1, batch[-1].hash)
