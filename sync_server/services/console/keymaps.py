"""Keymaps as head office writes them: profiles of the policy `keymaps` beside those that ship."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pos_core.errors import InvalidInput, Refusal
from pos_core.keys import CONTEXTS, SHIPPED, Fault, faults, key_name, whole
from sync_server.services.acts import Act
from sync_server.services.console.policy_changes import PolicyChanges
from sync_server.services.keymap_policy import contexts_of
from sync_server.store import feed
from sync_server.store.engine import Store

POLICY = "keymaps"
NAME_CHARS_MAX = 40
PROFILES_MAX = 30


class BadKeys(InvalidInput):
    """A keymap that a workstation would refuse; `faults` say where."""

    code = "keymap_bad_keys"

    def __init__(self, found: Sequence[Fault]) -> None:
        first = found[0]
        super().__init__(
            "a workstation would refuse it",
            count=len(found), fault=first.code, context=first.context, action=first.action,
            pressed=first.key or "-",
        )  # fmt: skip
        self.faults = found


class NoSuchKeymap(Refusal):
    """No profile of this name, or one that ships and stays as it is."""

    code = "keymap_unknown"


@dataclass(frozen=True, slots=True)
class Profile:
    """One keymap. `own`: head office's, else it ships. `contexts`: whole; `base`: those it is based on."""

    name: str
    own: bool
    based_on: str
    contexts: Mapping[str, Mapping[str, Sequence[str]]]
    base: Mapping[str, Mapping[str, Sequence[str]]]

    @property
    def changes(self) -> int:
        """How many actions have other keys than below."""
        return sum(
            list(keys) != list(self.base.get(context, {}).get(action, []))
            for context, actions in self.contexts.items()
            for action, keys in actions.items()
        )


class Keymaps:
    """See the module."""

    def __init__(self, store: Store, changes: PolicyChanges) -> None:
        self._store = store
        self._changes = changes

    def listing(self) -> tuple[list[Profile], str]:
        """Those that ship, then head office's, and the default's name."""
        value = self._value()
        own = [_own(name, profile) for name, profile in sorted(value.get("profiles", {}).items())]
        return [*map(_shipped, SHIPPED), *own], str(value.get("default") or SHIPPED[0])

    def one(self, name: str, based_on: str = "") -> Profile:
        """A profile, or an empty one on `based_on`. Raises NoSuchKeymap."""
        found = next((each for each in self.listing()[0] if each.name == name), None)
        if found is None and based_on in SHIPPED:
            return _own(name, {"based_on": based_on, "contexts": {}})
        if found is None:
            raise NoSuchKeymap("no such keymap")
        return found

    def check(self, based_on: str, said: Mapping[str, str]) -> list[Fault]:
        """What would be wrong with a form."""
        return list(faults(whole({"contexts": _typed(said)}, contexts_of(based_on))))

    def save(self, act: Act, name: str, based_on: str, said: Mapping[str, str]) -> None:
        """`said`: `context.action` → keys with spaces between. Raises BadKeys, NoSuchKeymap, RowRefused."""
        name = name.strip()
        if not name or len(name) > NAME_CHARS_MAX or name in SHIPPED or based_on not in SHIPPED:
            raise NoSuchKeymap("not a name, or one that ships")
        wrong = [each for each in self.check(based_on, said) if each.refuses]
        if wrong:
            raise BadKeys(wrong)
        base, contexts = contexts_of(based_on), _typed(said)
        differs = {
            context: {
                a: keys for a, keys in actions.items() if keys != list(base.get(context, {}).get(a, []))
            }
            for context, actions in contexts.items()
        }
        profile = {"based_on": based_on, "name": name, "contexts": {c: a for c, a in differs.items() if a}}
        value = self._value()
        profiles = {**value.get("profiles", {}), name: profile}
        if len(profiles) > PROFILES_MAX:
            raise NoSuchKeymap("too many profiles")
        self._put(act, {**value, "profiles": profiles})

    def make_default(self, act: Act, name: str) -> None:
        """Workstations that say nothing of their own use it. Raises NoSuchKeymap."""
        self.one(name)
        self._put(act, {**self._value(), "default": name})

    def drop(self, act: Act, name: str) -> None:
        """Raises NoSuchKeymap, also for the default."""
        profile, value = self.one(name), self._value()
        if not profile.own or value.get("default") == name:
            raise NoSuchKeymap("it ships, or is the default")
        kept = {each: said for each, said in value.get("profiles", {}).items() if each != name}
        self._put(act, {**value, "profiles": kept})

    def _value(self) -> dict[str, Any]:
        value = self._store.read(lambda txn: feed.policy(txn, POLICY))
        return value if isinstance(value, dict) else {}

    def _put(self, act: Act, value: dict[str, Any]) -> None:
        self._changes.ask(act, POLICY, json.dumps(value, ensure_ascii=False))


def _typed(said: Mapping[str, str]) -> dict[str, dict[str, list[str]]]:
    """From the form's fields; a key in its one spelling where it is one."""
    found: dict[str, dict[str, list[str]]] = {}
    for name, text in said.items():
        context, dot, action = name.partition(".")
        if dot and context in CONTEXTS:
            keys = [key_name(part) or part for part in text.replace("，", " ").split()]
            found.setdefault(context, {})[action] = keys
    return found


def _own(name: str, profile: Any) -> Profile:
    said = profile if isinstance(profile, dict) and isinstance(profile.get("contexts"), dict) else {}
    based_on = said.get("based_on") if said.get("based_on") in SHIPPED else ""
    base = contexts_of(str(based_on)) if based_on else {}
    return Profile(name, True, str(based_on), whole(said, base), base)


def _shipped(name: str) -> Profile:
    return Profile(name, False, "", contexts_of(name), {})
