"""Lets one system call of a selling checkout fail, restarts it, judges it; for each number given.

    python -m tests.client.journal.failing_disk FOLDER CALLS:error=EIO NUMBER …

In a process of its own because each checkout is forked, and a fork beside other threads may hang.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.client.journal.checkout import Printed, judge, sell_through_trouble
from tests.client.journal.helpers import Home, sell
from tests.client.journal.killing_ground import live


def main(folder: Path, injection: str, numbers: list[int]) -> dict[str, int | list[str]]:
    """Counts the lives in which a sale met trouble, and lists what must not be."""
    problems: list[str] = []
    troubles = 0
    for number in numbers:
        found, text = fail_at(folder / str(number), injection, number)
        problems += [f"at call {number}: {problem}; printed {text!r}" for problem in found]
        troubles += "trouble" in text
    return {"troubles": troubles, "problems": problems}


def fail_at(root: Path, injection: str, number: int) -> tuple[list[str], str]:
    """One life in which call `number` fails, and what a restart finds."""
    journal = Home(root).open()
    first = sell(journal, 1)[0]
    journal.close()
    printed = Printed({first.number: first.hash})
    _, text = live(root, number, f"{injection}:when={number}", work=sell_through_trouble)
    printed.add(text)
    verdict = judge(root, printed)
    problems = verdict.problems + [line for line in text.splitlines() if line.startswith("BAD")]
    if verdict.not_printed > 1:
        problems.append(f"{verdict.not_printed} sales were recorded and never printed")
    return problems, text


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2], [int(word) for word in sys.argv[3:]])))
