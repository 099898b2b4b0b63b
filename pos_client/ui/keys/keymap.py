"""A keymap is data: which key means which action in which context, and what the function strip shows.

The file is `resources/keymaps/NAME.json`, one that head office publishes (policy `keymaps`) or one that a
shop brings: `contexts` maps a context to action → keys; context `any` holds everywhere, a context's own
binding wins. With `based_on` it names only what differs from a shipped keymap. Keys are written as Qt writes
them ("Ctrl+Del", "F12", "+"). docs/keys.md lists the actions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from pos_core.errors import InvalidInput
from pos_core.keys import ACTIONS, CONTEXTS, SHIPPED
from resources import resource_path

_KEYPAD = Qt.KeyboardModifier.KeypadModifier.value
_SHIFT = Qt.KeyboardModifier.ShiftModifier.value


class BadKeymap(InvalidInput):
    """A keymap file with an unknown context, action or key, or one key meaning two things."""

    code = "bad_keymap"


@dataclass(frozen=True)
class Keymap:
    """A checked keymap; `bindings[context][combined key] = action`."""

    name: str
    bindings: Mapping[str, Mapping[int, str]]
    keys: Mapping[str, Mapping[str, tuple[str, ...]]]
    strips: Mapping[str, tuple[str, ...]]

    def action(self, context: str, combined: int) -> str | None:
        """What a key means in a context, or None: then it is text for the entry box."""
        return self.bindings[context].get(combined) or self.bindings["any"].get(combined)

    def keys_of(self, context: str, action: str) -> tuple[str, ...]:
        """The keys of an action, as the file writes them."""
        return self.keys[context].get(action) or self.keys["any"].get(action, ())

    def actions_in(self, context: str) -> tuple[str, ...]:
        """All actions of a context, its own first."""
        return tuple(dict.fromkeys((*self.keys[context], *self.keys["any"])))


def combined_key(event: QKeyEvent) -> int:
    """The event as one number, without the keypad flag, and without Shift where Shift made the sign."""
    key = event.key()
    modifiers = event.modifiers().value & ~_KEYPAD
    if 0x20 < key < 0x100 and not 0x41 <= key <= 0x5A:
        modifiers &= ~_SHIFT
    return modifiers | key


def parse_key(text: str) -> int:
    """`"Ctrl+Del" ->` one number. Raises BadKeymap."""
    sequence = QKeySequence.fromString(text)
    if sequence.count() != 1:
        raise BadKeymap(f"{text!r} is not one key", key=text)
    only: QKeyCombination = sequence[0]  # type: ignore[index]  # missing in the stubs
    if only.key() == Qt.Key.Key_unknown:
        raise BadKeymap(f"{text!r} is no key", key=text)
    return only.toCombined()


def load_keymap(name: str = "tidemark") -> Keymap:
    """A keymap that ships with the product."""
    return read_keymap(resource_path(f"keymaps/{name}.json").read_text(encoding="utf-8"))


def read_keymap(text: str) -> Keymap:
    """Parse and check. Raises BadKeymap."""
    try:
        loaded = json.loads(text)
    except ValueError as problem:
        raise BadKeymap(f"not JSON: {problem}") from None
    if not isinstance(loaded, dict) or not isinstance(loaded.get("contexts"), dict):
        raise BadKeymap("a keymap is an object with `contexts`")
    loaded = _whole(loaded)
    contexts: dict[str, dict[str, list[str]]] = loaded["contexts"]
    unknown = set(contexts) - set(CONTEXTS)
    if unknown:
        raise BadKeymap(f"unknown contexts: {sorted(unknown)}")
    bindings = {context: _bindings(context, contexts.get(context, {})) for context in CONTEXTS}
    keys = {
        context: {action: tuple(names) for action, names in contexts.get(context, {}).items()}
        for context in CONTEXTS
    }
    for action in ("confirm", "back"):
        if action not in keys["any"]:
            raise BadKeymap(f"`{action}` must have a key everywhere", action=action)
    strips = {context: tuple(loaded.get("strips", {}).get(context, ())) for context in CONTEXTS}
    return Keymap(str(loaded.get("name", "")), bindings, keys, strips)


def _whole(loaded: dict[str, Any]) -> dict[str, Any]:
    """With what the keymap it is based on says and it does not."""
    based_on = loaded.get("based_on")
    if based_on is None:
        return loaded
    if based_on not in SHIPPED:
        raise BadKeymap(f"based on {str(based_on)[:40]!r}, which is not shipped")
    base = _whole(json.loads(resource_path(f"keymaps/{based_on}.json").read_text(encoding="utf-8")))
    contexts = {
        context: {**base["contexts"].get(context, {}), **_object(loaded["contexts"].get(context, {}))}
        for context in {*base["contexts"], *loaded["contexts"]}
    }
    strips = {**base.get("strips", {}), **_object(loaded.get("strips", {}))}
    return {**loaded, "contexts": contexts, "strips": strips}


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadKeymap("contexts and strips are objects")
    return value


def _bindings(context: str, actions: dict[str, list[str]]) -> dict[int, str]:
    found: dict[int, str] = {}
    for action, names in actions.items():
        if not isinstance(names, list):
            raise BadKeymap(f"the keys of {action!r} must be a list", action=str(action)[:40])
        if action not in ACTIONS:
            raise BadKeymap(f"unknown action {action!r} in {context!r}", action=action)
        for name in names:
            combined = parse_key(name)
            if found.setdefault(combined, action) != action:
                raise BadKeymap(f"{name!r} means two things in {context!r}", key=name)
    return found
