"""Head office as one value: every service of one chain. `bootstrap` makes it; commands and timers use it."""

from __future__ import annotations

from dataclasses import dataclass

from pos_core.clock import Clock
from sync_server.services.blobs import Blobs
from sync_server.services.campaigns.runs import CampaignRuns
from sync_server.services.channel_keys import ChannelKeys
from sync_server.services.compaction import Compaction
from sync_server.services.console.sessions import Sessions
from sync_server.services.console.users import Users
from sync_server.services.coupon_leases import CouponLeases
from sync_server.services.coupons import CouponDesk
from sync_server.services.data_folder import DataFolder
from sync_server.services.enrolment import Enrolment
from sync_server.services.erasures import Erasures
from sync_server.services.feed import Feed
from sync_server.services.fleet_state import FleetState
from sync_server.services.freezing import Freezing
from sync_server.services.job_log import JobLog
from sync_server.services.keys import ChainKeys
from sync_server.services.member_keys import MemberKeyring
from sync_server.services.member_lookup import MemberLookups
from sync_server.services.member_secrets import CodeReset
from sync_server.services.nearby_stock import NearbyStock
from sync_server.services.notices.delivery import Delivery
from sync_server.services.notices.sendings import Sendings
from sync_server.services.price_check import PriceChecks
from sync_server.services.publish import Publisher
from sync_server.services.push import Push
from sync_server.services.quote import Quotes
from sync_server.services.release_rules import RuleBook
from sync_server.services.releases import Releases
from sync_server.services.rescue import Rescue
from sync_server.services.rollouts import Rollouts
from sync_server.services.shared.allowances import Allowances
from sync_server.services.shared.authorisations import Authorisations
from sync_server.services.shared.credentials import Credentials
from sync_server.services.shared.links import MemberLinks
from sync_server.services.shared.releasing import Releasing
from sync_server.services.snapshot import Snapshots
from sync_server.services.stock_lookup import StockLookup
from sync_server.services.store_days import StoreDays
from sync_server.services.store_files import StoreFiles
from sync_server.services.trust_roots import TrustRoots
from sync_server.services.workstations import Workstations
from sync_server.store.engine import Store


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
    store_files: StoreFiles
    enrolment: Enrolment
    push: Push
    feed: Feed
    workstations: Workstations
    allowances: Allowances
    authorisations: Authorisations
    member_keys: MemberKeyring
    erasures: Erasures
    lookups: MemberLookups
    member_links: MemberLinks
    freezing: Freezing
    code_reset: CodeReset
    credentials: Credentials
    coupons: CouponDesk
    coupon_leases: CouponLeases
    campaign_runs: CampaignRuns
    notice_delivery: Delivery
    sendings: Sendings
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
    fleet_state: FleetState

    def close(self) -> None:
        """Closes the database."""
        self.workstations.flush_contacts()
        self.store.close()
