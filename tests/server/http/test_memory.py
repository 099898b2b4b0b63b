"""Memory of a serving process: what stands is left alone, what becomes garbage still goes."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator

import pytest

from sync_server.http.memory import YOUNG_OBJECTS, settle

pytestmark = pytest.mark.database("sqlite")


class _Knot:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Every other test has the collector that it had."""
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def test_what_stands_is_looked_at_by_no_round() -> None:
    settle()
    assert gc.get_freeze_count() > 10_000
    assert len(gc.get_objects()) < 10_000, "a round over everything has next to nothing to do"


def test_garbage_in_circles_goes_before_it_piles_up() -> None:
    settle()
    gone: list[int] = []
    for place in range(3 * YOUNG_OBJECTS):
        knot = _Knot()
        weakref.finalize(knot, gone.append, place).atexit = False
    assert len(gone) > YOUNG_OBJECTS


def test_what_was_garbage_before_does_not_stay_for_ever() -> None:
    knot = _Knot()
    there = weakref.ref(knot)
    del knot
    settle()
    assert there() is None


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a setting of the GNU C library")
def test_threads_of_a_serving_process_share_one_heap() -> None:
    """In processes of their own: the setting is for good."""
    assert _heaps("pass") > 1
    assert _heaps("share_one_heap()") == 1


def _heaps(first: str) -> int:
    """How many heaps a program has when four threads hold something."""
    program = f"{_IMPORTS}\n{first}\n{_FOUR_THREADS}"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout.count("<heap ")


_IMPORTS = "import ctypes, threading; from sync_server.http.memory import share_one_heap"
_FOUR_THREADS = """
held, told = threading.Barrier(5), threading.Barrier(5)

def hold():
    kept = bytes(10_000)
    held.wait()
    told.wait()

for _ in range(4):
    threading.Thread(target=hold).start()
held.wait()
libc = ctypes.CDLL(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
told.wait()
"""
