"""Wires what the console's pages ask; loaded when head office serves, for commands need none of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_server.console.desk import Desk
from sync_server.services.certificates import ca_fingerprint
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
from sync_server.services.console.shift_desk import ShiftDesk
from sync_server.services.console.stock_desk import StockDesk
from sync_server.services.console.stock_parts import StockParts
from sync_server.services.console.store_lift import StoreLifts
from sync_server.services.console.try_basket import TryBasket
from sync_server.services.health import Health
from sync_server.services.notices.channels import Channels
from sync_server.services.shared import Folding

if TYPE_CHECKING:
    from sync_server.head_office import HeadOffice


def make_desk(office: HeadOffice, *, tls: bool) -> Desk:
    """The services that the console's pages ask."""
    facts = ChainFacts(office.store, office.clock)
    sets = RuleSets(office.store, office.rule_book, office.clock)
    changes = PromotionChanges(office.store, sets, facts, office.clock)
    watch = PersonalWatch(office.store, office.clock)
    members = MemberDesk(office.store, office.keys, watch, office.clock)
    policy_changes = PolicyChanges(office.store, office.keys, office.clock)
    campaigns = Campaigns(
        office.store,
        office.coupons,
        leases=office.coupon_leases,
        runs=office.campaign_runs,
        sets=sets,
        clock=office.clock,
    )
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
        picks=Picks(office.store),
        campaigns=campaigns,
        campaign_overview=CampaignOverview(office.store),
        notices=Notices(office.store, office.clock),
        notice_channels=Channels(office.store, office.keys, office.notice_delivery, office.clock),
        sendings=office.sendings,
        effects=Effects(office.store, campaigns, office.clock),
        store_lifts=StoreLifts(office.store, office.clock),
        sales=SalesFigures(office.store),
        shifts=ShiftDesk(office.store),
        behind=Behind(office.store),
        channels=ChannelFigures(office.store),
        price_gap=PriceGap(office.store),
        members_over_time=MembersOverTime(office.store, office.clock),
        replays=make_replays(office),
        replay_view=ReplayView(office.store),
        promotion_changes=changes,
        promotion_decisions=PromotionDecisions(office.store, changes, sets, office.publisher, office.clock),
        rollouts=office.rollouts,
        rollout_status=RolloutStatus(office.store, office.clock),
        exceptions=ExceptionList(office.store),
        exception_counts=ExceptionCounts(office.store),
        operator_watch=OperatorWatch(office.store),
        exception_acts=ExceptionActs(
            office.store, office.coupons, office.releasing, office.member_links, office.clock
        ),
        documents=Documents(office.store),
        disputes=Disputes(office.price_checks, Documents(office.store)),
        stock=StockDesk(office.store, Folding(office.keys), office.clock),
        stock_parts=StockParts(office.store),
        orders=OrderDesk(office.store, Folding(office.keys), office.clock),
        members=members,
        freezing=office.freezing,
        credentials=office.credentials,
        personal_watch=watch,
        personal_jobs=PersonalJobs(
            office.store,
            office.keys,
            desk=members,
            watch=watch,
            erasures=office.erasures,
            codes=office.code_reset,
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
        policy_changes=policy_changes,
        posters=Posters(office.store, policy_changes),
        keymaps=Keymaps(office.store, policy_changes),
        receipt_design=ReceiptDesign(office.store, policy_changes, office.folder.work),
        backups=Backups(office.store, office.folder, office.clock),
        health=Health(office.store, office.clock, office.folder.root, office.allowances, office.fleet_state),
        job_log=office.job_log,
    )


def make_replays(office: HeadOffice) -> Replays:
    """What the console begins and the timer works through; all state is in the database."""
    sets = RuleSets(office.store, office.rule_book, office.clock)
    facts = ChainFacts(office.store, office.clock)
    changes = PromotionChanges(office.store, sets, facts, office.clock)
    return Replays(office.store, sets, changes, office.clock)
