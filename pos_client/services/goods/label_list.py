"""The list of labels to change, as one workstation keeps it, and what of it the store has not been told."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from pos_client.services.goods.working_list import WorkingList
from pos_client.storage.connection import Connection
from pos_core.stock.shelf_label import LabelStep, marks_of
from pos_core.sync.folds import State

Steps = set[tuple[int, LabelStep]]
"""Of lines, by their numbers."""


class LabelList:
    """`{sku, name, unit, was, now, printed, ticked, due_ms, untold}` by place; what was not ticked stays.

    `untold`: steps that no document says yet. A step is untold until its document is on disk; what is being
    written meanwhile is not told a second time. Main thread, but for the three that say otherwise.
    """

    def __init__(self, kept: WorkingList) -> None:
        self.kept = kept
        self._lock = threading.RLock()
        self._being_told: list[Steps] = []

    @property
    def order(self) -> list[int]:
        """Line numbers: what is still to hang first, then by name."""
        lines = self.kept.lines
        return sorted(lines, key=lambda each: (lines[each]["ticked"], lines[each]["name"], each))

    def line(self, line_no: int) -> dict[str, Any]:
        """A line by its number."""
        return self.kept.lines[line_no]

    @property
    def left(self) -> int:
        """How many are not ticked off."""
        return sum(not line["ticked"] for line in self.kept.lines.values())

    @property
    def untold(self) -> list[tuple[int, LabelStep]]:
        """Line and step that no document says yet."""
        return [(no, step) for no, line in sorted(self.kept.lines.items()) for step in line.get("untold", ())]

    def tick(self, line_no: int, ticked: bool = True) -> None:
        """The label hangs. Raises ListBeingWritten."""
        self._mark(line_no, "hung" if ticked else "unhung")

    def printed(self, line_nos: Sequence[int]) -> None:
        """The printer took these. Raises ListBeingWritten."""
        for line_no in line_nos:
            self._mark(line_no, "printed")

    def begin_telling(self, least: int) -> Steps:
        """Steps for documents to be written now; fewer than `least`: none."""
        with self._lock:
            busy = set().union(*self._being_told)
            steps = set(self.untold) - busy
            if not steps or len(steps) < least:
                return set()
            self._being_told.append(steps)
            return steps

    def write_told(self, connection: Connection, steps: Steps) -> None:
        """On the journal's thread, in the transaction of the documents that say these steps."""
        with self._lock:
            self.kept.write_with(connection, self._without(steps))

    def told(self, steps: Steps) -> None:
        """Those documents are on disk. Any thread."""
        with self._lock:
            for line_no, line in self._without(steps).items():
                self.kept.put(line_no, line)
            self._being_told.remove(steps)

    def not_told(self, steps: Steps) -> None:
        """They could not be written: what they would have said waits. Any thread."""
        with self._lock:
            self._being_told.remove(steps)

    def _without(self, steps: Steps) -> dict[int, dict[str, Any]]:
        """The lines of these steps as they are once those are told."""
        found = {}
        for line_no in sorted({each for each, _ in steps} & self.kept.lines.keys()):
            line = self.line(line_no)
            left = [each for each in line.get("untold", ()) if (line_no, each) not in steps]
            found[line_no] = {**line, "untold": left}
        return found

    def find(self, sku: str) -> int | None:
        """The line of an item."""
        return next((each for each, line in self.kept.lines.items() if line["sku"] == sku), None)

    def hear(self, line_no: int, state: State | None) -> None:
        """What any workstation of the store says of a line's label, ours on top."""
        with self._lock:
            line = self.line(line_no)
            marks = marks_of(state, line["now"], line.get("due_ms", 0))
            if marks is None:
                return
            after = {**line, "printed": marks[0], "ticked": marks[1]}
            for step in line.get("untold", ()):
                after |= _said(step)
            if after != line:
                self.kept.put(line_no, after)

    def _mark(self, line_no: int, step: LabelStep) -> None:
        """The newest word on a label is untold, though the same was said before the last one."""
        said = _said(step)
        with self._lock:
            line = self.line(line_no)
            before = line.get("untold", ())
            others = [each for each in before if _said(each).keys() != said.keys()]
            for steps in self._being_told:
                steps -= {(line_no, each) for each in before if each not in others}
            self.kept.put(line_no, {**line, **said, "untold": [*others, step]})


def _said(step: LabelStep) -> dict[str, bool]:
    return {"printed": True} if step == "printed" else {"ticked": step == "hung"}
