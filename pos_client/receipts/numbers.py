"""A document's number as people read it: the same on paper, in lists and wherever a scan finds it again."""

from __future__ import annotations


def series_label(workstation_name: str, incarnation: int) -> str:
    """What is printed before a number: the name, and the incarnation from the second on."""
    return workstation_name if incarnation == 1 else f"{workstation_name}.{incarnation}"


def document_label(series: str, number: int) -> str:
    """A number of a series that `series_label` names."""
    return f"{series}-{number:06d}"
