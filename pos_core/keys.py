"""Names of a keymap's contexts, actions and keys: what a workstation reads and head office writes.

A keymap is `{"contexts": {context: {action: [key, …]}}}`, with `"based_on": NAME` only what differs from one
that ships. Keys are written as Qt writes them ("Ctrl+Del", "F12", "+"). docs/keys.md lists the actions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CONTEXTS = (
    "any sale pay pay_which pay_amount pay_confirm find measure ask card receipt sign_on open_shift trouble "
    "menu form pick held paper adjust approval charge devices member gift_card claims receipts return_lines "
    "why note sheet stock_card worklist worklist_details order transfer_list labels plan review stock staff "
    "day"
).split()
ACTIONS = (
    "confirm back help language offline find pay quantity void up down clear reprint lock "
    "tender_1 tender_2 tender_3 tender_4 tender_5 manager hold recall save "
    "price discount basket_discount test member claims return no_receipt why note repeat "
    "page_up page_down detail finish mark top_up pay_out edit_member set_code deposit_back age stock drawer "
    "more less quantity_1 quantity_2 quantity_3 quantity_4 quantity_5 quantity_6 quantity_7 quantity_8 "
    "quantity_9"
).split()
SHIPPED = ("tidemark", "pospal", "supermarket", "unicenta")

MODIFIERS = ("Ctrl", "Shift", "Alt", "Meta")
NAMED = (
    "Esc Tab Backtab Backspace Return Enter Ins Del Pause Print Home End Left Up Right Down PgUp PgDown "
    "Space Menu"
).split() + [f"F{number}" for number in range(1, 25)]
_NAMED = {name.lower(): name for name in NAMED}
_MODIFIERS = {name.lower(): name for name in MODIFIERS}
_AMOUNTS = ("pay_which",)
"""Where a digit is a choice and no amount."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a keymap, or worth a look.

    Attributes:
        code: bad_key, unknown_context, unknown_action, two_meanings, no_key (these refuse it);
            covers (an own binding hides one that holds everywhere), digit (it can no longer be typed).
        other: the other action of `two_meanings` and `covers`.
    """

    code: str
    context: str
    action: str = ""
    key: str = ""
    other: str = ""

    @property
    def refuses(self) -> bool:
        """Is the keymap no good."""
        return self.code not in ("covers", "digit")


def key_name(text: str) -> str | None:
    """A key in its one spelling: `shift+ctrl+pgup` → `Ctrl+Shift+PgUp`; None for what is no key."""
    text = text.strip()
    head, _, last = text.rpartition("+")
    if text.endswith("+"):  # the key + itself
        head, last = text[:-1].removesuffix("+"), "+"
        if text != "+" and not text.endswith("++"):
            return None
    parts = [part.strip().lower() for part in head.split("+")] if head else []
    if any(part not in _MODIFIERS for part in parts) or len(set(parts)) != len(parts):
        return None
    name = _NAMED.get(last.strip().lower())
    if name is None:
        sign = last.strip().upper()
        if len(sign) != 1 or not "!" <= sign <= "~":
            return None
        name = sign
    return "+".join([each for each in MODIFIERS if each.lower() in parts] + [name])


def whole(keymap: Mapping[str, Any], base: Mapping[str, Any] | None) -> dict[str, dict[str, list[str]]]:
    """Contexts with what `base` (its own contexts, whole) says and the keymap does not."""
    own = keymap.get("contexts", {})
    under = base or {}
    return {
        context: {**under.get(context, {}), **own.get(context, {})}
        for context in dict.fromkeys((*CONTEXTS, *own))
    }


def faults(contexts: Mapping[str, Mapping[str, Sequence[str]]]) -> Iterator[Fault]:
    """Everything wrong with a whole keymap, context by context."""
    everywhere = _bound(contexts.get("any", {}))
    for context, actions in contexts.items():
        if context not in CONTEXTS:
            yield Fault("unknown_context", context)
            continue
        yield from _faults_in(context, actions, everywhere)
    for action in ("confirm", "back"):
        if not contexts.get("any", {}).get(action):
            yield Fault("no_key", "any", action)


def _faults_in(
    context: str, actions: Mapping[str, Sequence[str]], everywhere: Mapping[str, str]
) -> Iterator[Fault]:
    found: dict[str, str] = {}
    for action, keys in actions.items():
        if action not in ACTIONS:
            yield Fault("unknown_action", context, action)
        for text in keys:
            name = key_name(str(text))
            if name is None:
                yield Fault("bad_key", context, action, str(text))
                continue
            if found.setdefault(name, action) != action:
                yield Fault("two_meanings", context, action, name, found[name])
            if context != "any" and everywhere.get(name, action) != action:
                yield Fault("covers", context, action, name, everywhere[name])
            if name.isdigit() and context not in _AMOUNTS:
                yield Fault("digit", context, action, name)


def _bound(actions: Mapping[str, Sequence[str]]) -> dict[str, str]:
    named = ((key_name(str(key)), action) for action, keys in actions.items() for key in keys)
    return {name: action for name, action in named if name is not None}
