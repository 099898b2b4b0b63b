"""Deciding on a draft of promotions: checked, approved by somebody else where dangerous, published."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable

from pos_core.clock import Clock
from pos_core.errors import Refusal
from sync_server.services.acts import Act
from sync_server.services.console.drafts import Deciding
from sync_server.services.console.promotion_changes import DRAFTS, PromotionChanges, others_waiting
from sync_server.services.console.promotion_checks import DANGEROUS
from sync_server.services.console.rule_sets import RuleSets, compiled
from sync_server.services.publish import Published, Publisher
from sync_server.store import masters, promotion_change
from sync_server.store.engine import Store, Txn
from sync_server.store.promotion_change import HeadRow, RuleRow

Findings = list[tuple[str, str]]


class DraftEmpty(Refusal):
    """Nothing in it."""

    code = "promotion_change_empty"


class DraftNeedsApproval(Refusal):
    """Dangerous findings, and nobody else has approved them."""

    code = "promotion_change_needs_approval"


class DraftOutdated(Refusal):
    """A promotion of it was changed meanwhile: edit it again on what is there now."""

    code = "promotion_change_outdated"


class PricesWait(Refusal):
    """Prices wait for a release too and would go along unseen: publish them first."""

    code = "promotion_change_prices_wait"


class PromotionsWait(Refusal):
    """Imported promotions wait too: take them into the draft first, so that they are checked."""

    code = "promotion_change_others_wait"


class PromotionDecisions(Deciding[HeadRow]):
    """From draft to release."""

    def __init__(
        self, store: Store, changes: PromotionChanges, sets: RuleSets, publisher: Publisher, clock: Clock
    ) -> None:
        super().__init__(store, clock, DRAFTS)
        self._changes = changes
        self._sets = sets
        self._publisher = publisher

    def submit(self, act: Act, change_id: str) -> bool:
        """Checks it; a harmless one is approved by that, a dangerous one (True) waits for a second person.

        Raises DraftEmpty, DraftNotOpen, DraftOutdated, PromotionsRefused.
        """
        _, rows = self._changes.get(change_id)
        if not rows:
            raise DraftEmpty("nothing in it")
        compiled(self._changes.with_draft(change_id).values())
        found = self._changes.findings(change_id)
        dangerous = any(code in DANGEROUS for _, code in found)

        def write(txn: Txn) -> None:
            row = DRAFTS.editable(txn, act, change_id, self._clock.now_ms())
            _unchanged(txn, rows, change_id)
            after = dataclasses.replace(
                row,
                state="waiting" if dangerous else "approved",
                submitted_by=act.user_id,
                decided_by=None,
                decided_login=None,
                decided_why=None,
                findings=json.dumps(found),
            )
            promotion_change.put(txn, after)
            facts = {"state": after.state, "findings": sorted({code for _, code in found})}
            act.note(txn, self._clock.now_ms(), "promotion_change_submitted", change_id, **facts)

        self._store.write(write)
        return dangerous

    def publish(
        self, act: Act, change_id: str, release: Callable[[Txn, str], Published] | None = None
    ) -> Published:
        """Makes a release of it. It is checked again: what has become dangerous since needs approval again.

        Raises DraftNeedsApproval, DraftOutdated, PricesWait, PromotionsWait, DraftNotOpen and what
        Publisher raises.
        """
        _, rows = self._changes.get(change_id)
        waiting = others_waiting(self._sets, rows)
        found = self._changes.findings(change_id)

        def write(txn: Txn) -> Published:
            row = DRAFTS.known(txn, change_id, "approved")
            _unchanged(txn, rows, change_id)
            if waiting:
                raise PromotionsWait("imported promotions wait too", promotions=", ".join(waiting[:5]))
            if masters.unpublished_pairs(txn):
                raise PricesWait("prices wait for a release too")
            if _not_approved(row, found):
                raise DraftNeedsApproval("dangerous, and nobody else has approved it")
            masters.put_promotions(txn, [(r.promotion_id, r.data) for r in rows if r.data is not None])
            masters.drop_promotions(txn, [r.promotion_id for r in rows if r.data is None])
            note = f"{row.title} ({change_id})"
            if release is not None:
                made = release(txn, note)
            else:
                made = self._publisher.publish_in(txn, note=note, actor=act.actor)
            now = self._clock.now_ms()
            version = made.release.version
            after = dataclasses.replace(row, state="published", version=version, changed_at_ms=now)
            promotion_change.put(txn, after)
            facts = {"version": version, "promotions": [r.promotion_id for r in rows][:20]}
            act.note(txn, now, "promotion_change_published", change_id, **facts)
            return made

        return self._store.write(write)


def _unchanged(txn: Txn, rows: list[RuleRow], change_id: str) -> None:
    """The rows that were checked are those of now, and what they were drafted on is still there."""
    base = masters.promotion_drafts(txn)
    for row in rows:
        if base.get(row.promotion_id) != row.base:
            raise DraftOutdated("changed meanwhile", promotion=row.promotion_id)
    if promotion_change.rows(txn, change_id) != rows:
        raise DraftOutdated("changed meanwhile", promotion=change_id)


def _not_approved(row: HeadRow, found: Findings) -> bool:
    """True when a finding is dangerous and is not among those that a second person has seen."""
    seen = {(name, code) for name, code in json.loads(row.findings or "[]")} if row.decided_by else set()
    return any(code in DANGEROUS and (name, code) not in seen for name, code in found)
