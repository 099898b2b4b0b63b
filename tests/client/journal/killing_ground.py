"""Kills a selling checkout at its system calls, restarts it, judges it, again and again.

    python -m tests.client.journal.killing_ground FOLDER KILLS SEED

One warm process forks each checkout; `strace` is attached to it and kills it at the K-th call that writes,
flushes, truncates, renames or deletes; every third kill is aimed at flushes and single writes alone, where a
sale becomes durable; every sixth comes at a random time instead. Prints one JSON object.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import TypedDict

from tests.client.journal.checkout import Printed, judge, sell_and_print

CALLS = "pwrite64,write,fdatasync,fsync,ftruncate,unlink,rename,openat"
FLUSHES = "fsync,fdatasync,write"
SALES = 4
CALLS_MAX, FLUSHES_MAX = 112, 21
"""About the number of such calls that the writer thread makes for `SALES` sales and its end."""
SURVIVORS_MAX = 1.0
"""The campaign gives up after so many lives per kill ended by themselves: then it does not aim well."""
_ROUNDS_PER_WORKSTATION = 12


class Counts(TypedDict):
    """What a campaign has done; `problems` says what a kill broke."""

    kills: int
    survived: int
    not_printed: int
    problems: list[str]


def main(folder: Path, kills: int, seed: int) -> Counts:
    """Goes on until `kills` checkouts were really killed; the counts say whether it hit what it aimed at."""
    dice = Random(seed)
    found: Counts = {"kills": 0, "survived": 0, "not_printed": 0, "problems": []}
    printed, root, rounds = Printed({}), folder / "0", 0
    spread = [turn / kills for turn in range(kills)]
    dice.shuffle(spread)
    for turn in itertools.count():
        if found["kills"] == kills or found["survived"] > kills * SURVIVORS_MAX:
            break
        share = spread[turn] if turn < kills else dice.random()
        aim = _aim(turn, share)
        killed, text = _one_life(root, turn, aim, dice)
        printed.add(text)
        verdict = judge(root, printed)
        found["kills"] += killed
        found["survived"] += not killed
        found["not_printed"] += bool(verdict.not_printed)
        if verdict.not_printed > 1 or verdict.problems:
            found["problems"].append(f"turn {turn} aim {aim}: {verdict}")
            break
        if verdict.head_number:
            printed.receipts[verdict.head_number + 1] = _hash_of_the_judges_sale(
                root, verdict.head_number + 1
            )
        rounds += 1
        if rounds == _ROUNDS_PER_WORKSTATION:  # a long history would only slow `verify` down
            shutil.rmtree(root)
            printed, root, rounds = Printed({}), folder / str(turn + 1), 0
    return found


def _aim(turn: int, share: float) -> tuple[str, int] | None:
    """Which calls to count and at which one to kill; None: at a random time."""
    if turn % 6 == 5:
        return None
    if turn % 3 == 1:
        return FLUSHES, 1 + int(share * FLUSHES_MAX)
    return CALLS, 1 + int(share * CALLS_MAX)


def _hash_of_the_judges_sale(root: Path, number: int) -> str:
    from tests.client.journal.helpers import Home

    journal = Home(root).open()
    digest = journal.hash_at(number)
    journal.close()
    assert digest is not None
    return digest


def _one_life(root: Path, turn: int, aim: tuple[str, int] | None, dice: Random) -> tuple[bool, str]:
    if aim is not None:
        calls, number = aim
        return live(root, turn, f"{calls}:signal=SIGKILL:when={number}")
    return live(root, turn, None, kill_after_s=dice.random() * 0.02)


def live(
    root: Path,
    seed: int,
    injection: str | None,
    *,
    kill_after_s: float = 0.0,
    work: Callable[[Path, int, int, int], None] = sell_and_print,
) -> tuple[bool, str]:
    """Forks a checkout under a fault; returns whether a signal ended it, and what it had printed.

    `injection` is what `strace -e inject=` takes; None: killed after a time.
    """
    _let_threads_end()
    gate_read, gate_write = os.pipe()
    paper_read, paper_write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(gate_write)
        os.close(paper_read)
        os.read(gate_read, 1)
        try:
            work(root, SALES, seed, paper_write)
        finally:
            os._exit(0)
    os.close(paper_write)
    os.close(gate_read)
    tracer = None if injection is None else _attach(child, injection)
    os.write(gate_write, b"x")
    os.close(gate_write)
    if tracer is None:
        time.sleep(kill_after_s)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(paper_read, encoding="ascii") as paper:
        text = paper.read()
    _, status = os.waitpid(child, 0)
    if tracer is not None:
        tracer.wait()
    return os.WIFSIGNALED(status), text


def _let_threads_end() -> None:
    """A joined thread has ended for Python, not for the system: its OpenSSL clean-up may still hold a lock,
    and a child forked at that moment would wait for the lock for ever."""
    while len(os.listdir("/proc/self/task")) > 1:
        time.sleep(0.0005)


def _attach(child: int, injection: str) -> subprocess.Popen[bytes]:
    tracer = subprocess.Popen(
        ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + injection.partition(":")[0]]
        + ["-e", "inject=" + injection, "-p", str(child)],
        stderr=subprocess.DEVNULL,
    )
    status = Path(f"/proc/{child}/status")
    while "TracerPid:\t0\n" in status.read_text():
        if tracer.poll() is not None:
            raise RuntimeError("strace could not attach")
        time.sleep(0.001)
    return tracer


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
