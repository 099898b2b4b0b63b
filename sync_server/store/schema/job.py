"""What timers did: each job's last run, and a few of those before."""

from __future__ import annotations

from sqlalchemy import Table

from sync_server.store.schema.columns import integer, text
from sync_server.store.schema.tables import metadata

job_state = Table(
    "job_state",
    metadata,
    text("name", key=True),
    integer("every_s"),
    integer("started_at_ms"),  # of the last run
    integer("took_ms"),
    integer("next_at_ms"),
    text("trouble"),  # how the last run ended; "": well
    integer("runs"),  # ever
    integer("failures"),
)

job_run = Table(
    "job_run",
    metadata,
    text("name", key=True),
    integer("started_at_ms", key=True),
    integer("took_ms"),
    text("trouble"),
)
"""The newest runs of each job, those that services/job_log.py notes, and since when it fails."""

TABLES = (job_state, job_run)
