"""May a document be applied? If so, the rows that follow from it.

Any trouble here, a crash of a check included, sends this one document to quarantine and lets the ones
behind it go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pos_core.errors import TidemarkError
from pos_core.sync.document import Series
from pos_core.sync.envelope import check_body, check_header
from pos_core.sync.projection import Row, project
from sync_server.services.received import NotApplicable, Received

_NUL = b"\\u0000"
Outcome = dict[str, list[Row]] | NotApplicable
"""The rows of a document by table, or why it has none."""


def outcomes_of(documents: Iterable[Received], series: Series, store_id: str) -> list[Outcome]:
    """What each document comes to."""
    found: list[Outcome] = []
    for one in documents:
        try:
            found.append(rows_of(one, series, store_id))
        except NotApplicable as trouble:
            found.append(trouble)
    return found


def rows_of(received: Received, series: Series, store_id: str) -> dict[str, list[Row]]:
    """The rows of a document, by table. Raises NotApplicable and nothing else."""
    if received.trouble is not None:
        raise received.trouble
    value = received.value
    assert value is not None
    try:
        if received.is_right:
            return project(value, value["body"])
        _check(value, series, received.number, store_id)
        rows = project(value, value["body"])
        if _NUL in received.data and any("\0" in str(cell) for cell in _cells(rows)):
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


def _cells(rows: dict[str, list[Row]]) -> Iterator[object]:
    return (cell for each in rows.values() for row in each for cell in row)


def document_row(received: Received, received_at_ms: int) -> Row:
    """The row of table `document` for an applicable document, in column order."""
    value = received.value
    assert value is not None
    release = value["release"]
    return (
        value["workstation_id"],
        value["incarnation"],
        received.number,
        value["store_id"],
        value["type"],
        value["document_id"],
        value["occurred_at_ms"],
        value["hlc"],
        value["business_day"],
        value["operator_id"],
        value["shift_id"],
        None if release is None else release["version"],
        value["prev_hash"],
        received.hash,
        received.data,
        received_at_ms,
    )
