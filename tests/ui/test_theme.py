"""The palette holds WCAG AA, and a void Qt call keeps its reference counts."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from pos_client.ui.shell.theme import Theme, fill_style, load_palette, load_text_pairs, pick_font_family
from resources import resource_path

UI = Path(__file__).resolve().parents[2] / "pos_client" / "ui"
AA_NORMAL = 4.5


def luminance(color: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("pair", load_text_pairs(), ids="-on-".join)
def test_text_on_its_background_reaches_aa(pair: tuple[str, str]) -> None:
    palette = load_palette()
    assert contrast(palette[pair[0]], palette[pair[1]]) >= AA_NORMAL


def test_the_yardstick_knows_black_on_white() -> None:
    assert round(contrast("#000000", "#FFFFFF"), 1) == 21.0


def test_every_colour_for_text_is_in_a_checked_pair() -> None:
    """Colours named in `theme.color(…)` calls: each is a surface or stands in a checked pair."""
    named = set()
    for path in UI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "color":
                named |= {
                    a.value
                    for a in ast.walk(node)
                    if isinstance(a, ast.Constant) and isinstance(a.value, str)
                }
    surfaces = {"ground", "surface", "stripe", "rule", "deep", "deep_raised", "foam", "paper", "online_dot"}
    checked = {text for text, _ in load_text_pairs()} | {"tide_press"}
    fills = {ground for _, ground in load_text_pairs()}
    assert named <= load_palette().keys()
    assert named - surfaces - fills <= checked


def test_the_style_sheet_has_no_unknown_name(qapp: QApplication) -> None:
    template = resource_path("style/tidemark.qss").read_text("utf-8")
    assert "@" not in fill_style(template, load_palette(), 1.4)


def test_the_scale_follows_the_window(qapp: QApplication) -> None:
    theme = Theme()
    seen = []
    theme.bind(lambda: seen.append(theme.px(100)))
    theme.fit(qapp, 1366, 768)
    theme.fit(qapp, 1920, 1080)
    theme.fit(qapp, 1366, 768)
    assert seen == [100, 140, 100]


def test_a_font_for_chinese_is_installed(qapp: QApplication) -> None:
    assert pick_font_family() is not None


def test_a_void_qt_call_keeps_the_reference_count_of_none(qapp: QApplication) -> None:
    """PySide6 6.12 on CPython 3.11 drops one reference to None at each void call, and later the process."""
    if sys.version_info >= (3, 12):
        pytest.skip("None is immortal from CPython 3.12 on")
    label = QLabel()
    before = sys.getrefcount(None)
    for _ in range(2000):
        label.setText("")
    assert abs(sys.getrefcount(None) - before) < 1000
