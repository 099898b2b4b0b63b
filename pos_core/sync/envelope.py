"""Reading documents strictly: one document from its bytes, and a whole series as a chain.

A server that decodes with a faster reader calls `check_header` and `check_body` on the decoded object;
to agree with `parse_document` it must also see that the bytes are canonical (`canonical.is_canonical`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pos_core.canonical import NotCanonical, canonical_bytes, parse_strict
from pos_core.cash.shift import is_business_day
from pos_core.clock import parse_hybrid_time
from pos_core.errors import InvalidInput
from pos_core.ids import is_uuid
from pos_core.sale.balance import check_balance
from pos_core.sync.body_shape import SHAPES
from pos_core.sync.document import (
    DOCUMENT_TYPES,
    DOCUMENT_VERSION,
    BadDocument,
    Header,
    ReleaseRef,
    Series,
    document_hash,
)
from pos_core.sync.shape import check_shape, is_hash

_INTEGER_MAX = 2**53 - 1
ID_MAX = 200
_KEYS = frozenset(
    "v type workstation_id incarnation number document_id store_id occurred_at_ms hlc business_day "
    "operator_id shift_id release prev_hash body".split()
)
_TYPES = frozenset(DOCUMENT_TYPES)
BODY_FAULTS_MAX = 100


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A document that passed every check: its header, its body, the very bytes and their hash (hex)."""

    header: Header
    body: dict[str, Any]
    data: bytes
    hash: str


def parse_document(data: bytes) -> ParsedDocument:
    """The document in `data`. Raises NotCanonical, BadDocument (`facts["path"]`) or Unbalanced."""
    value = parse_strict(data)
    if canonical_bytes(value) != data:
        raise NotCanonical("these are not the canonical bytes of what they say")
    header = check_header(value)
    check_body(header.type, value["body"])
    return ParsedDocument(header, value["body"], data, document_hash(data))


def check_header(value: object) -> Header:
    """The header of a decoded document. Raises BadDocument at the first wrong field.

    A header has exactly the fields of version 1; the body is only seen to be an object.
    """
    if not isinstance(value, dict) or value.keys() != _KEYS:
        odd = sorted(str(key) for key in _KEYS.symmetric_difference(value if isinstance(value, dict) else ()))
        raise BadDocument("not the fields of a document", path=odd[0] if odd else "")
    _require(value["v"] == DOCUMENT_VERSION and value["v"] is not True, "v")
    _require(isinstance(value["type"], str) and value["type"] in _TYPES, "type")
    for name in ("workstation_id", "store_id"):
        _require(isinstance(value[name], str) and 0 < len(value[name]) <= ID_MAX, name)
    for name in ("operator_id", "shift_id"):
        text = value[name]
        _require(text is None or (isinstance(text, str) and 0 < len(text) <= ID_MAX), name)
    for name in ("incarnation", "number"):
        _require(type(value[name]) is int and 0 < value[name] <= _INTEGER_MAX, name)
    _require(
        type(value["occurred_at_ms"]) is int and abs(value["occurred_at_ms"]) <= _INTEGER_MAX,
        "occurred_at_ms",
    )
    _require(isinstance(value["document_id"], str) and is_uuid(value["document_id"]), "document_id")
    _require(
        isinstance(value["business_day"], str) and is_business_day(value["business_day"]), "business_day"
    )
    _require(is_hash(value["prev_hash"]), "prev_hash")
    _require(isinstance(value["body"], dict), "body")
    return _header(value)


def check_body(document_type: str, body: Any) -> None:
    """Raises BadDocument when a field is missing or wrong, Unbalanced (or BadAmount) when money is."""
    shape = SHAPES.get(document_type)
    if shape is None:
        raise BadDocument(f"{document_type!r} is no document type", path="type")
    check_shape(body, shape, "body")
    check_sums(document_type, body)


