"""How large a QR code may be drawn: its modules as wide as the paper allows."""

from __future__ import annotations

import re

DOTS_MAX = 5
_QUIET_MODULES = 8
# Letters and digits, and bytes, that versions 1, 2, 3 … hold at error correction M (ISO/IEC 18004, table 7).
_CAPITALS = (
    20, 38, 61, 90, 122, 154, 178, 221, 262, 311, 366, 419, 483, 528, 600, 656, 734, 816, 909, 970, 1035,
)  # fmt: skip
_BYTES = (
    14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666, 711,
)  # fmt: skip
_SMALL = re.compile(r"[0-9A-Z $%*+\-./:]*")


def module_dots(payload: str, paper_dots: int) -> int:
    """Dots a module, at most 5, so that the code and its margin fit `paper_dots` across."""
    holds, length = _CAPITALS, len(payload)
    if not _SMALL.fullmatch(payload):
        holds, length = _BYTES, len(payload.encode())
    version = next((place for place, most in enumerate(holds, start=1) if length <= most), len(holds))
    return max(1, min(DOTS_MAX, paper_dots // (17 + 4 * version + _QUIET_MODULES)))
