"""When Python's collector of cyclic garbage works in a serving process.

Hundreds of thousands of objects (code, routes, tables, compiled statements) stand there for good. By Python's
own rule a round over all of them comes in the middle of whatever makes many objects: reading a batch of a
thousand documents took a quarter longer for it. What a batch makes is hardly ever cyclic and goes by itself.
"""

from __future__ import annotations

import gc

YOUNG_OBJECTS = 50_000
"""More than a full batch leaves behind while it is worked on."""


def settle() -> None:
    """What has been made stays: no round looks at it any more. For a process that does nothing but serve."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 10, 10)