def check_sums(document_type: str, body: Any) -> None:
    """What the fields of a body of the right shape say of each other. Raises as `check_body`."""
    if document_type in ("sale", "return"):
        _check_line_numbers(body)
        check_balance(body)


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """Where a chain stops holding: at the document that should have had `number`.

    `reason`: not_canonical, bad_document, wrong_series, gap (a number missing or doubled), wrong_prev_hash.
    """

    number: int
    reason: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class BodyFault:
    """A document that stands in the chain but whose body is malformed or does not balance."""

    number: int
    code: str
    path: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What `verify_chain` found. The head is the last document that holds.

    Attributes:
        count: documents that hold, from where the check began.
        first_break: None when all of them do.
        body_faults: the first BODY_FAULTS_MAX of them; `body_fault_count` has them all.
    """

    series: Series
    count: int
    head_number: int
    head_hash: str
    first_break: ChainBreak | None = None
    body_faults: tuple[BodyFault, ...] = field(default=())
    body_fault_count: int = 0

    @property
    def intact(self) -> bool:
        """True when the chain holds and every body is right."""
        return self.first_break is None and self.body_fault_count == 0


def verify_chain(
    series: Series, documents: Iterable[bytes], *, after_number: int = 0, after_hash: str | None = None
) -> ChainReport:
    """Check documents in order: bytes, series, numbers without gaps, hashes; and every body.

    Begins after `after_number` with hash `after_hash` (genesis when None). Stops at the first break, since
    nothing after it is proven; a wrong body is noted and does not stop it. Reads the iterable once.
    """
    number, head = after_number, after_hash or series.genesis()
    faults: list[BodyFault] = []
    fault_count = 0
    first_break: ChainBreak | None = None
    for data in documents:
        header, body, first_break = _link(series, data, number + 1, head)
        if header is None:
            break
        number, head = header.number, document_hash(data)
        try:
            check_body(header.type, body)
        except InvalidInput as fault:
            fault_count += 1
            if len(faults) < BODY_FAULTS_MAX:
                faults.append(BodyFault(number, fault.code, str(fault.facts.get("path", ""))))
    return ChainReport(series, number - after_number, number, head, first_break, tuple(faults), fault_count)


def _link(
    series: Series, data: bytes, expected_number: int, head: str
) -> tuple[Header | None, Any, ChainBreak | None]:
    try:
        value = parse_strict(data)
        if canonical_bytes(value) != data:
            raise NotCanonical("these are not the canonical bytes of what they say")
        header = check_header(value)
    except NotCanonical:
        return None, None, ChainBreak(expected_number, "not_canonical")
    except BadDocument as error:
        return None, None, ChainBreak(expected_number, "bad_document", str(error.facts.get("path", "")))
    reason = ""
    if header.series != series:
        reason = "wrong_series"
    elif header.number != expected_number:
        reason = "gap"
    elif header.prev_hash != head:
        reason = "wrong_prev_hash"
    return (None, None, ChainBreak(expected_number, reason)) if reason else (header, value["body"], None)


def _require(right: bool, path: str) -> None:
    if not right:
        raise BadDocument(f"{path} is wrong", path=path)


def _header(value: Mapping[str, Any]) -> Header:
    try:
        hybrid_time = parse_hybrid_time(value["hlc"])
    except (ValueError, TypeError, AttributeError):
        raise BadDocument("hlc is wrong", path="hlc") from None
    return Header(
        type=value["type"],
        series=Series(value["workstation_id"], value["incarnation"]),
        number=value["number"],
        document_id=value["document_id"],
        store_id=value["store_id"],
        occurred_at_ms=value["occurred_at_ms"],
        hybrid_time=hybrid_time,
        business_day=value["business_day"],
        operator_id=value["operator_id"],
        shift_id=value["shift_id"],
        release=_release(value["release"]),
        prev_hash=value["prev_hash"],
    )


def _release(value: Any) -> ReleaseRef | None:
    if value is None:
        return None
    _require(isinstance(value, dict) and value.keys() == {"version", "manifest_sha256"}, "release")
    _require(type(value["version"]) is int and 0 <= value["version"] <= _INTEGER_MAX, "release.version")
    _require(is_hash(value["manifest_sha256"]), "release.manifest_sha256")
    return ReleaseRef(value["version"], value["manifest_sha256"])


def _check_line_numbers(body: Mapping[str, Any]) -> None:
    """Line numbers rise; a sale has at least one line."""
    previous = 0
    for index, line in enumerate(body["lines"]):
        if line["line_no"] <= previous:
            raise BadDocument("line numbers must rise", path=f"body.lines[{index}].line_no")
        previous = line["line_no"]
    if not body["lines"]:
        raise BadDocument("a transaction has lines", path="body.lines")
