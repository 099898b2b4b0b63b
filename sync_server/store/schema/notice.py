"""Notices to members: where they go out, their texts, sendings by hand, and the outbox with its attempts."""

from __future__ import annotations

from sqlalchemy import Index, Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.folding import coupon
from sync_server.store.schema.tables import metadata

notice_channel = Table(
    "notice_channel",
    metadata,
    text("channel", key=True),  # services/notices/kinds.py CHANNELS
    text("adapter"),  # off | file | webhook
    text("url"),  # of a webhook; ""
    integer("secret_number"),  # which derived secret signs; the one before holds for a day beside it
    integer("secret_since_ms"),
    text("changed_login"),
    integer("changed_at_ms"),
    text("wanted", null=True),  # JSON: an address that waits for a second person
)

notice_template = Table(
    "notice_template",
    metadata,
    text("event", key=True),
    text("channel", key=True),
    text("language", key=True),
    integer("version"),
    text("state"),  # on | off
    text("subject"),
    text("body"),
    text("provider_code"),  # the template's id at the provider; ""
    text("changed_login"),
    integer("changed_at_ms"),
)

notice_sending = Table(
    "notice_sending",
    metadata,
    text("sending_id", key=True),  # UUIDv7
    text("title"),
    text("question"),  # JSON (services/notices/sendings.py)
    text("state"),  # waiting | approved | done | refused | stopped
    integer("rows"),  # how many it meant when it was asked for
    text("cursor"),
    integer("queued"),
    integer("held_out"),
    text("why"),
    text("created_by"),
    text("created_login"),
    integer("created_at_ms"),
    text("decided_by", null=True),
    text("decided_login", null=True),
    text("decided_why", null=True),
    integer("changed_at_ms"),
    Index("notice_sending_by_state", "state", "sending_id"),
)

notice = Table(
    "notice",
    metadata,
    text("notice_id", key=True),  # a hash of what it is about and whom: the same again is the same notice
    text("event"),
    text("member_id"),
    text("reference"),  # the coupon, reservation or sending that it is about
    text("campaign_id"),  # ""
    text("channel"),  # "" until it is sent by one
    text("facts"),  # JSON of what templates may say; nothing of the member himself
    text("state"),  # waiting | sent | dead | cancelled | withheld
    text("reason"),  # of the state, or of the last attempt that failed; ""
    integer("template_version", null=True),
    integer("attempts"),
    integer("next_at_ms"),
    integer("not_after_ms", null=True),  # too late from then on
    integer("created_at_ms"),
    integer("changed_at_ms"),
    Index("notice_due", "state", "next_at_ms"),
    Index("notice_by_member", "member_id", "changed_at_ms"),
    Index("notice_by_age", "created_at_ms", "notice_id"),
    Index("notice_by_reference", "reference"),
)

notice_attempt = Table(
    "notice_attempt",
    metadata,
    text("notice_id", key=True),
    integer("number", key=True),
    integer("at_ms"),
    text("channel"),
    text("outcome"),  # sent | retry | refused
    text("detail"),
    integer("took_ms"),
)

coupon_by_end = Index("coupon_by_end", coupon.c.valid_to_ms, coupon.c.coupon_id)
"""Those that end soon, among millions."""

TABLES = (notice_channel, notice_template, notice_sending, notice, notice_attempt)
INDEXES = (coupon_by_end,)
