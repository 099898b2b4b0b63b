"""A checkout that sells and "prints": what the kill and power-cut campaigns run and then judge.

A receipt is printed by one write to a file descriptor, after `Journal.record` has resolved and not before.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from random import Random

from pos_client.journal.baskets import drop_basket, save_basket
from pos_client.journal.journal import Journal
from pos_client.storage.errors import LostTail, StorageTrouble
from tests.client.journal.helpers import FakeClock, Home, sale


def sell_and_print(root: Path, sales: int, seed: int, printer: int) -> None:
    """Opens the journal under `root`, sells, prints `number hash` a line, closes."""
    home = Home(root, FakeClock(wall_ms=1_795_000_000_000 + seed * 60_000))
    journal = home.open()
    os.write(printer, f"open {journal.head().number} {journal.head().hash}\n".encode())
    dice = Random(seed)
    for _ in range(sales):
        journal.change(lambda c: save_basket(c, dice.randbytes(500), 1)).result()
        done = journal.record([sale(dice)], also=drop_basket).result()[0]
        os.write(printer, f"sale {done.number} {done.hash}\n".encode())
    journal.close()


def _say(printer: int, line: bytes) -> None:
    """Another system call than the journal's own writes, so that a fault is never aimed at the printer."""
    os.writev(printer, [line])


def sell_through_trouble(root: Path, sales: int, seed: int, printer: int) -> None:
    """As `sell_and_print` on a failing disk: prints each trouble, and `BAD` when a sale follows doubt."""
    home = Home(root, FakeClock(wall_ms=1_795_000_000_000 + seed * 60_000))
    try:
        journal = home.open()
    except StorageTrouble as trouble:
        _say(printer, f"not_open {trouble.code}\n".encode())
        return
    dice, doubt = Random(seed), False
    for _ in range(sales):
        try:
            done = journal.record([sale(dice)]).result()[0]
            _say(printer, f"sale {done.number} {done.hash}\n".encode())
            if doubt:
                _say(printer, b"BAD sold after doubt\n")
        except StorageTrouble as trouble:
            doubt = doubt or trouble.facts.get("outcome") == "uncertain"
            _say(printer, f"trouble {trouble.code} {trouble.facts.get('outcome')}\n".encode())
    journal.close()


@dataclass
class Printed:
    """What came out of the printer over the life of a workstation: hash by number."""

    receipts: dict[int, str]

    def add(self, text: str) -> int:
        """Takes the printer's lines; a torn last line was never read by a person. Returns how many."""
        count = 0
        for line in text.splitlines(keepends=True):
            if line.endswith("\n") and line.startswith("sale "):
                _, number, digest = line.split()
                assert int(number) not in self.receipts, f"number {number} was printed twice"
                self.receipts[int(number)] = digest
                count += 1
        return count


@dataclass(frozen=True)
class Verdict:
    """What a restart found; `problems` must be empty."""

    problems: list[str]
    head_number: int
    not_printed: int


def judge(root: Path, printed: Printed, *, lost_tail_allowed: bool = False) -> Verdict:
    """Restarts the workstation and holds it to P1, P3, P4, P5 and P20."""
    home = Home(root, FakeClock(wall_ms=1_799_000_000_000))
    try:
        journal = home.open()
    except LostTail:
        return Verdict([] if lost_tail_allowed else ["lost tail"], 0, 0)
    problems = [
        f"printed document {number} is gone or another"
        for number, digest in printed.receipts.items()
        if journal.hash_at(number) != digest
    ]
    head = journal.head()
    not_printed = head.number - max(printed.receipts, default=head.number)
    problems += _next_number(journal, head.number)
    journal.close()
    problems += [f"{one.code} at {one.where}: {one.message}" for one in home.verify().findings]
    return Verdict(problems, head.number, not_printed)


def _next_number(journal: Journal, last: int) -> list[str]:
    number = journal.record([sale()]).result()[0].number
    return [] if number == last + 1 else [f"after {last} came {number}"]
