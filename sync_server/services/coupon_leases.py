"""Typed codes leased to a store: good there with no network, at the one workstation that holds each.

Head office keeps no code, only its hash, so giving a lease takes the codes as they were shown when they were
issued. The lease reaches the store as a keyed hash by the feed; its holder gets and renews it at a contact
(`services/shared/allowances.py`). Recall and expiry end it in the feed; the holder then gives it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pos_core.clock import Clock
from pos_core.customer.coupon_code import parse_coupon_code
from pos_core.errors import Refusal
from pos_core.sync.folds.stamp import series_key
from pos_core.sync.reference import KINDS
from sync_server.services.acts import Act
from sync_server.services.coupons import CouponDesk, NoSuchCoupon
from sync_server.services.shared import leased_coupons
from sync_server.services.shared.leased_coupons import LeaseRow
from sync_server.store import coupon, feed, workstation
from sync_server.store.coupon import CouponRow
from sync_server.store.engine import Store, Txn
from sync_server.store.workstation import WorkstationRow

HELD_MAX = 500
"""Leased coupons of one store: each is a row of its list and an allowance of its holder."""
DAYS_MAX = 365
_DAY_MS = 24 * 3_600_000
_CAMPAIGN = KINDS["coupon_campaign"].column_names


class BadLease(Refusal):
    """These coupons cannot be leased so; the message and `facts["field"]` say why."""

    code = "bad_coupon_lease"


class CouponOut(Refusal):
    """Another holder may still take this coupon, or has taken it unheard of."""

    code = "coupon_lease_out"


@dataclass(frozen=True, slots=True)
class Lease:
    """One coupon's lease as head office sees it.

    Attributes:
        holder: series of the workstation that may take it (`incarnation:workstation`).
        state: waiting (its holder did not fetch it yet), held, or ended (it may still be used unheard of).
        expires_at_ms: epoch milliseconds.
    """

    coupon_id: str
    campaign_id: str
    store_id: str
    holder: str
    state: str
    expires_at_ms: int


class CouponLeases:
    """See the module."""

    def __init__(self, store: Store, desk: CouponDesk, clock: Clock) -> None:
        self._store = store
        self._desk = desk
        self._clock = clock

    def give(
        self, act: Act, store_id: str, codes: Sequence[str], *, days: int, workstation_id: str | None = None
    ) -> list[Lease]:
        """Leases these codes to a store for so many days; without a workstation to its only active one.

        All or none. Raises NoSuchCoupon, BadLease, CouponOut, and what `parse_coupon_code` raises.
        """
        if not 0 < days <= DAYS_MAX:
            raise BadLease(f"1 to {DAYS_MAX} days", field="days")
        typed = {self._desk.code_hash(code): code for code in map(parse_coupon_code, codes)}

        def write(txn: Txn) -> list[Lease]:
            now_ms = self._clock.now_ms()
            holder = _holder(txn, store_id, workstation_id)
            leasable = [(code, self._leasable(txn, hashed, now_ms)) for hashed, code in typed.items()]
            out = leased_coupons.is_out(txn, [row.coupon_id for _, row in leasable])
            if out:
                raise CouponOut("recall it, and wait until its holder was in contact", coupon_id=min(out))
            if len(leased_coupons.of_store(txn, store_id)) + len(leasable) > HELD_MAX:
                raise BadLease(f"at most {HELD_MAX} leased to one store", field="codes")
            series = series_key(holder.workstation_id, holder.incarnation)
            rows = [
                LeaseRow(
                    self._desk.store_index(store_id, code),
                    row.campaign_id,
                    row.coupon_id,
                    leased_coupons.allowance_id(row.coupon_id, series),
                    min(row.valid_to_ms, now_ms + days * _DAY_MS),
                )
                for code, row in leasable
            ]
            feed.put_rows(txn, "coupon_lease", f"store:{store_id}", [each.as_row() for each in rows])
            coupon.lease(txn, [each.coupon_id for each in rows], store_id)
            act.note(txn, now_ms, "coupons_leased", store_id, count=len(rows), holder=series)
            return [_lease(store_id, each, "waiting") for each in rows]

        return self._store.write(write)

    def recall(self, act: Act, coupon_ids: Sequence[str]) -> int:
        """Ends these leases; their holders refuse them from their next contact on. Raises NoSuchCoupon."""

        def write(txn: Txn) -> int:
            ended = leased_coupons.end(txn, coupon_ids)
            missing = sorted(set(coupon_ids) - set(ended))
            if missing:
                raise NoSuchCoupon("not leased", coupon_id=missing[0][:80])
            act.note(txn, self._clock.now_ms(), "coupons_recalled", ended[0], count=len(ended))
            return len(ended)

        return self._store.write(write)

    def end_expired(self, act: Act) -> int:
        """Ends the leases whose term is over; returns how many."""
        now_ms = self._clock.now_ms()

        def over(txn: Txn) -> list[str]:
            rows = (row for store_id in _stores(txn) for row in leased_coupons.of_store(txn, store_id))
            return [row.coupon_id for row in rows if row.expires_at_ms <= now_ms]

        def write(txn: Txn) -> int:
            ended = leased_coupons.end(txn, over(txn))
            if ended:
                act.note(txn, now_ms, "coupon_leases_expired", ended[0], count=len(ended))
            return len(ended)

        return self._store.write(write) if self._store.read(over) else 0

    def listing(self, store_id: str | None = None) -> list[Lease]:
        """Every lease in force, or one store's."""

        def read(txn: Txn) -> list[Lease]:
            found: list[Lease] = []
            for each in _stores(txn) if store_id is None else [store_id]:
                rows = leased_coupons.of_store(txn, each)
                out = leased_coupons.is_out(txn, [row.coupon_id for row in rows])
                now_ms = self._clock.now_ms()
                found += [_lease(each, row, _state(row, out, now_ms)) for row in rows]
            return found

        return self._store.read(read)

    def of_campaign(self, txn: Txn, campaign_id: str, store_ids: Sequence[str]) -> list[Lease]:
        """A campaign's leases in force at these stores, store by store."""
        found = leased_coupons.of_campaign(txn, campaign_id, store_ids)
        out = leased_coupons.is_out(txn, [row.coupon_id for _, row in found])
        now_ms = self._clock.now_ms()
        return [_lease(store_id, row, _state(row, out, now_ms)) for store_id, row in found]

    def _leasable(self, txn: Txn, code_hash: str, now_ms: int) -> CouponRow:
        row = coupon.by_code(txn, code_hash)
        if row is None:
            raise NoSuchCoupon("head office issued no such code")
        campaign = feed.row_by_key(txn, "coupon_campaign", "chain", [row.campaign_id])
        if campaign is None or dict(zip(_CAMPAIGN, campaign, strict=True))["offline_class"] != "leased":
            raise BadLease("its campaign is not of the class `leased`", field="campaign")
        if row.member_id is not None:
            raise BadLease("a member's own coupon is not leased", field="member")
        if row.state != "issued" or row.valid_to_ms <= now_ms:
            raise BadLease("used, void or out of time", field="state", coupon_id=row.coupon_id)
        if row.leased_to is not None:
            raise CouponOut(
                "leased already: recall it first", coupon_id=row.coupon_id, store_id=row.leased_to
            )
        return row


def _holder(txn: Txn, store_id: str, workstation_id: str | None) -> WorkstationRow:
    """The workstation to hold it. Raises BadLease."""
    active = [
        str(each["workstation_id"])
        for each in workstation.listing(txn)
        if each["store_id"] == store_id and each["state"] == "active"
    ]
    if workstation_id is None and len(active) > 1:
        raise BadLease("the store has several workstations: say which holds them", field="workstation")
    wanted = active[0] if workstation_id is None and active else workstation_id
    row = workstation.get(txn, wanted) if wanted in active and wanted is not None else None
    if row is None:
        raise BadLease("no such active workstation at this store", field="workstation")
    return row


def _stores(txn: Txn) -> list[str]:
    return [scope.removeprefix("store:") for scope in feed.scopes(txn) if scope.startswith("store:")]


def _state(row: LeaseRow, out: set[str], now_ms: int) -> str:
    if row.expires_at_ms <= now_ms:
        return "ended"
    return "held" if row.coupon_id in out else "waiting"


def _lease(store_id: str, row: LeaseRow, state: str) -> Lease:
    return Lease(row.coupon_id, row.campaign_id, store_id, row.series, state, row.expires_at_ms)
