"""What the clock alone brings about: a coupon's end comes near, settled notices grow old, files lie about."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from pos_core.clock import Clock
from sync_server.services.campaigns.plan import plan_from
from sync_server.services.notices.outbox import Wanted, is_told, queue
from sync_server.services.notices.rules import rules_of
from sync_server.services.notices.settings import NoticeSettings
from sync_server.services.shopper_orders import KEPT_MS
from sync_server.store import campaign, coupon, erasure, notice, shopper_order
from sync_server.store.coupon import CouponRow
from sync_server.store.engine import Store, Txn

AT_ONCE = 500
DAY_MS = 86_400_000
FILES_KEPT_MS = 7 * DAY_MS


class Sweep:
    """See the module."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def coupons_ending(self) -> int:
        """Tells members whose coupon ends soon; returns how many coupons that are."""
        now, count = self._clock.now_ms(), 0
        after = (now, "")

        def some(txn: Txn) -> list[CouponRow]:
            days = rules_of(txn).coupon_ending_days
            if not days or not is_told(txn, "coupon_ending"):
                return []
            rows = coupon.ending(txn, after, now + days * DAY_MS, AT_ONCE)
            queue(txn, [_ending(txn, row) for row in rows], now)
            return rows

        while rows := self._store.write(some):
            count, after = count + len(rows), (rows[-1].valid_to_ms, rows[-1].coupon_id)
        return count

    def forget(self) -> int:
        """Settled notices past their days are gone; returns how many. So is what no member waits for."""
        count = 0
        self._store.write(lambda txn: shopper_order.forget(txn, self._clock.now_ms() - KEPT_MS))

        def some(txn: Txn) -> int:
            rules = rules_of(txn)
            # A notice that was forgotten while its coupon still ends soon would be told again.
            days = max(rules.keep_days, rules.coupon_ending_days + 1)
            return notice.purge(txn, self._clock.now_ms() - days * DAY_MS, AT_ONCE)

        while done := self._store.write(some):
            count += done
        return count

    def clear_files(self, settings: NoticeSettings) -> int:
        """Files of erased members go at once, those that nobody took go after a week."""
        gone = 0
        paths = sorted(settings.folder.glob("*/*")) if settings.folder.is_dir() else []
        for start in range(0, len(paths), AT_ONCE):
            part = paths[start : start + AT_ONCE]
            erased = self._store.read(partial(_erased, paths=part))
            for path in part:
                gone += _cleared(path, path.stem in erased, self._clock.now_ms() - FILES_KEPT_MS)
        return gone


def _ending(txn: Txn, row: CouponRow) -> Wanted:
    found = campaign.get(txn, row.campaign_id)
    plan = None if found is None else plan_from(found.plan)
    name = {"zh": plan.name, "en": plan.name_en} if plan else {"zh": row.campaign_id}
    return Wanted(
        "coupon_ending",
        str(row.member_id),
        row.coupon_id,
        row.campaign_id,
        {"coupon": name, "until": row.valid_to_ms},
        row.valid_to_ms,
    )


def _erased(txn: Txn, paths: list[Path]) -> set[str]:
    rows = notice.get_many(txn, [path.stem for path in paths])
    gone = erasure.erased_among(txn, sorted({row.member_id for row in rows.values()}))
    return {row.notice_id for row in rows.values() if row.member_id in gone}


def _cleared(path: Path, erased: bool, before_ms: int) -> int:
    try:
        if erased or path.stat().st_mtime * 1000 < before_ms:
            path.unlink()
            return 1
    except OSError:
        return 0  # taken away meanwhile
    return 0
