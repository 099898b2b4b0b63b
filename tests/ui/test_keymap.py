"""A keymap is data, and bad data is refused with a sentence before it reaches a cashier."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from pos_client.ui.keys.keymap import (
    ACTIONS,
    CONTEXTS,
    BadKeymap,
    combined_key,
    load_keymap,
    parse_key,
    read_keymap,
)

DOCS = Path(__file__).resolve().parents[2] / "docs" / "keys.md"
SMALL = {"any": {"confirm": ["Return"], "back": ["Esc"]}}


def event(key: Qt.Key, modifiers: Qt.KeyboardModifier, text: str = "") -> QKeyEvent:
    return QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text)


@pytest.mark.parametrize(
    ("context", "key", "action"),
    [
        ("sale", "F1", "help"), ("sale", "F2", "find"), ("sale", "F12", "pay"), ("sale", "+", "pay"),
        ("sale", "Del", "void"), ("sale", "Ctrl+Del", "clear"), ("sale", "Ctrl+L", "lock"),
        ("sale", "Ctrl+R", "reprint"), ("sale", "Ctrl+Shift+L", "language"), ("sale", "*", "quantity"),
        ("pay", "1", None), ("pay", "+", "pay"), ("pay_which", "1", "tender_1"),
        ("pay_which", "3", "tender_3"), ("pay", "Esc", "back"), ("pay_amount", "1", None),
        ("sale", "Ctrl+Shift+O", "offline"), ("sale", "1", None), ("find", "+", None),
    ],
)  # fmt: skip
def test_our_default_keys(context: str, key: str, action: str | None) -> None:
    assert load_keymap().action(context, parse_key(key)) == action


def test_signs_mean_the_same_from_keypad_and_with_shift() -> None:
    keypad, shift = Qt.KeyboardModifier.KeypadModifier, Qt.KeyboardModifier.ShiftModifier
    assert combined_key(event(Qt.Key.Key_Plus, keypad)) == parse_key("+")
    assert combined_key(event(Qt.Key.Key_Plus, shift)) == parse_key("+")
    assert combined_key(event(Qt.Key.Key_Enter, keypad)) == parse_key("Enter")
    assert combined_key(event(Qt.Key.Key_L, shift)) != parse_key("L")


@pytest.mark.parametrize(
    "contexts",
    [
        {**SMALL, "sale": {"fly": ["F2"]}},
        {**SMALL, "moon": {}},
        {**SMALL, "sale": {"find": ["Bogus"]}},
        {**SMALL, "sale": {"find": ["F2"], "pay": ["F2"]}},
        {"any": {"confirm": ["Return"]}},
    ],
    ids=["unknown action", "unknown context", "no key", "one key, two meanings", "no way back"],
)
def test_a_bad_keymap_is_refused(contexts: dict[str, object]) -> None:
    with pytest.raises(BadKeymap):
        read_keymap(json.dumps({"contexts": contexts}))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"contexts": 3}'])
def test_a_file_that_is_no_keymap_is_refused(text: str) -> None:
    with pytest.raises(BadKeymap):
        read_keymap(text)


def test_the_keys_document_names_every_action_and_key() -> None:
    text, keymap = DOCS.read_text("utf-8"), load_keymap()
    for action in ACTIONS:
        assert f"`{action}`" in text
    for context in CONTEXTS:
        for names in keymap.keys[context].values():
            for name in names:
                assert f"`{name}`" in text, name


def test_every_action_on_a_strip_has_a_key_there() -> None:
    keymap = load_keymap()
    for context, strip in keymap.strips.items():
        for action in strip:
            assert keymap.keys_of(context, action), (context, action)
