"""Public keys of workstations in the feed: a store verifies another's transfer slip without a network."""

from __future__ import annotations

from sync_server.store import feed
from sync_server.store.engine import Txn
from sync_server.store.workstation import WorkstationRow


def publish(txn: Txn, row: WorkstationRow) -> None:
    """As the row says: `active`, or `revoked`, and then no new slip of it is believed."""
    values = [row.workstation_id, row.store_id, row.name, row.public_key, row.state]
    feed.put_rows(txn, "workstation_key", "chain", [values])
