"""One simulated clock for workstations and server: eight bytes of a file that both map."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

_FORMAT = struct.Struct("<q")


class SharedClock:
    """Stands still until it is moved. Wall and monotonic time move together: nobody sees a jump."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(_FORMAT.size))
        with path.open("r+b") as file:
            self._bytes = mmap.mmap(file.fileno(), _FORMAT.size)

    def now_ms(self) -> int:
        """Simulated milliseconds since 1970 UTC."""
        return int(_FORMAT.unpack(self._bytes[:])[0])

    def monotonic_ms(self) -> int:
        """The same: it only measures."""
        return self.now_ms()

    def move_to(self, now_ms: int) -> None:
        """Everybody who shares the file is there now."""
        self._bytes[:] = _FORMAT.pack(now_ms)

    def close(self) -> None:
        """Unmap."""
        self._bytes.close()
