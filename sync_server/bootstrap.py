"""Builds and wires head office; the only module that knows all its parts."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from pos_core.clock import Clock
from sync_server.services.blobs import Blobs
from sync_server.services.campaigns.runs import CampaignRuns
from sync_server.services.certificates import ca_fingerprint, ca_pem
from sync_server.services.chain import open_chain
from sync_server.services.channel_keys import ChannelKeys
from sync_server.services.clock import SystemClock
from sync_server.services.compaction import Compaction
from sync_server.services.console.passwords import Passwords
from sync_server.services.console.sessions import Sessions
from sync_server.services.console.users import Users
from sync_server.services.coupon_leases import CouponLeases
from sync_server.services.coupons import CouponDesk
from sync_server.services.data_folder import DataFolder
from sync_server.services.enrolment import Enrolment
from sync_server.services.erasures import Erasures
from sync_server.services.feed import Feed
from sync_server.services.files import Files
from sync_server.services.freezing import Freezing
from sync_server.services.health import Health
from sync_server.services.job_log import JobLog
from sync_server.services.keys import ChainKeys
from sync_server.services.member_keys import MemberKeyring
from sync_server.services.member_lookup import MemberLookups
from sync_server.services.nearby_stock import NearbyStock
from sync_server.services.neighbourhoods import Neighbourhoods
from sync_server.services.peer_certificates import PeerCertificates
from sync_server.services.price_check import PriceChecks
from sync_server.services.publish import Publisher
from sync_server.services.push import Push
from sync_server.services.quote import Quotes
from sync_server.services.receipts import Receipts
from sync_server.services.release_rules import RuleBook
from sync_server.services.releases import Releases
from sync_server.services.rescue import Rescue
from sync_server.services.rollouts import Rollouts
from sync_server.services.shared import Folding
from sync_server.services.shared.allowances import Allowances
from sync_server.services.shared.credentials import Credentials
from sync_server.services.shared.links import MemberLinks
from sync_server.services.shared.releasing import Releasing
from sync_server.services.snapshot import Snapshots
from sync_server.services.stock_lookup import StockLookup
from sync_server.services.store_days import StoreDays
from sync_server.services.trust_roots import TrustRoots
from sync_server.services.workstations import Workstations
from sync_server.store.engine import Store

if TYPE_CHECKING:
    from fastapi import FastAPI

    from sync_server.console.app import Console
    from sync_server.console.desk import Desk
    from sync_server.services.console.replays import Replays


@dataclass(frozen=True, slots=True)
class HeadOffice:
    """Every service of one chain, on one data folder."""

    folder: DataFolder
    database_url: str | None
    store: Store
    keys: ChainKeys
    clock: Clock
    blobs: Blobs
    releases: Releases
    rule_book: RuleBook
    snapshots: Snapshots
    enrolment: Enrolment
    push: Push
    feed: Feed
    workstations: Workstations
    allowances: Allowances
    member_keys: MemberKeyring
    erasures: Erasures
    lookups: MemberLookups
    member_links: MemberLinks
    freezing: Freezing
    credentials: Credentials
    coupons: CouponDesk
    coupon_leases: CouponLeases
    campaign_runs: CampaignRuns
    compaction: Compaction
    releasing: Releasing
    quotes: Quotes
    channel_keys: ChannelKeys
    price_checks: PriceChecks
    stock_lookup: StockLookup
    nearby_stock: NearbyStock
    store_days: StoreDays
    sessions: Sessions
    users: Users
    publisher: Publisher
    rollouts: Rollouts
    job_log: JobLog
    rescue: Rescue
    trust_roots: TrustRoots

    def close(self) -> None:
        """Closes the database."""
        self.workstations.flush_contacts()
        self.store.close()


def open_head_office(
    data: Path, *, database_url: str | None = None, clock: Clock | None = None
) -> HeadOffice:
    """Opens the chain in `data`. Raises KeysMissing, StoreTrouble, DatabaseRefused."""
    clock = clock or SystemClock()
    folder = DataFolder(data)
    store, keys = open_chain(folder, database_url)
    blobs = Blobs(folder.blobs, clock)
    releases = Releases(blobs, keys, clock)
    rule_book = RuleBook(store, releases)
    sessions = Sessions(store, clock)
    folding = Folding(keys)
    allowances = Allowances(store, clock, folding)
    publisher = Publisher(store, releases, clock)
    neighbourhoods = Neighbourhoods()
    push = Push(store, clock, folding)
    member_keys = MemberKeyring(store, keys, clock, folding)
    coupons = CouponDesk(store, keys, folder, clock)
    return HeadOffice(
        folder=folder,
        database_url=database_url,
        store=store,
        keys=keys,
        clock=clock,
        blobs=blobs,
        releases=releases,
        rule_book=rule_book,
        snapshots=Snapshots(
            store=store, blobs=blobs, releases=releases, keys=keys, folder=folder, clock=clock
        ),
        enrolment=Enrolment(store, keys, clock, ca_certificate=ca_pem(folder)),
        push=push,
        feed=Feed(store, clock),
        workstations=Workstations(store, clock, on_revoked=allowances.workstation_revoked),
        allowances=allowances,
        member_keys=member_keys,
        erasures=Erasures(store, keys, clock),
        lookups=MemberLookups(store, keys, clock),
        member_links=MemberLinks(store, clock, folding),
        freezing=Freezing(store, clock, folding),
        credentials=Credentials(store, clock, folding),
        coupons=coupons,
        coupon_leases=CouponLeases(store, coupons, clock),
        campaign_runs=CampaignRuns(store, coupons, clock),
        compaction=Compaction(store, clock),
        releasing=Releasing(store, clock, folding),
        quotes=Quotes(rule_book),
        channel_keys=ChannelKeys(store, clock),
        price_checks=PriceChecks(store, rule_book, clock, folding),
        stock_lookup=StockLookup(store, clock, neighbourhoods),
        nearby_stock=NearbyStock(store, clock, neighbourhoods),
        store_days=StoreDays(store, clock, neighbourhoods),
        sessions=sessions,
        users=Users(store, sessions, clock, Passwords()),
        publisher=publisher,
        rollouts=Rollouts(store, publisher, releases, clock),
        job_log=JobLog(),
        rescue=Rescue(store, keys, clock, push, member_keys),
        trust_roots=TrustRoots(store, folder, clock),
    )


def make_desk(office: HeadOffice, *, tls: bool) -> Desk:
    """The services that the console's pages ask."""
    from sync_server.console.desk import Desk
    from sync_server.services.console.audit_trail import AuditTrail
    from sync_server.services.console.backups import Backups
    from sync_server.services.console.campaigns import Campaigns
    from sync_server.services.console.chain_facts import ChainFacts
    from sync_server.services.console.documents import Documents
    from sync_server.services.console.exception_acts import ExceptionActs
    from sync_server.services.console.exception_counts import ExceptionCounts
    from sync_server.services.console.exceptions import ExceptionList
    from sync_server.services.console.fleet import Fleet
    from sync_server.services.console.member_desk import MemberDesk
    from sync_server.services.console.personal_jobs import PersonalJobs
    from sync_server.services.console.personal_watch import PersonalWatch
    from sync_server.services.console.policies import Policies
    from sync_server.services.console.price_changes import PriceChanges
    from sync_server.services.console.price_decisions import PriceDecisions
    from sync_server.services.console.price_diff import PriceDiff
    from sync_server.services.console.price_grid import PriceGrid
    from sync_server.services.console.promotion_changes import PromotionChanges
    from sync_server.services.console.promotion_decisions import PromotionDecisions
    from sync_server.services.console.replay_view import ReplayView
    from sync_server.services.console.rollout_status import RolloutStatus
    from sync_server.services.console.rule_sets import RuleSets
    from sync_server.services.console.try_basket import TryBasket

    facts = ChainFacts(office.store, office.clock)
    sets = RuleSets(office.store, office.rule_book, office.clock)
    changes = PromotionChanges(office.store, sets, facts, office.clock)
    watch = PersonalWatch(office.store, office.clock)
    members = MemberDesk(office.store, office.keys, watch, office.clock)
    return Desk(
        clock=office.clock,
        facts=facts,
        users=office.users,
        sessions=office.sessions,
        audit=AuditTrail(office.store, office.keys, office.clock),
        work_folder=office.folder.work,
        price_grid=PriceGrid(office.store, office.clock),
        price_diff=PriceDiff(office.store, office.clock),
        price_changes=PriceChanges(office.store, office.keys, office.clock),
        price_decisions=PriceDecisions(office.store, office.publisher, office.clock),
        rule_sets=sets,
        try_basket=TryBasket(office.store),
        campaigns=Campaigns(
            office.store,
            office.coupons,
            leases=office.coupon_leases,
            runs=office.campaign_runs,
            sets=sets,
            clock=office.clock,
        ),
        replays=make_replays(office),
        replay_view=ReplayView(office.store),
        promotion_changes=changes,
        promotion_decisions=PromotionDecisions(office.store, changes, sets, office.publisher, office.clock),
        rollouts=office.rollouts,
        rollout_status=RolloutStatus(office.store, office.clock),
        exceptions=ExceptionList(office.store),
        exception_counts=ExceptionCounts(office.store),
        exception_acts=ExceptionActs(
            office.store, office.coupons, office.releasing, office.member_links, office.clock
        ),
        documents=Documents(office.store),
        members=members,
        freezing=office.freezing,
        personal_watch=watch,
        personal_jobs=PersonalJobs(
            office.store,
            office.keys,
            desk=members,
            watch=watch,
            erasures=office.erasures,
            clock=office.clock,
        ),
        fleet=Fleet(
            office.store,
            office.keys,
            office.clock,
            enrolment=office.enrolment,
            workstations=office.workstations,
            ca_fingerprint=lambda: ca_fingerprint(office.folder) if tls else None,
        ),
        policies=Policies(office.store),
        backups=Backups(office.store, office.folder, office.clock),
        health=Health(office.store, office.clock, office.folder.root, office.allowances),
        job_log=office.job_log,
    )


