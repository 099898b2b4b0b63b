"""Wires the timers of a serving head office; commands need none of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

from sync_server.console_wiring import make_replays
from sync_server.jobs.backups import BackupJobs
from sync_server.jobs.balancing import BalancingJobs
from sync_server.jobs.campaigns import CampaignJobs
from sync_server.jobs.coupons import CouponJobs
from sync_server.jobs.forecasts import ForecastJobs
from sync_server.jobs.notices import NoticeJobs
from sync_server.jobs.prices import PriceJobs
from sync_server.jobs.replays import ReplayJobs
from sync_server.jobs.rollouts import RolloutJobs
from sync_server.jobs.sales import SalesJobs
from sync_server.jobs.schedule import Builder, Schedule
from sync_server.jobs.stock import StockJobs
from sync_server.jobs.store_files import StoreFileJobs
from sync_server.services.backup_expiry import BackupExpiry
from sync_server.services.confirmations import Confirmations
from sync_server.services.notices.sweep import Sweep
from sync_server.services.sales_sums import SalesSums

if TYPE_CHECKING:
    from sync_server.head_office import HeadOffice


class Jobs(Protocol):
    """One group of timers."""

    def start(self) -> None:
        """Begins."""
        ...

    def stop(self) -> None:
        """Ends after the run under way."""
        ...


def make_jobs(office: HeadOffice) -> list[Jobs]:
    """In the order in which they begin; they end in the reverse one."""
    log = office.job_log

    def leading() -> bool:
        return office.store.engine.leading

    def builder(command: str) -> Builder:
        """A command of ours in a process of its own."""
        root = str(office.folder.root.resolve())
        return Builder(
            [sys.executable, "-m", "sync_server", command, "--data", root], database_url=office.database_url
        )

    return [
        Schedule(
            store=office.store,
            snapshots=office.snapshots,
            workstations=office.workstations,
            compaction=office.compaction,
            clock=office.clock,
            log=log,
            builder=builder("snapshot"),
        ),
        StoreFileJobs(office.store_files, office.clock, builder("snapshot"), leading, log),
        BackupJobs(BackupExpiry(office.store, office.folder, office.clock), leading, log),
        PriceJobs(office.price_checks, leading, log),
        RolloutJobs(
            office.rollouts,
            Confirmations(office.store, office.publisher, office.clock),
            office.sessions,
            office.users,
            leading=leading,
            log=log,
        ),
        StockJobs(office.nearby_stock, leading, log, days=office.store_days),
        ReplayJobs(make_replays(office), leading, log),
        CouponJobs(office.coupon_leases, leading, log),
        CampaignJobs(office.campaign_runs, leading, log),
        NoticeJobs(office.notice_delivery, office.sendings, Sweep(office.store, office.clock), leading, log),
        SalesJobs(SalesSums(office.store, office.clock), leading, log),
        BalancingJobs(office.store, office.clock, builder("balance"), leading, log),
        ForecastJobs(office.store, office.clock, builder("forecast"), log),
    ]
