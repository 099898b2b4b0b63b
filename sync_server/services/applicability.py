"""May a document be applied? If so, the rows that follow from it.

Any trouble here, a crash of a check included, sends this one document to quarantine and lets the ones
behind it go on.
"""

from __future__ import annotations

from typing import Any

from pos_core.errors import TidemarkError
from pos_core.sync.projection import Row, project
from sync_server.services.received import NotApplicable, Received, check_header


def rows_of(
    received: Received, *, workstation_id: str, incarnation: int, store_id: str
) -> dict[str, list[Row]]:
    """The rows of a document, by table. Raises NotApplicable and nothing else."""
    if received.trouble is not None:
        raise received.trouble
    value = received.value
    assert value is not None
    check_header(
        value,
        workstation_id=workstation_id,
        incarnation=incarnation,
        number=received.number,
        store_id=store_id,
    )
    body: dict[str, Any] = value["body"]
    try:
        return project(value, body)
    except TidemarkError as error:
        raise NotApplicable(error.code, error.message[:200]) from None
    except Exception as error:  # any crash on one document is that document's own trouble
        raise NotApplicable("not_applicable", type(error).__name__) from None
