"""The services that pages may ask, wired once by `sync_server.bootstrap`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pos_core.clock import Clock
from sync_server.services.console.audit_trail import AuditTrail
from sync_server.services.console.backups import Backups
from sync_server.services.console.behind import Behind
from sync_server.services.console.campaign_overview import CampaignOverview
from sync_server.services.console.campaigns import Campaigns
from sync_server.services.console.chain_facts import ChainFacts
from sync_server.services.console.channel_figures import ChannelFigures
from sync_server.services.console.disputes import Disputes
from sync_server.services.console.documents import Documents
from sync_server.services.console.effects import Effects
from sync_server.services.console.exception_acts import ExceptionActs
from sync_server.services.console.exception_counts import ExceptionCounts
from sync_server.services.console.exceptions import ExceptionList
from sync_server.services.console.fleet import Fleet
from sync_server.services.console.keymaps import Keymaps
from sync_server.services.console.member_desk import MemberDesk
from sync_server.services.console.member_figures import MembersOverTime
from sync_server.services.console.notices import Notices
from sync_server.services.console.operator_watch import OperatorWatch
from sync_server.services.console.order_desk import OrderDesk
from sync_server.services.console.personal_jobs import PersonalJobs
from sync_server.services.console.personal_watch import PersonalWatch
from sync_server.services.console.picks import Picks
from sync_server.services.console.policies import Policies
from sync_server.services.console.policy_changes import PolicyChanges
from sync_server.services.console.posters import Posters
from sync_server.services.console.price_changes import PriceChanges
from sync_server.services.console.price_decisions import PriceDecisions
from sync_server.services.console.price_diff import PriceDiff
from sync_server.services.console.price_gap import PriceGap
from sync_server.services.console.price_grid import PriceGrid
from sync_server.services.console.promotion_changes import PromotionChanges
from sync_server.services.console.promotion_decisions import PromotionDecisions
from sync_server.services.console.receipt_design import ReceiptDesign
from sync_server.services.console.replay_view import ReplayView
from sync_server.services.console.replays import Replays
from sync_server.services.console.rollout_status import RolloutStatus
from sync_server.services.console.rule_sets import RuleSets
from sync_server.services.console.sales_figures import SalesFigures
from sync_server.services.console.sessions import Sessions
from sync_server.services.console.shift_desk import ShiftDesk
from sync_server.services.console.stock_desk import StockDesk
from sync_server.services.console.stock_parts import StockParts
from sync_server.services.console.store_lift import StoreLifts
from sync_server.services.console.try_basket import TryBasket
from sync_server.services.console.users import Users
from sync_server.services.freezing import Freezing
from sync_server.services.health import Health
from sync_server.services.job_log import JobLog
from sync_server.services.notices.channels import Channels
from sync_server.services.notices.sendings import Sendings
from sync_server.services.rollouts import Rollouts
from sync_server.services.shared.credentials import Credentials


@dataclass(frozen=True, slots=True)
class Desk:
    """A field for each service; pages know nothing else."""

    clock: Clock
    facts: ChainFacts
    users: Users
    sessions: Sessions
    audit: AuditTrail
    work_folder: Path
    price_grid: PriceGrid
    price_diff: PriceDiff
    price_changes: PriceChanges
    price_decisions: PriceDecisions
    rule_sets: RuleSets
    try_basket: TryBasket
    picks: Picks
    campaigns: Campaigns
    campaign_overview: CampaignOverview
    notices: Notices
    notice_channels: Channels
    sendings: Sendings
    effects: Effects
    store_lifts: StoreLifts
    sales: SalesFigures
    shifts: ShiftDesk
    behind: Behind
    channels: ChannelFigures
    price_gap: PriceGap
    members_over_time: MembersOverTime
    replays: Replays
    replay_view: ReplayView
    promotion_changes: PromotionChanges
    promotion_decisions: PromotionDecisions
    rollouts: Rollouts
    rollout_status: RolloutStatus
    exceptions: ExceptionList
    exception_counts: ExceptionCounts
    operator_watch: OperatorWatch
    exception_acts: ExceptionActs
    documents: Documents
    disputes: Disputes
    stock: StockDesk
    stock_parts: StockParts
    orders: OrderDesk
    members: MemberDesk
    freezing: Freezing
    credentials: Credentials
    personal_watch: PersonalWatch
    personal_jobs: PersonalJobs
    fleet: Fleet
    policies: Policies
    policy_changes: PolicyChanges
    keymaps: Keymaps
    posters: Posters
    receipt_design: ReceiptDesign
    backups: Backups
    health: Health
    job_log: JobLog
