"""A push carries the documents' own bytes."""

from __future__ import annotations

import random

import zstandard

from pos_client.journal.draft import Stretch
from pos_client.sync.parcel import push_body
from sync_server.services.push_message import decode
from tests.server.support.series import SeriesMaker


def test_documents_travel_byte_for_byte() -> None:
    maker = SeriesMaker("ws-1", dice=random.Random(1))
    documents = [maker.sale() for _ in range(3)]
    body = zstandard.decompress(push_body(1, Stretch(1, maker.head, documents, is_cut=False), b"s" * 64))
    message = decode(body)
    assert message.documents == maker.documents
    assert (message.incarnation, message.first_number, message.head_hash) == (1, 1, maker.head)
