"""What one person asked for and another decides on: the one way in which such a row changes its state."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection
from typing import TypeVar

from pos_core.errors import Refusal
from sync_server.services.acts import Act
from sync_server.store.notice_setup import SendingRow
from sync_server.store.personal import JobRow

Row = TypeVar("Row", JobRow, SendingRow)


def decided(
    act: Act, row: Row | None, state: str, before: Collection[str], missing: Callable[[str], Refusal]
) -> Row:
    """The row in `state`, with who decided and why. Raises `missing` unless it is in one of `before`.

    Raises OwnApproval where somebody approves what he asked for.
    """
    if row is None or row.state not in before:
        raise missing("there is none that can be decided on like this")
    if state == "approved":
        act.refuse_own(row.created_by)
    return dataclasses.replace(
        row, state=state, decided_by=act.user_id, decided_login=act.actor, decided_why=act.why
    )
