"""The quick way of reading a batch says yes only where the careful way does, and then the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_core.canonical import INTEGER_MAX, canonical_bytes
from pos_core.quantity import QUANTITY_MILLI_MAX
from pos_core.sync.document import DOCUMENT_TYPES, document_bytes, document_hash
from pos_core.sync.shape import LIST_MAX, TEXT_MAX, Check, OneOf, one_of
from sync_server.services import body_types
from sync_server.services.applicability import rows_of
from sync_server.services.body_types import BODY_TYPES
from sync_server.services.quick_reading import QuickReader
from sync_server.services.received import NotApplicable, Received, may_hold_a_long_number, receive
from tests.core.sync.test_envelope import EXAMPLES
from tests.fakes.core_values import SERIES, a_header

pytestmark = pytest.mark.database("sqlite")  # no database is asked
STORE, NUMBER = a_header().store_id, a_header().number
ODD: list[Any] = [
    *(None, True, False, 0, 1, -1, 4, 5, 10_000_000, 10_000_001, INTEGER_MAX, INTEGER_MAX + 1, -INTEGER_MAX),
    *(-INTEGER_MAX - 1, 2**63, 2**64, -(2**64), QUANTITY_MILLI_MAX, QUANTITY_MILLI_MAX + 1),
    *(
        "",
        "x",
        "𝄞" * TEXT_MAX,
        "𝄞" * (TEXT_MAX + 1),
        "a" * 200,
        "a" * 201,
        "a" * 31,
        "a" * 32,
        "\0",
        "\ud800",
    ),
    *("CNY", "cny", "CNY\n", "ÄÖÜ", "00000000000017", "0000000000001a", "٠٠٠٠٠٠٠٠٠٠٠٠١٧", "00000000000017\n"),
    *("019000000000-0000", "019000000000-000G", "-19000000000-0000", "019000000000-0000\n", "2026-02-29"),
    *("2026-02-28", "20260228", "a" * 64, "A" * 64, "a" * 63 + "\n", "cash", "urn:uuid:x", "scanned", "gift"),
    *([], [None], [""], ["x"], ["x"] * LIST_MAX, ["x"] * (LIST_MAX + 1), [{}], [[]]),
    *({}, {"x": 1}, {"x": True}, {"x": None}, {"phone": "1"}, {"version": True, "manifest_sha256": "a" * 64}),
]


def document(kind: str) -> dict[str, Any]:
    return json.loads(document_bytes(a_header(NUMBER, type=kind), EXAMPLES[kind]))  # type: ignore[no-any-return]


def quick(data: bytes) -> Received:
    return QuickReader(SERIES, STORE).read([data], NUMBER)[0]


def careful(data: bytes) -> Received:
    return receive(data, NUMBER)


def agree(data: bytes) -> bool:
    """Both ways tell the same of these bytes; whether the quick way said yes."""
    one, other = quick(data), careful(data)
    assert (one.number, one.data, one.hash, one.value, one.prev_hash) == (
        *(other.number, other.data, other.hash, other.value, other.prev_hash),
    )
    outcomes: list[object] = []
    for each in (one, other):
        try:
            outcomes.append(rows_of(each, SERIES, STORE))
        except NotApplicable as trouble:
            outcomes.append((trouble.reason, trouble.detail))
    assert outcomes[0] == outcomes[1]
    assert json.dumps(one.value) == json.dumps(other.value), "1 is not true, and the order is the same"
    return one.right is not None


@pytest.mark.parametrize("kind", DOCUMENT_TYPES)
def test_a_right_document_of_every_type_is_read_the_quick_way(kind: str) -> None:
    assert agree(canonical_bytes(document(kind)))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in inner for place in places(each, (*path, key)))]


def changed(value: Any, path: tuple[Any, ...], change: Callable[[Any, Any], None]) -> Any:
    """The value with `change(holder, key)` made at one place."""
    found = json.loads(json.dumps(value))
    holder = found
    for key in path[:-1]:
        holder = holder[key]
    change(holder, path[-1])
    return found


def put(new: Any) -> Callable[[Any, Any], None]:
    return lambda holder, key: holder.__setitem__(key, new)


def add(new: Any) -> Callable[[Any, Any], None]:
    return lambda holder, _: holder.update(zz=new) if isinstance(holder, dict) else holder.append(new)


def drop(holder: Any, key: Any) -> None:
    del holder[key]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A document of some type with one to three places changed, canonical or hardly."""
    value = document(draw(st.sampled_from(DOCUMENT_TYPES)))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(value)[1:]))
        other = draw(st.sampled_from([*ODD, *document("sale").values(), 1.0, 1e300]))
        change = draw(st.sampled_from([put(other), put(other), drop, add(other)]))
        value = changed(value, path, change)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=draw(st.booleans()))
    return text.encode("utf-8", "surrogatepass")


