"""Who looked at personal data and why, and the jobs that hand it out or destroy it."""

from __future__ import annotations

from sqlalchemy import Index, Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import metadata, projected

personal_access = Table(
    "personal_access",
    metadata,
    text("access_id", key=True),  # UUIDv7
    integer("at_ms"),
    text("user_id"),
    text("login"),
    text("action"),  # found | opened | unmasked | exported | corrected
    text("subject"),  # a member's or an export's id; "" for a search
    integer("rows"),
    text("purpose"),
    integer("refused"),  # 1: it was too much, and froze the account
    Index("personal_access_by_user", "user_id", "at_ms"),
    Index("personal_access_by_subject", "subject", "at_ms"),
)

personal_job = Table(
    "personal_job",
    metadata,
    text("job_id", key=True),  # UUIDv7
    text("kind"),  # export | erase | code_reset
    text("subject"),  # the member to erase; "" of an export
    text("question"),  # JSON: whom and which fields an export means
    integer("rows"),
    text("state"),  # waiting | approved | done | refused
    text("why"),
    text("created_by"),
    text("created_login"),
    integer("created_at_ms"),
    text("decided_by", null=True),
    text("decided_login", null=True),
    text("decided_why", null=True),
    integer("decided_at_ms", null=True),
    integer("taken"),  # how often an export was downloaded
    Index("personal_job_by_state", "state", "job_id"),
)

_points = projected["points_movement"]
points_of_member = Index("points_of_member", _points.c.member_id, _points.c.business_day)

TABLES = (personal_access, personal_job)
INDEXES = (points_of_member,)
