"""The guides are two pages when printed, in both languages, with pictures that are there."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

GUIDES = Path(__file__).parents[2] / "docs" / "guides"
NAMES = ("cashier", "store-manager", "head-office")
LANGUAGES = ("zh", "en")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-pdf-header-footer")


def pictures(name: str, language: str) -> list[str]:
    text = (GUIDES / f"{name}.{language}.md").read_text("utf-8")
    return re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text)


def pages(name: str, language: str, folder: Path) -> int:
    """Printed by Chromium with the guides' own style sheet."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "needs Chromium, as the console's tests do"
    body = MarkdownIt().enable("table").render((GUIDES / f"{name}.{language}.md").read_text("utf-8"))
    style = (GUIDES / "print.css").read_text("utf-8")
    base = GUIDES.as_uri()
    page, paper = folder / "guide.html", folder / "guide.pdf"
    page.write_text(
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><base href="{base}/">'
        f"<style>{style}</style><body>{body}</body></html>",
        encoding="utf-8",
    )
    command = [chromium, *FLAGS, f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={paper}"]
    subprocess.run([*command, page.as_uri()], check=True, capture_output=True, timeout=120)
    return len(re.findall(rb"/Type\s*/Page\b", paper.read_bytes()))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_guide_is_two_pages(name: str, language: str, tmp_path: Path) -> None:
    assert pages(name, language, tmp_path) == 2


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same_parts_and_pictures_of_their_own(name: str) -> None:
    texts = [(GUIDES / f"{name}.{language}.md").read_text("utf-8") for language in LANGUAGES]
    assert len({len(re.findall(r"^## ", text, re.MULTILINE)) for text in texts}) == 1
    zh, en = (pictures(name, language) for language in LANGUAGES)
    assert zh and [each.replace(".zh.", ".en.") for each in zh] == en
    assert all((GUIDES / each).is_file() for each in [*zh, *en])
