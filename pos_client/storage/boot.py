"""Which run of the machine this is: its monotonic clock can be compared within one run only."""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path

_LINUX = Path("/proc/sys/kernel/random/boot_id")


@cache
def boot_id() -> str:
    """The kernel's, or, where none is told, this process's own: a restart of the program then counts as one

    of the machine.
    """
    try:
        return _LINUX.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return secrets.token_hex(16)