@given(damaged())
def test_what_is_odd_is_said_of_a_document_in_the_same_words(data: bytes) -> None:
    agree(data)


@given(damaged(), st.integers(0, 2))
def test_one_odd_document_of_a_batch_is_told_from_those_beside_it(data: bytes, place: int) -> None:
    """Three documents in a chain, one of them odd: each is read as it would be alone."""
    batch: list[bytes] = []
    for number in range(NUMBER, NUMBER + 3):
        before = {"prev_hash": document_hash(batch[-1])} if batch else {}
        batch.append(canonical_bytes(document("no_sale") | {"number": number} | before))
    batch[place] = data
    together = QuickReader(SERIES, STORE).read(batch, NUMBER)
    assert list(map(told, together)) == [
        told(QuickReader(SERIES, STORE).read([one], number)[0]) for number, one in enumerate(batch, NUMBER)
    ]
    assert [each.right is not None for each in together].count(True) >= 2


def told(one: Received) -> tuple[object, ...]:
    return one.number, one.data, one.hash, one.value, one.prev_hash, one.right is not None, repr(one.trouble)


def test_what_is_json_only_together_is_no_document() -> None:
    data = canonical_bytes(document("no_sale"))
    cut = data.index(b",") + 1
    for batch in ([data[: cut - 1], data[cut:]], [data + b"," + data, data[: cut - 1], data[cut:]]):
        read = QuickReader(SERIES, STORE).read(batch, NUMBER)
        assert not any(each.right is not None for each in read)
        assert [each.data for each in read] == batch


@given(st.data())
def test_bytes_that_flipped_are_told_the_same_of(data: st.DataObject) -> None:
    found = bytearray(canonical_bytes(document(data.draw(st.sampled_from(DOCUMENT_TYPES)))))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(found) - 1))
        found[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    agree(bytes(found))


@pytest.mark.parametrize("path", [place for place in places(document("sale")) if place])
def test_every_field_of_a_sale_with_every_odd_value(path: tuple[Any, ...]) -> None:
    for odd in ODD:
        value = changed(document("sale"), path, put(odd))
        agree(
            json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(
                "utf-8", "surrogatepass"
            )
        )


@pytest.mark.parametrize("check", [*body_types._TYPES, one_of("cash", "card")])
def test_a_type_takes_nothing_that_its_check_refuses(check: Check) -> None:
    """Nor refuses what is usual: then every document would go the long way."""
    type_ = body_types._type_of(check)
    taken = []
    for odd in ODD:
        try:
            msgspec.convert(odd, type_)
        except (msgspec.MsgspecError, ValueError):
            continue
        assert check(odd), odd
        taken.append(odd)
    refused_alone = [odd for odd in ODD if check(odd) and not any(odd is each for each in taken)]
    assert all(odd == "-19000000000-0000" for odd in refused_alone), refused_alone
    assert taken or isinstance(check, OneOf)


def test_which_types_are_walked_field_by_field_is_known() -> None:
    """Members' clear fields have a rule of names that no type says."""
    assert {kind for kind, type_ in BODY_TYPES.items() if type_ is None} == {"member_joined", "member_edited"}


@pytest.mark.parametrize(
    "data,long",
    [
        (b'{"n":1234567890123456}', True),
        (b'{"n":-1234567890123456}', True),
        (b"[0,1234567890123456]", True),
        (b'{"n":123456789012345}', False),
        (b'{"text":"1234567890123456"}', False),
        (b'{"text":"x1234567890123456"}', False),
    ],
)
def test_a_number_of_sixteen_digits_is_found_wherever_one_may_stand(data: bytes, long: bool) -> None:
    assert may_hold_a_long_number(data) is long


def test_a_document_is_right_for_one_place_alone() -> None:
    data = canonical_bytes(document("no_sale"))
    assert quick(data).right is not None
    for reader, at in (
        (QuickReader(SERIES, "elsewhere"), NUMBER),
        (QuickReader(type(SERIES)("another", SERIES.incarnation), STORE), NUMBER),
        (QuickReader(type(SERIES)(SERIES.workstation_id, SERIES.incarnation + 1), STORE), NUMBER),
        (QuickReader(SERIES, STORE), NUMBER + 1),
    ):
        assert reader.read([data], at)[0].right is None
