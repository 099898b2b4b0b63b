"""Names of keys in their one spelling, and what is wrong with a keymap."""

from __future__ import annotations

import json

import pytest

from pos_core.keys import SHIPPED, faults, key_name, whole
from resources import resource_path


@pytest.mark.parametrize(
    "text,name",
    [
        ("shift+ctrl+pgup", "Ctrl+Shift+PgUp"), ("f12", "F12"), ("+", "+"), ("Ctrl++", "Ctrl++"), ("a", "A"),
        (" Del ", "Del"), ("ctrl + del", "Ctrl+Del"), ("*", "*"), ("space", "Space"), ("F25", None),
        ("", None), ("Hyper+F1", None), ("Ctrl+Ctrl+A", None), ("ab", None), ("Ctrl+", None), ("中", None),
        ("+ +", None),
    ],
)  # fmt: skip
def test_a_key_has_one_spelling(text: str, name: str | None) -> None:
    assert key_name(text) == name


def shipped(name: str) -> dict[str, dict[str, list[str]]]:
    loaded = json.loads(resource_path(f"keymaps/{name}.json").read_text("utf-8"))
    return whole(loaded, shipped(loaded["based_on"]) if "based_on" in loaded else None)


@pytest.mark.parametrize("name", SHIPPED)
def test_those_that_ship_are_good(name: str) -> None:
    assert [each for each in faults(shipped(name)) if each.refuses] == []


@pytest.mark.parametrize(
    "context,action,keys,codes",
    [
        ("sale", "price", ["F5"], ["two_meanings"]),
        ("sale", "price", ["f5"], ["two_meanings"]),
        ("sale", "price", ["F99"], ["bad_key"]),
        ("sale", "fly", ["F24"], ["unknown_action"]),
        ("cellar", "price", ["F24"], ["unknown_context"]),
        ("any", "back", [], ["no_key"]),
        ("sale", "price", ["Esc"], ["covers"]),
        ("sale", "price", ["7"], ["digit"]),
    ],
)
def test_what_is_wrong_is_named(context: str, action: str, keys: list[str], codes: list[str]) -> None:
    found = whole({"contexts": {context: {action: keys}}}, shipped("tidemark"))
    assert [each.code for each in faults(found)] == codes
