"""Whatever a rule can say is said in both languages, in a person's units."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pos_core.sync import rulings
from pos_core.sync.rulings import promotions_differ
from pos_core.sync.rulings.ruling import Ruling
from sync_server.console.pages.ruling_words import TECHNICAL, cause_of, figures_of, technical_of
from sync_server.console.words import Words, sentences
from sync_server.services.console.chain_facts import Facts

MODULES = sorted(Path(rulings.__path__[0]).glob("[a-z]*.py"))


def texts(node: ast.AST) -> Iterator[str]:
    """Codes that an expression may come to; what it asks a mapping for is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*texts(node.body), *texts(node.orelse))
    elif isinstance(node, ast.Call):
        yield from (text for each in node.args for text in texts(each))


def said(path: Path) -> Iterator[tuple[str, str]]:
    """("cause" or "detail", code) of a module's source."""
    module = importlib.import_module(f"pos_core.sync.rulings.{path.stem}")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        place = {"Ruling": 2, "_ruling": 1}.get(node.func.id)
        if place is not None and len(node.args) > place:
            given = node.args[place]
            yield from (("cause", text) for text in texts(given))
            if isinstance(given, ast.Name) and given.id == "RULE":
                yield "cause", module.RULE
        for keyword in node.keywords:
            if keyword.arg == "detail" and isinstance(keyword.value, ast.Tuple):
                for pair in keyword.value.elts:
                    if isinstance(pair, ast.Tuple):
                        yield from (("detail", text) for text in texts(pair.elts[0]))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_cause_and_figure_has_a_name(language: str) -> None:
    words = sentences(language)
    found = {each for path in MODULES for each in said(path)}
    found |= {("cause", cause) for cause in promotions_differ.CAUSES.values()}
    assert {code for kind, code in found if kind == "cause"} >= {"charged_below_release", "unknown_item"}
    assert len(found) > 30
    assert [f"{k}.{c}" for k, c in sorted(found) if c not in TECHNICAL and f"{k}.{c}" not in words] == []


def test_a_rulings_figures_are_in_a_persons_units() -> None:
    words = Words("zh", Facts("", "CNY", 2, ZoneInfo("UTC")))
    made = Ruling(
        "promotions_differ", "k", "charged_too_little", (), (),
        detail=(
            ("difference_minor", -1250), ("excess_milli", 1500), ("ahead_ms", 420_000),
            ("authority", "manager"), ("finding", "too_cheap"), ("sku", "A-1"),
            ("path", "/p"), ("reason", "why"),
        ),
    )  # fmt: skip
    assert cause_of(words, made) == "收的钱少于任何合法价格"
    values = [value for _, value in figures_of(words, made)]
    assert values == ["-12.50", "1.5", "7 分钟", "店长", "低于任何合法价格", "A-1"]
    assert technical_of(made) == "/p why"
