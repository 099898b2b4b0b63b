"""Colours, sizes and the style sheet. One palette file, one scale that grows with the window."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from resources import resource_path

BASE_WIDTH, BASE_HEIGHT = 1366, 768
_SCALES = (1.0, 1.15, 1.3, 1.4, 1.7, 2.0)


def load_palette() -> dict[str, str]:
    """Colour names → `#RRGGBB`."""
    colors: dict[str, str] = json.loads(resource_path("style/palette.json").read_text("utf-8"))["colors"]
    return colors


def load_text_pairs() -> list[tuple[str, str]]:
    """Every (text, background) pair of colours that the window uses; a test computes their contrast."""
    loaded = json.loads(resource_path("style/palette.json").read_text("utf-8"))
    return [(pair[0], pair[1]) for pair in loaded["text_pairs"]]


def pick_font_family() -> str | None:
    """The first installed family that we know to draw Chinese well, else any that can, else None."""
    wanted = json.loads(resource_path("style/palette.json").read_text("utf-8"))["fonts"]
    installed = set(QFontDatabase.families())
    for family in wanted:
        if family in installed:
            return str(family)
    chinese = QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese)
    return chinese[0] if chinese else None


def fill_style(template: str, colors: Mapping[str, str], scale: float) -> str:
    """`@px(n)` and `@name` replaced."""
    sized = re.sub(r"@px\((\d+)\)", lambda found: f"{round(int(found[1]) * scale)}px", template)
    return re.sub(r"@([a-z_]+)", lambda found: colors[found[1]], sized)


class Theme:
    """Colours as QColor by name, pixel sizes by scale, fonts by pixel size."""

    def __init__(self) -> None:
        self._names = load_palette()
        self._colors = {name: QColor(value) for name, value in self._names.items()}
        self._template = resource_path("style/tidemark.qss").read_text("utf-8")
        self.family = pick_font_family()
        self.scale = 1.0
        self._listeners: list[Callable[[], None]] = []
        self._fonts: dict[tuple[int, bool], QFont] = {}

    def color(self, name: str) -> QColor:
        """A colour of the palette."""
        return self._colors[name]

    def px(self, base: int) -> int:
        """A length at 1366×768 in pixels of this window."""
        return round(base * self.scale)

    def font(self, base_px: int, *, bold: bool = False) -> QFont:
        """A font by its height at 1366×768. Made once: painting asks for it for every cell."""
        known = self._fonts.get((base_px, bold))
        if known is None:
            known = QFont(QApplication.font())
            known.setPixelSize(max(1, self.px(base_px)))
            known.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
            self._fonts[base_px, bold] = known
        return known

    def bind(self, apply: Callable[[], None]) -> None:
        """Call `apply` now and whenever the scale changes: for sizes that are set in code."""
        self._listeners.append(apply)
        apply()

    def dress(self, application: QApplication) -> None:
        """Fusion, our palette and style sheet for the whole program."""
        application.setStyle("Fusion")
        palette = QPalette(self.color("ground"))
        palette.setColor(QPalette.ColorRole.WindowText, self.color("ink"))
        palette.setColor(QPalette.ColorRole.Text, self.color("ink"))
        palette.setColor(QPalette.ColorRole.Base, self.color("surface"))
        palette.setColor(QPalette.ColorRole.PlaceholderText, self.color("disabled"))
        palette.setColor(QPalette.ColorRole.Highlight, self.color("tide"))
        palette.setColor(QPalette.ColorRole.HighlightedText, self.color("on_tide"))
        application.setPalette(palette)
        if self.family is not None:
            font = QFont(self.family)
            font.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
            font.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
            application.setFont(font)
        self._fonts.clear()
        application.setStyleSheet(fill_style(self._template, self._names, self.scale))

    def fit(self, application: QApplication, width: int, height: int) -> None:
        """Choose the scale for a window of this size; restyle only when it changes."""
        room = min(width / BASE_WIDTH, height / BASE_HEIGHT)
        scale = max((known for known in _SCALES if known <= room + 0.01), default=1.0)
        if scale == self.scale:
            return
        self.scale = scale
        self.dress(application)
        for listener in self._listeners:
            listener()


RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
CENTER = Qt.AlignmentFlag.AlignCenter
