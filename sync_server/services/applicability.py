"""May a document be applied? If so, the rows that follow from it.

Any trouble here, a crash of a check included, sends this one document to quarantine and lets the ones
behind it go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pos_core.errors import TidemarkError
from pos_core.sync.document import Series
from pos_core.sync.envelope import check_body, check_header
from pos_core.sync.projection import Row, may_have_rows, project
from sync_server.services.received import NotApplicable, Received, headers_of
from sync_server.services.typed_document import TypedDocument

_NUL = b"\\u0000"
Outcome = Mapping[str, list[Row]] | NotApplicable
"""The rows of a document by table, or why it may not be applied."""
_NO_ROWS: Final[Outcome] = {}


def outcomes_of(documents: Iterable[Received], series: Series, store_id: str) -> list[Outcome]:
    """What each document comes to."""
    return [
        _NO_ROWS
        if (right := one.right) is not None and not may_have_rows(right.type, right.body)
        else _outcome(one, series, store_id)
        for one in documents
    ]


def _outcome(one: Received, series: Series, store_id: str) -> Outcome:
    try:
        return rows_of(one, series, store_id)
    except NotApplicable as trouble:
        return trouble


def rows_of(received: Received, series: Series, store_id: str) -> dict[str, list[Row]]:
    """The rows of a document, by table. Raises NotApplicable and nothing else."""
    if received.trouble is not None:
        raise received.trouble
    value = received.value
    assert value is not None
    try:
        if received.right is None:
            _check(value, series, received.number, store_id)
        rows = project(value, value["body"])
        if _NUL in received.data and any("\0" in str(cell) for cell in _cells(value, rows)):
            # PostgreSQL cannot hold it; a document must fare alike on both databases.
            raise NotApplicable("not_applicable", "a NUL character in a text")
        return rows
    except NotApplicable:
        raise
    except TidemarkError as error:
        detail = error.facts.get("path") or error.message
        raise NotApplicable(error.code, str(detail)[:200]) from None
    except Exception as error:  # any crash on one document is that document's own trouble
        raise NotApplicable("not_applicable", type(error).__name__) from None


def _check(value: dict[str, Any], series: Series, number: int, store_id: str) -> None:
    header = check_header(value)
    if header.series != series or header.number != number:
        raise NotApplicable("wrong_series", "the header names another series or number")
    if header.store_id != store_id:
        raise NotApplicable("wrong_store", "the header names another store")
    check_body(header.type, value["body"])


def _cells(value: Mapping[str, Any], rows: dict[str, list[Row]]) -> Iterator[object]:
    yield from (cell for name, cell in value.items() if name != "body")
    yield from (cell for each in rows.values() for row in each for cell in row)


def document_row(received: Received, received_at_ms: int) -> Row:
    """The row of table `document` for an applicable document, in column order."""
    return document_rows([received], headers_of([received]), received_at_ms)[0]


def document_rows(
    documents: Sequence[Received], headers: Sequence[TypedDocument], received_at_ms: int
) -> list[Row]:
    """`document_row` of each, whose headers these are."""
    return [
        (
            header.workstation_id,
            header.incarnation,
            header.number,
            header.store_id,
            header.type,
            header.occurred_at_ms,
            header.business_day,
            header.operator_id,
            header.shift_id,
            None if header.release is None else header.release.version,
            one.hash,
            one.data,
            received_at_ms,
        )
        for one, header in zip(documents, headers, strict=True)
    ]
