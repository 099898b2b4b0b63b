"""Movements and counts of one item that neighbours of the store told of, as rows of its stock card."""

from __future__ import annotations

from pos_client.journal.stock_card import Entry
from pos_client.storage.connection import Connection

_MOVEMENTS = """
SELECT m.hlc, m.workstation_id, m.incarnation, m.number, m.movement_no, d.type, m.reason,
       CAST(d.data AS TEXT) ->> 'occurred_at_ms', CAST(d.data AS TEXT) ->> 'operator_id', m.quantity_milli
  FROM stock_movement AS m JOIN peer_document AS d USING (workstation_id, incarnation, number)
 WHERE m.sku = ?
"""
_COUNTS = """
SELECT c.hlc, c.workstation_id, c.incarnation, c.number, c.line_no, d.type, '',
       CAST(d.data AS TEXT) ->> 'occurred_at_ms', CAST(d.data AS TEXT) ->> 'operator_id', 0, c.counted_milli,
       c.recorded_milli
  FROM count_line AS c JOIN peer_document AS d USING (workstation_id, incarnation, number)
 WHERE c.sku = ?
"""


def entries(connection: Connection, sku: str) -> list[Entry]:
    """All that are kept, in no order: what head office has folded is let go of, so they are few."""
    return [
        Entry(*row) for query in (_MOVEMENTS, _COUNTS) for row in connection.execute(query, (sku,)).fetchall()
    ]