def make_replays(office: HeadOffice) -> Replays:
    """What the console begins and the timer works through; all state is in the database."""
    from sync_server.services.console.chain_facts import ChainFacts
    from sync_server.services.console.promotion_changes import PromotionChanges
    from sync_server.services.console.replays import Replays
    from sync_server.services.console.rule_sets import RuleSets

    sets = RuleSets(office.store, office.rule_book, office.clock)
    facts = ChainFacts(office.store, office.clock)
    changes = PromotionChanges(office.store, sets, facts, office.clock)
    return Replays(office.store, sets, changes, office.clock)


def make_server(office: HeadOffice, *, tls: bool, jobs: bool = True) -> FastAPI:
    """The ASGI application over an opened chain; with `jobs` it also runs the timers."""
    from sync_server.http.app import make_app
    from sync_server.http.hints import HintHub
    from sync_server.http.signing import Signing

    hub = HintHub(office.feed.heads)

    def on_start() -> None:
        office.store.on_feed_changed.append(hub.wake)
        office.store.engine.start_background()
        if jobs:
            schedule.start()
            prices.start()
            rollouts.start()
            stock.start()
            forecasts.start()
            replays.start()
            coupons.start()
            campaigns.start()

    def on_stop() -> None:
        office.store.on_feed_changed.remove(hub.wake)
        if jobs:
            forecasts.stop()
            campaigns.stop()
            coupons.stop()
            stock.stop()
            replays.stop()
            rollouts.stop()
            prices.stop()
            schedule.stop()

    if jobs:
        from sync_server.jobs.campaigns import CampaignJobs
        from sync_server.jobs.coupons import CouponJobs
        from sync_server.jobs.forecasts import ForecastJobs
        from sync_server.jobs.prices import PriceJobs
        from sync_server.jobs.replays import ReplayJobs
        from sync_server.jobs.rollouts import RolloutJobs
        from sync_server.jobs.schedule import Builder, Schedule
        from sync_server.jobs.stock import StockJobs

        log = office.job_log
        rollouts = RolloutJobs(
            office.rollouts, office.sessions, office.users, lambda: office.store.engine.leading, log
        )
        prices = PriceJobs(office.price_checks, lambda: office.store.engine.leading, log)
        stock = StockJobs(
            office.nearby_stock, lambda: office.store.engine.leading, log, days=office.store_days
        )
        replays = ReplayJobs(make_replays(office), lambda: office.store.engine.leading, log)
        coupons = CouponJobs(office.coupon_leases, lambda: office.store.engine.leading, log)
        campaigns = CampaignJobs(office.campaign_runs, lambda: office.store.engine.leading, log)
        root = office.folder.root.resolve()
        forecasts = ForecastJobs(
            office.store,
            office.clock,
            Builder(
                [sys.executable, "-m", "sync_server", "forecast", "--data", str(root)],
                database_url=office.database_url,
            ),
            log,
        )
        schedule = Schedule(
            store=office.store,
            snapshots=office.snapshots,
            workstations=office.workstations,
            compaction=office.compaction,
            clock=office.clock,
            log=log,
            builder=Builder(
                [sys.executable, "-m", "sync_server", "snapshot", "--data", str(root)],
                database_url=office.database_url,
            ),
        )
    return make_app(
        signing=Signing(office.store, office.clock, office.keys.server_signing),
        clock=office.clock,
        push=office.push,
        page_feed=office.feed,
        snapshots=office.snapshots,
        files=Files(office.store, office.blobs),
        workstations=office.workstations,
        enrolment=office.enrolment,
        allowances=office.allowances,
        member_keys=office.member_keys,
        erasures=office.erasures,
        lookups=office.lookups,
        health=Health(office.store, office.clock, office.folder.root, office.allowances),
        quotes=office.quotes,
        receipts=Receipts(office.store, office.clock),
        stock=office.stock_lookup,
        channel_keys=office.channel_keys,
        peer_certificates=PeerCertificates(office.folder, office.clock),
        ca=ca_pem(office.folder),
        console=_console(office, tls=tls),
        hub=hub,
        tls=tls,
        on_start=on_start,
        on_stop=on_stop,
    )


def _console(office: HeadOffice, *, tls: bool) -> Console | None:
    """The console, or nothing where its libraries were not set up: workstations are served all the same."""
    from sync_server.console.app import Console
    from sync_server.console.assets import AssetsMissing

    try:
        return Console(make_desk(office, tls=tls), secure=tls)
    except AssetsMissing as error:
        structlog.get_logger("sync_server").warning("console_not_served", reason=error.message)
        return None
