"""Of a stretch of documents only those are decoded that something follows from."""

from __future__ import annotations

import json

import pytest

from pos_core.sync.document import DOCUMENT_TYPES, document_bytes
from pos_core.sync.folds import facts_of
from sync_server.services.quick_reading import QuickReader
from sync_server.services.received import Received, headers_of, receive
from sync_server.services.shared import count_steps
from sync_server.services.shared.boxes import boxed
from sync_server.services.shared.stretch import FOLLOWED_TYPES, TRADES, Stretch
from sync_server.services.typed_document import as_typed
from tests.core.sync.test_envelope import EXAMPLES
from tests.fakes.core_values import SERIES, a_header

pytestmark = pytest.mark.database("sqlite")  # no database is asked


def _read(kind: str, hlc: str | None = None) -> Received:
    header = a_header(type=kind)
    data = document_bytes(header, EXAMPLES[kind])
    if hlc is not None:
        data = data.replace(header.hybrid_time.as_text().encode(), hlc.encode())
    (found,) = QuickReader(SERIES, header.store_id).read([data], header.number)
    assert found.right is not None
    return found


@pytest.mark.parametrize("kind", sorted(set(DOCUMENT_TYPES) - FOLLOWED_TYPES))
def test_nothing_follows_from_a_type_that_is_not_followed(kind: str) -> None:
    value = json.loads(_read(kind).data)
    assert facts_of(value, value["body"]) == ()
    assert boxed([value]) == []
    assert kind not in TRADES | count_steps.TYPES


def test_only_what_tells_is_decoded() -> None:
    quiet, sale = _read("signed_off"), _read("sale")
    stretch = Stretch.of([quiet, sale, quiet], headers_of([quiet, sale, quiet]))
    assert stretch.telling == [json.loads(sale.data)]
    assert quiet.decoded is None
    assert stretch.last is quiet.right
    assert stretch.every() == [json.loads(one.data) for one in (quiet, sale, quiet)]


def test_the_latest_hybrid_time_is_that_of_any_document() -> None:
    """A document of which nothing follows may have run ahead of the clock, too."""
    ahead, sale = _read("signed_off", "0fffffffffff-0001"), _read("sale")
    stretch = Stretch.of([ahead, sale], headers_of([ahead, sale]))
    assert stretch.latest_hlc == "0fffffffffff-0001"


@pytest.mark.parametrize("kind", DOCUMENT_TYPES)
def test_the_header_is_the_same_however_a_document_was_read(kind: str) -> None:
    quick = _read(kind)
    careful = receive(quick.data, quick.number)
    assert headers_of([careful]) == headers_of([quick]) == [as_typed(json.loads(quick.data))]
