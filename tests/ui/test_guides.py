"""The guides are two printed pages each, their pictures are there, and their keys are those of the keymap."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSizeF, Qt, QUrl
from PySide6.QtGui import QFont, QImage, QTextDocument
from pytestqt.qtbot import QtBot

GUIDES = Path(__file__).parents[2] / "docs" / "guides"
PAGE = QSizeF(794, 1123)
"""A4 at 96 dots an inch."""
MARGIN, PICTURE_WIDTH, POINTS = 40, 380, 9
FILES = sorted(path.name for path in GUIDES.glob("*.md"))
KEYMAP = json.loads((Path(__file__).parents[2] / "resources" / "keymaps" / "tidemark.json").read_text())
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")
KEY = re.compile(r"`((?:Ctrl\+|Shift\+)?(?:F\d{1,2}|Del|Esc|[A-Z]))`")


class Sheet(QTextDocument):
    """A document whose pictures lie beside the guides."""

    def loadResource(self, kind: int, name: QUrl) -> Any:
        """Ten centimetres wide."""
        whole = QImage(str(GUIDES / name.toString()))
        assert not whole.isNull(), name
        return whole.scaledToWidth(PICTURE_WIDTH, Qt.TransformationMode.SmoothTransformation)


def printed(text: str) -> QTextDocument:
    """As it comes out of a printer, in nine points."""
    document = Sheet()
    document.setDefaultFont(QFont("Noto Sans CJK SC", POINTS))
    document.setDocumentMargin(MARGIN)
    document.setPageSize(PAGE)
    document.setMarkdown(text)
    return document


@pytest.mark.parametrize("name", FILES)
def test_a_guide_is_at_most_two_printed_pages(qtbot: QtBot, name: str) -> None:
    assert printed((GUIDES / name).read_text("utf-8")).pageCount() <= 2


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_a_cashier_needs_for_a_sale_is_one_page_and_the_rest_another(
    qtbot: QtBot, language: str
) -> None:
    title, first, second = (GUIDES / f"cashier.{language}.md").read_text("utf-8").split("\n## ")
    pages = [f"{title}\n## {first}", f"## {second}"]
    assert [printed(page).pageCount() for page in pages] == [1, 1]


@pytest.mark.parametrize("name", FILES)
def test_every_key_of_a_guide_is_one_of_the_keymap(name: str) -> None:
    bound = {key for actions in KEYMAP["contexts"].values() for keys in actions.values() for key in keys}
    named = set(KEY.findall((GUIDES / name).read_text("utf-8")))
    assert named and named <= bound


def test_both_languages_have_the_same_pictures_and_keys() -> None:
    for guide in ("cashier", "store-manager"):
        zh, en = ((GUIDES / f"{guide}.{each}.md").read_text("utf-8") for each in ("zh", "en"))
        assert [each.replace(".zh.", ".en.") for each in PICTURE.findall(zh)] == PICTURE.findall(en)
        assert set(KEY.findall(zh)) == set(KEY.findall(en))
