"""Both languages are complete, every code has its sentences, and nothing on screen bypasses them."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import re
import string
from pathlib import Path
from typing import Any

import pytest

import pos_client
import pos_core
from pos_client.services.codes import ALL_CODES
from pos_client.ui.text.catalogue import CATALOGUES, LANGUAGES, Texts, load_catalogue
from pos_core.errors import Refusal, TidemarkError
from pos_core.keys import ACTIONS

UI = Path(__file__).resolve().parents[2] / "pos_client" / "ui"
RESOURCES = UI.parents[1] / "resources"
SHOWING_CALLS = {
    "setText", "setPlaceholderText", "setToolTip", "setWindowTitle", "setTitle", "drawText", "QLabel",
    "addItem", "setAccessibleName", "put",
}  # fmt: skip
KEY = re.compile(r"^[a-z_0-9]+(\.[a-z_0-9]+)+$")


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("name", CATALOGUES)
def test_both_languages_have_the_same_keys_and_the_same_facts(name: str) -> None:
    chinese, english = (load_catalogue(name, language) for language in LANGUAGES)
    assert chinese.keys() == english.keys()
    for key, sentence in chinese.items():
        assert sentence.strip() and english[key].strip(), key
        assert fields(sentence) == fields(english[key]), key


@pytest.mark.parametrize("path", sorted((RESOURCES / "translations").rglob("*.json")), ids=lambda p: p.name)
def test_no_key_stands_twice(path: Path) -> None:
    json.loads(path.read_text("utf-8"), object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    assert len(set(keys)) == len(keys), sorted(key for key in set(keys) if keys.count(key) > 1)
    return dict(pairs)


def test_chinese_is_chinese_and_english_is_not() -> None:
    han = re.compile(r"[\u4e00-\u9fff]")
    for name in CATALOGUES:
        english = load_catalogue(name, "en")
        assert not [key for key, text in english.items() if han.search(text) and key != "action.language"]
    sentences = load_catalogue("errors", "zh").values()
    assert all(han.search(sentence) for sentence in sentences)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_the_services_has_a_sentence(language: str) -> None:
    assert set(ALL_CODES) <= load_catalogue("errors", language).keys()


def every_code_of_the_client() -> set[str]:
    """The codes of all errors that any module of the client or the core declares."""
    for package in (pos_core, pos_client):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found: set[str] = set()
    waiting: list[type[TidemarkError]] = [TidemarkError]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            ours = kind.__module__.startswith(("pos_client.", "pos_core."))
            if ours and not kind.__module__.endswith("__main__"):  # another test may have loaded the command
                found.add(kind.code)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_that_the_client_can_raise_has_a_sentence(language: str) -> None:
    codes = every_code_of_the_client()
    assert len(codes) > 120
    missing = codes - load_catalogue("errors", language).keys()
    assert missing == set(), f"add a sentence to resources/translations/errors.{language}.json"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_of_the_server_has_a_sentence(language: str) -> None:
    """`sync.state.last_error` may be the server's own code."""
    table = (UI.parents[1] / "docs" / "errors.md").read_text("utf-8")
    codes = set(re.findall(r"^\| \d{3} \| `([a-z_]+)` \|", table, re.MULTILINE))
    assert len(codes) > 15
    assert codes - load_catalogue("errors", language).keys() == set()


def test_every_start_up_trouble_names_its_own_way_out() -> None:
    ways = load_catalogue("ways_out", "en")
    for code in ("wrong_key", "damaged_file", "half_built_file", "sqlite_too_old", "second_instance",
                 "read_only_folder", "disk_full", "lost_tail", "schema_too_new", "file_missing"):  # fmt: skip
        assert ways[code] != ways["any"]


def test_every_action_has_a_name_and_a_description() -> None:
    known = load_catalogue("ui", "en")
    for action in ACTIONS:
        assert f"action.{action}" in known
        assert f"action.{action}.what" in known


