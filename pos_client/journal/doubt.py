"""Head office is not where it said that it was, and its epoch is the same: an older disk has taken the place

of its own, and nobody told it. What it said of the present series is corrected by asking; what else it said
before counts for nothing either.
"""

from __future__ import annotations

from pos_client.journal.member_keys import doubt_acknowledged_keys
from pos_client.storage.connection import Connection
from pos_client.storage.named_sql import load_queries

_STATE = load_queries("pos_client.journal", "state")


def doubt_acknowledged(connection: Connection, *, asked: int, present: int) -> None:
    """Incarnations other than these are asked about again, and members' keys sent again; in the caller's
    transaction.
    """
    connection.execute(_STATE["doubt_resume_points"], (asked, present))
    doubt_acknowledged_keys(connection)
