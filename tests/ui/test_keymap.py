"""A keymap is data, and bad data is refused with a sentence before it reaches a cashier."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from pos_client.ui.keys.choose import choose_keymap
from pos_client.ui.keys.keymap import (
    ACTIONS,
    CONTEXTS,
    SHIPPED,
    BadKeymap,
    combined_key,
    load_keymap,
    parse_key,
    read_keymap,
)
from pos_core.keys import NAMED, key_name

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


OURS = (
    "F1 help, F2 find, F3 stock, F4 price, F5 discount, F6 hold, Shift+F6 recall, F7 return, F8 claims,"
    " F9 member, F10 why, F11 drawer, F12 pay, + pay, * quantity, Ctrl+Del clear, Ctrl+L lock,"
    " Ctrl+R reprint, Esc back"
)
HABITS = {
    "tidemark": OURS,
    "pospal": "F9 member, * quantity, F7 price, Del void, F6 hold, Shift+F6 recall, Space pay",
    "supermarket": (
        "F9 pay, * quantity, F8 quantity, F7 price, Del void, F6 hold, Shift+F6 recall, Ctrl+Del clear"
    ),
    "unicenta": "= pay, Space pay, + more, - less, * quantity",
}
"""What a hand brings along from the tills that a profile is named after, and what is promised of ours."""


@pytest.mark.parametrize("name", SHIPPED)
def test_each_profile_has_the_keys_of_its_namesake(name: str) -> None:
    keymap = load_keymap(name)
    told = dict(pair.split() for pair in HABITS[name].split(", "))
    assert {key: keymap.action("sale", parse_key(key)) for key in told} == told
    payment = {key: keymap.action("pay_which", parse_key(key)) for key in "1234"}
    assert payment == {key: f"tender_{key}" for key in "1234"}


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


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_profile_reaches_what_ours_reaches(name: str) -> None:
    ours, theirs = load_keymap(), load_keymap(name)
    for context in CONTEXTS:
        for action in ours.keys[context]:
            keys = theirs.keys_of(context, action)
            assert keys, (context, action)
            assert theirs.action(context, parse_key(keys[0])) == action
    assert theirs.strips == ours.strips


def test_the_profiles_of_the_docs_are_the_files() -> None:
    rows = re.findall(
        r"^\| `(pay|price|discount|return|repeat|void)` \|(.*)\|$", DOCS.read_text("utf-8"), re.M
    )
    told = {
        action: [re.findall(r"`([^`]+)`", cell) for cell in cells.split("|")] for action, cells in rows[:6]
    }
    assert len(told) == 6
    for action, columns in told.items():
        assert columns == [list(load_keymap(name).keys_of("sale", action)) for name in SHIPPED]


def test_a_profile_based_on_another_names_only_what_differs() -> None:
    made = read_keymap(json.dumps({"based_on": "tidemark", "contexts": {"sale": {"hold": ["Ctrl+H"]}}}))
    assert made.action("sale", parse_key("Ctrl+H")) == "hold"
    assert made.action("sale", parse_key("F6")) is None
    assert made.action("sale", parse_key("F2")) == "find"
    for contexts in ({"sale": {"hold": ["F2"]}}, {"sale": []}, {"sale": {"hold": 5}}):
        with pytest.raises(BadKeymap):
            read_keymap(json.dumps({"based_on": "tidemark", "contexts": contexts}))
    with pytest.raises(BadKeymap):
        read_keymap(json.dumps({"based_on": "../tidemark", "contexts": {}}))


class Published:
    """What head office publishes."""

    default = "theirs"

    def published(self) -> dict[str, str]:
        theirs = {"name": "theirs", "based_on": "tidemark", "contexts": {"sale": {"hold": ["Ctrl+H"]}}}
        return {"theirs": json.dumps(theirs), "broken": "{"}


def test_named_then_own_file_then_head_office_then_ours(tmp_path: Path) -> None:
    keymaps: Any = Published()
    own = tmp_path / "keymap.json"
    assert choose_keymap(None, None, own)[0].name == "tidemark"
    assert choose_keymap(None, keymaps, own)[0].name == "theirs"
    own.write_text(json.dumps({"name": "own", "based_on": "pospal", "contexts": {}}), "utf-8")
    assert choose_keymap(None, keymaps, own)[0].name == "own"
    assert choose_keymap("supermarket", keymaps, own)[0].name == "supermarket"
    own.write_bytes(b"\xff\xfe")
    for wanted in ("broken", "nowhere", None):
        keymap, wrong = choose_keymap(wanted, keymaps, own)
        assert (keymap.name, wrong is not None) == ("tidemark", True)


@pytest.mark.parametrize("name", [*NAMED, *"*+=-/7A", "Ctrl+Shift+F5", "Ctrl++", "Alt+Space"])
def test_head_office_spells_keys_as_the_window_does(name: str) -> None:
    assert key_name(name) == name
    parse_key(name)
