"""How a serving process deals with its memory.

Hundreds of thousands of objects (code, routes, tables, compiled statements) stand there for good. By Python's
own rule a round of its collector over all of them comes in the middle of whatever makes many objects: reading
a batch of a thousand documents took a quarter longer for it. What a batch makes is hardly ever cyclic and
goes by itself.

And the C library gives each thread a heap of its own, up to eight a processor, each as large as the largest
batch that its thread ever had: while five workstations hand in a month, that is 750 MB instead of 320. Nearly
all of our work holds the interpreter's lock anyway, so one heap makes nobody wait. And what the next batch
will ask for again is not given back to the system, which would have to make each page anew.
"""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress

YOUNG_OBJECTS = 50_000
"""More than a full batch leaves behind while it is worked on."""
KEPT_BYTES = 64 * 1024 * 1024
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
"""Of `mallopt` in the GNU C library; others have no such call, or take no notice."""


def share_one_heap() -> None:
    """Of all threads that begin from now on. It keeps `KEPT_BYTES` that nobody uses, at most."""
    with suppress(OSError, AttributeError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_ARENA_MAX, 1)
        mallopt(_M_TRIM_THRESHOLD, KEPT_BYTES)
        mallopt(_M_MMAP_THRESHOLD, KEPT_BYTES // 2)


def settle() -> None:
    """What has been made stays: no round looks at it any more. For a process that does nothing but serve."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 10, 10)
