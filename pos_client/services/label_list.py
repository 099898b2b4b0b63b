"""The list of labels to change, as one workstation keeps it, and what of it the store has not been told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pos_client.services.working_list import WorkingList
from pos_core.stock.shelf_label import LabelStep, marks_of
from pos_core.sync.folds import State


class LabelList:
    """`{sku, name, unit, was, now, printed, ticked, due_ms, untold}` by place; what was not ticked stays.

    `untold`: steps that no document says yet.
    """

    def __init__(self, kept: WorkingList) -> None:
        self.kept = kept

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

    def told(self) -> None:
        """A document says all of it."""
        for line_no, line in self.kept.lines.items():
            if line.get("untold"):
                self.kept.put(line_no, {**line, "untold": []})

    def find(self, sku: str) -> int | None:
        """The line of an item."""
        return next((each for each, line in self.kept.lines.items() if line["sku"] == sku), None)

    def hear(self, line_no: int, state: State | None) -> None:
        """What any workstation of the store says of a line's label, ours on top."""
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
        line = self.line(line_no)
        said = _said(step)
        others = [each for each in line.get("untold", ()) if _said(each).keys() != said.keys()]
        self.kept.put(line_no, {**line, **said, "untold": [*others, step]})


def _said(step: LabelStep) -> dict[str, bool]:
    return {"printed": True} if step == "printed" else {"ticked": step == "hung"}
