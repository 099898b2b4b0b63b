"""Labels and frames by the name that the style sheet knows them by."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QLabel


def label(name: str) -> QLabel:
    """An empty label: title | subtitle | fieldName | modeName | multiplier | training | trouble | wayOut."""
    made = QLabel()
    made.setObjectName(name)
    return made


def card() -> QFrame:
    """A white surface with a rounded border."""
    made = QFrame()
    made.setObjectName("card")
    return made
