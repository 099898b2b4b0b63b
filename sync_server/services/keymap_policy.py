"""The policy `keymaps`: would a workstation take each profile; and what those that ship say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from pos_core.keys import SHIPPED, faults, whole
from resources import resource_path


def keymap_fault(value: Mapping[str, Any]) -> str | None:
    """Why workstations would refuse a profile of the policy; None when they take each."""
    for name, profile in value.get("profiles", {}).items():
        if not isinstance(profile.get("contexts"), dict):
            return f"profile {str(name)[:40]} needs contexts"
        based_on = profile.get("based_on")
        if based_on is not None and based_on not in SHIPPED:
            return f"profile {str(name)[:40]} is based on a keymap that does not ship"
        if not _is_keymap(profile["contexts"]):
            return f"profile {str(name)[:40]}: contexts are objects of action and a list of keys"
        base = contexts_of(based_on) if based_on else {}
        for each in faults(whole(profile, base)):
            if each.refuses:
                said = f"{each.code} {each.context} {each.action} {each.key}"
                return f"profile {str(name)[:40]}: {said.strip()[:120]}"
    return None


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