def test_every_key_in_the_source_exists() -> None:
    known = load_catalogue("ui", "en")
    families = {key.split(".")[0] for key in known}
    used = set()
    for path in UI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and KEY.match(text) and text.split(".")[0] in families:
                used.add(text)
    assert len(used) > 60
    assert used <= known.keys(), used - known.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_ruling_that_the_console_explains_is_explained_to_the_store(language: str) -> None:
    known = load_catalogue("ui", language)
    console = load_catalogue("console/exceptions", language)
    said = {key for key in console if key.startswith(("cause.", "ruling."))}
    assert len(said) > 35 and said <= known.keys()
    assert Texts(language).say_or("cause.of_next_year", "todo.ruled") == known["todo.ruled"]


def test_no_key_of_the_catalogue_is_unused() -> None:
    source = "\n".join(path.read_text("utf-8") for path in UI.rglob("*.py"))
    built = (
        "action.",
        "network.",
        "measure.",
        "role.",
        "form.hint.",
        "adjust.",
        "approval.",
        "return.",
        "why.",
        "device.",
        "device_state.",
        "claims.reason.",
        "stock.reason.",
        "count.area.",
        "transfer.step.",
        "transfer.status.",
        "goods.remark.",
        "goods.waste",
        "goods.own_use",
        "goods.correction",
        "count.kind.",
    )
    built += ("device_line.", "devices.paper", "devices.font", "devices.speaks")
    built += ("replenish.order.", "replenish.raised.", "replenish.method.", "replenish.heading.")
    built += ("gift_card.new", "gift_card.active", "gift_card.blocked")
    built += ("reserve.for_member", "transfer.for_member")
    built += ("reserve.state.", "reserve.step.", "ask_goods.reserve", "ask_goods.transfer")
    built += ("ruling.", "cause.", "todo.", "limit.", "member.edit.")
    built += ("alerts.out", "alerts.low", "alerts.over", "alerts.still")
    built += ("entry.price_override", "entry.line_discount", "entry.basket_discount")
    unused = [k for k in load_catalogue("ui", "en") if f'"{k}"' not in source and not k.startswith(built)]
    assert unused == []


def test_no_literal_text_reaches_the_screen() -> None:
    """A literal with letters in a call that shows text is a sentence nobody can translate."""
    found = []
    for path in UI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            for argument in node.args if name in SHOWING_CALLS else ():
                literals = [argument] if isinstance(argument, ast.Constant) else []
                if isinstance(argument, ast.JoinedStr):
                    literals = [part for part in argument.values if isinstance(part, ast.Constant)]
                for literal in literals:
                    if isinstance(literal.value, str) and any(sign.isalpha() for sign in literal.value):
                        found.append(f"{path.name}:{node.lineno} {literal.value!r}")
    assert found == []


def test_facts_are_shown_as_money_and_a_missing_fact_breaks_nothing() -> None:
    texts = Texts("en")
    assert texts.code("not_fully_paid", {"remaining_minor": 123456}) == "¥1,234.56 is still to be paid"
    assert texts.code("locked_out", {}) == "Too many wrong PINs; try again in – seconds"


def test_an_unknown_code_is_named() -> None:
    class Odd(Refusal):
        code = "odd_code"

    assert "odd_code" in Texts("en").error(Odd())


def test_a_role_stands_before_a_name_that_does_not_say_it() -> None:
    chinese, english = Texts("zh"), Texts("en")
    assert chinese.person("李小梅", "cashier") == "收银员 李小梅"
    assert english.person("Li Xiaomei", "manager") == "Manager Li Xiaomei"
    assert chinese.person("收银员 1001", "cashier") == "收银员 1001"
    assert english.person("收银员 1001", "cashier") == "收银员 1001"
    assert english.person("Li Xiaomei", None) == "Li Xiaomei"


def test_switching_calls_what_was_bound() -> None:
    texts = Texts("zh")
    said: list[str] = []
    texts.bind(said.append, "action.pay")
    texts.switch()
    assert said == ["收款", "Pay"]
