"""Deciding on a price change: checked, approved by somebody else where it is dangerous, published."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence

from pos_core.clock import Clock
from pos_core.errors import Refusal
from sync_server.services.acts import Act
from sync_server.services.console.drafts import Deciding
from sync_server.services.console.price_changes import DRAFTS
from sync_server.services.console.price_checks import Before, Checked, Finding, Limits, check
from sync_server.services.console.price_grid import by_pair, price_then
from sync_server.services.importing.context import ChainView, chain_view
from sync_server.services.publish import Published, Publisher
from sync_server.store import catalog, masters, price_change
from sync_server.store.engine import Store, Txn
from sync_server.store.masters import PriceRow
from sync_server.store.price_change import ChangeRow

_CHECKED_AT_ONCE = 2000


class ChangeEmpty(Refusal):
    """Nothing in it."""

    code = "price_change_empty"


class NeedsApproval(Refusal):
    """Dangerous findings, and nobody else has approved them."""

    code = "price_change_needs_approval"


class OthersWait(Refusal):
    """Imported prices wait for a release too: take them into a change first, so that they are checked."""

    code = "price_change_others_wait"


class PriceDecisions(Deciding[ChangeRow]):
    """From draft to release."""

    def __init__(self, store: Store, publisher: Publisher, clock: Clock) -> None:
        super().__init__(store, clock, DRAFTS)
        self._publisher = publisher

    def submit(self, act: Act, change_id: str) -> Checked:
        """Checks it; a harmless one is approved by that, a dangerous one waits for a second person.

        Raises ChangeEmpty, ChangeNotOpen.
        """

        def write(txn: Txn) -> Checked:
            row = DRAFTS.editable(txn, act, change_id, self._clock.now_ms())
            checked = self._check(txn, change_id)
            now = self._clock.now_ms()
            state = "waiting" if checked.dangerous else "approved"
            after = dataclasses.replace(
                row,
                state=state,
                submitted_by=act.user_id,
                submitted_login=act.actor,
                decided_by=None,
                decided_login=None,
                decided_why=None,
                findings=_as_json(checked),
            )
            price_change.put(txn, after)
            act.note(txn, now, "price_change_submitted", change_id, state=state, findings=checked.counts)
            return checked

        return self._store.write(write)

    def publish(
        self, act: Act, change_id: str, release: Callable[[Txn, str], Published] | None = None
    ) -> Published:
        """Makes a release of it. It is checked again: what has become dangerous since needs approval again.

        `release` publishes inside the transaction, given the note (a staged roll-out); by default to all.
        Raises NeedsApproval, OthersWait, ChangeNotOpen and what Publisher raises.
        """

        def write(txn: Txn) -> Published:
            row = DRAFTS.known(txn, change_id, "approved")
            if price_change.waiting_elsewhere(txn, change_id):
                raise OthersWait("imported prices wait too; take them into a change")
            checked = self._check(txn, change_id)
            if checked.dangerous and (row.decided_by is None or _worse(row.findings, checked)):
                raise NeedsApproval("dangerous, and nobody else has approved it", findings=checked.dangerous)
            masters.put_prices(txn, price_change.rows(txn, change_id))
            note = f"{row.title} ({change_id})"
            if release is not None:
                made = release(txn, note)
            else:
                made = self._publisher.publish_in(txn, note=note, actor=act.actor)
            now = self._clock.now_ms()
            after = dataclasses.replace(
                row, state="published", version=made.release.version, changed_at_ms=now
            )
            price_change.put(txn, after)
            facts = {"version": made.release.version, "price_pairs": made.price_pairs}
            act.note(txn, now, "price_change_published", change_id, **facts)
            return made

        return self._store.write(write)

    def _check(self, txn: Txn, change_id: str) -> Checked:
        rows = price_change.rows(txn, change_id)
        if not rows:
            raise ChangeEmpty("nothing in it")
        chain = chain_view(txn)
        befores = befores_of(txn, rows, chain)
        return check(rows, befores.__getitem__, Limits.of_policies(chain.policies), self._clock.now_ms())


def befores_of(txn: Txn, rows: Sequence[PriceRow], chain: ChainView) -> dict[PriceRow, Before]:
    """What each row is compared with: the published price at its own first moment, cost, item."""
    found: dict[PriceRow, Before] = {}
    for start in range(0, len(rows), _CHECKED_AT_ONCE):
        chunk = rows[start : start + _CHECKED_AT_ONCE]
        skus = sorted({row.sku for row in chunk})
        known = by_pair(price_change.prices_of_skus(txn, skus))
        costs, items = masters.costs(txn, skus), catalog.items(txn, skus)
        for row in chunk:
            found[row] = Before(
                price_minor=price_then(known.get((row.price_list_id, row.sku), []), row.effective_from_ms),
                cost_minor=costs.get(row.sku),
                item=items.get(row.sku),
                own_currency=chain.price_lists.get(row.price_list_id) == chain.currency,
            )
    return found


def checked_from(text: str | None) -> Checked | None:
    """The findings that a head keeps."""
    if not text:
        return None
    value = json.loads(text)
    return Checked(value["counts"], tuple(Finding(**finding) for finding in value["shown"]))


def _as_json(checked: Checked) -> str:
    shown = [dataclasses.asdict(finding) for finding in checked.shown]
    return json.dumps({"counts": checked.counts, "shown": shown}, separators=(",", ":"))


def _worse(before: str | None, now: Checked) -> bool:
    """True when there are more dangerous findings of some kind than were approved."""
    known = checked_from(before)
    approved: dict[str, int] = known.counts if known else {}
    return any(count > approved.get(code, 0) for code, count in now.counts.items() if Finding(code).dangerous)
