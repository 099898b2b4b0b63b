"""When Python's collector of cyclic garbage works: between scans, never in the middle of one.

A workstation holds some 300,000 objects for good (code, widgets, compiled promotions). By Python's own rule
a round over all of them comes in whatever happens to be running: a quarter of a second in the middle of a
scan. So a front end calls `quieten` once, and `settle` when it stands: what there is then is looked at by no
round any more. Young garbage is taken away by `breathe`, when a sale is on disk and its change is being
counted, and everything is looked at by `tidy`, when an operator has signed off.
"""

from __future__ import annotations

import gc

YOUNG_OBJECTS = 700
"""Python's own measure for a round over the youngest."""
AT_LATEST_OBJECTS = 200_000
"""Where no sale ends for long, a round over the young ones comes by itself."""
NEVER = 1_000_000


def quieten() -> None:
    """From now on rounds come when they are asked for. For a process that is one workstation's own."""
    gc.set_threshold(AT_LATEST_OBJECTS, 10, NEVER)


def is_quiet() -> bool:
    """Whether `quieten` was called."""
    return gc.get_threshold()[2] == NEVER


def settle() -> None:
    """What has been made stays: only `tidy` looks at it again. Takes no time; nothing unless `quieten`

    was called.
    """
    if is_quiet():
        gc.freeze()


def breathe() -> None:
    """A round over what is young, where there is enough of it; nothing unless `quieten` was called."""
    if is_quiet() and gc.get_count()[0] > YOUNG_OBJECTS:
        gc.collect(1)


def tidy() -> None:
    """A round over everything; nothing unless `quieten` was called."""
    if is_quiet():
        gc.unfreeze()
        gc.collect()
        gc.freeze()
