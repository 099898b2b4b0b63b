"""The policy `keymaps`: would a workstation take each profile; and what those that ship say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from pos_core.errors import InvalidInput
from pos_core.keys import SHIPPED, faults, whole
from resources import resource_path


def check_keymaps(value: Mapping[str, Any]) -> None:
    """Raises InvalidInput where workstations would refuse a profile of the policy."""
    for name, profile in value.get("profiles", {}).items():
        if not isinstance(profile.get("contexts"), dict):
            raise _wrong(name, "needs contexts", "no_contexts")
        based_on = profile.get("based_on")
        if based_on is not None and based_on not in SHIPPED:
            raise _wrong(
                name, "is based on a keymap that does not ship", "one_of", names=", ".join(sorted(SHIPPED))
            )
        if not _is_keymap(profile["contexts"]):
            raise _wrong(name, "contexts are objects of action and a list of keys", "contexts")
        base = contexts_of(based_on) if based_on else {}
        for each in faults(whole(profile, base)):
            if each.refuses:
                said = f"{each.context} {each.action} {each.key}".strip()[:120]
                raise _wrong(name, f"{each.code} {said}", f"key_{each.code}", said=said)


def _wrong(name: object, message: str, reason: str, **facts: str) -> InvalidInput:
    said = str(name)[:40]
    return InvalidInput(f"profile {said}: {message}", path=f"profiles.{said}", reason=reason, **facts)


def _is_keymap(contexts: Mapping[str, Any]) -> bool:
    return all(
        isinstance(actions, dict)
        and all(
            isinstance(keys, list) and all(isinstance(key, str) for key in keys) for keys in actions.values()
        )
        for actions in contexts.values()
    )


@cache
def contexts_of(name: str) -> dict[str, dict[str, list[str]]]:
    """Whole, of one that ships."""
    loaded = json.loads(resource_path(f"keymaps/{name}.json").read_text(encoding="utf-8"))
    based_on = loaded.get("based_on")
    return whole(loaded, contexts_of(based_on) if based_on else None)
