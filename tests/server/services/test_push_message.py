"""A push is decoded once where it is all canonical, and says the same as where each document is looked at."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.sync.document import Series
from sync_server.services.errors import MalformedRequest
from sync_server.services.push_message import PushMessage, _carefully, _quickly, decode
from sync_server.services.quick_reading import QuickReader
from tests.server.support.series import SeriesMaker

pytestmark = pytest.mark.database("sqlite")  # no database is asked


def a_push(count: int = 4, seed: int = 1) -> tuple[SeriesMaker, bytes]:
    maker = SeriesMaker("w-1", store_id="S001", dice=random.Random(seed))
    for _ in range(count):
        maker.sale()
        maker.no_sale()
    return maker, maker.push_body()


def said(message: PushMessage | None) -> object:
    return message and (
        message.incarnation,
        message.first_number,
        message.documents,
        message.head_hash,
        message.signature,
    )


def agree(body: bytes) -> bool:
    """Whether the quick way takes it; if so, the careful way says the same, and so does reading."""
    quick = _quickly(body)
    if quick is None:
        return False
    careful = _carefully(body)
    assert said(quick) == said(careful)
    own = Series("w-1", quick.incarnation)
    together = QuickReader(own, "S001").read(quick.documents, quick.first_number, quick.typed)
    assert list(map(repr, together)) == list(
        map(repr, QuickReader(own, "S001").read(careful.documents, careful.first_number))
    )
    return True


def test_a_push_of_ours_is_decoded_once() -> None:
    maker, body = a_push()
    message = decode(body)
    assert message.typed is not None and len(message.typed) == len(maker.documents)
    assert message.documents == maker.documents
    assert agree(body)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace(b'"documents":[', b'"documents": ['),
        lambda body: body.replace(b',"number":3,', b', "number":3,'),
        lambda body: body.replace(b'"v":1', b'"v":1.0', 1),
        lambda body: body[:-1] + b" }",
        lambda body: body[:-1] + b',"more":[{"documents":[1]}]}',
        lambda body: body[:-1] + b',"documents":[]}',
        lambda body: b'{"more":{"documents":[{}]},' + body[1:],
        lambda body: b'{"documents":[],' + body[1:],
        lambda body: b'{"documents":[7],' + body[1:],
        lambda body: body.replace(b"]}", b",]}"),
        lambda body: body.replace(b'{"incarnation":1', b'{"incarnation":1,"incarnation":1'),
    ],
)
def test_what_stands_otherwise_is_decoded_with_care_or_refused(change: Any) -> None:
    """Never is a document taken for another one than the careful way takes it for."""
    changed = change(a_push()[1])
    agree(changed)
    try:
        careful: object = said(_carefully(changed))
    except MalformedRequest:
        with pytest.raises(MalformedRequest):
            decode(changed)
    else:
        assert said(decode(changed)) == careful


def test_fields_before_the_documents_may_stand_in_any_order() -> None:
    _, body = a_push()
    head, documents = body[: body.index(b'"documents"') - 1] + b"}", body[body.index(b'"documents"') :]
    fields = json.loads(head)
    for order in (sorted(fields), sorted(fields, reverse=True)):
        text = json.dumps({name: fields[name] for name in order}, separators=(",", ":")).encode()
        assert agree(text[:-1] + b"," + documents)


def test_a_push_of_no_documents_is_one_too() -> None:
    maker, _ = a_push(1)
    assert agree(maker.push_body(3, 2))


@given(st.data())
def test_bytes_that_flipped_are_never_taken_for_what_they_are_not(data: st.DataObject) -> None:
    found = bytearray(a_push(2)[1])
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(found) - 1))
        found[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    agree(bytes(found))
