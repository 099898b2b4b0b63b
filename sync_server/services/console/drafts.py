"""The way of a draft, of prices, promotions or coupons: edited by some, decided on by somebody else."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pos_core.clock import Clock
from pos_core.errors import Refusal
from sync_server.services.acts import Act
from sync_server.store.campaign import CampaignRow
from sync_server.store.engine import Store, Txn
from sync_server.store.price_change import ChangeRow
from sync_server.store.promotion_change import HeadRow


class DraftMoved(Refusal):
    """It was changed after the page was opened: what would be approved or written over has not been seen."""

    code = "draft_moved"


Head = TypeVar("Head", ChangeRow, HeadRow, CampaignRow)


@dataclass(frozen=True, slots=True)
class Drafts(Generic[Head]):
    """One kind of draft. `kind` begins the names of its audit rows; `missing` says that none has the id."""

    kind: str
    get: Callable[[Txn, str], Head | None]
    put: Callable[[Txn, Head], None]
    missing: Callable[[], Refusal]
    not_open: type[Refusal]

    def known(self, txn: Txn, change_id: str, *states: str) -> Head:
        """The head, in one of `states` where some are given. Raises `missing`, `not_open`."""
        row = self.get(txn, change_id)
        if row is None:
            raise self.missing()
        if states and row.state not in states:
            raise self.not_open(f"it is {row.state}", state=row.state)
        return row

    def approvable(self, txn: Txn, act: Act, change_id: str, seen_ms: int | None) -> Head:
        """The head of what waits, for somebody who has put nothing into it.

        `seen_ms` is when what he looked at was changed last. Raises OwnApproval, DraftMoved and as `known`.
        """
        row: Head = self.known(txn, change_id, "waiting")
        for editor in {*json.loads(row.editors), row.submitted_by, row.created_by}:
            act.refuse_own(str(editor))
        as_seen(row, seen_ms)
        return row

    def editable(self, txn: Txn, act: Act, change_id: str, now_ms: int) -> Head:
        """The head of a draft, with this person among its editors and no findings any more."""
        row = self.known(txn, change_id, "draft")
        editors = json.loads(row.editors)
        if act.user_id not in editors:
            editors.append(act.user_id)
        return dataclasses.replace(row, editors=json.dumps(editors), findings=None, changed_at_ms=now_ms)


def as_seen(row: Head, seen_ms: int | None) -> None:
    """Raises DraftMoved when it is not what somebody saw; None: a caller who shows no page."""
    if seen_ms is not None and row.changed_at_ms != seen_ms:
        raise DraftMoved("changed since it was looked at")


class Deciding(Generic[Head]):
    """Approving, sending back and giving up."""

    def __init__(self, store: Store, clock: Clock, drafts: Drafts[Head]) -> None:
        self._store = store
        self._clock = clock
        self._drafts: Drafts[Head] = drafts

    def approve(self, act: Act, change_id: str, seen_ms: int | None = None) -> None:
        """By somebody who has put nothing into it. Raises as `Drafts.approvable`."""

        def write(txn: Txn) -> None:
            row: Head = self._drafts.approvable(txn, act, change_id, seen_ms)
            self._decide(txn, act, row, "approved", "approved")

        self._store.write(write)

    def send_back(self, act: Act, change_id: str) -> None:
        """A draft again, from waiting or approved. Raises as `Drafts.known`."""

        def write(txn: Txn) -> None:
            row = self._drafts.known(txn, change_id, "waiting", "approved")
            self._decide(txn, act, row, "draft", "sent_back")

        self._store.write(write)

    def drop(self, act: Act, change_id: str) -> None:
        """Given up; it stays readable. Raises as `Drafts.known`."""

        def write(txn: Txn) -> None:
            row = self._drafts.known(txn, change_id, "draft", "waiting", "approved")
            self._decide(txn, act, row, "dropped", "dropped")

        self._store.write(write)

    def _decide(self, txn: Txn, act: Act, row: Head, state: str, action: str) -> None:
        now = self._clock.now_ms()
        after = dataclasses.replace(
            row,
            state=state,
            decided_by=act.user_id,
            decided_login=act.actor,
            decided_why=act.why,
            changed_at_ms=now,
        )
        self._drafts.put(txn, after)
        act.note(txn, now, f"{self._drafts.kind}_{action}", row.change_id, title=row.title)
