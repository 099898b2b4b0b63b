"""Rows of leased coupons in the stores' slices: whose they are, what is due to a holder, how one ends.

A coupon is an allowance of one unit, `coupon/<coupon id>/<series>`: it has one holder, and what is known of
allowances (exposure, revocation, the freeze after a restore) is known of it. A lease that ended is not back
before its holder said so: `is_out`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pos_core.sync.allowance_ledger import exposure
from sync_server.store import coupon, feed, fold_state
from sync_server.store.engine import Txn

_FOLD = "allowance_use"


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """A row of `coupon_lease` (pos_core/sync/reference.py). `expires_at_ms`: epoch milliseconds."""

    code_index: str
    campaign_id: str
    coupon_id: str
    allowance_id: str
    expires_at_ms: int

    @property
    def series(self) -> str:
        """The series that holds it (`incarnation:workstation`)."""
        return self.allowance_id.rpartition("/")[2]

    def as_row(self) -> list[Any]:
        """In wire column order."""
        return [self.code_index, self.campaign_id, self.coupon_id, self.allowance_id, self.expires_at_ms]


def allowance_id(coupon_id: str, series: str) -> str:
    """The allowance of one coupon in the hands of one series."""
    return f"coupon/{coupon_id}/{series}"


def of_store(txn: Txn, store_id: str) -> list[LeaseRow]:
    """The store's leases, those past their term among them until they are ended."""
    return [LeaseRow(*row) for row in feed.rows_of(txn, "coupon_lease", f"store:{store_id}")]


def of_campaign(txn: Txn, campaign_id: str, store_ids: Sequence[str]) -> list[tuple[str, LeaseRow]]:
    """Store and lease, in the order of the stores: what these hold of a campaign."""
    scopes = {f"store:{store_id}": store_id for store_id in store_ids}
    found = [
        (scopes[scope], LeaseRow(*row)) for scope, row in feed.rows_in(txn, "coupon_lease", list(scopes))
    ]
    return [(store_id, row) for store_id, row in found if row.campaign_id == campaign_id]


def of_series(txn: Txn, store_id: str, series: str, now_ms: int) -> dict[str, LeaseRow]:
    """By allowance id: what a series holds, or should hold, now."""
    rows = [each for each in of_store(txn, store_id) if each.series == series and each.expires_at_ms > now_ms]
    coupons = coupon.get_many(txn, [each.coupon_id for each in rows])
    return {
        each.allowance_id: each
        for each in rows
        if each.coupon_id in coupons and coupons[each.coupon_id].state == "issued"
    }


def is_out(txn: Txn, coupon_ids: Iterable[str]) -> set[str]:
    """Coupons that some workstation may still take, or may have taken unheard of."""
    found: set[str] = set()
    for coupon_id in coupon_ids:
        keys = fold_state.keys_like(txn, _FOLD, f"coupon/{coupon_id}/")
        states = fold_state.get(txn, [(_FOLD, key) for key in keys])
        if any(exposure(state) for state in states.values()):
            found.add(coupon_id)
    return found


def end(txn: Txn, coupon_ids: Sequence[str]) -> list[str]:
    """Takes these coupons out of their stores' lists; returns those that were leased."""
    leased = {
        coupon_id: row.leased_to
        for coupon_id, row in coupon.get_many(txn, coupon_ids).items()
        if row.leased_to is not None
    }
    for store_id in sorted(set(leased.values())):
        gone = [
            [each.code_index] for each in of_store(txn, store_id) if leased.get(each.coupon_id) == store_id
        ]
        feed.put_rows(txn, "coupon_lease", f"store:{store_id}", [], gone)
    if leased:
        coupon.lease(txn, list(leased), None)
    return sorted(leased)
