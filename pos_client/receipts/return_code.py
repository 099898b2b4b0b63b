"""What the QR code of a receipt says: finds the sale in any journal or at head office."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PREFIX = "TM1"


def return_code(document: Mapping[str, Any]) -> str:
    """`TM1.workstation.incarnation.number` of a decoded sale (or of any mapping with its header's keys)."""
    return f"{PREFIX}.{document['workstation_id']}.{document['incarnation']}.{document['number']}"
