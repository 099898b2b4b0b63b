"""Coupon campaigns as head office plans them, the runs that issue into wallets, and whom they reached."""

from __future__ import annotations

from sqlalchemy import Index, Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import document, member, metadata, projected

campaign = Table(
    "campaign",
    metadata,
    text("campaign_id", key=True),  # what its promotion's `coupon.campaign` says
    text("title"),
    text("why"),
    text("state"),  # draft | waiting | running | stopped | dropped
    text("created_by"),  # a user's id; the login beside it is what people read
    text("created_login"),
    text("editors"),  # JSON list of the ids of all who have put something into it
    integer("created_at_ms"),
    text("submitted_by", null=True),
    text("decided_by", null=True),
    text("decided_login", null=True),
    text("decided_why", null=True),
    integer("changed_at_ms"),
    text("plan"),  # JSON (services/campaigns/plan.py)
    text("findings", null=True),  # JSON list of codes of the last check
)

campaign_run = Table(
    "campaign_run",
    metadata,
    text("run_id", key=True),
    text("campaign_id"),
    text("kind"),  # hand | trigger | past | count
    text("state"),  # running | done | stopped
    text("cursor"),  # JSON: behind whom it goes on
    integer("seen"),
    integer("issued"),
    integer("held_out"),
    text("why"),
    text("created_login"),
    integer("created_at_ms"),
    integer("changed_at_ms"),
    Index("campaign_run_by_campaign", "campaign_id", "created_at_ms"),
    Index("campaign_run_by_state", "state", "created_at_ms"),
)

campaign_reach = Table(
    "campaign_reach",
    metadata,
    text("campaign_id", key=True),
    text("member_id", key=True),
    text("occasion", key=True),  # what it was issued for: once for each
    text("arm"),  # issued | held_out | held_out_store
    text("coupon_id", null=True),
    integer("at_ms"),
    Index("campaign_reach_by_arm", "campaign_id", "arm", "at_ms"),
    # The members of the smaller arm without a look at those of the larger one.
    Index("campaign_reach_by_member", "campaign_id", "arm", "member_id", "at_ms"),
)
"""Held out: would have got a coupon and got none, so that what the others bought can be compared.

By his own lot, or (`held_out_store`) with the store that is his home.
"""

member_by_since = Index("member_by_known_since", member.c.known_since_ms)
coupon_use_of_campaign = Index(
    "coupon_use_of_campaign",
    projected["coupon_use"].c.campaign_id,
    projected["coupon_use"].c.business_day,
)
document_held = Index(
    "document_held",
    document.c.received_at_ms,
    sqlite_where=document.c.type == "basket_held",
    postgresql_where=document.c.type == "basket_held",
)
"""Held baskets in the order of their receipt: few among millions."""

TABLES = (campaign, campaign_run, campaign_reach)
INDEXES = (member_by_since, coupon_use_of_campaign, document_held)
