"""Builds and wires head office."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from pos_core.clock import Clock
from sync_server.head_office import HeadOffice
from sync_server.services.blobs import Blobs
from sync_server.services.campaigns.runs import CampaignRuns
from sync_server.services.certificates import ca_pem
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
from sync_server.services.fleet_state import FleetState
from sync_server.services.freezing import Freezing
from sync_server.services.health import Health
from sync_server.services.job_log import JobLog
from sync_server.services.member_codes import MemberCodesOnline
from sync_server.services.member_keys import MemberKeyring
from sync_server.services.member_lookup import MemberLookups
from sync_server.services.member_secrets import AppCodes, CodeReset
from sync_server.services.nearby_stock import NearbyStock
from sync_server.services.neighbourhoods import Neighbourhoods
from sync_server.services.notices.delivery import Delivery
from sync_server.services.notices.sendings import Sendings
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
from sync_server.services.shared.authorisations import Authorisations
from sync_server.services.shared.coupons_online import CouponsOnline
from sync_server.services.shared.credentials import Credentials
from sync_server.services.shared.links import MemberLinks
from sync_server.services.shared.releasing import Releasing
from sync_server.services.snapshot import Snapshots
from sync_server.services.snapshot_files import SnapshotFiles
from sync_server.services.stock_card import StockCard
from sync_server.services.stock_lookup import StockLookup
from sync_server.services.store_days import StoreDays
from sync_server.services.store_files import StoreFiles
from sync_server.services.trust_roots import TrustRoots
from sync_server.services.workstations import Workstations

if TYPE_CHECKING:
    from fastapi import FastAPI

    from sync_server.console.app import Console


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
    workstations = Workstations(store, clock, on_revoked=allowances.workstation_revoked)
    snapshot_files = SnapshotFiles(
        store=store, blobs=blobs, releases=releases, keys=keys, folder=folder, clock=clock
    )
    store_files = StoreFiles(store=store, blobs=blobs, files=snapshot_files, clock=clock)
    return HeadOffice(
        folder=folder,
        database_url=database_url,
        store=store,
        keys=keys,
        clock=clock,
        blobs=blobs,
        releases=releases,
        rule_book=rule_book,
        snapshots=Snapshots(store=store, blobs=blobs, files=snapshot_files),
        store_files=store_files,
        enrolment=Enrolment(store, keys, clock, ca_certificate=ca_pem(folder)),
        push=push,
        feed=Feed(store, clock),
        workstations=workstations,
        fleet_state=FleetState(store, workstations, allowances),
        allowances=allowances,
        authorisations=Authorisations(store, clock, folding, CouponsOnline(coupons)),
        member_keys=member_keys,
        erasures=Erasures(store, keys, clock, remove_dropped_files=store_files.remove_dropped),
        lookups=MemberLookups(store, keys, clock),
        member_links=MemberLinks(store, clock, folding),
        freezing=Freezing(store, clock, folding),
        code_reset=CodeReset(store, clock, folding),
        credentials=Credentials(store, clock, folding),
        coupons=coupons,
        coupon_leases=CouponLeases(store, coupons, clock),
        campaign_runs=CampaignRuns(store, coupons, clock),
        notice_delivery=Delivery(store, keys, clock),
        sendings=Sendings(store, clock),
        compaction=Compaction(store, clock),
        releasing=Releasing(store, clock, folding),
        quotes=Quotes(rule_book, store, keys),
        channel_keys=ChannelKeys(store, clock),
        price_checks=PriceChecks(store, rule_book, clock, folding),
        stock_lookup=StockLookup(store, clock, neighbourhoods),
        nearby_stock=NearbyStock(store, clock, neighbourhoods),
        store_days=StoreDays(store, clock, neighbourhoods),
        sessions=sessions,
        users=Users(store, sessions, clock, Passwords()),
        publisher=publisher,
        rollouts=Rollouts(store, publisher, releases, clock),
        job_log=JobLog(store, lambda: store.engine.leading),
        rescue=Rescue(store, keys, clock, push, member_keys),
        trust_roots=TrustRoots(store, folder, clock),
    )


def make_server(office: HeadOffice, *, tls: bool, jobs: bool = True) -> FastAPI:
    """The ASGI application over an opened chain; with `jobs` it also runs what goes on beside requests."""
    from sync_server.http.app import make_app
    from sync_server.http.hints import HintHub
    from sync_server.http.signing import Signing
    from sync_server.jobs_wiring import make_jobs

    timers = make_jobs(office) if jobs else []
    hub = HintHub(office.feed.heads)
    console = _console(office, tls=tls)

    def on_start() -> None:
        if console is not None and jobs:
            console.start()
        office.store.on_feed_changed.append(hub.wake)
        office.store.engine.start_background()
        for each in timers:
            each.start()

    def on_stop() -> None:
        office.store.on_feed_changed.remove(hub.wake)
        for each in reversed(timers):
            each.stop()

    return make_app(
        signing=Signing(office.store, office.clock, office.keys.server_signing),
        clock=office.clock,
        push=office.push,
        page_feed=office.feed,
        snapshots=office.snapshots,
        store_files=office.store_files,
        files=Files(office.store, office.blobs),
        workstations=office.workstations,
        enrolment=office.enrolment,
        allowances=office.allowances,
        authorisations=office.authorisations,
        codes=MemberCodesOnline(office.store, office.keys, office.clock),
        member_keys=office.member_keys,
        erasures=office.erasures,
        lookups=office.lookups,
        app_codes=AppCodes(office.store, office.coupons, office.clock),
        health=Health(office.store, office.clock, office.folder.root, office.allowances, office.fleet_state),
        quotes=office.quotes,
        receipts=Receipts(office.store, office.clock),
        stock=office.stock_lookup,
        stock_card=StockCard(office.store, office.clock),
        channel_keys=office.channel_keys,
        fleet=office.fleet_state,
        peer_certificates=PeerCertificates(office.folder, office.clock),
        ca=ca_pem(office.folder),
        console=console,
        hub=hub,
        tls=tls,
        on_start=on_start,
        on_stop=on_stop,
    )


def _console(office: HeadOffice, *, tls: bool) -> Console | None:
    """The console, or nothing where its libraries were not set up: workstations are served all the same."""
    from sync_server.console.app import Console
    from sync_server.console.assets import AssetsMissing
    from sync_server.console_wiring import make_desk

    try:
        return Console(make_desk(office, tls=tls), secure=tls)
    except AssetsMissing as error:
        structlog.get_logger("sync_server").warning("console_not_served", reason=error.message)
        return None
